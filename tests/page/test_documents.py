"""The text of the page by itself: positions, edits, the way back, searching, and what a file may hold.

Python's strings count code points as the models do, so they say what is right.
"""

from __future__ import annotations

import random

import pytest

ALPHABET = ["a", "b", "A", " ", "\n", "é", "É", "漢", "🙂", "🙃", "😃", "e\u0301", "👩\u200d👧"]


def words(draw: random.Random, most: int) -> str:
    return "".join(draw.choices(ALPHABET, k=draw.randrange(most + 1)))


def edits(draw: random.Random, text: str, count: int) -> list[tuple[dict[str, object], str]]:
    """Edits of a text, each with the text that it makes."""
    out = []
    for _ in range(count):
        at = draw.randrange(len(text) + 1)
        remove = draw.choice([0, 0, 1, 2, draw.randrange(len(text) - at + 1)])
        insert = words(draw, 4)
        text = text[:at] + insert + text[at + remove :]
        out.append(({"at": at, "remove": remove, "insert": insert}, text))
    return out


# ── positions and edits ──────────────────────────────────────────────────────────────────────────────────

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


# ── searching ────────────────────────────────────────────────────────────────────────────────────────────


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


# ── the way back ─────────────────────────────────────────────────────────────────────────────────────────

BACK = """async ([start, edits, pauses]) => {
  const { Text } = await import("/static/text/document.js");
  const { History } = await import("/static/text/history.js");
  let now = 0;
  const history = new History(() => now);
  let text = Text.of(start);
  history.begin(text);
  edits.forEach((edit, k) => {
    now += pauses[k];
    text = text.edited(edit);
    history.note(text);
  });
  const all = (go) => {
    const out = [];
    for (let step = go(); step !== null; step = go()) out.push([step.text.string, step.caret]);
    return out;
  };
  return [all(() => history.undo()), all(() => history.redo())];
}"""


@pytest.mark.parametrize("seed", range(6))
def test_undone_and_done_again_the_same_texts_come_by(seed, bare):
    draw = random.Random(seed)
    start = words(draw, 20)
    steps = edits(draw, start, 40)
    pauses = [draw.choice([10, 10, 10, 5000]) for _ in steps]
    back, forth = bare.evaluate(BACK, [start, [edit for edit, _ in steps], pauses])
    seen = {start, *(text for _, text in steps)}
    assert back[-1][0] == start
    assert forth[-1][0] == steps[-1][1]
    assert {text for text, _ in [*back, *forth]} <= seen
    assert [text for text, _ in forth] == [steps[-1][1], *(text for text, _ in back[:-1])][::-1]
    assert all(0 <= caret <= len(text) for text, caret in [*back, *forth])


def test_typing_without_a_pause_is_one_step_a_word_and_a_pause_ends_it(bare):
    typed = [{"at": 3 + k, "remove": 0, "insert": letter} for k, letter in enumerate("one two")]
    typed.append({"at": 9, "remove": 1, "insert": ""})  # a slip taken back is of the same step
    typed.append({"at": 9, "remove": 0, "insert": "o"})
    back, _ = bare.evaluate(BACK, ["abc", typed, [100] * 3 + [4000] + [100] * 5])
    assert [text for text, _ in back] == ["abcone ", "abcone", "abc"]
    long = {"at": 0, "remove": 0, "insert": "pasted " * 30}
    back, _ = bare.evaluate(BACK, ["", [long, {"at": 210, "remove": 0, "insert": "x"}], [10, 10]])
    assert [text for text, _ in back] == ["pasted " * 30, ""]


def test_an_edit_after_undo_ends_what_could_be_done_again_and_old_steps_are_let_go(bare):
    found = bare.evaluate(
        """async () => {
          const { Text } = await import("/static/text/document.js");
          const { History } = await import("/static/text/history.js");
          const history = new History(() => 0);
          let text = Text.of("a");
          history.begin(text);
          history.note(text.edited({ at: 1, remove: 0, insert: "b" }));
          const undone = history.undo().text;
          history.note(undone.edited({ at: 1, remove: 0, insert: "c" }));
          const branch = [history.redo(), history.undo().text.string];
          const large = "x".repeat(4_000_000);
          history.begin(text);
          for (let k = 0; k < 12; k++) {
            text = Text.of(String(k) + large);
            history.note(text);
          }
          let steps = 0;
          while (history.undo() !== null) steps += 1;
          return [branch, steps];
        }"""
    )
    (redo, undone), steps = found
    assert redo is None
    assert undone == "a"
    assert 1 <= steps < 12


