"""`app.compute.memory_budget`, and what a session does when the recordings of all of them fill it."""

from __future__ import annotations

from typing import Any
from unittest import mock

import pytest

from app.compute.memory_budget import Budget, give_back
from app.compute.model_library import Library
from app.live import reading, run
from app.live.protocol import Error, Progress
from app.live.session import Limits, Session
from models.recording.memory import OBJECT_BYTES
from models.recording.recording import Recording
from tests.support.recordings import arrays_held
from tests.support.session_talk import say, work
from tests.support.small_models import make_tiny, without_zoo
from tests.support.texts import prose

LIMITS = Limits(characters=100_000, columns=2000, panels=6)
THREE = ["a-gru", "b-lstm", "c-lstm"]
LONG = 60_000


@pytest.fixture(scope="module")
def library(tmp_path_factory: pytest.TempPathFactory) -> Library:
    """Models with so many units that what is kept of a text outweighs the text itself."""
    folder = tmp_path_factory.mktemp("models")
    for name in [*THREE, "d-rnn"]:
        make_tiny(folder / name, name, name[2:], units=40, layers=1)
    with without_zoo():
        return Library([folder], "cpu")


@pytest.fixture(autouse=True)
def a_block_a_piece() -> Any:
    with mock.patch.object(run, "PIECE_SECONDS", 1e-9), mock.patch.object(reading, "FLOOR", 0):
        yield


def session_of(library: Library, budget: Budget, text: str, models: list[str] = THREE) -> Session:
    session = Session(library, LIMITS, budget)
    view(session, models)
    say(session, type="text", revision=0, text=text)
    return session


def view(session: Session, models: list[str], window: tuple[int, int] = (0, 100)) -> None:
    panels = [{"model": model, "layer": 0, "signal": "hidden"} for model in models]
    say(session, type="view", panels=panels, window=window)


def faults(out: list[Any]) -> list[Error]:
    return [item for item in out if isinstance(item, Error)]


def steps(session: Session) -> dict[str, int]:
    return {name: one.run.steps for name, one in session._readings.items()}


def size_of(library: Library, text: str) -> int:
    budget = Budget(1 << 40)
    work(session_of(library, budget, text))
    return budget.used


def test_what_is_held_is_added_up_and_taken_off_again() -> None:
    budget = Budget(100)
    for owner, size, used in [("a", 40, 40), ("b", 50, 90), ("a", 30, 80), ("c", 20, 100), ("b", 0, 50), ("d", 0, 50)]:
        budget.hold(owner, size)
        assert budget.used == used
        assert budget.full == (used >= 100)


def test_giving_back_can_be_done_at_any_time() -> None:
    give_back()
    with mock.patch("ctypes.CDLL", side_effect=OSError):
        give_back()


def test_a_full_memory_is_told_once_by_each_model_with_its_name_and_what_to_do(library: Library) -> None:
    text = prose(LONG)
    budget = Budget(int(size_of(library, text) * 0.7))
    session = session_of(library, budget, text)
    out = work(session)
    assert sorted(error.message.split()[0] for error in faults(out)) == sorted(THREE)
    for error in faults(out):
        assert (error.code, error.revision) == ("memory_full", 0)
        assert "HIDDEN_STATE_MEMORY_LIMIT_MEBIBYTES" in error.message
    stops = [item for item in out if isinstance(item, Progress) and item.stopped]
    assert {item.model: item.steps for item in stops} == steps(session)
    assert all(0 < read < len(text) for read in steps(session).values())
    assert work(session) == []
    for start in (0, 50, 100):
        view(session, THREE, (start, start + 100))
        out = work(session)
        assert faults(out) == [], "who scrolls is not told again"
        assert {item.model for item in out if isinstance(item, Progress) and item.stopped} == set(THREE)


def test_what_has_been_read_stays_to_be_seen_when_the_memory_is_full(library: Library) -> None:
    text = prose(LONG)
    session = session_of(library, Budget(int(size_of(library, text) * 0.7)), text)
    work(session)
    read = min(steps(session).values()) // 100 * 100
    view(session, THREE, (read - 100, read))
    columns = [item[0] for item in work(session) if isinstance(item, tuple)]
    assert {(m["model"], m["from"], m["to"]) for m in columns if m["from"] < m["to"]} == {
        (model, read - 100, read) for model in THREE
    }


