"""The page's files: lines that fit, folders that can be taken in at a glance, imports that run one way."""

from __future__ import annotations

import json
import posixpath
import re
from collections import Counter
from collections.abc import Iterator, Mapping
from graphlib import CycleError, TopologicalSorter

import pytest

from tests.support.paths import ROOT

STATIC = ROOT / "static"
SCRIPTS = {path.relative_to(STATIC).as_posix(): path.read_text(encoding="utf-8") for path in STATIC.rglob("*.js")}

COLUMNS = 120
LINES = 400
FILES = 15

# Who stands higher may import what stands lower. Folders of one floor know nothing of each other.
FLOORS = [
    {"protocol"},
    {"early", "format", "text", "picture"},
    {"state", "wire"},
    {"views"},
    {"views/editor", "views/heatmap", "views/shell", "offline"},
    {
        f"instruments/{name}"
        for name in ("forgetting", "intervene", "provenance", "recall", "saturation", "texts", "unit", "why")
    },
    {"instruments"},
    {"page"},
    {"page/export", "page/session", "page/start", "first", "lesson"},
    {""},
]
FLOOR = {folder: floor for floor, folders in enumerate(FLOORS) for folder in folders}

# With the types that comments import; and what the browser loads.
_ANY = re.compile(r"""["'](\.\.?/[^"'\s]+\.js)["']""")
_NAMES = re.compile(r"""^import\s*\{([^}]*)\}\s*from\s*["'](\.[^"']+)["'];""", re.MULTILINE)
_EXPORT = re.compile(r"^export\s+(?:const|let|class|(?:async\s+)?function\*?)\s+(\w+)", re.MULTILINE)
_LOADED = re.compile(r"""^(?:import|export)\b[^;'"]*?["'](\.[^"']+)["'];""", re.MULTILINE)


def imports(scripts: Mapping[str, str], pattern: re.Pattern[str]) -> Iterator[tuple[str, str]]:
    """Every pair of a script and one that it imports, by paths below `static/`."""
    for name, source in scripts.items():
        for target in pattern.findall(source):
            yield name, posixpath.normpath(posixpath.join(posixpath.dirname(name), target))


def upward(scripts: Mapping[str, str]) -> list[tuple[str, str]]:
    """The imports between folders that do not lead to a lower floor."""
    pairs = [(a, b) for a, b in imports(scripts, _ANY) if posixpath.dirname(a) != posixpath.dirname(b)]
    return [(a, b) for a, b in pairs if FLOOR[posixpath.dirname(b)] >= FLOOR[posixpath.dirname(a)]]


def circle(scripts: Mapping[str, str]) -> list[str]:
    """Scripts that load each other in a circle, if any do."""
    graph: dict[str, set[str]] = {name: set() for name in scripts}
    for name, target in imports(scripts, _LOADED):
        graph[name].add(target)
    try:
        TopologicalSorter(graph).prepare()
    except CycleError as error:
        return list(error.args[1])
    return []


def missing(scripts: Mapping[str, str]) -> list[tuple[str, str, str]]:
    """Every name that a script imports from another which has none of that name."""
    found: list[tuple[str, str, str]] = []
    for name, source in scripts.items():
        for names, target in _NAMES.findall(source):
            path = posixpath.normpath(posixpath.join(posixpath.dirname(name), target))
            wanted = {one.split(" as ")[0].strip() for one in names.split(",")} - {""}
            found += [(name, path, one) for one in sorted(wanted - set(_EXPORT.findall(scripts[path])))]
    return found


def long_lines(source: str) -> list[int]:
    return [number for number, line in enumerate(source.split("\n"), 1) if len(line) > COLUMNS]


@pytest.mark.parametrize(("folder", "kinds"), [("static", {".js", ".css"}), ("app", {".py"}), ("tests", {".js"})])
def test_lines_fit(folder: str, kinds: set[str]) -> None:
    paths = [path for path in (ROOT / folder).rglob("*") if path.suffix in kinds]
    assert paths
    found = {str(path.relative_to(ROOT)): long_lines(path.read_text(encoding="utf-8")) for path in paths}
    assert not {path: numbers for path, numbers in found.items() if numbers}


def test_no_script_is_too_long() -> None:
    assert not {name: source.count("\n") for name, source in SCRIPTS.items() if source.count("\n") > LINES}


def test_no_folder_of_the_page_holds_too_many_files() -> None:
    counts = Counter(path.parent.relative_to(STATIC).as_posix() for path in STATIC.rglob("*") if path.is_file())
    assert not {folder: count for folder, count in counts.items() if count > FILES}


def test_the_floors_name_every_folder_with_scripts_and_no_other() -> None:
    assert {posixpath.dirname(name) for name in SCRIPTS} == set(FLOOR)


def test_every_import_leads_to_a_script() -> None:
    assert {target for _, target in imports(SCRIPTS, _ANY)} <= set(SCRIPTS)


def test_every_name_that_is_imported_is_there() -> None:
    assert missing(SCRIPTS) == []


def test_imports_between_folders_run_one_way() -> None:
    assert upward(SCRIPTS) == []


def test_no_scripts_load_each_other_in_a_circle() -> None:
    assert circle(SCRIPTS) == []


def test_scripts_import_nothing_from_packages() -> None:
    """They are served as written: no bundler would find a package for the browser."""
    pattern = re.compile(r"""^(?:import|export)\s(?:[^;'"]*\sfrom\s)?["']([^"']+)["'];""", re.MULTILINE)
    assert not [(name, path) for name, source in SCRIPTS.items() for path in pattern.findall(source) if path[0] != "."]


def test_what_reads_the_scripts_is_for_development_only_and_exact() -> None:
    package = json.loads((ROOT / "package.json").read_text(encoding="utf-8"))
    assert package["private"] is True
    assert "dependencies" not in package
    assert all(re.fullmatch(r"\d+\.\d+\.\d+", version) for version in package["devDependencies"].values())


def test_the_lock_of_these_tools_is_of_the_same_versions_and_says_not_where_they_come_from() -> None:
    lock = json.loads((ROOT / "package-lock.json").read_text(encoding="utf-8"))["packages"]
    package = json.loads((ROOT / "package.json").read_text(encoding="utf-8"))
    assert lock[""]["devDependencies"] == package["devDependencies"]
    assert not [name for name, entry in lock.items() if "resolved" in entry]
    assert all("integrity" in entry for name, entry in lock.items() if name != "")


def test_the_checks_themselves_see_what_is_wrong() -> None:
    low, high = "format/a.js", "page/b.js"
    assert upward({low: 'import { b } from "../page/b.js";', high: ""}) == [(low, high)]
    assert upward({low: '/** @param {import("../page/b.js").B} b */', high: ""}) == [(low, high)]
    assert upward({"views/editor/a.js": 'import "../shell/b.js";'}) != []
    assert upward({low: "", high: 'import {\n  a,\n} from "../format/a.js";'}) == []
    assert set(circle({"page/a.js": 'export { b } from "./b.js";', "page/b.js": 'import "./a.js";'})) == {
        "page/a.js",
        "page/b.js",
    }
    assert circle({"page/a.js": 'import "./b.js";', "page/b.js": '/** @type {import("./a.js").A} */'}) == []
    script = 'import { a, b as c } from "../format/a.js";'
    assert missing({high: script, low: "export const a = 1;\nexport function* b() {}"}) == []
    assert missing({high: script, low: "export class b {}"}) == [(high, low, "a")]
    assert long_lines("a" * 120 + "\n" + "a" * 121) == [2]
