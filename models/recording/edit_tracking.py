"""Following an edit while a text is read again: how far it is felt, told once that is known.

A recording says what happens to it: an edit, a block of the run before that is met again and differs, one that is the
same, the end of the text. Of the run before the edit no more is kept than a few stretches of it, so that the steps at
which both runs differ can be found exactly when somebody asks.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from ..cells.base import Array
from ..network.reader import Reader
from ..network.state import State
from .block import Block
from .edit_effect import VISIBLE, Before, EditEffect, max_distance, steps_until_equal
from .gap_buffer import GapBuffer
from .memory import Tally

States = Callable[[int, int], list[Array]]
"""All states of each layer at steps start … stop − 1 of the run as it is now, each (states, T, H)."""


@dataclass(slots=True)
class Edited:
    """An edit whose effect is not known yet.

    Attributes:
        at, until: where the changes lie, the first and the last of them.
        several: whether one came before the effect of another was known: what was there before them all is partly gone.
        last: the run before it, up to where the reading has come; None if that is gone.
        far: the last stretch of it whose first state was off visibly.
        near: the first step, of those where both runs were compared, from which on no state was.
    """

    at: int
    until: int
    several: bool = False
    last: Before | None = None
    far: Before | None = None
    near: int | None = None


class EditTracking:
    """How far the last edit before the end of a text is felt.

    Args:
        reader: what the text is read with.
        tally: counts what is kept of the run before.
    """

    def __init__(self, reader: Reader, tally: Tally) -> None:
        self._reader = reader
        self._tally = tally
        self._edited: Edited | None = None
        self._effect: Callable[[], EditEffect] | EditEffect | None = None

    @property
    def effect(self) -> EditEffect | None:
        """None while it is not known. Found when first asked for."""
        if callable(self._effect):
            self._effect = self._effect()
        return self._effect

    @property
    def settled(self) -> bool:
        """Whether `effect` is known, or can be found."""
        return self._effect is not None

    def edit(self, at: int, stop: int, inserted: int, *, hit: Block, steps: int, ids: GapBuffer[Any]) -> None:
        """Steps at … stop − 1 are about to give way to `inserted` others. Tracked from then on if a later step has been
        read.

        Args:
            hit: the block of the edit, as it was read before.
            steps: how many steps had been read.
            ids: the text before the edit.
        """
        self._effect = None
        shift = inserted - (stop - at)
        if self._reader.position_dependent and shift:
            self._edited = None  # later steps mean other interventions now: the two runs cannot be compared
        elif self._edited is None:
            if stop < steps:
                self._edited = Edited(at, at + inserted)
                if stop <= hit.stop and self._reader.visible and hit.begin.kept is not None:
                    read = ids[hit.start : hit.stop]
                    before = Before.of(
                        self._tally, hit.begin.kept, hit.start, read, hit.stop + shift, at + inserted
                    )  # fmt: skip
                    self._edited.last = self._edited.far = before
        elif stop >= len(ids) and at <= self._edited.at:
            self._edited = None  # everything from the first change on is new: there is no old run to compare with
        else:
            until = max(self._edited.until + shift if self._edited.until >= stop else 0, at + inserted)
            self._edited = Edited(min(at, self._edited.at), until, several=True)

    def drop(self) -> None:
        """No later step is left in which the edit could be felt."""
        self._edited = None

    def release(self) -> None:
        """Memory is short: keep no stretch of the run before. What is found is then an upper bound."""
        if self._edited is not None:
            self._edited.last = self._edited.far = None

    def differs(self, old: Block, now: State, ids: GapBuffer[Any]) -> None:
        """A block of the run before has been reached, and the state before it, which is kept, is `now` another one."""
        edited, kept = self._edited, old.begin.kept
        if edited is None or kept is None:
            return
        comparable = self._reader.visible and not edited.several  # else nobody asks for the steps themselves
        read = ids[old.start : old.stop]
        before = Before.of(self._tally, kept, old.start, read, old.stop, old.start) if comparable else None
        edited.last = before
        if not self._reader.visible or max_distance(now, kept.state) > VISIBLE:
            edited.far, edited.near = before, None
        elif edited.near is None and old.start >= edited.until:
            edited.near = old.start

    def passes(self, old: Block, ids: GapBuffer[Any]) -> None:
        """A block of the run before has been reached whose state was let go: it goes on the stretch before it."""
        edited = self._edited
        if edited is None or edited.last is None:
            return
        last, both = edited.last, edited.far is edited.last
        edited.last = last.longer(self._tally, ids[old.start : old.stop]) if last.stop == old.start else None
        if both:
            edited.far = edited.last

    def joins(self, start: int, states: States) -> None:
        """From step `start` to the end of the text the states are those of the run before."""
        # Among several edits the states may meet the old ones between two of them, or those of another run.
        if self._edited is not None and start >= self._edited.until:
            self._settle(start, states, joined=True)

    def ends(self, stop: int, states: States) -> None:
        """The text has been read to its end, `stop`, and the two runs have not met."""
        self._settle(stop, states, joined=False)

    def _settle(self, stop: int, states: States, *, joined: bool) -> None:
        edited, self._edited = self._edited, None
        if edited is None:
            return
        last, far = edited.last, edited.far
        known = self._reader.visible and not edited.several  # else the steps themselves cannot be compared
        if not known or last is None or far is None or last.stop != stop:
            seen = stop if edited.near is None else edited.near
            self._effect = EditEffect(edited.at, seen, stop, exact=False, converged=joined)
            return

        def find() -> EditEffect:
            to = last.same + steps_until_equal(self._reader, last, states, exactly=True)
            seen = far.same + steps_until_equal(self._reader, far, states, exactly=False)
            return EditEffect(edited.at, seen, to, exact=True, converged=joined or to < stop)

        self._effect = find
