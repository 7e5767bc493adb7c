"""A path that a comment or a document names leads to a file: after a move nothing points to where it was."""

from __future__ import annotations

import re
from pathlib import Path

from tests.support.paths import ROOT

FOLDERS = ("models", "app", "static", "templates", "tests", "benchmarks", "scripts", "docs", "hidden_state")
WORDS = {".py", ".js", ".css", ".md", ".html"}
_PATH = re.compile(rf"(?<![\w/.@-])(?:{'|'.join(FOLDERS)})/[\w/-]+(?:\.\w+)*\.(?:py|js|css|html|md)\b")


def named(words: str) -> list[str]:
    """The paths of the project's own files that a text names."""
    return _PATH.findall(words)


def test_a_path_is_found_in_a_sentence_and_an_address_is_none():
    assert named("see models/echo/levels.py, and [docs](docs/a.md#b)") == ["models/echo/levels.py", "docs/a.md"]
    assert named("https://example.org/docs/a.md ../static/a.js {runs}/models/x.py") == []


def test_every_path_that_is_named_leads_to_a_file():
    files = [path for path in ROOT.iterdir() if path.suffix in WORDS and path.name != "CHANGELOG.md"]
    files += [path for folder in FOLDERS for path in (ROOT / folder).rglob("*") if path.suffix in WORDS]
    assert len(files) > 400
    wrong = [
        f"{path.relative_to(ROOT)}: {name}"
        for path in files
        if path != Path(__file__)
        for name in named(path.read_text(encoding="utf-8"))
        if not (ROOT / name).exists()
    ]
    assert wrong == []
