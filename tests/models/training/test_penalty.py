"""`models.training.penalty` and the trainer's options: the penalty, random resets and weight decay, each held
against the definition written anew."""

from __future__ import annotations

import math
from dataclasses import replace
from pathlib import Path

import pytest
import torch

from models import CharLM, Vocabulary
from models.training.corpora import Corpus
from models.training.penalty import penalised
from models.training.settings import Settings
from models.training.trainer import Trainer
from tests.support.texts import LETTERS, prose

CELLS = ("rnn", "gru", "lstm")
SETTINGS = Settings(
    units=7, layers=2, epochs=3, streams=3, segment=20, learning_rate=1e-2, warmup=2, min_count=1, validations=2
)


@pytest.fixture(scope="module")
def corpus() -> Corpus:
    return Corpus("own", prose(1_000, seed=8), "made up")


def stretched(cell: str, layers: int) -> CharLM:
    torch.manual_seed(5)
    lm = CharLM(cell, Vocabulary(LETTERS), 6, layers).double()
    with torch.no_grad():
        for parameter in lm.parameters():
            parameter.mul_(2.5)
    return lm


def by_hand(lm: CharLM, ids: torch.Tensor) -> list[float]:
    """Every penalised number, one step, stream, layer and unit at a time, from the equations."""
    found = []
    steps, streams = ids.shape
    for b in range(streams):
        below = [[float(ids[t, b] == k) for k in range(len(lm.vocabulary))] for t in range(steps)]
        for k in range(lm.layers):
            weight_ih, weight_hh, bias_ih, bias_hh = (w.detach() for w in lm.layer_weights(k))
            h = torch.zeros(lm.units, dtype=torch.float64)
            c = torch.zeros_like(h)
            above = []
            for x in below:
                w, u = weight_ih @ torch.tensor(x, dtype=torch.float64) + bias_ih, weight_hh @ h + bias_hh
                if lm.cell.name == "rnn":
                    found += (w + u).tolist()
                    h = (w + u).tanh()
                elif lm.cell.name == "gru":
                    (wr, wz, wn), (ur, uz, un) = w.chunk(3), u.chunk(3)
                    z = (wz + uz).sigmoid()
                    h = (1 - z) * (wn + (wr + ur).sigmoid() * un).tanh() + z * h
                    found += h.tolist()
                else:
                    i, f, g, o = (w + u).chunk(4)
                    c = f.sigmoid() * c + i.sigmoid() * g.tanh()
                    h = o.sigmoid() * c.tanh()
                above.append(h.tolist())
            if lm.cell.name == "lstm":
                found += c.tolist()
            below = above
    return found


@pytest.mark.parametrize("cell", CELLS)
@pytest.mark.parametrize("layers", [1, 2])
def test_it_reads_as_the_model_does_and_weighs_what_the_cell_names(cell: str, layers: int) -> None:
    lm = stretched(cell, layers)
    ids = torch.randint(0, len(LETTERS), (9, 4), generator=torch.Generator().manual_seed(1))
    logits, state = lm(ids)
    mine, ends, excess = penalised(lm, ids, None)
    assert torch.allclose(mine, logits, atol=1e-12)
    for one, other in zip(ends, lm.layer_states(state), strict=True):
        assert all(torch.allclose(a, b, atol=1e-12) for a, b in zip(one, other, strict=True))
    assert not any(end.requires_grad for layer in ends for end in layer)
    numbers = by_hand(lm, ids)
    assert excess.item() == pytest.approx(sum(x * x for x in numbers) / len(numbers), rel=1e-9)
    # and it can be gone on from: two halves read what the whole does
    first, carried, _ = penalised(lm, ids[:4], None)
    second, _, _ = penalised(lm, ids[4:], carried)
    assert torch.allclose(torch.cat([first, second]), logits, atol=1e-12)


