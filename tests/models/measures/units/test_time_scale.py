"""`models.measures.units.time_scale`: counted out by brute force, on cards, in what the page is told, and by
command."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from app.cli import commands
from app.compute.model_library import describe
from models import catalogue, load
from models.errors import NotMeasurable
from models.measures.units.time_scale import CAP, CHARACTERS, SETTLED, slowest, time_scale, time_scales
from models.storage.checkpoint import CARD, TimeScales, read_card, write_card
from models.training.corpora import Corpus
from models.training.recipes import Recipe, make
from models.training.settings import Settings
from models.zoo import Entry
from tests.support.corpora_at_hand import text_at_hand
from tests.support.random_models import MakeModel
from tests.support.small_models import make_tiny
from tests.support.texts import prose

TEXT = prose(2 * SETTLED + 500, seed=3)
SHIPPED = [name for name, entry in catalogue().items() if entry.card.time_scales is not None]


def counted_out(values: np.ndarray) -> float:
    """The first lag, lag by lag, at which the sum of products has fallen to half of that at lag 0."""
    x = values - values.mean()
    whole = sum(float(one) ** 2 for one in x)
    before = 1.0
    for lag in range(1, len(x) // 2 + 1):
        share = sum(float(a) * float(b) for a, b in zip(x[:-lag], x[lag:], strict=True)) / whole
        if share <= 0.5:
            return lag - 1 + (before - 0.5) / (before - share)
        before = share
    return float("inf")


@pytest.mark.parametrize("keep", [0.0, 0.5, 0.9, 0.99])
def test_a_time_scale_is_counted_out(keep: float) -> None:
    random = np.random.default_rng(4)
    x = np.zeros(900)
    for t in range(1, len(x)):
        x[t] = keep * x[t - 1] + random.normal()
    assert time_scale(x, 1.0) == pytest.approx(counted_out(x))


def test_of_a_process_with_a_known_autocorrelation_it_is_the_known_lag() -> None:
    """x_t = a·x_{t−1} + noise has r(k) = a^k, so half of it is left after ln ½ / ln a."""
    random = np.random.default_rng(1)
    noise = random.normal(size=200_000)
    x = np.empty_like(noise)
    x[0] = 0.0
    for t in range(1, len(x)):
        x[t] = 0.95 * x[t - 1] + noise[t]
    assert time_scale(x, 1.0) == pytest.approx(np.log(0.5) / np.log(0.95), rel=0.05)


def test_longer_ones_are_capped_and_what_hardly_moves_is_constant() -> None:
    assert time_scale(np.linspace(-1, 1, 8_000), 2.0) == CAP
    flicker = np.tile([0.5, 0.5 + 0.9 / 255], 500)  # standard deviation 0.45 of a level
    assert time_scale(flicker, 1.0) is None
    assert time_scale(flicker, 0.3) is not None
    assert time_scale(np.ones(500), 1.0) is None
    assert time_scale(np.array([0.0, np.nan] * 50), 1.0) is None


@pytest.mark.parametrize("cell", ["rnn", "gru", "lstm"])
def test_every_signal_of_every_layer_has_one_for_each_unit(make_model: MakeModel, cell: str) -> None:
    lm = make_model(cell, units=5, layers=2)
    found = time_scales(lm, TEXT)
    trace = lm.trace(TEXT)
    assert list(found) == trace.keys()
    for name, scales in found.items():
        values = trace[name].numpy().astype(np.float64)[SETTLED:]
        if name.endswith(".cell"):
            values = np.tanh(values)
        wide = 1.0 if name.endswith("_gate") else 2.0
        for j, scale in enumerate(scales):
            if values[:, j].std() < wide / 255:
                assert scale is None
            else:
                assert scale == pytest.approx(min(CAP, counted_out(values[:, j])), abs=0.0051)


def test_no_more_than_the_start_of_the_text_counts(make_model: MakeModel) -> None:
    lm = make_model("gru", units=3)
    text = prose(CHARACTERS + 3_000, seed=5)
    assert time_scales(lm, text) == time_scales(lm, text[:CHARACTERS])
    assert time_scales(lm, text) != time_scales(lm, text[: CHARACTERS // 2])


def test_a_text_too_short_is_refused_in_a_sentence(make_model: MakeModel) -> None:
    with pytest.raises(NotMeasurable, match=r"takes 2,000 characters of held-out text, and here are 1,999\."):
        time_scales(make_model("rnn"), TEXT[: 2 * SETTLED - 1])


def test_the_slowest_come_first_and_constant_ones_last() -> None:
    assert slowest([0.5, None, CAP, 2.0, CAP, 0.0, None]) == [2, 4, 3, 0, 5, 1, 6]
    assert slowest([]) == []


def test_a_training_writes_them_on_the_card_and_a_text_too_short_leaves_none(tmp_path: Path) -> None:
    settings = Settings(cell="gru", units=4, epochs=0.1, streams=4, segment=64, warmup=2, validations=1)
    recipe = Recipe(id="tiny", title="Tiny", description="For a test.", corpus="own", settings=settings)
    corpus = Corpus("own", prose(41_000, seed=2), "made up")
    card = make(recipe, corpus, tmp_path / "tiny")
    assert card == read_card(tmp_path / "tiny")
    held_out = corpus.split("validation")
    assert card.time_scales is not None
    assert card.time_scales.trained == time_scales(load(tmp_path / "tiny"), held_out)
    assert card.time_scales.untrained == time_scales(load(tmp_path / "tiny", step=0), held_out)
    assert card.time_scales.characters == len(held_out) == 2050
    short = make(recipe, Corpus("own", prose(9_000, seed=2), "made up"), tmp_path / "short")
    assert short.time_scales is None


def scales_of(numbers: list[float | None]) -> TimeScales:
    found = {"0.hidden": numbers}
    return TimeScales(characters=9, sha256="", cap=CAP, trained=found, untrained=found, measured_with="")


def test_numbers_stand_in_one_line_of_the_card_and_come_back(tmp_path: Path) -> None:
    make_tiny(tmp_path, "tiny", "rnn", 6, 1)
    old = read_card(tmp_path)
    assert old.time_scales is None, "an older card has no such field and is read"
    numbers = [0.53, None, 1000.0, 1e-07, 2.0, None]
    awkward = "[ 1,\n 2 ]\t[null]"  # looks like a list, and is text
    card = old.model_copy(update={"time_scales": scales_of(numbers), "description": awkward})
    write_card(tmp_path, card)
    assert read_card(tmp_path) == card
    lines = (tmp_path / CARD).read_text(encoding="utf-8").splitlines()
    assert sum("0.53, null, 1000.0, 1e-7, 2.0, null]" in line.replace("1e-07", "1e-7") for line in lines) == 2
    nothing = card.model_copy(update={"time_scales": scales_of([None] * 6)})
    write_card(tmp_path, nothing)
    assert read_card(tmp_path) == nothing


def test_the_page_is_told_the_order_of_the_units_trained_and_untrained(tmp_path: Path) -> None:
    make_tiny(tmp_path, "tiny", "rnn", 4, 1)
    card = read_card(tmp_path)
    told = describe(Entry(tmp_path, card, (0,)), "prose")
    assert (told["slowest"], told["untrained_slowest"]) == ({}, {})
    scales = TimeScales(
        characters=9, sha256="", cap=CAP, measured_with="",
        trained={"0.hidden": [1.0, None, 3.0, 2.0]}, untrained={"0.hidden": [1.0, 2.0, 3.0, None]},
    )  # fmt: skip
    told = describe(Entry(tmp_path, card.model_copy(update={"time_scales": scales}), (0,)), "prose")
    assert told["slowest"] == {"0.hidden": [2, 3, 0, 1]}
    assert told["untrained_slowest"] == {"0.hidden": [2, 1, 0, 3]}
    assert json.loads(json.dumps(told)) == told


# ── the models that ship ─────────────────────────────────────────────────────────────────────────────────


def test_every_model_that_ships_has_them_for_every_signal_of_every_unit() -> None:
    assert set(SHIPPED) == set(catalogue())
    for name in SHIPPED:
        card, lm = catalogue()[name].card, load(name)
        assert card.time_scales is not None
        for scales in (card.time_scales.trained, card.time_scales.untrained):
            assert list(scales) == lm.signal_names
            assert {len(one) for one in scales.values()} == {card.units}
        told = describe(catalogue()[name], card.corpus.name)
        for one in (*told["slowest"].values(), *told["untrained_slowest"].values()):
            assert sorted(one) == list(range(card.units))


@pytest.mark.slow
@pytest.mark.parametrize("model", SHIPPED)
def test_a_card_states_what_is_measured_anew(model: str) -> None:
    card = catalogue()[model].card
    assert card.time_scales is not None
    text = Corpus("", text_at_hand(card.corpus.name, card.time_scales.sha256), "").split("validation")
    for step, stated in ((None, card.time_scales.trained), (0, card.time_scales.untrained)):
        for name, scales in time_scales(load(model, step=step), text).items():
            for mine, theirs in zip(scales, stated[name], strict=True):
                # A chaotic network or a standard deviation at the border may differ with the processor's rounding.
                if mine is not None and theirs is not None:
                    assert mine == pytest.approx(theirs, rel=0.1, abs=0.05), name


# ── the command ──────────────────────────────────────────────────────────────────────────────────────────


@pytest.fixture
def run(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Callable[..., tuple[int, str]]:
    """Runs the command line; gives the exit status and all that it printed."""

    def run(*words: object) -> tuple[int, str]:
        monkeypatch.setattr(sys, "argv", ["hidden-state", *map(str, words)])
        monkeypatch.setenv("COLUMNS", "200")
        status = 0
        try:
            commands.main()
        except SystemExit as end:
            status = int(end.code or 0)
        printed = capsys.readouterr()
        return status, printed.out + printed.err

    return run


def test_the_command_writes_cards_of_ones_own_models(
    tmp_path: Path, run: Callable[..., tuple[int, str]], no_zoo: None
) -> None:
    make_tiny(tmp_path / "tiny", "tiny", "gru", 4, 1)
    story = tmp_path / "story.txt"
    story.write_text(prose(41_000, seed=2), encoding="utf-8")
    status, printed = run("time-scales", "--folder", tmp_path, "--corpus", f"prose={story}")
    assert status == 0, printed
    assert "0.update_gate" in printed
    card = read_card(tmp_path / "tiny")
    assert card.time_scales is not None
    assert card.time_scales.trained == time_scales(load(tmp_path / "tiny"), prose(41_000, seed=2)[36_900:38_950])


def test_the_command_says_what_it_leaves_out_and_what_it_does_not_know(
    tmp_path: Path, run: Callable[..., tuple[int, str]], no_zoo: None
) -> None:
    make_tiny(tmp_path / "tiny", "tiny", "gru", 4, 1)
    story = tmp_path / "story.txt"
    story.write_text(prose(3_000), encoding="utf-8")
    status, printed = run("time-scales", "--folder", tmp_path, "--corpus", f"prose={story}")
    assert status == 0
    assert "tiny is left out: The validation split" in printed
    status, printed = run("time-scales", "--folder", tmp_path, "--only", "tiny", "--corpus", f"prose={story}")
    assert status == 2
    assert "too short for time scales" in printed
    status, printed = run("time-scales", "--only", "nobody")
    assert status == 2
    assert "There is no model called nobody" in printed
