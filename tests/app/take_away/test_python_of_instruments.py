"""“Copy as Python”: the lines of each instrument, run, give the numbers of its answer."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest

from app.compute.model_library import Library
from app.instruments import INSTRUMENTS
from app.take_away.script import FILE, script
from app.wire import frames
from models import zoo
from tests.app.instruments.test_documentation import ASKED
from tests.support.session_talk import ask
from tests.support.small_models import make_tiny, without_zoo
from tests.support.texts import prose

FOREVER_DIFFERENT = {"step_seconds", "total_seconds"}
"""Times: no two runs have the same."""

OTHERWISE: dict[tuple[str, str], Any] = {
    ("unit", "rows"): lambda facts: [[row[key] for key in ("name", "mean", "r", "d", "rank_r")] for row in facts],
    ("unit", "characters"): lambda facts: [[one[key] for key in ("character", "count", "mean", "r")] for one in facts],
    ("unit", "followers"): lambda facts: facts and facts["units"],
    ("unit", "kept"): lambda facts: facts and facts["quartiles"],
    ("unit", "autocorrelation"): lambda facts: facts and facts["steps"],
    ("why", "equations"): lambda facts: [[one[key] for key in ("signal", "shown", "value")] for one in facts],
}
"""Facts that the lines give in another form: what there is of it in the answer."""

MORE: dict[str, dict[str, Any]] = {
    "cost": {"probe": True},
    "horizon": {"curve": "retention"},
    "saturation": {"first": 40, "last": 100, "per": 4, "marks": False},
    "texts": {"echo": True, "start": 10},
    "unit": {"first": 0, "last": 120, "per": 4, "pattern": "the", "feature": "space"},
    "intervene": {"letters": "0.hidden.1=0.5@20-60", "start": 10, "columns": 12, "per": 8, "exactly": None},
    "forgetting": {"by": "frequency", "layer": 0},
    "why": {"signal": "update_gate", "most": 2},
}
"""Other options than those of the first question."""


@pytest.fixture(scope="module")
def taught(tiny_models: Path, tmp_path_factory: pytest.TempPathFactory) -> Library:
    """The small models, and one that was trained on delayed recall."""
    folder = tmp_path_factory.mktemp("taught")
    make_tiny(folder / "taught", "taught", "gru", 3, 1, corpus="recall")
    with without_zoo():
        return Library([tiny_models, folder], "cpu")


@pytest.fixture
def own_folders(taught: Library, monkeypatch: pytest.MonkeyPatch) -> None:
    """The script finds the same models by the setting that it names."""
    folders = {str(entry.folder) for entry in taught.entries.values()}
    monkeypatch.setenv(zoo.FOLDERS_SETTING, ":".join(folders))


@pytest.fixture
def beside(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The folder that a script stands in."""
    monkeypatch.chdir(tmp_path)
    return tmp_path


def text_for(asked: dict[str, Any], name: str) -> str:
    return prose(2100) if name == "recoverability" or asked.get("probe") else prose(300)


def compare(name: str, part: str, ours: Any, theirs: Any) -> None:
    """What the lines give is what the answer says, to the precision in which it is sent."""
    if part in FOREVER_DIFFERENT:
        assert np.shape(ours) == np.shape(theirs)
        return
    said = OTHERWISE.get((name, part), lambda facts: facts)(theirs)
    if isinstance(said, dict):
        assert ours == pytest.approx(said)
        return
    same(ours, said, f"{name}: {part}")


def same(ours: Any, said: Any, what: str) -> None:
    """Numbers, texts, None for a number that is not one, and lists of these."""
    if isinstance(said, list | tuple):
        assert len(ours) == len(said), what
        for one, other in zip(ours, said, strict=True):
            same(one, other, what)
    elif said is None:
        assert ours is None or not np.isfinite(ours), what
    elif isinstance(said, str | bool):
        assert ours == said, what
    else:
        assert np.asarray(ours, np.float64).shape == np.shape(said), what
        np.testing.assert_allclose(np.asarray(ours, np.float64), said, rtol=2e-6, atol=1e-7, err_msg=what)


CASES = [(name, {}) for name in INSTRUMENTS] + list(MORE.items())


@pytest.mark.parametrize(("name", "more"), CASES, ids=[f"{name}{'-other' if more else ''}" for name, more in CASES])
def test_the_lines_give_the_numbers_of_the_answer(
    taught: Library,
    own_folders: None,
    beside: Path,
    capsys: pytest.CaptureFixture[str],
    name: str,
    more: dict[str, Any],
) -> None:
    model = "taught" if name == "recall" else "tiny-gru"
    check(taught, beside, model, name, {**ASKED[name], **more})
    assert capsys.readouterr().out


@pytest.mark.parametrize("name", ["forgetting", "horizon", "context", "saturation", "unit", "why", "generate", "texts"])
def test_so_they_do_for_an_untrained_network_under_interventions(
    taught: Library, own_folders: None, beside: Path, name: str
) -> None:
    check(taught, beside, "tiny-gru@0~0.hidden.1=0.5@20-60~zero@90", name, ASKED[name])


def check(taught: Library, beside: Path, model: str, name: str, options: dict[str, Any]) -> None:
    """Run the lines for a question, and compare all that they give with the answer."""
    text = text_for(options, name)
    (beside / FILE).write_text(text, encoding="utf-8")  # for those whose text is long
    facts, tensors = ask(taught, text, model, name=name, **options)
    asked = INSTRUMENTS[name].model_validate({"name": name, **options})
    snippet = asked.as_python()
    left: dict[str, Any] = {}
    exec(compile(script([(model, snippet)], text), name, "exec"), left)
    for part, expression in snippet.facts.items():
        compare(name, part, eval(expression, left), facts[part])
    for part, expression in snippet.tensors.items():
        compare(name, part, eval(expression, left), tensors[part])
    columns = asked.answer.columns
    assert {one.key for one in columns if one.source == "fact"} & set(facts) <= set(snippet.facts)
    assert {one.key for one in columns if one.source == "tensor"} <= set(snippet.tensors)
    assert snippet.facts or snippet.tensors
    if name == "texts" and not options.get("echo"):  # what the answer has as a picture, the lines have as numbers
        shown = frames.quantise(eval(snippet.further["difference"], left), facts["low"], facts["high"])
        np.testing.assert_array_equal(shown, tensors["cells"])
