"""Training on delayed recall: batches of fresh episodes, full gradients, one rule for every cell.

Nothing is drawn twice, so there is no training text to memorise. The same seed and settings
give the same weights on one thread of the same machine.
"""

from __future__ import annotations

import math
import time
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass
from typing import NoReturn

import numpy as np
import torch
from torch import nn
from torch.nn import functional

from ...errors import Diverged
from ...network.language_model import CharLM
from ...tasks.delayed_recall import LONGEST, MARK_ID, VOCABULARY, accuracies, stream
from ...training.penalty import penalised
from ...training.schedule import learning_rate

VALIDATION_SEED = 1
"""The episodes that choose settings and weights; not those of the curves."""

SHORTEST_ROW = 48
FIRST_LONGEST = 5
GROWTH = 1.1
GROWS_AT = 0.95
GROWS_OVER_UPDATES = 10
PERFECT_VALIDATIONS = 2


@dataclass(frozen=True)
class RecallSettings:
    """How to train. Everything but cell, learning rate, teaching and seed is the same for every run.

    Attributes:
        growing: whether the longest delay of the training starts at 5 and grows by a tenth whenever 95 % of the
            answers of ten updates were right; else delays of 1 … `longest` are mixed from the start.
        updates: the maximum; a training ends when every validation episode was recalled twice in a row.
        rows: B, rows read side by side; each starts at the zero state.
        learning_rate: the highest, reached after `warmup` updates; then a cosine falls to a fiftieth of it.
        clip: the gradient's largest norm.
        other_weight: the weight of the mean loss of all other characters, relative to that of the answers.
        longest: the longest delay.
        penalty: the weight of the mean square that the cell names (`Cell.penalised`), relative to the loss in nats.
        validations: how often accuracy is measured during the training; the best weights are kept.
        validation_episodes: on how many episodes per delay.
    """

    cell: str = "lstm"
    units: int = 32
    learning_rate: float = 3e-3
    growing: bool = True
    seed: int = 1
    updates: int = 2000
    rows: int = 32
    warmup: int = 100
    clip: float = 1.0
    other_weight: float = 0.1
    longest: int = LONGEST
    validations: int = 20
    validation_episodes: int = 200
    penalty: float = 0.0


@dataclass(frozen=True)
class RecallProgress:
    """The progress of a training after one update. Accuracies are means over the delays 1 … `longest`."""

    step: int
    steps: int
    loss_bits: float
    longest: int
    validation: float
    best: float
    seconds: float

    @property
    def remaining_seconds(self) -> float:
        """The maximum: a training that recalls everything ends sooner."""
        return (self.steps - self.step) * self.seconds / max(self.step, 1)

    @property
    def words(self) -> str:
        """Its figures, for the line beside the progress bar."""
        return (
            f"{self.loss_bits:.3f} bits an answer, delays to {self.longest}, "
            f"accuracy {self.validation:.3f} (best {self.best:.3f})"
        )


