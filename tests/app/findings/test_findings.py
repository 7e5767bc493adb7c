"""Findings: each sentence stands in its file, figures are read and compared as people write them, the command tells."""

from __future__ import annotations

import re
import shutil
from pathlib import Path

import pytest
from typer.testing import CliRunner

from app.cli.commands import app
from app.findings import FINDINGS, Finding, Material, agrees, written
from tests.support.paths import ROOT

QUICK = ("study,", "recall, mixed", "bits, promise", "gates held", "bits in chunks", "update gates near 0")


def test_no_two_findings_have_the_same_name_and_each_names_models_that_ship():
    names = [one.name for one in FINDINGS]
    assert len(set(names)) == len(names) > 100


@pytest.mark.parametrize("place", sorted({one.place for one in FINDINGS}))
def test_every_sentence_stands_in_its_file_once(place: str) -> None:
    text = (ROOT / place).read_text(encoding="utf-8")
    missing = [one.name for one in FINDINGS if one.place == place and one.stated(text) is None]
    assert missing == []


def test_what_is_quickly_measured_is_as_stated() -> None:
    material = Material()
    quick = [one for one in FINDINGS if one.name.startswith(QUICK)]
    assert len(quick) > 20
    for one in quick:
        stated = one.stated((ROOT / one.place).read_text(encoding="utf-8"))
        assert stated is not None
        measured = one.measure(material)
        wrong = [pair for pair in zip(stated, measured, strict=True) if not agrees(*pair)]
        assert wrong == [], one.name


@pytest.mark.parametrize(
    ("stated", "right", "wrong"),
    [
        ("2.32", 2.3249, 2.327),
        ("2.32", 2.315, 2.313),
        ("−0.066", -0.0661, 0.0661),
        ("+0.91", 0.913, 0.92),
        ("1,234", 1234.4, 1235.1),
        ("16", 16, 17),
        ("2.3e-2", 0.0234, 0.0241),
        ("10⁻¹³", -13.3, -12.2),
        ("10⁻¹·⁶", -1.62, -1.7),
        ("–", None, 3.0),
        ("200 or more", "200 or more", 190),
        ("none", "none", None),
        ("3", 3, None),
    ],
)
def test_a_figure_agrees_as_closely_as_it_is_written(stated: str, right: float, wrong: float) -> None:
    assert agrees(stated, right)
    assert not agrees(stated, wrong)
    if not isinstance(right, float) or stated != "2.32":
        assert written(right, stated) == stated


def test_a_sentence_finds_its_figures_over_line_ends_and_is_written_anew() -> None:
    one = Finding("", "", "costs {} bits ({} of {}), and {} after {}", lambda material: [], ())
    text = "It costs\n1.80 bits (3 of\n128), and 10⁻⁵ after –. It goes on: 1.80 bits."
    assert one.stated(text) == ["1.80", "3", "128", "10⁻⁵", "–"]
    assert one.stated(text + text) is None, "there twice"
    assert one.stated(text.replace("bits", "nats", 1)) is None
    anew = one.rewritten(text, [1.234, 1003, 128, -7.2, 5])
    assert anew == "It costs\n1.23 bits (1,003 of\n128), and 10⁻⁷ after 5. It goes on: 1.80 bits."


def _project(folder: Path) -> Path:
    shutil.copy(ROOT / "README.md", folder)
    shutil.copytree(ROOT / "docs", folder / "docs", ignore=shutil.ignore_patterns("*.png"))
    return folder


def _run(*options: object) -> tuple[int, str]:
    done = CliRunner().invoke(app, ["findings", "--only", "bits, promise", *map(str, options)])
    return done.exit_code, done.output


def test_the_command_says_what_is_stated_and_what_is_measured_and_checks(tmp_path: Path) -> None:
    project = _project(tmp_path)
    code, printed = _run("--project", project, "--check")
    assert code == 0, printed
    assert "1 finding: 1 as stated, 0 not, 0 not measured." in printed
    page = project / "docs" / "measures" / "intervene.md"
    right = page.read_text(encoding="utf-8")
    page.write_text(re.sub(r"as it is \| 2\.6", "as it is | 2.7", right), encoding="utf-8")
    code, printed = _run("--project", project)
    assert code == 0
    assert "← NOT 2.7" in printed
    assert _run("--project", project, "--check")[0] == 1
    _run("--project", project, "--write")
    assert page.read_text(encoding="utf-8") == right
    page.write_text(right.replace("as it is |", "as it was |"), encoding="utf-8")
    code, printed = _run("--project", project, "--check")
    assert code == 1
    assert "the sentence is not there" in printed


def test_what_cannot_be_asked_is_said(tmp_path: Path) -> None:
    done = CliRunner().invoke(app, ["findings", "--only", "nothing like it"])
    assert done.exit_code != 0
    assert "No finding has that" in str(done.exception)
    code, _ = _run("--project", tmp_path)
    assert code != 0
