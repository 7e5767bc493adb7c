"""The one door to the threads that compute; the event loop itself never does."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import TypeVar

Result = TypeVar("Result")


class Pool:
    """A bounded number of threads, first come first served; a piece of work is some milliseconds long."""

    def __init__(self, threads: int) -> None:
        self._executor = ThreadPoolExecutor(threads, thread_name_prefix="compute")

    async def run(self, work: Callable[[], Result]) -> Result:
        """The result of `work`, computed on one of the threads."""
        return await asyncio.get_running_loop().run_in_executor(self._executor, work)

    def close(self) -> None:
        """Let what runs come to its end, and drop what waits."""
        self._executor.shutdown(wait=True, cancel_futures=True)
