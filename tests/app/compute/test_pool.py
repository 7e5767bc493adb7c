"""`app.compute.pool`: who is served next. One thread of either kind, held up until all wait; jobs move the clock by
hand."""

from __future__ import annotations

import asyncio
import subprocess
import sys
import threading
from collections.abc import Callable, Coroutine
from types import SimpleNamespace
from typing import Any

import pytest

from app.compute import pool as pool_module
from app.compute.pool import BEHIND, Pool
from tests.support.paths import ROOT
from tests.support.patience import wait_for


class Office:
    """A pool of one thread. `order` says which jobs were done, one after the other."""

    def __init__(self, threads: int = 1) -> None:
        self.pool = Pool(threads)
        self.order: list[Any] = []
        self.now = 0.0
        self.gate = threading.Event()

    def job(self, name: Any, seconds: float = 0.0) -> Callable[[], Any]:
        def work() -> Any:
            self.order.append(name)
            self.now += seconds
            return name

        return work

    async def hold_up(self, **options: Any) -> asyncio.Task[Any]:
        """Occupy the thread until `gate` is set."""
        busy = threading.Event()

        def wait() -> None:
            busy.set()
            assert self.gate.wait(20)

        task = asyncio.create_task(self.pool.run(wait, "the gate", **options))
        assert await asyncio.to_thread(busy.wait, 20)
        return task

    async def enqueue(self, *asked: tuple[Any, Any, dict[str, Any]]) -> list[asyncio.Task[Any]]:
        """Jobs (name, owner, options), in this order."""
        tasks = []
        for name, owner, options in asked:
            tasks.append(asyncio.create_task(self.pool.run(self.job(name), owner, **options)))
            await asyncio.sleep(0)
        return tasks


@pytest.fixture
def office(monkeypatch: pytest.MonkeyPatch) -> Any:
    office = Office()
    monkeypatch.setattr(pool_module, "time", SimpleNamespace(perf_counter=lambda: office.now))
    yield office
    office.gate.set()
    office.pool.close()


def run(main: Coroutine[Any, Any, Any]) -> Any:
    return asyncio.run(asyncio.wait_for(main, 30))


def test_what_is_urgent_does_not_wait_for_what_is_not_and_equals_go_in_the_order_of_asking(office: Office) -> None:
    async def main() -> None:
        behind: dict[str, Any] = {"urgent": False}
        held = await office.hold_up(**behind)
        later = await office.enqueue(("a", 1, behind), ("c", 3, behind))
        now = await office.enqueue(("b", 2, {}), ("d", 4, {}))
        assert await asyncio.gather(*now) == ["b", "d"]
        office.gate.set()
        assert await asyncio.gather(*later) == ["a", "c"]
        await held

    run(main())
    assert office.order == ["b", "d", "a", "c"]


@pytest.mark.skipif(sys.platform != "linux", reason="not run: threads have priorities on Linux only")
@pytest.mark.parametrize("own", [0, 5, 12, 19])
def test_what_is_not_urgent_gives_way_by_so_much_more_than_the_server_and_no_more_than_there_is(own: int) -> None:
    """In a process of its own: what has become nicer cannot go back."""
    program = f"""
import asyncio, os, threading
from app.compute.pool import Pool
os.setpriority(os.PRIO_PROCESS, 0, max({own}, os.getpriority(os.PRIO_PROCESS, 0)))
niceness = lambda: os.getpriority(os.PRIO_PROCESS, threading.get_native_id())
async def main():
    pool = Pool(1)
    print(niceness(), await pool.run(niceness), await pool.run(niceness, urgent=False), pool.replaced)
    pool.close()
asyncio.run(asyncio.wait_for(main(), 20))
"""
    found = subprocess.run([sys.executable, "-c", program], cwd=ROOT, capture_output=True, text=True, timeout=60)
    server, front, behind, replaced = map(int, found.stdout.split())
    assert (front, behind, replaced) == (server, min(server + BEHIND, 19), 0), found.stderr


def test_a_system_that_refuses_priorities_costs_no_thread(office: Office, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_: object) -> None:
        raise PermissionError("made by the test")

    monkeypatch.setattr(pool_module.os, "setpriority", refuse, raising=False)
    assert run(office.pool.run(office.job("done"), urgent=False)) == "done"
    assert office.pool.replaced == 0


