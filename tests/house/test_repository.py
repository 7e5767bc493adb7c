"""What no file of the repository may have: links out of it, paths of one machine, dead links, too many lines."""

from __future__ import annotations

import re
from collections.abc import Iterator
from fnmatch import fnmatch
from pathlib import Path
from unicodedata import combining

from tests.support.paths import ROOT

IGNORED = (ROOT / ".gitignore").read_text(encoding="utf-8").split()
TEXTS = {".py", ".js", ".css", ".md", ".html", ".toml", ".json", ".jsonl", ".txt", ".svg", ""}
CODE = {".py", ".js", ".css", ".html"}
LINES, COLUMNS = 400, 120
DOCUMENTS = [ROOT / f"{name}.md" for name in ("README", "CONTRIBUTING", "CHANGELOG")] + sorted(
    (ROOT / "docs").rglob("*.md")
)

_MACHINE = re.compile(r"""(?<![\w.~/\-}])(?:/(?:home|root|Users|mnt|srv)/\w|[A-Z]:\\+Users\\)""")
_FICTION = re.compile(r"(?:/home/|/Users/|Users\\+)someone\b")
"""Whose home tests make up."""
_LINK = re.compile(r"(?<!!)\[[^\]]*\]\(([^)\s]+)\)|!\[[^\]]*\]\(([^)\s]+)\)")
_FENCE = re.compile(r"^```.*?^```", re.DOTALL | re.MULTILINE)


def files(folder: Path = ROOT) -> Iterator[Path]:
    """Every file that git would track; links are not followed."""
    for path in sorted(folder.iterdir()):
        names = (path.name, f"{path.name}/")
        if path.name == ".git" or any(fnmatch(name, one) for one in IGNORED for name in names):
            continue
        if path.is_dir() and not path.is_symlink():
            yield from files(path)
        else:
            yield path


FILES = list(files())


def machines(text: str) -> list[int]:
    """The lines that have a path of somebody's machine."""
    lines = enumerate(text.split("\n"), 1)
    return [number for number, line in lines if _MACHINE.search(_FICTION.sub("", line))]


def anchors(document: str) -> set[str]:
    """What a link may lead to in a document: its headings, as they are written in addresses."""
    headings = re.findall(r"^#+ (.*)$", _FENCE.sub("", document), re.MULTILINE)
    plain = [re.sub(r"\[([^\]]*)\]\([^)]*\)", r"\1", one).strip().lower() for one in headings]
    return {re.sub(r"[^\w\- ]", "", one).replace(" ", "-") for one in plain}


def dead_links(path: Path, document: str) -> list[str]:
    """The links of a document that lead to no file, or to no heading of one."""
    dead = []
    for pair in _LINK.findall(_FENCE.sub("", document)):
        link = pair[0] or pair[1]
        if re.match(r"[a-z]+:", link):
            continue
        name, _, anchor = link.partition("#")
        target = path.parent / name if name else path
        if not target.exists():
            dead.append(link)
        elif anchor and target.suffix == ".md":
            there = document if target == path else target.read_text(encoding="utf-8")
            if anchor not in anchors(there):
                dead.append(link)
    return dead


def width(line: str) -> int:
    """The columns of a line, without a word to a tool at its end, which cannot stand elsewhere."""
    plain = re.sub(r"\s+# (?:noqa|type: ignore|fmt: skip)\b.*$", "", line)
    return sum(not combining(one) for one in plain)


def test_there_are_files_to_look_at() -> None:
    assert len(FILES) > 500
    assert {ROOT / "README.md", ROOT / "app" / "__init__.py", ROOT / ".gitignore"} <= set(FILES)


def test_nothing_is_a_link_to_another_place() -> None:
    assert [str(path.relative_to(ROOT)) for path in FILES if path.is_symlink()] == []


def test_no_file_has_a_path_of_somebodys_machine() -> None:
    found = {
        str(path.relative_to(ROOT)): machines(path.read_text(encoding="utf-8"))
        for path in FILES
        if path.suffix in TEXTS and path.name != "test_repository.py"
    }
    assert {name: lines for name, lines in found.items() if lines} == {}


def test_every_link_of_the_documents_leads_somewhere() -> None:
    found = {path.name: dead_links(path, path.read_text(encoding="utf-8")) for path in DOCUMENTS}
    assert len(found) > 10
    assert {name: links for name, links in found.items() if links} == {}


def test_no_file_of_code_is_too_long_or_too_wide() -> None:
    code = {
        path.relative_to(ROOT): path.read_text(encoding="utf-8").splitlines() for path in FILES if path.suffix in CODE
    }
    assert {str(path): len(lines) for path, lines in code.items() if len(lines) > LINES} == {}
    wide = {path: [k for k, line in enumerate(lines, 1) if width(line) > COLUMNS] for path, lines in code.items()}
    assert {str(path): numbers for path, numbers in wide.items() if numbers and path.suffix != ".html"} == {}


def test_the_checks_themselves_see_what_is_wrong(tmp_path: Path) -> None:
    assert (width("x" * 121), width("x" * 120 + "  # type: ignore[index]")) == (121, 120)
    assert width("x\u0303" * 120) == 120
    assert machines('a\nopen("/home/me/x")\n(/mnt/y) /srv/z\nC:\\Users\\me') == [2, 3, 4]
    assert machines("/home/someone/x https://example.org/home/me ./home/x static/home/x /opt/x /homes") == []
    text = "# One `two`: three\n[a](#one-two-three) [b](#four) [c](gone.md) ![d](gone.png) [e](https://example.org)\n"
    path = tmp_path / "a.md"
    path.write_text(text, encoding="utf-8")
    assert dead_links(path, text) == ["#four", "gone.md", "gone.png"]
    (tmp_path / "b.md").write_text("[a](a.md#one-two-three) [b](a.md#two)", encoding="utf-8")
    assert dead_links(tmp_path / "b.md", (tmp_path / "b.md").read_text(encoding="utf-8")) == ["a.md#two"]
    (tmp_path / "link").symlink_to(path)
    assert [one.name for one in files(tmp_path) if one.is_symlink()] == ["link"]
