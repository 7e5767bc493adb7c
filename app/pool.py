"""The one door to the threads that compute; the event loop itself never does."""

from __future__ import annotations

import asyncio
import os
import sys
import threading
import time
from collections.abc import Callable, Hashable
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from dataclasses import dataclass
from typing import Any, TypeVar

Result = TypeVar("Result")


BEHIND = 10
"""How much nicer the threads are, as the system counts it, that do what nobody waits for."""


@dataclass(slots=True, eq=False)
class _Job:
    work: Callable[[], Any]
    future: asyncio.Future[Any]
    owner: Hashable
    turn: float
    """When its owner's turn is, on a clock of computed seconds."""


class _Crew:
    """Some threads that take turns by start-time fair queueing (Goyal, Vin and Cheng 1996): the owner that has had the
    least of them lately is the next."""

    def __init__(self, name: str, threads: int, niceness: int = 0) -> None:
        self._executor = ThreadPoolExecutor(threads, name, initializer=_be_nice, initargs=(niceness,))
        self._lock = threading.Lock()
        self._waiting: list[_Job] = []
        self._now = 0.0
        self._served: dict[Hashable, float] = {}

    async def run(self, work: Callable[[], Result], owner: Hashable) -> Result:
        future: asyncio.Future[Result] = asyncio.get_running_loop().create_future()
        with self._lock:
            job = _Job(work, future, owner, max(self._now, self._served.get(owner, 0.0)))
            self._waiting.append(job)
        self._executor.submit(self._serve)
        try:
            return await future
        finally:
            with self._lock:
                if job in self._waiting:
                    self._waiting.remove(job)  # nobody waits for it any more

    def forget(self, owner: Hashable) -> None:
        with self._lock:
            self._served.pop(owner, None)

    def close(self) -> None:
        self._executor.shutdown(wait=True, cancel_futures=True)

    def _serve(self) -> None:
        with self._lock:
            if not self._waiting:
                return
            job = min(self._waiting, key=lambda one: one.turn)
            self._waiting.remove(job)
            self._now = max(self._now, job.turn)
        began = time.perf_counter()
        result, error = None, None
        try:
            result = job.work()
        except BaseException as fault:  # whoever awaits it is to hear of it
            error = fault
        with self._lock:
            self._served[job.owner] = max(job.turn, self._served.get(job.owner, 0.0)) + time.perf_counter() - began
        with suppress(RuntimeError):  # the loop may have been closed meanwhile
            job.future.get_loop().call_soon_threadsafe(_settle, job.future, result, error)


class Pool:
    """A bounded number of threads; a piece of work is some milliseconds long.

    What is urgent (somebody looks at where it should be) has threads of its own. What is not is done behind it, by as
    many threads to which the system gives what others leave: those, the event loop, and a browser on the same machine.
    """

    def __init__(self, threads: int) -> None:
        self.threads = threads
        self._front = _Crew("compute", threads)
        self._behind = _Crew("behind", threads, BEHIND)

    async def run(self, work: Callable[[], Result], owner: Hashable = None, *, urgent: bool = True) -> Result:
        """The result of `work`, computed on one of the threads, when it is the turn of `owner`."""
        return await (self._front if urgent else self._behind).run(work, owner)

    def forget(self, owner: Hashable) -> None:
        """An owner that will not come again."""
        self._front.forget(owner)
        self._behind.forget(owner)

    def close(self) -> None:
        """Let what runs come to its end, and drop what waits."""
        self._front.close()
        self._behind.close()


def _be_nice(by: int) -> None:
    """Let this thread give way. Only Linux has priorities of threads that anybody may lower."""
    if by and sys.platform == "linux":
        os.setpriority(os.PRIO_PROCESS, threading.get_native_id(), by)


def _settle(future: asyncio.Future[Any], result: Any, error: BaseException | None) -> None:
    if future.done():
        return
    if error is None:
        future.set_result(result)
    else:
        future.set_exception(error)
