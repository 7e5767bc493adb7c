"""A cell that only this file names, with signals of every scale: an exponential input gate (a factor, drawn by its
logarithm), what it has admitted in all (a half-line), a sum without a bound, and gates and states between two ends.

c is a weighted sum of candidates and n the sum of the weights, as in sLSTM (Beck et al. 2024, "xLSTM"); h is the tanh
of their mean.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from pathlib import Path
from types import ModuleType
from typing import Any

import numpy as np
import pytest
from playwright.sync_api import Browser, expect

from models import CharLM
from models.cells import Cell, Kind, Signal, half_line, interval, logarithmic, symmetric
from models.equations.equation import Value, apply, largest, preactivation
from tests.support.browser.expected_pictures import Reading, table
from tests.support.browser.explore_page import Explore, address
from tests.support.browser.open_instrument import Instrument
from tests.support.cells.formulas import Hold, blocks, sigmoid
from tests.support.cells.proof import TEXT, ProofOfACell
from tests.support.served_app import running

c, f, i, n, o, z = (Value(symbol) for symbol in "cfinoz")


class ExponentialGate(Cell):
    name = "expgate"
    title = "Exponential gate"
    gates = 4
    states = ("hidden", "sum", "mass")
    signals = (
        Signal("hidden", "h", "Hidden state", Kind.STATE, apply("tanh", c / largest(n, o))),
        Signal("sum", "c", "Weighted sum", Kind.STATE, f * c.before + i * z, symmetric()),
        Signal("mass", "n", "Mass", Kind.STATE, f * n.before + i, half_line()),
        Signal("input_gate", "i", "Input gate", Kind.GATE, apply("exp", preactivation(0, "i")), logarithmic()),
        Signal("forget_gate", "f", "Forget gate", Kind.GATE, apply("σ", preactivation(1, "f")), interval(0, 1)),
        Signal("output_gate", "o", "Output gate", Kind.GATE, apply("σ", preactivation(2, "o")), interval(0, 1)),
        Signal("candidate", "z", "Candidate", Kind.CANDIDATE, apply("tanh", preactivation(3, "z"))),
    )
    keeps = f


def step(xp: ModuleType, x: Any, before: Mapping[str, Any], weights: Sequence[Any], hold: Hold) -> dict[str, Any]:
    """i = exp(…); f, o = σ(…); z = tanh(…); c = f·c' + i·z; n = f·n' + i; h = tanh(c / max(n, o))"""
    w, u, b, b_ = (blocks(one, 4) for one in weights)
    driven = [w[k] @ x + b[k] + u[k] @ before["hidden"] + b_[k] for k in range(4)]
    admit = hold("input_gate", xp.exp(driven[0]))
    forget = hold("forget_gate", sigmoid(xp, driven[1]))
    output = hold("output_gate", sigmoid(xp, driven[2]))
    candidate = hold("candidate", xp.tanh(driven[3]))
    total = hold("sum", forget * before["sum"] + admit * candidate)
    mass = hold("mass", forget * before["mass"] + admit)
    hidden = hold("hidden", xp.tanh(total / xp.maximum(mass, output)))
    return {
        "hidden": hidden, "sum": total, "mass": mass,
        "input_gate": admit, "forget_gate": forget, "output_gate": output, "candidate": candidate,
    }  # fmt: skip


class TestTheExponentialGate(ProofOfACell):
    cell = ExponentialGate()
    formula = staticmethod(step)

    @pytest.mark.browser
    def test_the_page_draws_each_signal_on_its_own_scale(
        self, folder: Path, lm: CharLM, settings_of: Any, browser: Browser
    ) -> None:
        with running(settings_of(model_folders=[folder])) as server:
            page = browser.new_page(viewport={"width": 1280, "height": 720})
            explore = Explore(page, server, lambda _, text: Reading(lm, text))
            explore.open(address(models="new", text=TEXT))
            head, scale = explore.panel("new").locator(".range"), explore.choice("Scale of unbounded signals")

            values = self._shown(explore, "input_gate")
            decades = max(1, int(np.ceil(np.abs(np.log10(values)).max())))
            self._painted(explore, (np.log10(values) + decades) / (2 * decades), "signed")
            expect(head).to_have_text(f"log scale, 1/{10**decades:,} to {10**decades:,}")
            expect(head).to_have_attribute("title", re.compile("Drawn by its logarithm, with 1 in the middle"))
            expect(explore.page.locator(".look-words").first).to_contain_text("by its logarithm")
            expect(scale).to_be_hidden()

            values = self._shown(explore, "mass")
            end = next(end for end in (1.0, 2.0, 5.0, 10.0, 20.0, 50.0) if values.max() <= end)
            self._painted(explore, values / end, "gate")
            expect(head).to_have_text(f"range 0 to {end:g}")
            expect(scale).to_be_visible()

            values = self._shown(explore, "sum")
            end = next(end for end in (1.0, 10.0, 100.0) if np.abs(values).max() <= end)
            folded = np.copysign(np.log1p(np.abs(values) / 0.1) / np.log1p(end / 0.1), values)
            self._painted(explore, (folded + 1) / 2, "signed")
            expect(head).to_have_text(f"log scale, ±{end:g}")

            explore.open(address(models="new", text=TEXT, instrument="saturation", signal="input_gate"))
            opened = Instrument(explore).settle().frame
            expect(opened.locator(".sat-sentence")).to_have_text("Input gate: saturation does not apply to it.")
            expect(opened.locator(".sat-others")).to_have_text(
                "Saturation does not apply to: weighted sum, mass, input gate."
            )
            explore.check_faults()
            explore.page.close()

    @staticmethod
    def _shown(explore: Explore, signal: str) -> Any:
        """Let the panel show a signal; its values, (T, H)."""
        explore.page.get_by_label("Signal", exact=True).select_option(signal)
        explore.settle(len(TEXT))
        reading, layer, name = explore.readings()["new"]
        assert name == signal
        return reading.signal(layer, name).astype(np.float64)

    @staticmethod
    def _painted(explore: Explore, shares: Any, colours: str) -> None:
        """That the picture has the colours of these shares of the way through them, give or take a level."""
        level = shares.T * 254
        seen = explore.pixels("new")[:, : len(shares), :3]
        rows = table(colours)
        near = [np.abs(rows[np.clip(np.rint(level + nudge), 0, 254).astype(int)] - seen).max(axis=2)
                for nudge in (-0.01, 0.0, 0.01)]  # fmt: skip
        assert np.min(near, axis=0).max() <= 1
