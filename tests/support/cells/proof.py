"""What must hold for any network, and for a cell that is declared somewhere and known nowhere else: tests to inherit.

A test file declares a cell and its formula and makes a class of `ProofOfACell` with both, or names two cells and makes
one of `ProofOfANetwork`. The network is then trained for a moment, read, edited, intervened in, derived, asked about by
every instrument, and looked at in a browser.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any, ClassVar, get_args

import numpy as np
import pytest
import torch
from playwright.sync_api import Browser, expect

from app.compute.model_library import Library
from app.instruments import Instrument
from models import CharLM, load
from models.cells import CELLS, Cell
from models.derivatives.propagation import Backward, Forward
from models.derivatives.segments import Segments
from models.measures import drain, record
from models.measures.explanation import why
from models.network import trace
from models.network.intervened_reader import IntervenedReader
from models.network.intervention import Clamp, Zero
from models.network.reader import CompiledReader, TorchReader
from models.training.corpora import Corpus
from models.training.recipes import Recipe, make
from models.training.settings import Settings
from tests.support import session_talk
from tests.support.browser.expected_pictures import Reading
from tests.support.browser.explore_page import Explore, address
from tests.support.browser.open_instrument import Instrument as OpenInstrument
from tests.support.cells import formulas as cell_formulas
from tests.support.cells.formulas import Formula, by_layer, by_the_formulas, one_hot, start_state, states_after
from tests.support.recordings import check_typed_and_edited
from tests.support.served_app import running
from tests.support.small_models import without_zoo

TEXT = "the lamp was quiet, qu€et: a stone; win"
INSTRUMENTS = {get_args(one.model_fields["name"].annotation)[0] for one in get_args(get_args(Instrument)[0])}
QUESTIONS: dict[str, dict[str, Any]] = {
    "context": {"positions": 8, "lags": 6},
    "forgetting": {"step": 20, "lags": 20},
    "generate": {"step": 20, "count": 12, "seed": 3},
    "gradients": {"positions": 4, "lags": 10},
    "horizon": {"lags": 20, "positions": 4},
    "intervene": {"letters": "zero@30", "start": 0, "columns": 100, "per": 1},
    "overlength": {"length": 32, "readings": 4},
    "cost": {"longest": 100},
    "provenance": {"layer": 0, "unit": 2, "step": 40},
    "recall": {},
    "recoverability": {},
    "saturation": {"layer": 0, "signal": "hidden", "start": 0, "stop": 60, "first": 0, "last": 60, "per": 1},
    "texts": {"other": "the lamp is out", "layer": 0, "signal": "hidden", "start": 0, "stop": 60},
    "unit": {"layer": 0, "signal": "hidden", "unit": 3, "start": 0, "stop": 60, "first": 0, "last": 60},
    "why": {"layer": 1, "signal": "hidden", "step": 30, "unit": 2},
}
NOT_FOR_IT = {"recall", "recoverability"}
"""They ask about a training that the model did not have, and about curves that come with the models that ship."""


class ProofOfANetwork:
    """See the module.

    Attributes:
        wider: how many units more than the first the second layer has.
        trained: units of the first layer of the model that is trained for a moment.
        many: units of the first layer where they are compared with a formula.
    """

    cells: ClassVar[tuple[str, str]]
    wider: ClassVar[int] = 0
    trained: ClassVar[int] = 6
    many: ClassVar[int] = 7

    @classmethod
    def made(cls, make_model: Any, units: int, **how: Any) -> CharLM:
        lm: CharLM = make_model(cls.cells, (units, units + cls.wider), **how)
        return lm

    @pytest.fixture(scope="class", autouse=True)
    @classmethod
    def declared(cls) -> None:
        """The cells are those of `CELLS`."""

    @pytest.fixture(scope="class")
    @classmethod
    def folder(cls, declared: None, own_text: str, tmp_path_factory: pytest.TempPathFactory) -> Path:
        """Two layers, trained for a moment."""
        units = cls.trained, cls.trained + cls.wider
        settings = Settings(cell=cls.cells, units=units, dropout=0.1, epochs=3, streams=8, segment=32)
        base = tmp_path_factory.mktemp("declared")
        make(Recipe("new", "New", "A new cell.", "own", settings), Corpus("own", own_text, "made up"), base / "new")
        return base

    @pytest.fixture(scope="class")
    @classmethod
    def lm(cls, folder: Path) -> CharLM:
        return load(folder / "new")

    def test_training_lowers_its_loss(self, folder: Path) -> None:
        bits = [Library([folder], "cpu").entries["new"].card.bits_per_character(step) for step in (None, 0)]
        assert bits[0] is not None
        assert bits[1] is not None
        assert bits[0] < bits[1] - 0.5

    @pytest.mark.parametrize(("dtype", "tolerance"), [(torch.float64, 1e-10), (torch.float32, 3e-6)])
    def test_every_signal_is_what_the_formula_says(self, make_model: Any, dtype: torch.dtype, tolerance: float) -> None:
        lm = self.made(make_model, self.many, dtype=dtype, gain=2.0)
        signals, log_probabilities = by_the_formulas(lm, TEXT)
        found = lm.trace(TEXT)
        assert set(found.keys()) == set(signals)
        size = max(1.0, *(float(np.abs(values).max()) for values in signals.values()))  # of values without a bound
        for key, expected in signals.items():
            np.testing.assert_allclose(found[key], expected, rtol=0, atol=size * tolerance, err_msg=key)
        np.testing.assert_allclose(found.log_probabilities, log_probabilities, rtol=0, atol=tolerance)
        by_torch = trace.run(lm, TEXT, reader=TorchReader(lm))
        for key in signals:
            np.testing.assert_allclose(by_torch[key], found[key], rtol=0, atol=size * tolerance, err_msg=key)

    def test_a_text_that_is_typed_and_edited_has_the_bits_of_one_that_is_read_at_once(self, lm: CharLM) -> None:
        check_typed_and_edited(lm, TEXT, 20, 5, 3)

    def test_each_signal_can_be_held_and_all_else_follows(self, make_model: Any) -> None:
        lm = self.made(make_model, self.many, dtype=torch.float64, gain=2.0)
        for layer, signal in ((k, signal) for k, one in enumerate(lm.stack) for signal in one.cell.signals):
            low, high = signal.scale.possible(3.0)
            some = [Clamp(layer, signal.name, 3, low, 10), Clamp(layer, signal.name, None, high, 15, 30), Zero(35)]
            expected, _ = by_the_formulas(lm, TEXT, some)
            found = trace.run(lm, TEXT, reader=IntervenedReader(CompiledReader(lm), some))
            for key, values in expected.items():
                np.testing.assert_allclose(
                    found[key], values, rtol=1e-10, atol=1e-10, err_msg=f"{layer}.{signal.name}: {key}"
                )

    def test_tangents_and_adjoints_are_those_of_autograd(self, make_model: Any) -> None:
        lm = self.made(make_model, 4, dtype=torch.float64, gain=2.0)
        ids = lm.vocabulary.encode("qu€et win")[None]
        read = drain(Segments.read(lm, lm.reader(), [lm.reader().start()], ids))
        inputs, nothing = one_hot(lm, "qu€et win"), start_state(lm)
        forward, by_input = Forward.from_state(read), Forward.from_input(read)
        backward = Backward.of_logit(read, torch.tensor([5]))
        first = states_after(lm, inputs[:1], nothing)[0]

        def logit(x: torch.Tensor) -> torch.Tensor:
            return lm.readout(by_layer(lm, states_after(lm, x, nothing)[-1])[1][0])[5]

        slopes = torch.autograd.functional.jacobian(logit, inputs)
        for t in range(1, len(inputs)):
            forward.advance()
            by_input.advance()
            exact = torch.autograd.functional.jacobian(lambda s, t=t: states_after(lm, inputs[1 : t + 1], s)[-1], first)
            assert 2 ** float(forward.norms()) == pytest.approx(float(torch.linalg.matrix_norm(exact)), rel=1e-9)
            if t == 1:
                upper = slice(lm.stack[0].state_size, lm.stack[0].state_size + lm.stack[1].units)
                np.testing.assert_allclose(read.diagonal(1)[1, 0], exact[upper, upper].diagonal(), rtol=1e-9)
        assert 2 ** float(by_input.logit_norms(torch.tensor([5]))) == pytest.approx(float(slopes[0].norm()), rel=1e-9)
        for t in reversed(range(len(inputs))):
            assert 2 ** float(backward.input_norms()) == pytest.approx(float(slopes[t].norm()), rel=1e-9)
            if t:
                backward.back()

    def test_why_adds_up_to_every_value(self, lm: CharLM) -> None:
        recording = record(lm, TEXT)
        for layer, signal in ((k, signal) for k, one in enumerate(lm.stack) for signal in one.cell.signals):
            found = why(recording, lm, layer, signal.name, 30, 2)
            assert all(equation.follows for equation in found.equations)
            for equation in found.equations:
                assert equation.tree.value == pytest.approx(equation.shown, abs=2e-6)
                if equation.drive is not None:
                    assert equation.drive.value == pytest.approx(sum(t.value for t in equation.drive.terms), abs=1e-12)

    @pytest.mark.parametrize("name", sorted(INSTRUMENTS))
    def test_every_instrument_answers_or_says_why_not(self, folder: Path, name: str) -> None:
        with without_zoo():
            found = session_talk.ask(Library([folder], "cpu"), TEXT * 3, "new", name=name, **QUESTIONS[name])
        if name in NOT_FOR_IT:
            assert isinstance(found, str)
            return
        facts, tensors = found
        assert facts or tensors

    @pytest.mark.browser
    def test_the_page_draws_every_signal_and_every_instrument_opens(
        self, folder: Path, settings_of: Any, browser: Browser
    ) -> None:
        with running(settings_of(model_folders=[folder])) as server:
            explore = Explore(browser.new_page(viewport={"width": 1440, "height": 900}), server, self._reference)
            explore.open(address(models="new", text=TEXT))
            explore.settle(len(TEXT))
            for signal in dict.fromkeys(name for cell in self.cells for name in CELLS[cell].names()):
                explore.page.get_by_label("Signal", exact=True).select_option(signal)
                explore.settle(len(TEXT))
            for name in sorted(INSTRUMENTS):
                explore.open(address(models="new", text=TEXT, instrument=name, step=12, unit=2))
                opened = OpenInstrument(explore).settle()
                expect(opened.frame).to_have_attribute("data-instrument", name)
                if name == "why":
                    expect(opened.frame.locator(".why-model")).to_have_count(1)
                    expect(opened.frame.locator(".why-sum.held")).to_have_count(0)
            explore.check_faults()
            explore.page.close()

    @staticmethod
    def _reference(name: str, text: str) -> Reading:
        return Reading(load(name), text)


class ProofOfACell(ProofOfANetwork):
    """Of two layers alike, whose cell no other file names."""

    cell: ClassVar[Cell]
    formula: ClassVar[Formula]

    def __init_subclass__(cls) -> None:
        cls.cells = (cls.cell.name, cls.cell.name)

    @pytest.fixture(scope="class", autouse=True)
    @classmethod
    def declared(cls) -> Iterator[None]:
        name = cls.cell.name
        with pytest.MonkeyPatch.context() as patch:
            patch.setitem(CELLS, name, cls.cell)
            patch.setitem(cell_formulas.FORMULAS, name, cls.formula)
            patch.setitem(cell_formulas.STATES, name, cls.cell.states)
            yield
