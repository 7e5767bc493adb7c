"""How much memory a recording holds: whatever it keeps is counted for as long as somebody has it in hand.

The same state stands at the end of one block and at the beginning of the next, and perhaps in what is remembered of the
run before an edit. So not its holders are added up, but a charge goes with it, which is taken off when the last of them
lets go.
"""

from __future__ import annotations

from ..network.state import State, size

OBJECT_BYTES = 160
"""About what an array, or an object with a few attributes, takes up beside its numbers."""


class Tally:
    """The charges that stand."""

    def __init__(self) -> None:
        self.nbytes = 0


class Charge:
    """So many bytes, for as long as this object lives."""

    __slots__ = ("_tally", "nbytes")

    def __init__(self, tally: Tally, nbytes: int) -> None:
        self._tally, self.nbytes = tally, nbytes
        tally.nbytes += nbytes

    def __del__(self) -> None:
        self._tally.nbytes -= self.nbytes


class KeptState(Charge):
    """A state that is kept; nobody changes it."""

    __slots__ = ("state",)

    def __init__(self, tally: Tally, state: State) -> None:
        super().__init__(tally, kept_bytes(size(state), len(state)))
        self.state = state


def kept_bytes(state: int, layers: int) -> int:
    """Bytes that a state of so many takes up once it is kept."""
    return state + OBJECT_BYTES * (2 + layers)


def spelled(nbytes: int) -> str:
    """Bytes as a message says them."""
    if nbytes < 1 << 10:
        return f"{nbytes} bytes"
    return f"{nbytes / (1 << 20):,.1f} MiB" if nbytes >= 1 << 20 else f"{nbytes / (1 << 10):,.1f} KiB"