@pytest.mark.parametrize("how", ["edit at the end", "edit in the middle", "a short text", "no text", "a model less"])
def test_reading_goes_on_once_memory_is_given_back(library: Library, how: str) -> None:
    text = prose(LONG)
    budget = Budget(int(size_of(library, text) * 0.7))
    session = session_of(library, budget, text)
    work(session)
    models = THREE
    if how == "edit at the end":
        say(session, type="edit", revision=1, at=3_000, remove=LONG - 3_000, insert="")
    elif how == "edit in the middle":
        say(session, type="edit", revision=1, at=1_500, remove=LONG - 3_000, insert="")
    elif how == "a short text":
        say(session, type="text", revision=1, text="short")
    elif how == "no text":
        say(session, type="text", revision=1, text="")
        assert not budget.full
        say(session, type="edit", revision=2, at=0, remove=0, insert="and another")
    else:
        models = THREE[:1]
        view(session, models)
    assert faults(work(session)) == []
    length = len(session.text)
    assert steps(session) == dict.fromkeys(models, length)
    assert not budget.full


def test_another_page_that_closes_lets_this_one_go_on(library: Library) -> None:
    text = prose(20_000)
    budget = Budget(int(size_of(library, text) * 1.5))
    first, second = session_of(library, budget, text), session_of(library, budget, text)
    assert faults(work(first)) == []
    assert faults(work(second))
    first.close()
    view(second, THREE)
    assert faults(work(second)) == []
    assert steps(second) == dict.fromkeys(THREE, len(text))


def test_a_short_text_is_read_however_full_the_memory_is(library: Library, monkeypatch: pytest.MonkeyPatch) -> None:
    text = prose(20_000)
    budget = Budget(size_of(library, text) // 2)
    assert faults(work(session_of(library, budget, text)))
    monkeypatch.setattr(reading, "FLOOR", size_of(library, prose(600)))
    second = session_of(library, budget, prose(600))
    assert faults(work(second)) == []
    assert steps(second) == dict.fromkeys(THREE, 600)


def test_no_more_is_held_than_may_be(library: Library) -> None:
    text = prose(LONG)
    budget = Budget(int(size_of(library, text) * 0.7))
    work(session_of(library, budget, text))
    assert 0.95 * budget.limit < budget.used <= budget.limit


def test_an_edit_in_a_full_memory_is_read_about_as_far_as_before(library: Library) -> None:
    """What was read before the edit makes room for what is read after it."""
    text = prose(LONG)
    budget = Budget(int(size_of(library, text) * 0.7))
    session = session_of(library, budget, text)
    work(session)
    before = steps(session)
    say(session, type="edit", revision=1, at=10, remove=0, insert="x")
    work(session)
    assert sum(steps(session).values()) > 0.9 * sum(before.values())


def test_a_page_that_goes_away_leaves_nothing_behind(library: Library) -> None:
    budget = Budget(1 << 40)
    sessions = [session_of(library, budget, prose(3_000)) for _ in range(3)]
    for session in sessions:
        work(session)
    assert budget.used > 0
    told = [session.close() for session in sessions]
    assert budget.used == 0
    assert all(size > 100_000 for size in told)


def test_a_model_that_is_put_away_gives_back_what_it_held(library: Library) -> None:
    budget = Budget(1 << 40)
    session = session_of(library, budget, prose(3_000))
    work(session)
    before = budget.used
    view(session, THREE[1:])
    work(session)
    assert 0 < budget.used < before
    view(session, [])
    assert budget.used == 0


def test_what_a_recording_says_it_holds_is_what_its_arrays_hold(library: Library) -> None:
    """Whatever was edited: an edit in the first block leaves all others behind it for a while."""
    session = session_of(library, Budget(1 << 40), prose(30_000), ["d-rnn@0"])
    work(session)
    recording = session._readings["d-rnn@0"].run.recording

    for revision, (at, remove) in enumerate([(0, 0), (3, 500), (0, 100), (700, 5), (29_000, 1)], 1):
        assert_counted(recording)
        say(session, type="edit", revision=revision, at=at, remove=remove, insert="x")
        assert_counted(recording)
        work(session)


def assert_counted(recording: Recording) -> None:
    """All arrays are, and for each block some objects."""
    arrays, blocks = arrays_held(recording), len(recording._blocks) + len(recording._tail)
    assert 0 <= recording.nbytes - arrays <= 30 * OBJECT_BYTES * (blocks + 3)
