"""The modules of the page by themselves, in the browser that runs them."""

from __future__ import annotations

import json
import math
import random
from pathlib import Path

import pytest

from tests.support.paths import GOLDEN

FRAMES = sorted(path.stem for path in GOLDEN.glob("*.bin"))

READ = """async (bytes) => {
  const { readFrame } = await import("/static/wire/safetensors.js");
  const { message, tensors } = readFrame(new Uint8Array(bytes).buffer);
  const types = { Uint8Array: "U8", Int32Array: "I32", Float32Array: "F32" };
  const number = (value) => (Number.isNaN(value) ? null : Object.is(value, -0) ? "-0" : value);
  const plain = ([name, { shape, data }]) => {
    return [name, { dtype: types[data.constructor.name], shape, values: Array.from(data, number) }];
  };
  return { message, tensors: Object.fromEntries(Object.entries(tensors).map(plain)) };
}"""


def test_there_are_golden_frames():
    assert {"columns", "column", "order"} <= set(FRAMES)


@pytest.mark.parametrize("name", FRAMES)
def test_the_pages_own_reader_reads_golden_frames(name, bare):
    found = bare.evaluate(READ, list((GOLDEN / f"{name}.bin").read_bytes()))
    wanted = json.loads((GOLDEN / f"{name}.json").read_text(encoding="utf-8"))
    for tensor in wanted["tensors"].values():
        tensor["values"] = ["-0" if value == 0 and math.copysign(1, value) < 0 else value for value in tensor["values"]]
    assert found == wanted


def test_a_frame_that_is_cut_short_is_an_error(bare):
    whole = list((GOLDEN / "columns.bin").read_bytes())
    for size in (0, 7, 8, 40, len(whole) - 1):
        words = bare.evaluate(
            f"async (bytes) => {{ try {{ await ({READ})(bytes) }} catch (error) {{ return String(error) }} }}",
            whole[:size],
        )
        assert words, f"{size} bytes of {len(whole)} were read without a word"


def test_an_array_that_does_not_start_at_a_multiple_of_four(bare):
    """Safetensors aligns its arrays by padding the header; others need not."""
    header = {
        "__metadata__": {"message": "{}"},
        "a": {"dtype": "U8", "shape": [1], "data_offsets": [0, 1]},
        "b": {"dtype": "F32", "shape": [2], "data_offsets": [1, 9]},
    }
    words = json.dumps(header).encode()
    frame = len(words).to_bytes(8, "little") + words + b"\x07" + bytes.fromhex("0000803f00000040")
    found = bare.evaluate(READ, list(frame))
    assert found["tensors"]["a"]["values"] == [7]
    assert found["tensors"]["b"]["values"] == [1, 2]


@pytest.mark.parametrize("seed", range(6))
def test_columns_hold_what_a_plain_map_holds(seed, bare):
    program = (Path(__file__).parent / "model_of_columns.js").read_text(encoding="utf-8").strip().rstrip(";")
    assert bare.evaluate(program, [seed + 1, 3000]) == []


# ── characters.js ──────────────────────────────────────────────────────────────────────────────────────────────

ALPHABET = ["a", "b", " ", "\n", "é", "漢", "🙂", "🙃", "😃", "🔃", "e\u0301", "👩\u200d👧"]


def pairs(count: int) -> list[list[str]]:
    draw = random.Random(11)

    def word(length: int) -> str:
        return "".join(draw.choices(ALPHABET, k=length))

    out = [["", ""], ["", "🙂"], ["🙂", ""], ["🙂", "🙃"], ["🙂", "😃"], ["aa", "aaa"], ["🙂🙂", "🙂"]]
    for _ in range(count):
        before = word(draw.randrange(12))
        at = draw.randrange(len(before) + 1)
        out.append([before, before[:at] + word(draw.randrange(4)) + before[at + draw.randrange(3) :]])
        out.append([before, word(draw.randrange(12))])
    return out


