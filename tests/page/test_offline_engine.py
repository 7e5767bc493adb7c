"""The engine of a page without a server, by itself: its arithmetic, cells that no model has, wide columns, echoes."""

from __future__ import annotations

import json
from typing import Any

import numpy as np
import pytest

from app.live.protocol import Panel
from app.live.view import View
from app.offline.network import CODES, described
from app.web.hello import greet
from app.wire.frames import quantise
from models.cells import CELLS, Kind, Signal
from models.echo.levels import magnitude_levels, picture_levels
from models.echo.replacement import KINDS, default_replacement
from models.equations.equation import Value
from models.equations.scale import Ends, Form, half_line, interval, largest_factor, logarithmic, symmetric
from models.kernels import arithmetic
from models.measures.memory.edit_sensitivity import others
from models.recording.overview import exact_columns
from tests.models.cells.test_minimal_gated_unit import MinimalGatedUnit
from tests.support.texts import prose

ENGINE = """async ([stored, codes, text, fields]) => {
  const { Network, Run } = await import("/static/offline/network.js");
  const numbers = (words) => {
    const bytes = Uint8Array.from(atob(words), (letter) => letter.charCodeAt(0));
    return new Float32Array(bytes.buffer);
  };
  const revived = JSON.parse(stored, (name, value) => (fields.includes(name) ? numbers(value) : value));
  const network = new Network(revived, codes);
  const ids = Array.from(text, (character) => network.idOf(character));
  const run = new Run(network);
  let looks = 0;
  while (!run.advance(ids, ids.length, () => ++looks % 2 === 0)); // in pieces
  run.cut(7);
  run.advance(ids, ids.length, () => false); // and again from within
  return run.signals.map((values, k) => Array.from(values.subarray(0, ids.length * network.layers[k].size)));
}"""
FIELDS = ["constants", "recurrent", "drive", "bias", "readout", "readout_bias"]


@pytest.mark.parametrize("name", ["exp", "sigmoid", "tanh", "logSigmoid"])
def test_functions_are_those_of_the_loops_to_the_last_bit_or_two(bare: Any, name: str) -> None:
    draw = np.random.default_rng(1)
    small = draw.normal(size=200) * 10.0 ** draw.integers(-8, 1, 200)
    values = np.concatenate([small, draw.uniform(-100, 100, 200), [0.0, -0.0, 88, -87, 1e-30, 1e30, -1e30]])
    values = values.astype(np.float32)
    wanted = np.empty_like(values)
    {"exp": _exp, "sigmoid": _sigmoid, "tanh": _tanh, "logSigmoid": _log_sigmoid}[name](values, wanted)
    script = f"async (all) => {{ const m = await import('/static/offline/arithmetic.js'); return all.map(m.{name}); }}"
    found = np.array(bare.evaluate(script, values.tolist()), np.float32)
    np.testing.assert_allclose(found, wanted, rtol=2.4e-7, atol=0)
    if name != "logSigmoid":  # its logarithm is the library's
        assert (found == wanted).mean() > 0.999


@arithmetic.kernel
def _exp(values, out):  # type: ignore[no-untyped-def]
    for k in range(values.size):
        out[k] = arithmetic.exp(values[k])


@arithmetic.kernel
def _sigmoid(values, out):  # type: ignore[no-untyped-def]
    for k in range(values.size):
        out[k] = arithmetic.sigmoid(values[k])


@arithmetic.kernel
def _tanh(values, out):  # type: ignore[no-untyped-def]
    for k in range(values.size):
        out[k] = arithmetic.tanh(values[k])


@arithmetic.kernel
def _log_sigmoid(values, out):  # type: ignore[no-untyped-def]
    for k in range(values.size):
        out[k] = arithmetic.log_sigmoid(values[k])