@pytest.mark.parametrize("seed", range(3))
def test_the_characters_of_all_steps_are_counted(seed, bare):
    draw = random.Random(seed)
    start = words(draw, 20)
    steps = [edit for edit, _ in edits(draw, start, 60)]
    acts = [draw.choice([10, 10, 10, 5000, "undo", "undo", "redo"]) for _ in range(200)]
    found = bare.evaluate(
        """async ([start, edits, acts]) => {
          const { Text } = await import("/static/text/document.js");
          const { History } = await import("/static/text/history.js");
          let now = 0;
          const history = new History(() => now);
          history.begin(Text.of(start));
          return acts.map((act, k) => {
            if (typeof act === "string") history[act]();
            else {
              now += act;
              history.note(history.text.edited(edits[k % edits.length]));
            }
            const steps = [...history.done, ...history.undone];
            return [history.characters, steps.map(({ removed, inserted }) => removed + inserted).join("").length];
          });
        }""",
        [start, steps, acts],
    )
    assert [counted for counted, _ in found] == [held for _, held in found]
    assert max(held for _, held in found) > 0


# ── files ────────────────────────────────────────────────────────────────────────────────────────────────

READ = """async ([files, most]) => {
  const { readText } = await import("/static/views/editor/files.js");
  return Promise.all(files.map(async (bytes) => {
    const result = await readText(new File([new Uint8Array(bytes)], "book.txt"), most);
    return result.fault ?? { text: result.text.string };
  }));
}"""


def test_a_file_of_text_is_its_characters(bare):
    texts = ["Now is the winter", "é漢🙂\n", "\ufeffmarked", "one\r\ntwo\rthree\n"]
    found = bare.evaluate(READ, [[list(text.encode()) for text in texts], 17])
    assert [one["text"] for one in found] == ["Now is the winter", "é漢🙂\n", "marked", "one\ntwo\nthree\n"]


@pytest.mark.parametrize(
    ("data", "told"),
    [
        (b"", ["is empty"]),
        (b"\xef\xbb\xbf", ["is empty"]),
        (b"\x7fELF\x00\x01", ["byte 4, counted from 0, is zero", "plain text"]),
        ("é漢🙂".encode()[:-1], ["is cut off within a character", "byte 5, counted from 0,", "the whole of it"]),
        (b"caf\xe9 au lait", ["not UTF-8", "byte 3, counted from 0, is 0xe9", "no character goes on"]),
        (b"ab\xff", ["not UTF-8", "byte 2, counted from 0, is 0xff", "no character begins so"]),
        ("words".encode("utf-16"), ["is UTF-16", "Save it as UTF-8"]),
        ("words".encode("utf-32"), ["is UTF-32", "Save it as UTF-8"]),
        (b"x" * 18, ["18 characters", "at most 17 characters", "stays"]),
        (b"x" * 1000, ["1,000 bytes", "at most 17 characters", "stays"]),
    ],
)
def test_what_is_no_text_or_too_long_is_told(data, told, bare):
    (words,) = bare.evaluate(READ, [[list(data)], 17])
    assert isinstance(words, str)
    assert words.startswith("“book.txt” ")
    for part in told:
        assert part in words


def start_of_fault(data: bytes) -> int | None:
    try:
        data.decode()
    except UnicodeDecodeError as error:
        return error.start
    return None


def test_the_first_byte_that_is_not_utf_8_is_found(bare):
    draw = random.Random(3)
    samples = [
        b"caf\xe9 au lait",
        b"\x80",
        b"a\xc3(",
        b"\xe2\x82",
        b"ab\xed\xa0\x80",
        b"\xf4\x90\x80\x80",
        b"\xc0\xaf",
        b"z\xff",
    ]
    for _ in range(400):
        data = bytearray(words(draw, 12).encode())
        for _ in range(draw.randrange(3)):
            if data:
                data[draw.randrange(len(data))] = draw.choice([0x80, 0xBF, 0xC3, 0xE2, 0xED, 0xF0, 0xF4, 0xFF, 0x41])
        samples.append(bytes(data[: draw.randrange(len(data) + 1)]))
    samples.append("é".encode() * 50_000 + b"\xe9" + b"tail" * 9)
    found = bare.evaluate(
        """async (samples) => {
          const { firstFault } = await import("/static/views/editor/files.js");
          return samples.map((bytes) => firstFault(new Uint8Array(bytes)));
        }""",
        [list(one) for one in samples],
    )
    for data, at in zip(samples, found, strict=True):
        assert at == start_of_fault(data), data
