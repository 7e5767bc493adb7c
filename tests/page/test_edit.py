"""`static/text/edit.js`: an edit as a value that is handed along, and where everything is after it."""

from __future__ import annotations

import random

import pytest

from tests.support.browser.edited_texts import edits, words


@pytest.mark.parametrize("seed", range(4))
def test_every_character_and_every_mark_is_found_where_the_edit_has_left_it(seed, bare):
    """Against a list of the steps themselves, edited like the text."""
    draw = random.Random(seed)
    start = words(draw, 30) if seed else ""
    steps = [edit for edit, _ in edits(draw, start, 60)]
    cuts = [sorted(draw.sample(range(60), 6)) for _ in steps]
    found = bare.evaluate(
        """async ([start, edits, cuts]) => {
          const { Text } = await import("/static/text/document.js");
          const { edited } = await import("/static/text/spans.js");
          let text = Text.of(start);
          return edits.map((one, k) => {
            const before = text;
            text = text.edited(one);
            const edit = text.since(before);
            if (edit === null) return null;
            const moved = Array.from({ length: before.length }, (_, step) => edit.moved(step, -1));
            const within = cuts[k].map((cut) => Math.min(cut, before.length));
            const spans = [0, 2, 4].map((at) => ({ from: within[at], to: within[at + 1] }));
            const marked = spans.filter(({ from, to }) => from < to);
            const plain = [edit.moved(edit.at), edit.end, edit.newEnd, edit.grown, edit.inserted];
            return { length: before.length, moved, plain, marked, left: edited(marked, edit) };
          });
        }""",
        [start, steps, cuts],
    )
    assert any(one is not None for one in found)
    for edit, one in zip(steps, found, strict=True):
        if one is None:
            continue
        at, inserted = edit["at"], len(edit["insert"])
        end = min(at + edit["remove"], one["length"])
        after = [*range(at), *[None] * inserted, *range(end, one["length"])]
        assert one["moved"] == [after.index(step) if step in after else -1 for step in range(one["length"])]
        here = at if end > at else at + inserted
        assert one["plain"] == [here, end, at + inserted, inserted - (end - at), inserted]
        marked = {step for span in one["marked"] for step in range(span["from"], span["to"])}
        left = [step for span in one["left"] for step in range(span["from"], span["to"])]
        assert left == [k for k, step in enumerate(after) if step in marked]
        assert all(a["to"] < b["from"] for a, b in zip(one["left"], one["left"][1:], strict=False))


def test_all_who_hear_of_a_text_are_handed_the_edit_that_made_it(bare):
    found = bare.evaluate(
        """async () => {
          const { Text } = await import("/static/text/document.js");
          const { createStore } = await import("/static/state/store.js");
          const store = createStore({ text: Text.of("aaa") });
          const heard = [];
          store.subscribe((state, changed, edit) => {
            if (changed.has("text")) store.set({ author: `${state.author}x` });
            heard.push(edit);
          });
          store.subscribe((_, changed, edit) => changed.has("text") && heard.push(edit));
          const set = (text) => {
            const before = store.get().text;
            heard.length = 0;
            store.set({ text });
            const [inner, first, second] = heard;
            return [heard.length, inner, first === second, first === text.since(before), first];
          };
          return [
            set(store.get().text.edited({ at: 1, remove: 0, insert: "a" })),
            set(Text.of("aXaa")),
            set(Text.of("aXaa")),
          ];
        }"""
    )
    # Between equal letters a comparison could not know which is the new one.
    typed = {"at": 1, "remove": 0, "insert": "a", "inserted": 1}
    whole = {"at": 1, "remove": 1, "insert": "X", "inserted": 1}
    assert found == [[3, None, True, True, typed], [3, None, True, True, whole], [3, None, True, True, None]]
