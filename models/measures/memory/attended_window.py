"""What attention adds to a block's residual stream, step by step: exact, as a sum over the window.

What head h puts into unit j at step t is Σ_s α_ts·(v_s·Wₒ)_j over the steps s of its window, with weights α that are
positive and add up to 1; the heads' sums and the bias bₒ make the signal `attention`. So each step's addend in a unit
is known, as in a gated memory, and the share of a step in the layer is its weight, averaged over the heads.

Keys, queries and values are computed again in float64 from what the layer below handed up; they are not recorded.

T  steps    N  steps up to a row    D  units
"""

from __future__ import annotations

import numpy as np
import torch
from numpy.typing import NDArray
from torch.nn import functional

from ...cells.base import Cell
from ...cells.transformer import TransformerBlock, rotated
from ...kernels.attention import EPSILON
from ...network.language_model import CharLM
from ...recording.recording import Recording

Numbers = NDArray[np.float64]


class AttendedWindow:
    """What a block's attention added at the steps start … stop − 1 of a recording, by the steps it came from.

    Attributes:
        signal: the declaration of what is followed.
    """

    def __init__(self, lm: CharLM, recording: Recording, layer: int, start: int, stop: int) -> None:
        cell = lm.stack[layer].cell
        assert isinstance(cell, TransformerBlock)
        self.signal = cell.signal("attention")
        self._heads, self._window = cell.heads, cell.window
        begin = max(0, start - cell.window + 1)  # the first of these steps looks back further
        self._lead = start - begin
        self._fresh = [step - begin for step in range(begin, stop) if recording.reader.starts_fresh(step)]
        weights = [one.detach().cpu().double() for one in lm.layer_weights(layer)]
        x = torch.from_numpy(_input(lm, recording, layer, begin, stop, weights))
        n1, c1, w, b, self._out, bias = weights[-12:-6]
        units = len(n1)
        q, k, v = functional.linear(functional.layer_norm(x, (units,), n1, c1, EPSILON), w, b).chunk(3, dim=-1)
        at = torch.arange(stop - begin)
        heads = [one.view(len(one), self._heads, -1).transpose(0, 1) for one in (q, k, v)]  # (heads, T, width)
        self._queries, self._keys, self._values = rotated(heads[0], at), rotated(heads[1], at), heads[2]
        self._bias = bias.numpy()

    def _attention(self, row: int) -> Numbers:
        """α of each head at a step, (heads, lead + row + 1): zero outside the window and before a reset."""
        at = self._lead + row
        found = np.zeros((self._heads, at + 1))
        first = max([0, at + 1 - self._window, *(one for one in self._fresh if one <= at)])
        keys = self._keys[:, first : at + 1]
        scores = torch.einsum("hd,hnd->hn", self._queries[:, at], keys) / keys.shape[-1] ** 0.5
        found[:, first:] = scores.softmax(dim=-1).numpy()
        return found

    def attention(self, row: int) -> Numbers:
        """α of each head at a step over the steps of the stretch up to it, (heads, row + 1)."""
        return self._attention(row)[:, self._lead :]

    def addends(self, row: int, unit: int) -> tuple[Numbers, float]:
        """What each step up to `row` gave to what attention adds to a unit, (row + 1,), and all else: what earlier
        steps gave, and the bias."""
        out = self._out[unit].view(self._heads, -1)  # (heads, width)
        given = torch.einsum("hnd,hd->hn", self._values[:, : self._lead + row + 1], out).numpy()
        every = (self._attention(row) * given).sum(axis=0)
        return every[self._lead :], float(every[: self._lead].sum() + self._bias[unit])

    def shares(self, row: int) -> tuple[Numbers, float]:
        """The weights at a step, (row + 1,), as a mean over the heads, and those of earlier steps together."""
        every = self._attention(row).mean(axis=0)
        return every[self._lead :], float(every[: self._lead].sum())


def _input(lm: CharLM, recording: Recording, layer: int, start: int, stop: int, weights: list[torch.Tensor]) -> Numbers:
    """x of the block, (T, D): the rows of its table, or what the layer below handed up."""
    entry = weights[0].numpy() if len(weights) == 13 else None  # (D, I)
    if layer == 0:
        assert entry is not None
        table = np.concatenate([entry.T, np.zeros((1, len(entry)))])
        rows: Numbers = table[recording.ids[start:stop]]
        return rows
    below = lm.stack[layer - 1].cell.names()[0]
    x = np.asarray(recording.signal(layer - 1, below, start, stop), np.float64)
    return x if entry is None else x @ entry.T


def attends(cell: Cell) -> bool:
    """Whether a layer is made of attention."""
    return isinstance(cell, TransformerBlock)
