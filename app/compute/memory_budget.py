"""How much memory the recordings of all sessions may hold together, and giving it back."""

from __future__ import annotations

import ctypes
import gc
import threading
from collections.abc import Hashable
from contextlib import suppress

FLOOR = 16 << 20
"""Bytes that any recording may have, however much the others hold: a short text can always be read."""

WORTH_GIVING_BACK = 8 << 20
"""Bytes: what a short text leaves behind, the next one takes up again."""


class Budget:
    """Counts what recordings say that they hold; another one, the traces that are on their way to somebody.

    Args:
        limit: bytes.
    """

    def __init__(self, limit: int) -> None:
        self.limit = limit
        self._held: dict[Hashable, int] = {}
        self._lock = threading.Lock()

    @property
    def used(self) -> int:
        """Bytes."""
        with self._lock:
            return sum(self._held.values())

    @property
    def full(self) -> bool:
        return self.used >= self.limit

    def hold(self, owner: Hashable, size: int) -> None:
        """`owner` now holds `size` bytes; 0 for nothing any more."""
        with self._lock:
            if size:
                self._held[owner] = size
            else:
                self._held.pop(owner, None)


def give_back() -> None:
    """Return freed memory to the system: the C library keeps it otherwise, in the hope of using it again."""
    gc.collect()
    with suppress(AttributeError, OSError):  # another C library has its own ways
        ctypes.CDLL(None).malloc_trim(0)
