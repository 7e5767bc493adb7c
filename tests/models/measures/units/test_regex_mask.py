"""Regular expressions that run in a process of their own."""

from __future__ import annotations

import re
from collections.abc import Iterator

import pytest

from models import NotMeasurable
from models.measures import drain
from models.measures.units.regex_mask import LONGEST_PATTERN, matches


@pytest.mark.parametrize(
    "pattern", ["[aeiou]+", "^to", "be$", "(?i)TO", "(?<=o)r", "x*", "not|or", "é", "(.)\\1", "\n"]
)
def test_marks_what_a_match_holds(pattern: str) -> None:
    text = "to be, or not\nto bee\n\nà la carté\n" * 3
    expected = [False] * len(text)
    for match in re.finditer(pattern, text, re.MULTILINE):
        for k in range(*match.span()):
            expected[k] = True
    assert drain(matches(pattern, text)).tolist() == expected


def test_a_text_larger_than_a_pipe() -> None:
    text = "ab" * 200_000
    assert drain(matches("b", text, seconds=60)).sum() == 200_000


@pytest.mark.parametrize("text", ["", "\ud800a"])
def test_odd_texts(text: str) -> None:
    assert drain(matches("a", text)).tolist() == [c == "a" for c in text]


@pytest.mark.parametrize("pattern", ["[", "(", "a**", "\\", "(?P<n", "a{2,1}"])
def test_what_is_no_expression_is_told(pattern: str) -> None:
    with pytest.raises(NotMeasurable, match=r"^This is not a regular expression that Python understands: .+\. Correct"):
        drain(matches(pattern, "text"))


def test_a_long_expression_is_not_begun() -> None:
    with pytest.raises(NotMeasurable, match="Shorten it"):
        drain(matches("a" * (LONGEST_PATTERN + 1), "text"))


def clock() -> Iterator[float]:
    """A second passes with every look at it."""
    yield from map(float, range(10**6))


def test_one_that_goes_back_and_forth_without_end_is_stopped(monkeypatch: pytest.MonkeyPatch) -> None:
    started = watched(monkeypatch)
    ticks = clock()
    with pytest.raises(NotMeasurable, match=r"took longer than 20 s on 41 characters"):
        drain(matches("(a+)+$", "a" * 40 + "b", seconds=20, clock=lambda: next(ticks)))
    assert started[0].returncode not in (None, 0)


def test_nobody_waits_any_more(monkeypatch: pytest.MonkeyPatch) -> None:
    started = watched(monkeypatch)
    work = matches("(a+)+$", "a" * 40 + "b", seconds=1000)
    assert 0 <= next(work) < 1
    assert started[0].poll() is None
    work.close()
    assert started[0].returncode not in (None, 0)


def test_one_that_wants_all_memory_is_stopped() -> None:
    pytest.importorskip("resource", reason="not run: this system cannot be told how much memory a process may have")
    with pytest.raises(NotMeasurable, match="more memory"):
        drain(matches("(?:(a)|(b)|(c))*d", "abc" * 3_000_000, seconds=60))


def watched(monkeypatch: pytest.MonkeyPatch) -> list:
    """The processes that are started from here on."""
    import subprocess

    started = []
    real = subprocess.Popen

    def start(*args: object, **options: object) -> subprocess.Popen:
        started.append(real(*args, **options))
        return started[-1]

    monkeypatch.setattr(subprocess, "Popen", start)
    return started
