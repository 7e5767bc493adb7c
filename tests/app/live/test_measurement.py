"""`app.contract.instrument`, `app.live.measurement` in a session: questions, pieces of work, answers."""

from __future__ import annotations

import json
import logging
from collections.abc import Iterator
from typing import Any, ClassVar, Literal
from unittest import mock

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from app.compute.model_library import Library
from app.contract.answer import Answer, Tensor
from app.contract.instrument import Finding, News, Options, Subject, Work
from app.contract.python import Snippet
from app.live import measurement, run
from app.live.protocol import Measure, Measuring, Unmeasured, parse
from app.live.session import Limits, Session
from models import NotMeasurable, RequestError, UnknownModel
from models.recording.overview import Grain
from tests.support import session_talk
from tests.support.session_talk import answers, say, work
from tests.support.socket_client import panel
from tests.support.texts import prose

LIMITS = Limits(characters=400, columns=60, panels=3)
RNN = panel("tiny-rnn", "hidden")
ENDED: list[str] = []
"""Why each generator came to its end."""


@pytest.fixture(autouse=True)
def one_piece_at_a_time() -> Iterator[None]:
    """Short blocks, and pieces as short as the instruments make them."""
    ENDED.clear()
    with (
        mock.patch.object(run, "PIECE_SECONDS", 1e-9),
        mock.patch.object(measurement, "PIECE_SECONDS", 1e-9),
        mock.patch.object(measurement, "TELL_SECONDS", 0.0),
    ):
        yield


class Words(Answer):
    words: str
    tensors = (Tensor("sums", "F32", "stop", "of the states"),)


class Letter(Answer):
    character: str


class Counting(Options):
    """Counts the characters of the first `stop` steps, one a piece."""

    name: Literal["counting"] = "counting"
    answer = Words
    partial = Letter
    reads: ClassVar[bool] = False
    stop: int = 10
    tells: bool = False

    def needs(self, length: int) -> int:
        return self.stop

    def work(self, subject: Subject) -> Work:
        words = subject.text(0, min(self.stop, subject.length))
        states = subject.run.recording.signal(0, "hidden", 0, self.stop)
        try:
            for k, character in enumerate(words):
                yield News(k / len(words), Letter(character=character)) if self.tells else k / len(words)
            ENDED.append("done")
        except GeneratorExit:
            ENDED.append("closed")
            raise
        return Finding(Words(words=words), {"sums": states.sum(axis=1).astype(np.float32)})

    def as_python(self) -> Snippet:
        return Snippet({}, (f"words = text[:{self.stop}]",), facts={"words": "words"})


class Refusing(Options):
    name: Literal["refusing"] = "refusing"
    answer = Answer
    fault: str = ""

    def work(self, subject: Subject) -> Work:
        yield 0.5
        if self.fault:
            raise ValueError(self.fault)
        raise NotMeasurable("There is nothing to measure here. Type something.")

    def as_python(self) -> Snippet:
        return Snippet({}, ())


def begin(library: Library, text: str, *, panels: list[dict[str, Any]] | None = None, window: int = 4) -> Session:
    return session_talk.begin(library, text, panels or [RNN], window=(0, window), limits=LIMITS, grain=Grain(8, 4))


def ask(session: Session, measure: Options, *, number: int = 1, model: str = "tiny-rnn") -> None:
    session.apply(Measure.model_construct(type="measure", id=number, model=model, measure=measure))


def test_an_answer_says_what_was_asked_and_carries_facts_and_tensors(library: Library) -> None:
    text = prose(30)
    session = begin(library, text)
    ask(session, Counting(stop=12), number=7)
    ((message, tensors),) = answers(work(session))
    facts = {"words": text[:12]}
    assert message == {
        "type": "measured", "revision": 0, "id": 7, "model": "tiny-rnn", "name": "counting", "facts": facts,
        "rounding": "",
    }  # fmt: skip
    hidden = np.asarray(library.get("tiny-rnn").lm.trace(text)["0.hidden"])[:12]
    np.testing.assert_allclose(tensors["sums"], hidden.sum(axis=1), rtol=1e-5)


def test_it_waits_until_as_much_has_been_read_as_it_needs_and_no_longer(library: Library) -> None:
    session = begin(library, prose(300))
    ask(session, Counting(stop=100))
    reading = session._readings["tiny-rnn"]
    while not reading.begun or reading.run.steps < 100:
        assert not [item for item in work(session, 1) if isinstance(item, Measuring)]
    found = []
    while not answers(found):
        found += work(session, 1)
    assert reading.run.steps < 300, "the rest of the text can wait"
    work(session)
    assert reading.run.complete


def test_how_far_it_is_comes_in_between_and_rises(library: Library) -> None:
    session = begin(library, prose(30))
    ask(session, Counting(stop=9))
    shares = [item.share for item in work(session) if isinstance(item, Measuring)]
    assert shares == sorted(shares)
    assert len(shares) == 9


