"""Figures of a trace: the numbers, colours and ends are those of the models and of the page."""

from __future__ import annotations

import re
from typing import Any

import numpy as np
import pytest
import torch

from app.live.protocol import Panel
from app.live.view import View
from models import CharLM, NotMeasurable, Trace, UnknownSignal, Vocabulary
from models.echo.echo import Echo
from models.figures import colours, frame
from models.figures.horizon import UNITS
from models.figures.provenance import DECADES
from models.figures.reading import reading_of
from models.figures.spacing import decade_range, folded
from models.measures.memory.horizon import horizon
from models.measures.memory.provenance import provenance
from models.measures.progress import drain
from tests.support.paths import ROOT

TEXT = "ab cab\nbac<€ abc " * 6


def traced(cell: str, text: str = TEXT, layers: int = 1) -> Trace:
    torch.manual_seed(1)
    lm = CharLM(cell, Vocabulary("\n abc<"), 8, layers, name=f"a-{cell}")
    with torch.no_grad():
        for parameter in lm.parameters():
            parameter.mul_(3.0)
    return lm.trace(text)


def scale_of(drawn: Any) -> list[tuple[float, str]]:
    return [tuple(stop) for stop in drawn.colorscale]


def test_a_gate_is_drawn_between_0_and_1_with_its_own_values() -> None:
    trace = traced("lstm")
    drawn = trace.heatmap("0.forget_gate", 3, 20).data[0]
    np.testing.assert_array_equal(drawn.z, trace["0.forget_gate"][3:20].numpy().T)
    assert (drawn.zmin, drawn.zmax) == (0.0, 1.0)
    assert list(drawn.x) == list(range(3, 20))
    assert scale_of(drawn) == colours.GATE


def test_a_state_without_a_bound_is_drawn_on_the_pages_logarithmic_scale() -> None:
    trace = traced("lstm")
    values = trace["0.cell"].numpy()
    drawn = trace.heatmap("0.cell", 0, 10).data[0]
    _, high = decade_range(float(np.abs(values).max()))
    np.testing.assert_array_equal(drawn.z, folded(values[:10], high).T)
    np.testing.assert_array_equal(drawn.customdata[..., 0].astype(np.float32), values[:10].T)
    assert scale_of(drawn) == colours.SIGNED
    assert drawn.colorbar.ticktext[0] == f"−{high:g}"


@pytest.mark.parametrize("cell", ["rnn", "gru", "lstm", "slstm", "leaky"])
def test_the_colours_of_every_signal_end_where_the_pages_do(cell: str) -> None:
    trace = traced(cell)
    for name in trace:
        signal = next(one for one in trace.stack[0].cell.signals if one.name == name[2:])
        drawn = trace.heatmap(name).data[0]
        largest = reading_of(trace).largest(0, signal.name)
        panel = Panel(model=trace.model, layer=0, signal=signal.name)
        look = View(scales={panel: signal.scale}, reach=lambda form, reached=largest: reached).look(panel)  # type: ignore[misc]
        ends = frame.ticks(look.bounds, look.spacing)
        assert list(drawn.colorbar.ticktext) == list(ends["ticktext"]), name
        assert list(drawn.colorbar.tickvals) == list(ends["tickvals"]), name


def test_surprise_is_an_array_and_has_a_figure_with_gaps() -> None:
    trace = traced("gru")
    drawn = trace.plot_surprise()
    np.testing.assert_array_equal(np.asarray(drawn.data[0].y), trace.surprise.numpy())
    assert np.isnan(drawn.data[0].y[TEXT.index("€")])
    low, high = drawn.layout.yaxis.range
    assert low == 0.0
    assert high >= 12.0


def test_an_echo_has_the_differences_of_the_measure() -> None:
    trace = traced("gru")
    drawn = trace.echo(10, instead="b", stop=30)
    echo = Echo(reading_of(trace), 10, trace.lm.vocabulary.encode("b"))
    while echo.advance(30):
        pass
    expected = np.abs(echo.signal(0, "hidden", 5, 30)).T
    np.testing.assert_array_equal(drawn.data[0].customdata[..., 0].astype(np.float32), expected)
    assert (drawn.data[0].z[:, :5] == 0).all()
    assert drawn.data[0].z[:, 5].max() > 0.5
    place = 1 + np.log10(np.maximum(expected, 1e-7)) / 7
    np.testing.assert_allclose(drawn.data[0].z, np.clip(place, 0, None), atol=2e-6)
    assert scale_of(drawn.data[0]) == colours.ECHO


