"""How loops are compiled and kept: `kernel` is Numba's `njit` with this project's options and a cache that may fail.

Numba keeps what it compiles in a file, and takes it for a fault where it can write none: a read-only installation
without a home, a disk that is full. Here the loops are then compiled anew by each process, and a line says so, once.
"""

from __future__ import annotations

import logging
from collections.abc import Callable
from typing import Any

from numba import njit
from numba.core.caching import FunctionCache

log = logging.getLogger("hidden_state")

OPTIONS = {"nogil": True, "error_model": "numpy", "boundscheck": False}
_said: set[str] = set()


def kernel(function: Callable[..., Any]) -> Any:
    """`function` compiled on its first call, or taken from the cache."""
    compiled = njit(**OPTIONS)(function)
    try:
        compiled._cache = _Cache(function)
    except (RuntimeError, OSError) as fault:  # no folder for it at all
        _say("cannot be kept", fault)
    return compiled


class _Cache(FunctionCache):  # type: ignore[misc]
    """Numba's own, but what cannot be read is compiled, and what cannot be written is used all the same."""

    def load_overload(self, sig: Any, target_context: Any) -> Any:
        try:
            return super().load_overload(sig, target_context)
        except Exception as fault:  # what a file that was cut off holds may be anything
            _say("cannot be read back", fault)
            return None

    def save_overload(self, sig: Any, data: Any) -> None:
        try:
            super().save_overload(sig, data)
        except OSError as fault:
            _say("cannot be kept", fault)


def _say(what: str, fault: BaseException) -> None:
    if what not in _said:
        _said.add(what)
        reason = " ".join(str(fault).split())
        log.warning(
            "Compiled loops %s, so they are compiled anew by each process, which takes a while: %s. "
            "Let NUMBA_CACHE_DIR name a folder that can be written and has room.",
            what,
            reason,
        )