@pytest.mark.parametrize("piece", [1e-9, 60.0])
def test_news_are_told_each(library: Library, piece: float, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(measurement, "PIECE_SECONDS", piece)  # however much else would fit into a piece
    text = prose(30)
    session = begin(library, text)
    ask(session, Counting(stop=9, tells=True))
    told = [item.facts.character for item in work(session) if isinstance(item, Measuring)]
    assert "".join(told) == text[:9]


def test_a_newer_question_of_the_same_instrument_takes_its_place(library: Library) -> None:
    session = begin(library, prose(30))
    ask(session, Counting(stop=9), number=1)
    while not any(isinstance(item, Measuring) for item in work(session, 1)):
        pass
    ask(session, Counting(stop=5), number=2)
    assert ENDED == ["closed"]
    assert [message["id"] for message, _ in answers(work(session))] == [2]


def test_an_edit_ends_what_is_under_way(library: Library) -> None:
    session = begin(library, prose(30))
    ask(session, Counting(stop=9))
    work(session, 4)
    say(session, type="edit", revision=1, at=0, remove=0, insert="x")
    assert answers(work(session)) == []
    assert "done" not in ENDED


def test_a_dismissed_question_is_not_answered(library: Library) -> None:
    session = begin(library, prose(30))
    ask(session, Counting(stop=9), number=3)
    work(session, 4)
    say(session, type="dismiss", id=3)
    assert answers(work(session)) == []


def test_a_model_out_of_view_is_read_along_until_it_is_dismissed(library: Library) -> None:
    text = prose(40)
    session = begin(library, text)
    ask(session, Counting(stop=40), number=1, model="tiny-rnn@0")
    ((message, tensors),) = answers(work(session))
    assert message["model"] == "tiny-rnn@0"
    twin = np.asarray(library.get("tiny-rnn@0").lm.trace(text)["0.hidden"])
    np.testing.assert_allclose(tensors["sums"], twin.sum(axis=1), rtol=1e-4, atol=1e-6)
    say(session, type="view", panels=[RNN], window=[0, 8])
    assert "tiny-rnn@0" in session._readings, "another look does not end it"
    sent = [item[0] for item in work(session) if isinstance(item, tuple)]
    assert not [message for message in sent if message["model"] == "tiny-rnn@0"], "it has no picture"
    say(session, type="dismiss", id=1)
    assert list(session._readings) == ["tiny-rnn"]


def test_a_panel_that_is_closed_keeps_its_model_while_it_is_measured(library: Library) -> None:
    session = begin(library, prose(40))
    ask(session, Counting(stop=40), number=1)
    work(session, 1)
    say(session, type="view", panels=[], window=[0, 8])
    assert len(answers(work(session))) == 1


def test_what_cannot_be_measured_says_why(library: Library) -> None:
    session = begin(library, prose(30))
    ask(session, Refusing())
    (told,) = [item for item in work(session) if isinstance(item, Unmeasured)]
    assert told.code == "not_measurable"
    assert told.message == "There is nothing to measure here. Type something."


def test_a_fault_is_logged_and_ends_nothing_else(library: Library, caplog: pytest.LogCaptureFixture) -> None:
    session = begin(library, prose(30))
    ask(session, Refusing(fault="broken on purpose"))
    ask(session, Counting(), number=2)
    with caplog.at_level(logging.ERROR, "hidden_state"):
        found = work(session)
    assert [item.code for item in found if isinstance(item, Unmeasured)] == ["internal"]
    assert len(answers(found)) == 1
    assert "broken on purpose" in caplog.text


def test_where_the_reading_was_stopped_it_says_so(library: Library) -> None:
    session = begin(library, prose(300))
    work(session, 3)
    say(session, type="cancel")
    ask(session, Counting(stop=290))
    (told,) = [item for item in work(session) if isinstance(item, Unmeasured)]
    assert told.code == "stopped"
    assert "290" in told.message


def test_there_are_only_so_many_models(library: Library) -> None:
    session = begin(library, "abc", panels=[RNN])
    others = ["tiny-gru", "tiny-lstm", "tiny-rnn@0", "tiny-gru@0", "tiny-lstm@0"]
    for number, model in enumerate(others):
        ask(session, Counting(stop=1), number=number, model=model)
    work(session)
    say(session, type="dismiss", id=4)
    few = Limits(characters=400, columns=60, panels=2)
    with mock.patch.object(session, "_limits", few), pytest.raises(RequestError, match="most that one session"):
        ask(session, Counting(stop=1), model="tiny-lstm@0")
    with pytest.raises(UnknownModel):
        ask(session, Counting(), model="nobody")


STEPS = st.lists(
    st.one_of(
        st.tuples(st.just("ask"), st.integers(1, 20), st.sampled_from(["tiny-rnn", "tiny-gru", "tiny-rnn@0"])),
        st.tuples(st.just("edit"), st.integers(0, 20), st.text("abc ", max_size=6)),
        st.tuples(st.just("work"), st.integers(1, 6), st.none()),
    ),
    max_size=12,
)


@settings(max_examples=60)
@given(steps=STEPS)
def test_the_last_question_about_a_text_is_answered_once_and_of_that_text(library: Library, steps: list[Any]) -> None:
    text, revision, number = prose(24), 0, 0
    session = begin(library, text)
    open_: dict[str, tuple[int, int]] = {}
    found: list[Any] = []
    for kind, amount, what in steps:
        if kind == "ask":
            number += 1
            ask(session, Counting(stop=amount), number=number, model=what)
            open_[what] = (number, amount)
        elif kind == "edit":
            at, revision = min(amount, len(text)), revision + 1
            say(session, type="edit", revision=revision, at=at, remove=0, insert=what)
            text = text[:at] + what + text[at:]
            open_.clear()
        else:
            found += work(session, amount)
    found = [*found, *work(session)]
    by_number = {}
    for message, _ in answers(found):
        assert message["id"] not in by_number
        by_number[message["id"]] = message
    for number, amount in open_.values():
        assert by_number[number]["revision"] == revision
        assert by_number[number]["facts"]["words"] == text[:amount]


def test_an_unknown_instrument_and_a_wrong_option_are_bad_messages() -> None:
    for measure in ({"name": "nothing"}, {"name": "recoverability", "colour": "blue"}, {}, 3):
        with pytest.raises(RequestError, match="measure") as refused:
            parse(json.dumps({"type": "measure", "id": 1, "model": "tiny-rnn", "measure": measure}))
        assert refused.value.code == "bad_message"
