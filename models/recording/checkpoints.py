"""Where a recording keeps states to read on from: as close together as its memory allows, and no farther apart than
somebody would wait.

A place in the text is computed again from the last checkpoint before it. The longest wait is that for the end of the
longest gap, and it is shortest for a given number of checkpoints where all gaps cost the same. So when memory is short,
checkpoints go until no gap that was put together costs more than some amount, the smallest that frees enough; where
steps cost more the later they come, gaps have fewer steps there. Until then there is one before every block.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from ..network.state import State, same
from .memory import KeptState

LONGEST_GAP = 2e9
"""What reading from one checkpoint to the next may cost at most, as `Reader.cost` counts: about a tenth of a second."""

FREED = 4
"""Whoever thins out frees a quarter of what the states take up, if that is possible: else it is soon to do again."""


@dataclass(slots=True, eq=False)
class Checkpoint:
    """The border between two blocks of one run; both have the same object. Its state may have been let go."""

    kept: KeptState | None

    @property
    def state(self) -> State | None:
        return None if self.kept is None else self.kept.state

    def meets(self, other: Checkpoint) -> bool:
        """Whether the same follows from both, as far as that is known without computing anything."""
        if self is other:
            return True
        return self.kept is not None and other.kept is not None and same(self.kept.state, other.kept.state)


def spread(places: NDArray[np.float64], widest: float) -> NDArray[np.intp]:
    """Which of the checkpoints at `places` (n,), ascending in cost, to keep: the first, the last, and as few between as
    leave no gap wider than `widest`, except between neighbours."""
    chosen, here, last = [0], 0, len(places) - 1
    while here < last:
        here = max(int(np.searchsorted(places, places[here] + widest, side="right")) - 1, here + 1)
        chosen.append(here)
    return np.array(chosen, np.intp)


def thin(runs: Sequence[tuple[Sequence[float], Sequence[Checkpoint]]], enough: int) -> bool:
    """Let states go that take up `enough` bytes or more, so that the gaps stay as short as they can.

    Args:
        runs: the costs up to which the checkpoints of each stand, ascending, and these; all have their states. The
            first and the last of each run stay.

    Returns:
        Whether there were enough; if not, none was let go.
    """
    places = [np.array(costs, np.float64) for costs, some in runs if some]
    points = [some for _, some in runs if some]
    sizes = [np.array([_bytes(one) for one in some]) for some in points]
    total = int(sum(one.sum() for one in sizes))
    fallback = None
    widest = min((float(np.diff(one).min()) for one in places if len(one) > 1), default=LONGEST_GAP)
    while widest < LONGEST_GAP:
        widest = min(2 * widest, LONGEST_GAP)
        kept = [spread(one, widest) for one in places]
        freed = total - int(sum(one[some].sum() for one, some in zip(sizes, kept, strict=True)))
        if freed >= max(enough, total // FREED):
            return _keep(points, kept)
        if freed >= enough:
            fallback = fallback or kept
    return fallback is not None and _keep(points, fallback)


def _bytes(point: Checkpoint) -> int:
    return 0 if point.kept is None else point.kept.nbytes


def _keep(points: Sequence[Sequence[Checkpoint]], kept: Sequence[NDArray[np.intp]]) -> bool:
    for some, indices in zip(points, kept, strict=True):
        stay = set(indices.tolist())
        for k, point in enumerate(some):
            if k not in stay:
                point.kept = None
    return True