class RecallTrainer:
    """One training: after `run`, `lm` holds the weights that recalled best on the validation episodes."""

    def __init__(self, settings: RecallSettings, *, name: str = "unnamed") -> None:
        self.settings = settings
        torch.manual_seed(settings.seed)
        self.random = np.random.default_rng([settings.seed, 1])
        self.lm = CharLM(settings.cell, VOCABULARY, settings.units, name=name)
        self.optimizer = torch.optim.Adam(self.lm.parameters(), lr=settings.learning_rate)
        self.longest = FIRST_LONGEST if settings.growing else settings.longest
        self.step = 0
        self.characters = 0
        self.seconds = 0.0
        self.validation = math.nan
        self.best_accuracy = -1.0
        self.best_step = 0
        self.best = {k: v.detach().clone() for k, v in self.lm.state_dict().items()}
        self.finished = False
        self._perfect = 0
        self._right: deque[tuple[int, int]] = deque(maxlen=GROWS_OVER_UPDATES)

    def run(self, report: Callable[[RecallProgress], None] = lambda progress: None) -> None:
        """Train to the end; `report` is called after each update.

        Raises:
            Diverged: if the loss becomes NaN, which no later update would mend. `lm` then holds the best
                weights so far, measured, as after any other end.
        """
        s = self.settings
        every = max(1, s.updates // s.validations)
        while not self.finished:
            began = time.perf_counter()
            loss = self._update()
            self.step += 1
            if not math.isfinite(loss):
                self._give_up(loss)
            if s.growing:
                self._grow()
            if self.step % every == 0 or self.step == s.updates:
                self._validate()
            self.finished = self.step == s.updates or self._perfect == PERFECT_VALIDATIONS
            self.seconds += time.perf_counter() - began
            report(
                RecallProgress(
                    self.step,
                    s.updates,
                    loss / math.log(2),
                    self.longest,
                    self.validation,
                    self.best_accuracy,
                    self.seconds,
                )
            )
        self.lm.load_state_dict(self.best)

    def _give_up(self, loss: float) -> NoReturn:
        """End with the best weights so far; before the first validation those are the initial ones."""
        self.lm.load_state_dict(self.best)
        if self.best_accuracy < 0:
            self._validate()
            self.best_step = 0
        raise Diverged(
            f"The training diverged: at update {self.step:,} of {self.settings.updates:,} the loss of its answers is "
            f"{loss:g}. Lower the learning rate (now {self.settings.learning_rate:g}) or the clip "
            f"(now {self.settings.clip:g})."
        )

    def _update(self) -> float:
        """One batch of rows: forward, backward, clipped, applied. The answers' loss in nats.

        A row is the beginning of a stream, long enough for its first episode whatever its delay, so that answers
        cover every delay, from the zero state and from the states that earlier episodes left.
        """
        s = self.settings
        length = max(self.longest + 3, SHORTEST_ROW)
        rows = [stream(self.random, length, self.longest) for _ in range(s.rows)]
        ids = torch.from_numpy(np.stack(rows, axis=1).astype(np.int64))  # (T, B)
        inputs, targets = ids[:-1], ids[1:].flatten()
        for group in self.optimizer.param_groups:
            group["lr"] = self.learning_rate()
        self.lm.train()
        if s.penalty > 0:
            scores, _, excess = penalised(self.lm, inputs, None)
        else:
            scores, excess = self.lm(inputs)[0], torch.zeros(())
        logits = scores.flatten(0, 1)  # ((T - 1)·B, V)
        losses = functional.cross_entropy(logits, targets, reduction="none")
        answers = inputs.flatten() == MARK_ID
        loss = losses[answers].mean()
        self.optimizer.zero_grad()
        other = losses[~answers].mean()
        (loss + s.other_weight * other + s.penalty * excess).backward()  # type: ignore[no-untyped-call]
        nn.utils.clip_grad_norm_(self.lm.parameters(), s.clip)
        self.optimizer.step()
        self.characters += inputs.numel()
        right = logits.detach()[answers].argmax(1) == targets[answers]
        self._right.append((int(right.sum()), len(right)))
        return loss.item()

    def _grow(self) -> None:
        """Longer delays, once the current ones have been learnt."""
        right, asked = (sum(counts) for counts in zip(*self._right, strict=True))
        if len(self._right) == GROWS_OVER_UPDATES and right >= GROWS_AT * asked:
            self.longest = min(self.settings.longest, math.ceil(GROWTH * self.longest))
            self._right.clear()

    def learning_rate(self) -> float:
        """See `schedule.learning_rate`."""
        s = self.settings
        return learning_rate(self.step, s.updates, highest=s.learning_rate, warmup=s.warmup)

    def _validate(self) -> None:
        self.lm.eval()
        delays = range(1, self.settings.longest + 1)
        found = accuracies(self.lm, delays, episodes=self.settings.validation_episodes, seed=VALIDATION_SEED)
        self.validation = float(found.mean())
        self._perfect = self._perfect + 1 if self.validation == 1.0 else 0
        if self.validation >= self.best_accuracy:  # of equals the last, which is more certain
            self.best_accuracy, self.best_step = self.validation, self.step
            self.best = {k: v.detach().clone() for k, v in self.lm.state_dict().items()}
