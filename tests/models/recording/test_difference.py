"""`models.recording.difference`: the difference of two runs is that of their traces."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from models.equations.scale import symmetric
from models.network import trace
from models.network.intervened_reader import IntervenedReader
from models.network.intervention import Clamp
from models.network.reader import CompiledReader
from models.recording.difference import difference
from models.recording.overview import Grain
from tests.support.columns_by_hand import assert_columns, regular
from tests.support.recordings import typed

SHORT = Grain(8, 4)


@pytest.mark.parametrize("per", [1, 2, 16, 64, 512, 1024])
def test_the_difference_is_that_of_two_traces_at_any_width(make_model: Any, own_text: str, per: int) -> None:
    lm = make_model("lstm", 9, 2, gain=2.0)
    text = own_text[:2600]
    held = IntervenedReader(CompiledReader(lm), [Clamp(0, "forget_gate", 3, 0.0, 700)])
    ours, theirs = typed(lm, text, reader=held, grain=SHORT), typed(lm, text, grain=SHORT)
    traces = [trace.run(lm, text, reader=held), lm.trace(text)]
    for layer, name in ((0, "forget_gate"), (1, "cell"), (1, "hidden")):
        values = (traces[0][f"{layer}.{name}"] - traces[1][f"{layer}.{name}"]).numpy()
        signal = replace(lm.cell.signal(name), scale=symmetric())
        for show in ("extreme", "mean", "lowest", "highest"):
            shown = difference(ours, theirs, layer, name, 0, 9999, per, show)  # type: ignore[arg-type]
            assert_columns(shown, values, regular(0, len(text), per), show, signal, 2e-5)
        if per == 1:
            assert shown.tobytes() == values.tobytes()
            assert (values[:700] == 0).all()
