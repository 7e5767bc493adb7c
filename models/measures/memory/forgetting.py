"""Forgetting from here: how much one character, and the state after it, still matter k characters later; and
conversely, how much each earlier character moves the prediction made here.

All curves are log₁₀ of their value, by the lag k, from 0. docs/measures.md has the definitions.
"""

from __future__ import annotations

from collections.abc import Generator
from dataclasses import dataclass
from typing import Literal

import numpy as np
import torch

from ...errors import NotMeasurable
from ...network.language_model import CharLM
from ...recording.recording import Recording
from ...text.words import counted
from ..curves import Curve, connectivity, connectivity_back, keep_signal, log10, retention, state_jacobian
from ..positions import layer_of, passages, underivable
from ..progress import subtask
from .edit_sensitivity import MOST, Choice, Comparison, by_frequency, occurrences, others, sample_size

TargetIs = Literal["next", "unknown", "expected"]

NUDGED = 64
"""Runs from states with their last bits changed: about as many as there are replacements."""

EXACT = 1024
"""The largest state whose whole Jacobian is followed: a step costs the cube of the state's size."""
DIRECTIONS = 256
"""Random directions for a larger state; the norm then has a standard deviation of 4 %."""


@dataclass(frozen=True, slots=True)
class Forgetting:
    """The effects of step a over K lags, and what led to it over B lags. H units of a layer.

    Attributes:
        layer: whose units `retention` covers and whose distance `edit` is.
        keeps: the signal that keeps the past; None for a cell without one, where `retention` is the product of the
            absolute diagonal of the Jacobian.
        dimension: numbers in the state of all layers.
        directions: in how many of these the Jacobian was followed: all of up to `EXACT`, a sample of more.
        replacements: how many different other characters were tried in place of this one.
        by: how these were chosen.
        candidates: how many there are.
        target: the character whose logit `backward` follows.
        target_is: "next" if that is the one that came next; at the end of the text, and before a character that the
            model does not know ("unknown"), the one that it finds most likely ("expected").
        derivable: False for a model under interventions: whatever needs derivatives of its equations is then NaN.
        retention: (K + 1, H).
        jacobian: (K + 1,) of ‖∂s_t/∂s_a‖, Frobenius.
        edit: (K + 1,) of the mean ‖h_t − h′_t‖.
        divergence: (K + 1,) of the mean KL(p_t ‖ p′_t), bits.
        rounding, rounding_divergence: (K + 1,) the same two, as means of `NUDGED` runs that differ only in the last
            bits of their state: where `edit` and `divergence` have fallen to these, nothing is remembered.
        connectivity: (K + 1,) of ‖∂logit_k(t)/∂x_a‖₂, k what came next; NaN where nothing did, or nothing known.
        backward: (B + 1,) of ‖∂logit_target(a)/∂x_{a−k}‖₂.
    """

    step: int
    layer: int
    keeps: str | None
    dimension: int
    directions: int
    replacements: int
    by: Choice
    candidates: int
    target: int
    target_is: TargetIs
    derivable: bool
    retention: Curve
    jacobian: Curve
    edit: Curve
    divergence: Curve
    rounding: Curve
    rounding_divergence: Curve
    connectivity: Curve
    backward: Curve

    @property
    def lags(self) -> int:
        return len(self.jacobian) - 1

    @property
    def back(self) -> int:
        return len(self.backward) - 1

    @property
    def retention_quartiles(self) -> Curve:
        """(3, K + 1) of `retention` over the units: the value of one of them, never interpolated."""
        quartiles: Curve = np.quantile(self.retention, [0.25, 0.5, 0.75], axis=1, method="inverted_cdf")
        return quartiles