@pytest.mark.parametrize(("cells", "units"), [("mgu", 10), (("mgu", "slstm", "leaky"), (7, 20, 5))], ids=str)
def test_a_cell_that_no_script_knows_and_layers_that_differ(
    bare: Any, make_model: Any, monkeypatch: pytest.MonkeyPatch, cells: Any, units: Any
) -> None:
    """U multiplies f∘h in it, so a step takes two products; the page follows its instructions like any others."""
    monkeypatch.setitem(CELLS, "mgu", MinimalGatedUnit())
    lm = make_model(cells, units, gain=2.0)
    text = prose(300)
    found = bare.evaluate(ENGINE, [json.dumps(described(lm)), CODES, text, FIELDS])
    trace = lm.trace(text)
    for k, layer in enumerate(lm.stack):
        values = np.array(found[k], np.float32).reshape(len(text), len(layer.cell.signals), layer.units)
        for s, name in enumerate(layer.cell.names()):
            np.testing.assert_allclose(values[:, s], trace[f"{k}.{name}"].numpy(), rtol=0, atol=1e-5)


COLUMNS = """async ([values, units, signal, per, show, chosen, picture]) => {
  const { endsOf, largestOf, valueCells } = await import("/static/offline/columns.js");
  const { Levels } = await import("/static/picture/levels.js");
  const rows = values.map((row) => Float32Array.from(row));
  const network = { layers: [{ units }] };
  const run = { network, first: 0, steps: rows.length, signal: (k, index, step) => rows[step] };
  const of = { layer: 0, index: 0, signal };
  const ends = endsOf(signal, chosen, largestOf(run, of));
  const share = { low: 0, high: 1, scale: "linear" };
  const span = { from: 0, to: rows.length, per };
  const shown = show === "saturated" ? share : ends;
  return [ends, Array.from(valueCells(run, of, span, show, shown, new Levels(picture)))];
}"""
SCALES = {
    "interval": interval(-1, 1),
    "gate": interval(0, 1),
    "symmetric": symmetric(),
    "tanh": symmetric(saturation=Ends.OF_TANH),
    "half_line": half_line(),
    "logarithmic": logarithmic((0.1, 10.0)),
}


@pytest.mark.parametrize("show", ["mean", "extreme", "lowest", "highest", "saturated"])
@pytest.mark.parametrize("chosen", [None, "largest", 2.0])
@pytest.mark.parametrize("name", SCALES)
def test_wide_columns_show_what_those_of_the_server_do(bare: Any, name: str, show: Any, chosen: Any) -> None:
    draw, units, per, scale = np.random.default_rng(3), 6, 4, SCALES[name]
    signal = Signal("hidden", "h", "H", Kind.STATE, Value("h"), scale)
    if show == "saturated" and signal.saturated is None:
        return  # the page does not ask for it
    low, high = scale.possible(9.0)
    values = draw.uniform(low, high, (22, units)).astype(np.float32)
    if scale.form is Form.LOGARITHMIC:
        values = np.exp(draw.normal(size=(22, units)) * 2).astype(np.float32)
    far = largest_factor(values) if scale.form is Form.LOGARITHMIC else float(np.abs(values).max())
    panel = Panel(model="m", layer=0, signal="hidden")
    look = View(scales={panel: scale}, scale=chosen, reach=lambda form: far).look(panel)
    saturated = signal.saturated and list(signal.saturated)
    asked = {"range": scale.range and list(scale.range), "scale": scale.form.value, "saturated": saturated}
    picture = greet([], {}, [])["picture"]
    ends, cells = bare.evaluate(COLUMNS, [values.tolist(), units, asked, per, show, chosen, picture])
    assert (ends["low"], ends["high"], ends["scale"]) == (*look.bounds, look.spacing)
    columns = exact_columns(values, np.arange(0, 22, per), show, signal).astype(np.float32)
    drawn = ((0.0, 1.0), "linear") if show == "saturated" else (look.bounds, look.spacing)
    wanted = quantise(columns, *drawn[0], drawn[1])
    assert np.abs(np.array(cells).reshape(-1, units) - wanted.astype(int)).max() <= 1


