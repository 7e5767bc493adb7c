"""A layer that only this file names, with a signal that has one number for each head and not for each unit: everything
that assumes rows per signal (traces, pictures of any width, echoes, interventions, instruments, the page) follows.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from numpy.typing import NDArray
from playwright.sync_api import Browser, expect
from safetensors.torch import load as load_bytes
from safetensors.torch import load_file
from torch import Tensor

from app.compute.model_library import Library
from models import CharLM, load
from models.cells import CELLS, Each, Kind, Signal, TransformerBlock, interval
from models.cells.base import Array
from models.cells.layout import width_of
from models.echo.echo import Echo
from models.equations.equation import Value, Words
from models.errors import BadIntervention
from models.measures import drain, record
from models.measures.saturation import saturation
from models.measures.units.time_scale import time_scales
from models.measures.units.unit import unit_view
from models.network import trace
from models.network.intervened_reader import IntervenedReader
from models.network.intervention import Clamp
from models.network.reader import CompiledReader, TorchReader
from models.network.stack import Layer
from models.recording.difference import difference
from models.recording.overview import Grain
from tests.support import session_talk
from tests.support.browser.expected_pictures import Reading
from tests.support.browser.explore_page import Explore, address
from tests.support.browser.open_instrument import Instrument
from tests.support.cells.proof import INSTRUMENTS, NOT_FOR_IT, QUESTIONS, TEXT
from tests.support.recordings import read_all, typed
from tests.support.served_app import running
from tests.support.small_models import make_tiny, without_zoo

UNITS, HEADS = 8, 4
LONG = TEXT * 9
GRAIN = Grain(block=32, bin=8)


class Shares(TransformerBlock):
    """A block that also says how its attention's output is shared among groups of units, as many as it has heads."""

    name = "shares"
    title = "Block with shares"
    signals = (
        *TransformerBlock.signals,
        Signal("share", "s", "Share", Kind.GATE, Words("‖uₜ of a head‖² / ‖uₜ‖²"), interval(0, 1), Each.HEAD),
    )

    def advance(self, weights: Any, below: Array, state: Any, out: Array, offset: int, fixed: Array) -> None:
        super().advance(weights, below, state, out[:3], offset, fixed[:3])
        rows = slice(offset, offset + len(below))
        own = out[3, rows, : self.heads]
        own[:] = shared(out[1, rows])
        if len(fixed):
            held = fixed[3, : self.heads]
            own[:] = np.where(np.isnan(held), own, held)

    def _signals(self, inputs: Tensor, weights: list[Tensor], past: Any) -> Any:
        signals, seen = super()._signals(inputs, weights, past)
        squares = signals[1].square().unflatten(-1, (self.heads, -1)).sum(dim=-1)
        return [*signals, squares / squares.sum(dim=-1, keepdim=True)], seen


def shared(attention: NDArray[Any]) -> NDArray[Any]:
    """(T, heads) of attention (T, H)."""
    squares = np.square(attention).reshape(len(attention), HEADS, -1).sum(axis=2)
    found: NDArray[Any] = squares / squares.sum(axis=1, keepdims=True)
    return found


@pytest.fixture(scope="module", autouse=True)
def declared() -> Iterator[None]:
    with pytest.MonkeyPatch.context() as patch:
        patch.setitem(CELLS, "shares", Shares())
        yield


@pytest.fixture
def lm(make_model: Any) -> CharLM:
    model: CharLM = make_model("shares", UNITS, 2, gain=4.0)
    return model


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory, declared: None) -> Path:
    base = tmp_path_factory.mktemp("shares")
    make_tiny(base / "new", "new", "shares", UNITS, 2)
    return base