def test_differences_make_the_second_text_of_the_first(bare):
    both = pairs(1500)
    edits = bare.evaluate(
        """async (pairs) => {
          const { difference } = await import("/static/text/edit.js");
          const all = ([before, after]) => {
            const ends = Array.from({ length: after.length + 1 }, (_, end) => difference(before, after, end));
            return [difference(before, after), ...ends];
          };
          return pairs.map(all);
        }""",
        both,
    )
    every = [(pair, edit) for pair, several in zip(both, edits, strict=True) for edit in several]
    for (before, after), edit in every:
        if edit is None:
            assert before == after
            continue
        made = before[: edit["at"]] + edit["insert"] + before[edit["at"] + edit["remove"] :]
        assert made == after
        assert 0 <= edit["at"] <= len(before)
        assert edit["remove"] + edit["at"] <= len(before)
        if edit["remove"] and edit["insert"]:  # nothing is sent that has not changed
            assert before[edit["at"]] != edit["insert"][0]
            assert before[edit["at"] + edit["remove"] - 1] != edit["insert"][-1]


def test_halves_of_pairs_become_one_character_each(bare):
    found = bare.evaluate(
        """async () => {
          const { wellFormed, toPoints } = await import("/static/text/characters.js");
          const texts = ["a\\ud83db", "\\ude42", "\\ud83d", "\\ude42\\ud83d", "🙂"];
          return texts.map((text) => [wellFormed(text), toPoints(wellFormed(text))]);
        }"""
    )
    assert found == [["a\ufffdb", 3], ["\ufffd", 1], ["\ufffd", 1], ["\ufffd\ufffd", 2], ["🙂", 1]]


def test_an_address_gives_back_the_state_that_it_was_made_of(bare):
    found = bare.evaluate(
        """async () => {
          const { Text } = await import("/static/text/document.js");
          const { toAddress, fromAddress, INITIAL } = await import("/static/state/store.js");
          const panel = (model, layer, signal) => ({ model, layer, signal });
          const panels = [panel("a@0", 1, "cell"), panel("b", null, null), panel("c", null, "hidden")];
          const look = { signal: "forget_gate", layer: 2, order: "similarity", show: "mean" };
          Object.assign(look, { columns: 77, from: 5, theme: "dark" });
          const text = "a & b = c #1 +2 %25\\n🙂";
          const state = { ...INITIAL, panels, ...look, cursor: { step: 9, unit: 3 }, text };
          const back = fromAddress("#" + toAddress({ ...state, text: Text.of(text) }));
          const names = Object.keys(back).sort();
          return [back, state].map((one) => JSON.stringify(names.map((name) => [name, one[name]])));
        }"""
    )
    assert found[0] == found[1]


def test_only_the_view_that_is_said_to_go_on_says_so(bare):
    sent = bare.evaluate(
        """async () => {
          const { Connection } = await import("/static/wire/connection.js");
          const { Text } = await import("/static/text/document.js");
          const sent = [];
          class Line {
            send(words) {
              sent.push(JSON.parse(words));
            }
          }
          const hearers = new Proxy({}, { get: () => () => undefined });
          const connection = new Connection("", hearers, { WebSocket: Line, clearTimeout: () => undefined });
          connection.open();
          connection.panels = [{ model: "m", layer: 0, signal: "h" }];
          connection.setText(Text.of("some words"), 10, [0, 10], 1);
          const hello = { type: "hello", limits: { characters: 99 }, close_codes: {} };
          connection.socket.onmessage({ data: JSON.stringify(hello) });
          connection.cancel();
          connection.setText(Text.of("some words"), 10, [2, 8], 1);
          connection.repeatView();
          connection.setText(Text.of("some words"), 10, [2, 8], 1);
          connection.setText(Text.of("some words"), 10, [3, 8], 1);
          return sent.map(({ type, window, go_on = null }) => [type, window ?? null, go_on]);
        }"""
    )
    assert [kind for kind, _, _ in sent] == ["view", "text", "cancel", "view", "view", "view"]
    assert sent[3:] == [["view", [2, 8], None], ["view", [2, 8], True], ["view", [3, 8], None]]