def test_a_horizon_is_drawn_as_measured() -> None:
    trace = traced("gru")
    drawn = trace.plot_horizon(positions=8, lags=12)
    found = drain(horizon(trace.lm, reading_of(trace), positions=8, lags=12))
    median = next(line for line in drawn.data if line.name == "median")
    np.testing.assert_allclose(np.array(median.y, float), 10.0**found.band.median)
    marked = {note.text for note in drawn.layout.annotations}
    lags = ((found.lag_e, "1/e"), (found.lag_percent, "1 %"))
    assert marked == {f"{words}: {lag}" for lag, words in lags if lag is not None}
    assert drawn.layout.yaxis.type == "log"


def test_a_provenance_is_drawn_as_measured() -> None:
    trace = traced("lstm")
    found = drain(provenance(trace.lm, reading_of(trace), 0, 2, 40))
    drawn = trace.plot_provenance(2, 40).data[0]
    np.testing.assert_array_equal(drawn.customdata, found.triangle)
    assert drawn.x[-1] == drawn.y[-1] == 40
    most = np.nanmax(np.abs(found.triangle))
    at = np.unravel_index(np.nanargmax(np.abs(found.triangle)), found.triangle.shape)
    assert abs(drawn.z[at]) == 1.0
    small = np.abs(found.triangle) < most * 10.0**-DECADES
    assert (drawn.z[small] == 0).all()
    shares = trace.plot_provenance(2, 40, of="layer").data[0]
    assert (shares.zmin, scale_of(shares)) == (0.0, colours.GATE)


def test_what_cannot_be_drawn_is_said_in_a_sentence(monkeypatch: pytest.MonkeyPatch) -> None:
    trace = traced("rnn")
    with pytest.raises(UnknownSignal, match="no signal called"):
        trace.heatmap("0.forget_gate")
    with pytest.raises(UnknownSignal, match="no signal called"):
        trace.echo(3, "7.hidden")
    for ask in (lambda: trace.heatmap("0.hidden", 10, 10), lambda: trace.plot_surprise(500)):
        with pytest.raises(NotMeasurable, match="Choose others"):
            ask()
    with pytest.raises(NotMeasurable, match="There is no step"):
        trace.echo(len(TEXT))
    with pytest.raises(NotMeasurable, match="Choose one other character"):
        trace.echo(0, instead=TEXT[0])
    with pytest.raises(NotMeasurable, match="keeps nothing as it is"):
        trace.plot_provenance(0)
    monkeypatch.setattr(frame, "MOST_CELLS", 10)
    with pytest.raises(NotMeasurable, match="shorter stretch"):
        trace.heatmap("0.hidden")


def test_letters_of_a_text_are_no_tags_and_lines_are_seen() -> None:
    axis = traced("rnn").heatmap("0.hidden", 0, 17).layout.xaxis
    assert {"↵", "·", "&lt;", "€"} <= set(axis.ticktext)


def test_names_and_colours_of_the_page_are_the_same() -> None:
    """Those few that the page's scripts have for themselves."""
    characters = (ROOT / "static/text/characters.js").read_text(encoding="utf-8")
    shown = re.search(r"const VISIBLE = (\{.*\});", characters)
    assert shown is not None
    escaped = {"\n": "\\n", "\t": "\\t", "\r": "\\r", "\u00a0": "\\u00a0"}
    for character, sign in frame.VISIBLE.items():
        assert f'"{escaped.get(character, character)}": "{sign}"' in shown[1]
    page = (ROOT / "static/instruments/horizon.js").read_text(encoding="utf-8")
    for curve, unit in UNITS.items():
        assert re.search(rf'{curve}: \{{ words: "[^"]*", unit: "{re.escape(unit)}" \}}', page)
    assert f'light: ["{frame.LINE}"' in (ROOT / "static/picture/colour.js").read_text(encoding="utf-8")
    assert f"--ink: {frame.INK};" in (ROOT / "static/css/base.css").read_text(encoding="utf-8")