@pytest.mark.parametrize("cell", CELLS)
def test_an_update_follows_the_gradient_of_loss_and_penalty(corpus: Corpus, cell: str) -> None:
    """The first update's gradient is that of loss + penalty · mean square, by finite differences."""
    settings = replace(SETTINGS, cell=cell, layers=1, penalty=0.3, clip=1e9)
    trainer = Trainer(corpus, settings)
    lm = trainer.lm
    start = {k: v.clone() for k, v in lm.state_dict().items()}
    trainer.run(until=1)
    taken = lm.rnn.weight_hh_l0.grad
    assert taken is not None

    def objective(change: float, row: int, column: int) -> float:
        exact = CharLM(cell, lm.vocabulary, 7, 1).double()
        exact.load_state_dict({k: v.double() for k, v in start.items()})
        with torch.no_grad():
            exact.rnn.weight_hh_l0[row, column] += change
        logits, _, excess = penalised(exact, trainer.inputs[:20], None)
        loss = torch.nn.functional.cross_entropy(logits.flatten(0, 1), trainer.targets[:20].flatten())
        return (loss + 0.3 * excess).item()

    for row, column in ((0, 0), (3, 2), (6, 5)):
        slope = (objective(1e-5, row, column) - objective(-1e-5, row, column)) / 2e-5
        assert float(taken[row, column]) == pytest.approx(slope, rel=2e-3, abs=1e-7)


@pytest.mark.parametrize("cell", CELLS)
def test_the_penalty_keeps_small_what_it_weighs(corpus: Corpus, cell: str) -> None:
    sizes = []
    for penalty in (0.0, 0.3):
        settings = replace(SETTINGS, cell=cell, epochs=20, learning_rate=3e-2, penalty=penalty)
        trainer = Trainer(corpus, settings)
        trainer.run()
        trainer.lm.eval()
        with torch.no_grad():
            sizes.append(float(penalised(trainer.lm, trainer.inputs[:60], None)[2]))
    assert sizes[1] < 0.7 * sizes[0]


def carried_in(trainer: Trainer, monkeypatch: pytest.MonkeyPatch, updates: int) -> list[torch.Tensor | None]:
    """The state (L, B, H) that each update begins with."""
    seen: list[torch.Tensor | None] = []
    forward = CharLM.forward

    def watch(self: CharLM, ids: torch.Tensor, state: object = None) -> tuple[torch.Tensor, object]:
        if self.training:
            first = state[0] if isinstance(state, tuple) else state
            seen.append(None if first is None else first.clone())
        return forward(self, ids, state)

    with monkeypatch.context() as patch:
        patch.setattr(CharLM, "forward", watch)
        trainer.run(until=updates)
    return seen


@pytest.mark.parametrize("reset", [0.0, 0.4, 1.0])
def test_a_stream_begins_anew_as_often_as_it_should(
    corpus: Corpus, monkeypatch: pytest.MonkeyPatch, reset: float
) -> None:
    settings = replace(SETTINGS, cell="lstm", streams=30, segment=2, epochs=10, reset=reset)
    trainer = Trainer(corpus, settings)
    states = [s for s in carried_in(trainer, monkeypatch, 140) if s is not None]  # the first of a pass has none
    assert len(states) > 100
    zero = torch.stack([(s == 0).all(dim=2).all(dim=0) for s in states])  # (updates, B)
    anywhere = torch.stack([(s == 0).all(dim=2).any(dim=0) for s in states])
    assert (zero == anywhere).all(), "all layers of a stream together"
    count = zero.numel()
    error = math.sqrt(reset * (1 - reset) / count)
    assert float(zero.double().mean()) == pytest.approx(reset, abs=5 * error)


def test_resets_are_drawn_alike_when_a_training_is_gone_on_with(corpus: Corpus, tmp_path: Path) -> None:
    settings = replace(SETTINGS, cell="gru", reset=0.5, penalty=0.01)
    whole = Trainer(corpus, settings)
    whole.run()
    first = Trainer(corpus, settings)
    first.run(until=9)
    first.save(tmp_path)
    torch.manual_seed(99)
    rest = Trainer(corpus, settings)
    rest.resume(tmp_path)
    rest.run()
    for name, weight in whole.lm.state_dict().items():
        assert torch.equal(weight, rest.lm.state_dict()[name])


def test_weights_decay_as_adamw_says(corpus: Corpus) -> None:
    """One update with a gradient and decay λ: w ← w·(1 − rate·λ) − the step that is taken without decay."""
    after = []
    for decay in (0.0, 0.5):
        trainer = Trainer(corpus, replace(SETTINGS, cell="rnn", weight_decay=decay))
        before = trainer.lm.rnn.weight_hh_l0.detach().clone()
        rate = trainer.learning_rate()
        trainer.run(until=1)
        after.append(trainer.lm.rnn.weight_hh_l0.detach())
    assert torch.allclose(after[0] - after[1], rate * 0.5 * before, atol=1e-7)
    assert not torch.equal(*after)
