"""The only way to the threads that compute; the event loop itself never computes."""

from __future__ import annotations

import asyncio
import logging
import os
import sys
import threading
import time
from collections.abc import Callable, Hashable
from concurrent.futures import BrokenExecutor, Future, ThreadPoolExecutor
from contextlib import suppress
from dataclasses import dataclass
from typing import Any, TypeVar

Result = TypeVar("Result")

log = logging.getLogger("hidden_state")

BEHIND = 10
"""How much higher the niceness of background threads is than the server's own."""
NICEST = 19
"""The system's highest niceness."""


@dataclass(slots=True, eq=False)
class _Job:
    work: Callable[[], Any]
    future: asyncio.Future[Any]
    owner: Hashable
    turn: float
    """The owner's next turn, on a clock of computed seconds."""


class _Crew:
    """Threads shared by start-time fair queueing (Goyal, Vin and Cheng 1996): the owner that has had the least of them
    lately goes next."""

    def __init__(self, name: str, threads: int, niceness: int = 0) -> None:
        self._name, self._threads = name, threads
        self._executor = ThreadPoolExecutor(threads, name, initializer=_be_nice, initargs=(niceness,))
        self.replaced = 0
        """How often the threads broke and were replaced."""
        self._lock = threading.Lock()
        self._waiting: list[_Job] = []
        self._now = 0.0
        self._served: dict[Hashable, float] = {}

    async def run(self, work: Callable[[], Result], owner: Hashable) -> Result:
        future: asyncio.Future[Result] = asyncio.get_running_loop().create_future()
        with self._lock:
            job = _Job(work, future, owner, max(self._now, self._served.get(owner, 0.0)))
            self._waiting.append(job)
        self._submit()
        try:
            return await future
        finally:
            with self._lock:
                if job in self._waiting:
                    self._waiting.remove(job)  # no longer awaited

    def forget(self, owner: Hashable) -> None:
        with self._lock:
            self._served.pop(owner, None)

    def close(self) -> None:
        self._executor.shutdown(wait=True, cancel_futures=True)

    def _submit(self) -> None:
        """Make a thread serve the next owner."""
        executor = self._executor
        try:
            executor.submit(self._serve).add_done_callback(lambda done: self._look_after(executor, done))
        except BrokenExecutor as fault:
            self._replace(executor, fault)

    def _look_after(self, executor: ThreadPoolExecutor, done: Future[None]) -> None:
        """An executor whose thread could not start fails all its jobs; `_serve` itself never fails."""
        if not done.cancelled() and isinstance(fault := done.exception(), BrokenExecutor):
            self._replace(executor, fault)

    def _replace(self, executor: ThreadPoolExecutor, fault: BaseException) -> None:
        """Start new, plain threads for every waiting job: the broken ones dropped them all."""
        with self._lock:
            if self._executor is not executor:
                return  # somebody else has already noticed
            self._executor = ThreadPoolExecutor(self._threads, self._name)
            self.replaced += 1
            waiting = len(self._waiting)
        log.error("The threads that compute broke (%s); others take their place.", fault)
        for _ in range(waiting):
            self._submit()

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
        except BaseException as fault:  # report it to whoever awaits the job
            error = fault
        with self._lock:
            self._served[job.owner] = max(job.turn, self._served.get(job.owner, 0.0)) + time.perf_counter() - began
        with suppress(RuntimeError):  # the loop may have been closed meanwhile
            job.future.get_loop().call_soon_threadsafe(_settle, job.future, result, error)


class Pool:
    """A bounded number of threads; a piece of work takes a few milliseconds.

    Urgent work (its result belongs into the view) has its own threads. Other work is done in the background, by as many
    low-priority threads: these yield to the urgent ones, the event loop, and a browser on the same machine.
    """

    def __init__(self, threads: int) -> None:
        self.threads = threads
        self._front = _Crew("compute", threads)
        self._behind = _Crew("behind", threads, BEHIND)

    async def run(self, work: Callable[[], Result], owner: Hashable = None, *, urgent: bool = True) -> Result:
        """The result of `work`, computed on one of the threads when it is `owner`'s turn."""
        return await (self._front if urgent else self._behind).run(work, owner)

    @property
    def replaced(self) -> int:
        """How often threads broke and were replaced."""
        return self._front.replaced + self._behind.replaced

    def forget(self, owner: Hashable) -> None:
        """Forget an owner that will not come again."""
        self._front.forget(owner)
        self._behind.forget(owner)

    def close(self) -> None:
        """Let running jobs finish, and drop waiting ones."""
        self._front.close()
        self._behind.close()


def _be_nice(by: int) -> None:
    """Lower this thread's priority by this much. Only Linux has per-thread priorities that anybody may lower; if the
    system refuses, the thread runs on at its old priority."""
    if by and sys.platform == "linux":
        thread = threading.get_native_id()
        with suppress(OSError):
            now = os.getpriority(os.PRIO_PROCESS, thread)
            os.setpriority(os.PRIO_PROCESS, thread, min(now + by, NICEST))


def _settle(future: asyncio.Future[Any], result: Any, error: BaseException | None) -> None:
    if future.done():
        return
    if error is None:
        future.set_result(result)
    else:
        future.set_exception(error)