ECHOES = """async ([ours, theirs, at, per, signed, picture, decades]) => {
  const { Echo, echoColumns, feltFor } = await import("/static/offline/echo.js");
  const { Levels } = await import("/static/picture/levels.js");
  const of = (rows) => ({ steps: rows.length, signal: (layer, signal, step) => Float32Array.from(rows[step]) });
  const echo = Object.create(Echo.prototype, Object.getOwnPropertyDescriptors({ at, run: of(ours) }));
  echo.runs = theirs.map(of);
  const how = { signed, levels: new Levels(picture), decades };
  const strengths = echo.strengths(0, 0);
  const span = { from: 0, to: ours.length, per };
  const { cells, strength } = echoColumns(echo, { layer: 0, index: 0, units: ours[0].length }, span, how, strengths);
  return [Array.from(cells), Array.from(strength), feltFor(strengths, 0.1)];
}"""


@pytest.mark.parametrize("per", [1, 4])
@pytest.mark.parametrize(("runs", "signed"), [(1, False), (1, True), (3, False)])
def test_an_echo_is_drawn_as_by_the_server(bare: Any, per: int, runs: int, signed: bool) -> None:
    draw, at, steps = np.random.default_rng(5), 6, 30
    ours = draw.normal(size=(steps, 5)).astype(np.float32)
    fading = 10.0 ** -np.arange(steps)[None, :, None].clip(at) * 10.0**at
    theirs = (ours + fading * draw.normal(size=(runs, steps, 5))).astype(np.float32)
    theirs[:, :at] = ours[:at]
    apart = ours - theirs
    hello = greet([], {}, [])
    given = [ours.tolist(), theirs.tolist(), at, per, signed, hello["picture"], hello["echo"]["decades"]]
    cells, strength, felt = bare.evaluate(ECHOES, given)
    shown = apart[0] if runs == 1 else np.abs(apart).mean(axis=0)
    starts = np.arange(0, steps, per)
    columns = [shown[k : k + per] for k in starts]
    largest = np.array([np.take_along_axis(c, np.abs(c).argmax(axis=0)[None], axis=0)[0] for c in columns])
    wanted = picture_levels(magnitude_levels(largest), signed=signed).astype(int)
    assert np.abs(np.array(cells).reshape(-1, 5) - wanted).max() <= 1
    strengths = np.linalg.norm(apart.astype(float), axis=2).mean(axis=0)
    np.testing.assert_allclose(strength, np.maximum.reduceat(strengths, starts), rtol=1e-5)
    assert felt == np.flatnonzero(strengths >= 0.1 * strengths[at])[-1] - at


def test_the_other_character_is_chosen_by_the_servers_rule(bare: Any) -> None:
    script = """async ([asked, kinds, counts]) => {
      const { defaultReplacement } = await import("/static/offline/replacement.js");
      const { othersOf } = await import("/static/offline/echo.js");
      const chosen = asked.map(([character, alphabets]) => {
        return defaultReplacement(character, alphabets.map((one) => Array.from(one)), kinds);
      });
      return [chosen, counts.map((count) => othersOf(...count))];
    }"""
    alphabets = [["abcXYZ \n", "cXY"], ["ab1", "b1"], ["xy", "z"], ["etx?", "?ta"], ["aé😀", "é😀"]]
    asked = [[character, some] for some in alphabets for character in ["", "a", "X", "\n", "1", "?", "é", "😀"]]
    counts = [[20, 3, 8], [20, 20, 8], [5, 4, 8], [64, 0, 8], [9, 0, 8]]
    chosen, several = bare.evaluate(script, [asked, list(KINDS), counts])
    assert chosen == [default_replacement(character, some) for character, some in asked]
    assert several == [others(*count).tolist() for count in counts]