def forgetting(
    lm: CharLM,
    recording: Recording,
    step: int,
    *,
    lags: int = 200,
    layer: int | None = None,
    replacements: int | None = None,
    by: Choice = "even",
) -> Generator[float, None, Forgetting]:
    """Measure forwards and backwards from one step; fewer lags where the text ends.

    Args:
        lags: the maximum in either direction.
        layer: the last by default.
        replacements: how many; by default all characters of the vocabulary, but no more than `sample_size`.
        by: spread evenly over the vocabulary, or each as often as it occurs in the text read so far.

    Yields:
        the share of the work that is done.

    Raises:
        NotMeasurable: if that step has not been read, there is no such layer, or no other character.
    """
    if not 0 <= step < recording.steps:
        raise NotMeasurable(
            f"Step {step} has not been read: {counted(recording.steps, 'character has', 'characters have')}. "
            "Choose one of them, or wait."
        )
    layer = layer_of(recording, layer)
    steps = min(lags + 1, recording.steps - step)
    derivable = underivable(recording.reader) is None
    ahead = yield from subtask(passages(lm, recording, [step], steps, derive=derivable), 0.0, 0.02)
    none = np.full((steps, 1), np.nan)
    dimension = lm.stack.state_size
    directions = dimension if dimension <= EXACT else DIRECTIONS
    jacobian = (yield from subtask(state_jacobian(ahead, directions), 0.02, 0.45)) if derivable else none
    targets = _next(recording, step, step + steps)
    known = targets < recording.reader.symbols
    asked = torch.as_tensor(np.where(known, targets, 0)[:, None], device=lm.device)
    connected = (yield from subtask(connectivity(ahead, asked), 0.45, 0.6)) if derivable else none
    read = recording.ids[step : step + steps]
    keeps = keep_signal(lm.stack[layer].cell)
    rest = others(recording.reader.symbols, int(read[0]), None)
    most, symbols = sample_size(lm.parameter_count), recording.reader.symbols
    count = most if replacements is None else replacements
    if by == "frequency":  # draws repeat: beyond this number further ones add no information
        counts = occurrences(recording.ids[: recording.steps], symbols)
        chosen = by_frequency(counts, int(read[0]), min(count, MOST))
    else:
        chosen = others(symbols, int(read[0]), count)
    before = recording.state_at(step)
    comparison = Comparison(recording.reader, before, read, layer, at=step, predict=True)
    edit, divergence = yield from subtask(comparison.replaced_by_each(chosen), 0.6, 0.95)
    rounding, rounding_divergence = comparison.rounded(min(NUDGED, most))
    target, target_is, backward = yield from subtask(_back(lm, recording, step, lags), 0.95, 1.0)
    return Forgetting(
        step=step,
        layer=layer,
        keeps=keeps,
        dimension=dimension,
        directions=directions,
        replacements=len(set(chosen.tolist())),
        by=by,
        candidates=len(rest),
        target=target,
        target_is=target_is,
        derivable=derivable,
        retention=retention(ahead, layer)[:, 0]
        if derivable or keeps
        else np.full((steps, lm.stack[layer].units), np.nan),
        jacobian=jacobian[:, 0],
        edit=log10(edit),
        divergence=log10(divergence),
        rounding=log10(rounding),
        rounding_divergence=log10(rounding_divergence),
        connectivity=np.where(known, connected[:, 0], np.nan),
        backward=backward,
    )


def _next(recording: Recording, start: int, stop: int) -> np.ndarray:
    """The character after each of the steps start … stop − 1; unknown after the last of the text."""
    unknown = recording.reader.symbols
    found = recording.ids[start + 1 : stop + 1]
    return np.append(found, [unknown] * (stop - start - len(found))).astype(np.int64)


def _back(
    lm: CharLM, recording: Recording, step: int, lags: int
) -> Generator[float, None, tuple[int, TargetIs, Curve]]:
    """The character whose logit is followed after `step`, why that one, and how each earlier character moves it."""
    first = max(step - lags, 0)
    derivable = underivable(recording.reader) is None
    work = passages(lm, recording, [first], step + 1 - first, predict=True, derive=derivable)
    behind = yield from subtask(work, 0.0, 0.5)
    target = int(_next(recording, step, step + 1)[0])
    target_is: TargetIs = "next"
    if target == recording.reader.symbols:
        assert behind.log_probabilities is not None
        target = int(behind.log_probabilities[-1, 0].argmax())
        target_is = "expected" if step + 1 == recording.steps else "unknown"
    asked = torch.tensor([target], device=lm.device)
    if not derivable:
        return target, target_is, np.full(step + 1 - first, np.nan)
    curve = yield from subtask(connectivity_back(behind, asked), 0.5, 1.0)
    return target, target_is, curve[:, 0]