def test_threads_that_break_are_noticed_and_replaced_and_nothing_that_waits_is_lost(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """A thread that cannot start breaks the whole executor: without a word to what it had been given."""
    begun = threading.Event()

    def fail(niceness: int) -> None:
        assert begun.wait(20)  # until both jobs have been given to it
        raise RuntimeError("made by the test")

    monkeypatch.setattr(pool_module, "_be_nice", fail)
    pool = Pool(1)

    async def main() -> None:
        first = [asyncio.create_task(pool.run(lambda k=k: k, k, urgent=False)) for k in range(2)]
        await asyncio.sleep(0)  # both tasks have come as far as the pool
        begun.set()
        assert await asyncio.gather(*first) == [0, 1]
        assert await pool.run(lambda: "later", 3, urgent=False) == "later"

    try:
        run(main())
    finally:
        pool.close()
    assert pool.replaced == 1


def test_the_owner_who_has_had_less_of_the_thread_goes_first(office: Office) -> None:
    async def main() -> None:
        await office.pool.run(office.job("long", 10.0), "greedy")
        await office.hold_up()
        tasks = await office.enqueue(
            ("g1", "greedy", {}), ("g2", "greedy", {}), ("m1", "modest", {}), ("m2", "modest", {})
        )
        office.gate.set()
        await asyncio.gather(*tasks)

    run(main())
    assert office.order == ["long", "m1", "m2", "g1", "g2"]


def test_a_newcomer_does_not_make_up_for_the_time_before_it_came(office: Office) -> None:
    """Else one who comes late would have the threads for itself as long as the others had them."""

    async def main() -> None:
        for k in range(5):
            await office.pool.run(office.job(k, 10.0), "old")
        await office.hold_up()
        asked = await office.enqueue(("n1", "new", {}), ("o1", "old", {}))
        office.gate.set()
        await asyncio.gather(*asked)

    run(main())
    served = office.pool._front._served
    assert served["new"] >= 40.0, "the newcomer starts where the clock stands"


def test_owners_who_always_want_more_get_equal_time_whatever_their_jobs_take(office: Office) -> None:
    costs = {"a": 1.0, "b": 1.0, "c": 4.0}
    had: list[tuple[str, float]] = []

    async def main() -> None:
        done = False

        def work(owner: str) -> None:
            wait_for(lambda: done or len(office.pool._front._waiting) >= len(costs) - 1)  # until all the others wait
            had.append((owner, costs[owner]))
            office.now += costs[owner]

        async def ask(owner: str) -> None:
            nonlocal done
            while not done:
                await office.pool.run(lambda: work(owner), owner)
                done = done or len(had) >= 60

        await asyncio.gather(*(ask(owner) for owner in costs))

    run(main())
    seconds = dict.fromkeys(costs, 0.0)
    for owner, cost in had[:60]:
        seconds[owner] += cost
        assert max(seconds.values()) - min(seconds.values()) <= 2 * max(costs.values())


def test_work_that_nobody_waits_for_any_more_is_dropped(office: Office) -> None:
    async def main() -> None:
        held = await office.hold_up()
        gone, kept = await office.enqueue(("gone", 1, {}), ("kept", 2, {}))
        gone.cancel()
        await asyncio.sleep(0)
        office.gate.set()
        await asyncio.gather(held, kept)
        assert gone.cancelled()
        assert office.pool._front._waiting == []

    run(main())
    assert office.order == ["kept"]


def test_work_under_way_that_nobody_waits_for_any_more_comes_to_its_end_in_silence(office: Office) -> None:
    async def main() -> None:
        held = await office.hold_up()
        held.cancel()
        await asyncio.sleep(0)
        office.gate.set()
        assert await office.pool.run(office.job("after"), 2) == "after"

    run(main())


@pytest.mark.parametrize("fault", [ValueError("made by the test"), KeyboardInterrupt("made by the test")])
def test_a_fault_reaches_whoever_awaits_it_and_the_thread_goes_on(office: Office, fault: BaseException) -> None:
    def fail() -> None:
        raise fault

    async def main() -> None:
        with pytest.raises(type(fault), match="made by the test"):
            await office.pool.run(fail, 1)
        assert await office.pool.run(office.job("next"), 1) == "next"

    run(main())


def test_what_an_owner_had_is_forgotten_with_it(office: Office) -> None:
    async def main() -> None:
        await office.pool.run(office.job("x", 5.0), "page")
        assert "page" in office.pool._front._served
        office.pool.forget("page")
        office.pool.forget("nobody")
        assert office.pool._front._served == {}

    run(main())


def test_as_many_pieces_are_under_way_as_there_are_threads() -> None:
    async def main() -> None:
        pool, meeting = Pool(3), threading.Barrier(3, timeout=20)
        try:
            await asyncio.gather(*(pool.run(meeting.wait, k) for k in range(3)))
        finally:
            pool.close()

    run(main())


def test_work_that_ends_after_its_loop_is_closed_does_no_harm() -> None:
    pool, begun, gate, ended = Pool(1), threading.Event(), threading.Event(), threading.Event()

    async def main() -> None:
        task = asyncio.create_task(pool.run(lambda: (begun.set(), gate.wait(20), ended.set()), 1))
        assert await asyncio.to_thread(begun.wait, 20)
        task.cancel()

    run(main())
    gate.set()
    pool.close()
    assert ended.is_set()