def test_a_width_is_a_number_or_follows_from_units_and_heads() -> None:
    widths = (Each.UNIT, Each.HEAD, 3, lambda units, heads: units // heads)
    assert [width_of(width, 8, 4) for width in widths] == [8, 4, 3, 2]
    assert Layer(CELLS["shares"], UNITS).widths == (UNITS, UNITS, UNITS, HEADS)


@pytest.mark.parametrize(
    ("signals", "says"),
    [
        ([Signal("hidden", "h", "H", Kind.STATE, Words("…"), width=Each.HEAD)], "has a width of its own"),
        ([Signal("more", "m", "M", Kind.GATE, Value("h"), width=2)], "has a width of its own"),
        ([Signal("more", "m", "M", Kind.GATE, Words("…"), width=9)], "has 9 numbers; in a layer of 8 it has 1 to 8"),
        ([Signal("more", "m", "M", Kind.GATE, Words("…"), width=0)], "has 0 numbers"),
    ],
)
def test_a_width_that_cannot_be_is_refused_with_its_reason(signals: list[Signal], says: str) -> None:
    own = tuple(one for one in TransformerBlock.signals if one.name != signals[0].name)
    wrong = type("Wrong", (TransformerBlock,), {"signals": (*signals, *own) if len(own) < 3 else (*own, *signals)})
    with pytest.raises(ValueError, match=says):
        Layer(wrong(), UNITS)


def test_a_trace_has_as_many_numbers_as_the_signal_by_either_way_of_reading(lm: CharLM, tmp_path: Path) -> None:
    found, by_torch = lm.trace(LONG), trace.run(lm, LONG, reader=TorchReader(lm))
    for layer in range(2):
        share = found[f"{layer}.share"]
        assert share.shape == (len(LONG), HEADS)
        np.testing.assert_array_equal(share, shared(found[f"{layer}.attention"].numpy()))
        torch.testing.assert_close(by_torch[f"{layer}.share"], share, rtol=0, atol=1e-4)
    found.save(tmp_path / "trace.safetensors")
    for stored in (load_file(tmp_path / "trace.safetensors"), load_bytes(found.to_bytes())):
        assert torch.equal(stored["0.share"], found["0.share"])


def test_a_text_that_is_typed_and_edited_has_the_bits_of_one_that_is_read_at_once(lm: CharLM) -> None:
    rec = typed(lm, TEXT[:20], grain=GRAIN)
    rec.edit(20, 0, lm.vocabulary.encode(LONG[20:]))
    read_all(rec)
    rec.edit(5, 3, lm.vocabulary.encode("stone"))
    read_all(rec)
    whole = lm.trace(LONG[:5] + "stone" + LONG[8:])["1.share"].numpy()
    assert np.array_equal(rec.signal(1, "share", 0, len(whole)), whole)
    signals, _ = rec.column(1, 100)
    assert np.array_equal(signals[3, :HEADS], whole[100])
    assert np.isnan(signals[3, HEADS:]).all()
    assert not np.isnan(signals[:3]).any()
    assert rec.columns(1, "share", 900, 990, 1, "mean").shape == (0, HEADS)


@pytest.mark.parametrize("per", [1, 4, 8, 32, 64])
def test_wide_columns_are_those_of_its_values(lm: CharLM, per: int) -> None:
    rec, values = typed(lm, LONG, grain=GRAIN), lm.trace(LONG)["0.share"].numpy()
    starts = np.arange(0, len(LONG), per)
    parts = [values[a : a + per] for a in starts]
    for show, of in (("mean", np.mean), ("lowest", np.min), ("highest", np.max)):
        found = rec.columns(0, "share", 0, len(LONG), per, show)  # type: ignore[arg-type]
        np.testing.assert_allclose(found, [of(part, axis=0) for part in parts], atol=1.1 / 254)
    found = rec.columns(0, "share", 0, len(LONG), per, "saturated")
    np.testing.assert_allclose(found, [((p < 0.1) | (p > 0.9)).mean(axis=0) for p in parts], atol=1e-6)


def test_echo_and_difference_are_as_wide_as_it_is(lm: CharLM) -> None:
    rec, at = typed(lm, LONG, grain=GRAIN), 30
    other = next(k for k in range(5) if k != rec.ids[at : at + 1][0])
    echo = Echo(rec, at, np.array([other]))
    while echo.advance(len(LONG)):
        pass
    changed = LONG[:at] + lm.vocabulary.characters[other] + LONG[at + 1 :]
    apart = lm.trace(LONG)["0.share"].numpy() - lm.trace(changed)["0.share"].numpy()
    assert np.array_equal(echo.signal(0, "share", 0, len(LONG)), apart)
    strength = np.linalg.norm(apart.astype(np.float64), axis=1)
    np.testing.assert_allclose(echo.strength(0, "share", 0, len(LONG), 1), strength, rtol=1e-5)
    for per in (1, 16):
        assert echo.levels(0, "share", 0, len(LONG), per).shape == (-(-len(LONG) // per), HEADS)
    theirs = typed(lm, changed, grain=GRAIN)
    assert np.array_equal(difference(rec, theirs, 0, "share", 0, len(LONG)), apart)
    assert difference(rec, theirs, 0, "share", 0, len(LONG), 16).shape == (-(-len(LONG) // 16), HEADS)


def test_one_head_can_be_held_and_a_fifth_of_four_cannot(lm: CharLM) -> None:
    held = trace.run(lm, TEXT, reader=IntervenedReader(CompiledReader(lm), [Clamp(0, "share", 2, 0.25, 10)]))
    plain = lm.trace(TEXT)["0.share"]
    assert (held["0.share"][10:, 2] == 0.25).all()
    assert torch.equal(held["0.share"][:10], plain[:10])
    assert torch.equal(held["0.share"][:, [0, 1, 3]], plain[:, [0, 1, 3]])
    with pytest.raises(BadIntervention, match="no head 4 to hold; the heads are 0 to 3"):
        IntervenedReader(CompiledReader(lm), [Clamp(0, "share", 4, 0.25, 10)])


@pytest.mark.parametrize("long", [False, True])
def test_saturation_counts_the_numbers_that_there_are(lm: CharLM, long: bool) -> None:
    text = LONG if long else TEXT
    rec, values = typed(lm, text, grain=GRAIN), lm.trace(text)["0.share"].numpy()
    found = drain(saturation(rec, 0, 0, len(text), per=16))
    assert found.signals == ("share",)
    assert found.left[0].tolist() == [*(values < np.float32(0.1)).sum(axis=0), 0, 0, 0, 0]
    assert found.right[0].tolist() == [*(values > np.float32(0.9)).sum(axis=0), 0, 0, 0, 0]
    assert found.numbers[0].tolist() == [len(text)] * HEADS + [0] * (UNITS - HEADS)
    columns = [values[a : a + 16] for a in range(0, len(text), 16)]
    assert found.lane[2, 0].tolist() == [one.size for one in columns]
    assert found.lane[0, 0].tolist() == [int((one < np.float32(0.1)).sum()) for one in columns]


def test_a_head_is_looked_at_as_a_unit_is(lm: CharLM) -> None:
    rec, values = record(lm, LONG), lm.trace(LONG)["0.share"].numpy()
    found = drain(unit_view(lm, rec, LONG, 0, "share", 3, 0, len(LONG)))
    assert np.array_equal(found.values, values[:, 3])
    assert {unit for unit, _ in found.followers.units} <= set(range(HEADS))  # type: ignore[union-attr]
    assert [one.signal for one in found.saturated] == ["share"]
    assert drain(unit_view(lm, rec, LONG, 0, "hidden", 5, 0, len(LONG))).saturated == ()


def test_time_scales_are_those_of_its_heads(make_model: Any) -> None:
    found = time_scales(make_model("shares", UNITS), LONG * 7)
    assert [len(one) for one in found.values()] == [UNITS, UNITS, UNITS, HEADS]


@pytest.mark.parametrize("name", sorted(INSTRUMENTS - NOT_FOR_IT))
def test_every_instrument_answers_about_it_or_says_why_not(folder: Path, name: str) -> None:
    question = {key: "share" if key == "signal" else value for key, value in QUESTIONS[name].items()}
    if name == "saturation":
        question["marks"] = True
    with without_zoo():
        found = session_talk.ask(Library([folder], "cpu"), TEXT * 3, "new", name=name, **question)
    if name in ("gradients", "why"):
        assert isinstance(found, str)
        return
    facts, tensors = found
    assert facts or tensors
    if name == "saturation":
        assert facts["widths"] == [HEADS]
        assert tensors["left"].shape == (1, UNITS)
        assert tensors["marks"].shape == (60, HEADS)
    if name == "texts":
        assert tensors["cells"].shape[1] == HEADS


@pytest.mark.browser
def test_the_page_has_a_row_for_each_head(folder: Path, settings_of: Any, browser: Browser) -> None:
    with running(settings_of(model_folders=[folder])) as server:
        page = browser.new_page(viewport={"width": 1440, "height": 900})
        explore = Explore(page, server, lambda name, text: Reading(load(folder / name), text))
        explore.open(address(models="new", text=TEXT, signal="hidden", step=12, unit=6))
        explore.settle_and_check()
        chip = explore.inspected("new").locator('[data-signal="share"]')
        expect(chip).to_have_attribute("hidden", "")  # there is no seventh head

        explore.choice("Signal").select_option("share")
        explore.settle_and_check()
        assert explore.pixels("new").shape[0] == HEADS
        expect(explore.area("new")).to_have_attribute("aria-label", re.compile(f"{HEADS} heads"))
        expect(page.locator("#inspector .values")).to_contain_text("has heads 0 to 3 only")
        share = explore.reference("new", TEXT).signal(0, "share")
        explore.hover("new", 20, 3)
        expect(chip).not_to_have_attribute("hidden", "")
        expect(page.locator("#inspector .at")).to_contain_text("step 20 · q · head 3")
        assert float(str(chip.get_attribute("data-value"))) == pytest.approx(share[20, 3], abs=1e-6)
        page.mouse.move(5, 5)
        area = explore.area("new")
        area.press("ArrowUp")
        for _ in range(HEADS + 1):
            area.press("ArrowDown")
        expect(page.locator("#inspector .at")).to_contain_text(f"head {HEADS - 1}")

        explore.go(address(models="new", text=TEXT, signal="share", instrument="saturation"))
        rows = Instrument(explore).settle().csv()
        start, stop = explore.window("new")
        mine = [row for row in rows if row["signal"] == "share"]
        assert [int(row["unit"]) for row in mine] == list(range(HEADS))
        assert [int(row["steps_below"]) for row in mine] == (share[start:stop] < 0.1).sum(axis=0).tolist()

        explore.go(address(models="new", text=TEXT, signal="share", instrument="unit", unit=2, step=12))
        Instrument(explore).settle()
        expect(page.locator("#instrument input[type=number]").first).to_have_attribute("max", str(HEADS - 1))
        explore.check_faults()
        page.close()
