"""How loops are compiled and cached: `kernel` is Numba's `njit` with our options and a cache that may fail.

Numba caches compiled code in a file, and raises an error where it cannot write one: a read-only installation without a
home, a full disk. In that case each process compiles the loops again, and says so once.
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
    except (RuntimeError, OSError) as fault:  # there is no folder for the cache at all
        _say("cannot be kept", fault)
    return compiled


class _Cache(FunctionCache):  # type: ignore[misc]
    """Numba's own cache, but unreadable code is compiled, and code that cannot be written is used all the same."""

    def load_overload(self, sig: Any, target_context: Any) -> Any:
        try:
            return super().load_overload(sig, target_context)
        except Exception as fault:  # a truncated file may raise anything
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
