"""A reader like any other, whose trace is that of the same weights with interventions in force.

What is held is held inside the cell's loop, so that all that follows from it in the same step, and in every later one,
follows from the held value: a gate at 0 lets nothing through, a unit whose hidden state is held at 0 is silent.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from ..cells.base import Array
from ..errors import NotMeasurable
from .codec import Items
from .intervention import Clamp, Intervention, Reset, Zero, check
from .reader import Activations, CompiledReader, Reader
from .state import State

if TYPE_CHECKING:
    from .sequence_model import SequenceModel


def compiled(lm: SequenceModel, reader: Reader) -> CompiledReader:
    """The reader of a model in which interventions can be made: `reader` itself, if it runs on the CPU. PyTorch's
    kernels let nobody in, so for a model on another device it is a compiled one of its weights."""
    if isinstance(reader, IntervenedReader):
        return reader.plain
    return reader if isinstance(reader, CompiledReader) else CompiledReader(lm)


class IntervenedReader(Reader):
    """Reads as `plain` does, with the interventions in force. Where they overlap, the later one in the list holds.

    What it computes depends on the steps' numbers, so `read` must be told them; grouped any way, a text gives the same
    bits, as with `plain`.
    """

    position_dependent = True

    def __init__(self, plain: CompiledReader, interventions: Sequence[Intervention]) -> None:
        check(interventions, plain.stack)
        self.stack, self.codec, self.head, self.visible = plain.stack, plain.codec, plain.head, plain.visible
        self.block = plain.block
        self.plain = plain
        self.interventions = tuple(interventions)
        clamps = [one for one in interventions if isinstance(one, Clamp)]
        borders = {one.start for one in clamps} | {one.stop for one in clamps if one.stop is not None}
        self._borders: NDArray[np.int64] = np.array(sorted(borders | {0}))
        self._fixed = [self._held(clamps, int(step)) for step in self._borders]
        """What is held from each border to the next."""
        self._zeros = {one.start for one in interventions if isinstance(one, Zero)}
        self._resets = [one for one in interventions if isinstance(one, Reset)]

    @property
    def dtype(self) -> np.dtype[np.floating]:
        return self.plain.dtype

    def _held(self, clamps: list[Clamp], step: int) -> list[Array] | None:
        """For each layer what is held at a step, (S, H) or nothing; None where that is so in all of them."""
        now = [one for one in clamps if one.start <= step and (one.stop is None or step < one.stop)]
        if not now:
            return None
        fixed = []
        for k, layer in enumerate(self.stack):
            mine, names = [one for one in now if one.layer == k], layer.cell.names()
            held = np.full((len(names) if mine else 0, layer.units), np.nan, self.dtype)
            for one in mine:
                held[names.index(one.signal), slice(None) if one.unit is None else one.unit] = one.value
            fixed.append(held)
        return fixed

    def starts_fresh(self, step: int) -> bool:
        periodic = any(step >= one.start and (step - one.start) % one.every == 0 for one in self._resets)
        return super().starts_fresh(step) or periodic or step in self._zeros

    def _change(self, step: int) -> int | None:
        """The next step behind this one before which something else is to be done."""
        later = [int(border) for border in self._borders if border > step] + [
            zero for zero in self._zeros if zero > step
        ]
        for one in self._resets:
            behind = step - one.start
            later.append(one.start if behind < 0 else step + one.every - behind % one.every)
        return min(later, default=None)

    def read(
        self,
        items: Items,
        state: State,
        into: Activations,
        offset: int = 0,
        *,
        predict: bool = True,
        at: int | None = None,
    ) -> None:
        """See `Reader.read`.

        Raises:
            NotMeasurable: if it is not told at which step of the text `items` stand.
        """
        if at is None:
            raise NotMeasurable(
                "This reads stretches of text on their own, and an intervention stands at a step of the whole text: "
                "it cannot be said whether it is in force in them. Look at the model without intervention."
            )
        done = 0
        while done < len(items):
            step = at + done
            if self.starts_fresh(step):
                state[:] = self.plain.start()
            change = self._change(step)
            stop = len(items) if change is None else min(len(items), change - at)
            fixed = self._fixed[int(np.searchsorted(self._borders, step, side="right")) - 1]
            self.plain.read(items[done:stop], state, into, offset + done, predict=predict, fixed=fixed)
            done = stop
