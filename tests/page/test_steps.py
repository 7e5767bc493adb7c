"""`static/text/steps.js` and `History.adopt`: steps that come from elsewhere, as far as they fit, and steps that go."""

from __future__ import annotations

import random

import pytest

from tests.support.browser.edited_texts import edits, words

THERE = """async ([start, edits, back, here, harm]) => {
  const { Text } = await import("/static/text/document.js");
  const { History } = await import("/static/text/history.js");
  let now = 0;
  const typed = (first, steps) => {
    const history = new History(() => (now += 5000));
    let text = Text.of(first);
    history.begin(text);
    for (const edit of steps) {
      text = text.edited(edit);
      history.note(text, text.since(history.text));
    }
    return history;
  };
  const all = (go) => {
    const out = [];
    for (let step = go(); step !== null; step = go()) out.push(step.text.string);
    return out;
  };
  const there = typed(start, edits);
  for (let k = 0; k < back; k++) there.undo();
  const { text, done, undone } = JSON.parse(JSON.stringify({ ...there.copy(), text: there.text.string }));
  if (harm !== null && done.length > harm) done[done.length - 1 - harm].inserted += "!";
  const mine = typed(here, [{ at: 0, remove: 0, insert: "my own: " }]);
  mine.adopt(Text.of(text), { done, undone });
  const on = all(() => mine.redo());
  const characters = mine.characters;
  return [text, on, all(() => mine.undo()), all(() => there.redo()), all(() => there.undo()), characters];
}"""


@pytest.mark.parametrize("seed", range(5))
@pytest.mark.parametrize("back", [0, 3])
def test_steps_from_elsewhere_stand_before_the_way_to_what_was_here(seed, back, bare):
    draw = random.Random(seed)
    start = words(draw, 20)
    made = [edit for edit, _ in edits(draw, start, 12)]
    _, on, undone, redone, before, characters = bare.evaluate(THERE, [start, made, back, "Mine.", None])
    assert on == redone
    assert undone == [*before, "my own: Mine.", "Mine."]
    assert undone[len(before) - 1] == start
    assert characters > 0


def test_steps_that_do_not_fit_are_left_out_with_those_beyond_them(bare):
    made = [{"at": k, "remove": 0, "insert": letter} for k, letter in enumerate("abcdef")]
    text, _, undone, _, _, _ = bare.evaluate(THERE, ["", made, 0, "Mine.", 2])
    assert text == "abcdef"
    assert undone == ["abcde", "abcd", "my own: Mine.", "Mine."]


@pytest.mark.parametrize(("most", "kept"), [(10_000, (3, 2)), (0, (0, 0)), (90, (2, 0)), (185, (3, 1))])
def test_the_nearest_steps_go_along_as_far_as_there_is_room(most, kept, bare):
    found = bare.evaluate(
        """async (most) => {
          const { nearest } = await import("/static/text/steps.js");
          const step = (at) => ({ at, removed: "é", inserted: "🙂" });
          return nearest({ done: [1, 2, 3].map(step), undone: [4, 5].map(step) }, most);
        }""",
        most,
    )
    assert (len(found["done"]), len(found["undone"])) == kept
    assert found["left"] == 5 - sum(kept)
    assert [step["at"] for step in found["done"]] == [1, 2, 3][3 - kept[0] :]
    assert [step["at"] for step in found["undone"]] == [4, 5][2 - kept[1] :]
