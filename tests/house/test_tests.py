"""The tests' own rules: they lie where the code lies, wait for conditions, and need no benchmark."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.support.paths import ROOT

TESTS = ROOT / "tests"
FILES = sorted(TESTS.rglob("*.py"))
MODULES = [path for path in FILES if path.name.startswith("test_")]
BESIDE = {"house", "page", "browser", "support"}
"""Folders of their own; all others have the name of a folder of the code."""
SLEEPER = TESTS / "support" / "patience.py"
MOST_LINES, MOST_FILES = 400, 15


def packages(source: str) -> set[str]:
    """The top-level packages that a module imports, wherever in it."""
    found: set[str] = set()
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Import):
            found |= {name.name.partition(".")[0] for name in node.names}
        elif isinstance(node, ast.ImportFrom) and node.level == 0:
            found.add((node.module or "").partition(".")[0])
    return found


def sleeps(source: str) -> Iterator[str]:
    """Calls that let time go by; `asyncio.sleep(0)` only lets others go first."""
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Call):
            name = ast.unparse(node.func)
            if name.rpartition(".")[2] in ("wait_for_timeout", "sleep") and ast.unparse(node) != "asyncio.sleep(0)":
                yield f"{node.lineno}: {ast.unparse(node)}"


_IN_PAGE = re.compile(r"setTimeout\(\w+, *\d+\)")
"""A page that is told to let time go by, in a string."""


def of_the_code(folder: Path) -> bool:
    """Whether a folder of tests has the name of one of the code."""
    return (ROOT / folder).is_dir() and any((ROOT / folder).glob("*.py"))


def test_every_test_lies_in_a_folder_of_the_code_or_in_one_of_the_few_beside() -> None:
    folders = {path.parent.relative_to(TESTS) for path in MODULES}
    assert not [str(one) for one in folders if not one.parts]
    assert not [str(one) for one in folders if one.parts[0] not in BESIDE and not of_the_code(one)]


def test_what_tests_share_lies_in_one_place() -> None:
    allowed = {"conftest.py", "__init__.py"}
    beside = [path for path in FILES if path not in MODULES and TESTS / "support" not in path.parents]
    assert not [str(path.relative_to(ROOT)) for path in beside if path.name not in allowed]


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.relative_to(TESTS).as_posix())
def test_no_test_needs_a_benchmark_or_waits_for_a_time_to_pass(path: Path) -> None:
    source = path.read_text(encoding="utf-8")
    assert "benchmarks" not in packages(source)
    assert path == SLEEPER or list(sleeps(source)) == []
    assert _IN_PAGE.findall(source) == []


def test_files_and_folders_stay_small() -> None:
    long = {str(path.relative_to(ROOT)): len(path.read_text(encoding="utf-8").splitlines()) for path in FILES}
    assert not {path: lines for path, lines in long.items() if lines > MOST_LINES}
    for folder in {path.parent for path in FILES}:
        assert len(list(folder.glob("*.py"))) <= MOST_FILES + 1, folder


def test_the_checks_themselves_see_what_is_wrong() -> None:
    assert packages("def f():\n    from benchmarks.browser import Server") == {"benchmarks"}
    assert packages("import benchmarks.browser as b") == {"benchmarks"}
    assert list(sleeps("page.wait_for_timeout(1)")) == ["1: page.wait_for_timeout(1)"]
    assert list(sleeps("from time import sleep\nsleep(1)")) == ["2: sleep(1)"]
    assert list(sleeps("await asyncio.sleep(0.1)")) == ["1: asyncio.sleep(0.1)"]
    assert list(sleeps("await asyncio.sleep(0)")) == []
    assert _IN_PAGE.findall("new Promise((done) => " + "setTimeout" + "(done, 120))")
    assert of_the_code(Path("models/cells"))
    assert not of_the_code(Path("models/nothing"))
