"""`static/text/search.js`: finding words in a text."""

from __future__ import annotations

import random

import pytest

from tests.support.browser.edited_texts import words


def places(text: str, needle: str, match_case: bool) -> list[int]:
    same = (lambda words: words) if match_case else str.lower
    return [k for k in range(len(text)) if same(text[k : k + len(needle)]) == same(needle)]


@pytest.mark.parametrize("match_case", [True, False])
@pytest.mark.parametrize("size", [40, 50_000])
def test_finding_goes_on_to_the_next_place_and_round_the_end(size, match_case, bare):
    draw = random.Random(size)
    filler = "x" * (size // 3)
    text = words(draw, 40) + filler + words(draw, 40) + filler + words(draw, 40)
    needles = ["a", "AB", "🙂", "e\u0301", "x🙂", "(.*)", "É", *(text[k : k + 3] for k in (0, 9, len(text) - 3))]
    starts = [0, 1, 7, len(text) // 2, len(text) - 2, len(text)]
    found = bare.evaluate(
        """async ([string, needles, starts, matchCase]) => {
          const { Text } = await import("/static/text/document.js");
          const text = Text.of(string);
          const both = (needle, from) => {
            return [false, true].map((backwards) => text.find(needle, from, { backwards, matchCase }));
          };
          return needles.map((needle) => starts.map((from) => both(needle, from)));
        }""",
        [text, needles, starts, match_case],
    )
    for needle, of_needle in zip(needles, found, strict=True):
        there = places(text, needle, match_case)
        for start, (forward, back) in zip(starts, of_needle, strict=True):
            after = [place for place in there if place >= start] or there
            before = [place for place in there if place < start] or there
            assert forward == (after[0] if there else None), (needle, start)
            assert back == (before[-1] if there else None), (needle, start)


def test_matches_are_counted_up_to_a_bound(bare):
    found = bare.evaluate(
        """async () => {
          const { Text } = await import("/static/text/document.js");
          const text = Text.of("aAaa b" + "🙂a".repeat(5));
          const asked = [["aa", true, 99], ["aa", false, 99], ["a", true, 99], ["a", false, 4]];
          asked.push(["🙂", true, 99], ["", true, 9], ["?", false, 9]);
          return asked.map((one) => text.count(...one));
        }"""
    )
    assert found == [1, 2, 8, 4, 5, 0, 0]
