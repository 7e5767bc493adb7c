"""`static/text/history.js`: the way back and on again, and how typing is cut into steps."""

from __future__ import annotations

import random

import pytest

from tests.support.browser.edited_texts import edits, words

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
    history.note(text, text.since(history.text));
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
          const note = (text) => history.note(text, text.since(history.text));
          let text = Text.of("a");
          history.begin(text);
          note(text.edited({ at: 1, remove: 0, insert: "b" }));
          const undone = history.undo().text;
          note(undone.edited({ at: 1, remove: 0, insert: "c" }));
          const branch = [history.redo(), history.undo().text.string];
          const large = "x".repeat(4_000_000);
          history.begin(text);
          for (let k = 0; k < 12; k++) {
            text = Text.of(String(k) + large);
            note(text);
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
              const text = history.text.edited(edits[k % edits.length]);
              history.note(text, text.since(history.text));
            }
            const steps = [...history.done, ...history.undone];
            return [history.characters, steps.map(({ removed, inserted }) => removed + inserted).join("").length];
          });
        }""",
        [start, steps, acts],
    )
    assert [counted for counted, _ in found] == [held for _, held in found]
    assert max(held for _, held in found) > 0
