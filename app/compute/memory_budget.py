"""The memory budget for the recordings of all sessions together, and returning memory to the system."""

from __future__ import annotations

import ctypes
import gc
import threading
from collections.abc import Hashable
from contextlib import suppress

FLOOR = 16 << 20
"""Bytes that any recording may use, however much the others use: a short text can always be read."""

WORTH_GIVING_BACK = 8 << 20
"""Bytes: the next text reuses what a short text leaves behind."""


class Budget:
    """Counts the memory that recordings report; another instance counts the traces being sent.

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

    def left(self, owner: Hashable) -> int:
        """Bytes that the others leave to `owner`."""
        with self._lock:
            return max(self.limit - sum(size for one, size in self._held.items() if one != owner), 0)

    def hold(self, owner: Hashable, size: int) -> None:
        """`owner` now uses `size` bytes; 0 if it is done."""
        with self._lock:
            if size:
                self._held[owner] = size
            else:
                self._held.pop(owner, None)


def give_back() -> None:
    """Return freed memory to the system: otherwise the C library keeps it for reuse."""
    gc.collect()
    with suppress(AttributeError, OSError):  # other C libraries have no such function
        ctypes.CDLL(None).malloc_trim(0)
