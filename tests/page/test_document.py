"""`static/text/document.js`: positions and edits of a text, whose characters are code points."""

from __future__ import annotations

import random

import pytest

from tests.support.browser.edited_texts import edits, words

WALK = """async ([start, edits]) => {
  const { Text } = await import("/static/text/document.js");
  const say = (text) => {
    const points = Array.from({ length: text.length + 1 }, (_, k) => k);
    const units = Array.from({ length: text.string.length + 1 }, (_, k) => k);
    return {
      string: text.string, length: text.length, units: points.map((k) => text.unitAt(k)),
      points: units.map((k) => text.pointAt(k)), characters: text.characters(1, text.length - 1),
    };
  };
  const first = Text.of(start);
  let text = first;
  const out = [say(first)];
  for (const edit of edits) {
    const before = text;
    text = before.edited(edit);
    const fresh = Text.of(text.string);
    out.push({ ...say(text), since: text.since(before), compared: fresh.since(before), all: text.since(first) });
  }
  return out;
}"""


def applied(before: str, edit: dict[str, object] | None) -> str:
    if edit is None:
        return before
    at, remove, insert = int(str(edit["at"])), int(str(edit["remove"])), str(edit["insert"])
    return before[:at] + insert + before[at + remove :]


@pytest.mark.parametrize("seed", range(4))
def test_an_edited_text_is_the_one_that_a_string_of_code_points_gives(seed, bare):
    draw = random.Random(seed)
    start = words(draw, 30) if seed else ""
    steps = edits(draw, start, 60)
    found = bare.evaluate(WALK, [start, [edit for edit, _ in steps]])
    before = start
    for text, one in zip([start, *(text for _, text in steps)], found, strict=True):
        assert one["string"] == text
        assert one["length"] == len(text)
        assert one["characters"] == list(text[1 : max(1, len(text) - 1)])
        units = [len(text[:k].encode("utf-16-le")) // 2 for k in range(len(text) + 1)]
        assert one["units"] == units
        # Of a unit in the middle of a character, half counts.
        assert one["points"] == [
            next((k for k, u in enumerate(units) if u == unit), sum(u < unit for u in units))
            for unit in range(units[-1] + 1)
        ]
        if "since" in one:
            assert applied(before, one["since"]) == text
            assert applied(before, one["compared"]) == text
            assert applied(start, one["all"]) == text
        before = text


def test_texts_are_well_formed_and_have_the_line_ends_of_a_textarea(bare):
    found = bare.evaluate(
        """async () => {
          const { Text } = await import("/static/text/document.js");
          const texts = ["a\\r\\nb\\rc\\n\\r", "\\ud83d", "a\\ude42b"].map((one) => Text.of(one));
          texts.push(Text.of("ab").edited({ at: 1, remove: 0, insert: "\\r\\n\\ud83d" }));
          texts.push(Text.of("ab").edited({ at: 7, remove: 9, insert: "c" }));
          texts.push(Text.of("ab").edited({ at: 1, remove: 9, insert: "" }));
          return texts.map(({ string, length }) => [string, length]);
        }"""
    )
    assert [string for string, _ in found] == ["a\nb\nc\n\n", "\ufffd", "a\ufffdb", "a\n\ufffdb", "abc", "a"]
    assert all(length == len(string) for string, length in found)


def test_a_text_does_not_keep_those_alive_that_it_came_from(bare):
    kept = bare.evaluate(
        """async () => {
          const { Text } = await import("/static/text/document.js");
          const before = Text.of("one");
          const after = before.edited({ at: 0, remove: 0, insert: "x" });
          const seen = new Set();
          const reaches = (value) => {
            if (value === before) return true;
            if (value === null || typeof value !== "object" || seen.has(value)) return false;
            seen.add(value);
            return Object.values(value).some(reaches);
          };
          return reaches(after);
        }"""
    )
    assert kept is False
