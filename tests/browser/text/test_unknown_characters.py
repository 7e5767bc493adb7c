"""Characters that a model never saw are marked, never dropped, and each takes one step."""

from __future__ import annotations

from playwright.sync_api import expect

from models import load
from tests.support.browser.explore_page import address

STRANGE = ("é", "漢", "🙂", "\t")
TRIO = "shakespeare-rnn,shakespeare-gru,shakespeare-lstm"


def marked_in_text(explore):
    """Code points of the editor's text under the highlight of unknown characters."""
    return explore.page.evaluate(
        """() => [...CSS.highlights.get("unknown")].map((range) => {
          const before = Array.from(range.startContainer.data.slice(0, range.startOffset)).length;
          return [before, range.startContainer.data.slice(range.startOffset, range.endOffset)];
        }).sort((a, b) => a[0] - b[0])"""
    )


def marked_columns(explore, model):
    """Runs of columns under marks in a panel."""
    return explore.panel(model).evaluate(
        """(panel) => {
          const width = panel.querySelector("canvas.heatmap").width;
          const marks = panel.querySelector("canvas.marks");
          if (marks.hidden) return [];
          const context = marks.getContext("2d");
          const runs = [];
          for (let k = 0; k < width; k++) {
            const x = Math.floor(((k + 0.5) * marks.width) / width);
            const column = context.getImageData(x, 0, 1, marks.height).data.filter((_, at) => at % 4 === 3);
            const [top, middle, bottom] = [1, marks.height >> 1, marks.height - 2].map((y) => column[y] > 0);
            if (middle || top !== bottom) throw new Error(`column ${k} is marked over its cells`);
            if (!top) continue;
            if (runs.at(-1)?.[1] === k) runs.at(-1)[1] = k + 1;
            else runs.push([k, k + 1]);
          }
          return runs;
        }"""
    )


def test_marked_in_the_text_and_in_the_column(open_page):
    explore = open_page(address(models=TRIO, text="A"))
    explore.settle()
    for character in STRANGE:
        text = f"The {character} king{character}{character} is come"
        explore.go(address(models=TRIO, text=text))
        explore.settle_on(text)
        explore.comes_to(lambda: marked_in_text(explore), [[4, character], [10, character], [11, character]])
        for model in explore.models():
            assert marked_columns(explore, model) == [[4, 5], [10, 12]], character
        box = explore.page.locator("#text").bounding_box()
        assert box["height"] > 20


def test_each_panel_marks_what_its_own_model_does_not_know(open_page):
    """A brace is known to the models of Python and not to those of Shakespeare."""
    assert "{" in load("python-gru").vocabulary
    assert "{" not in load("shakespeare-gru").vocabulary
    explore = open_page(address(models="shakespeare-gru,python-gru", text="a { b"))
    explore.settle_and_check()
    assert marked_columns(explore, "shakespeare-gru") == [[2, 3]]
    assert marked_columns(explore, "python-gru") == []


def test_positions_count_code_points(open_page):
    """Edits after characters that take two UTF-16 units go to the right place."""
    explore = open_page(address(models=TRIO, text="A 🙂🙂 B"))
    explore.settle_and_check("A 🙂🙂 B")
    explore.caret_to(7)
    explore.page.keyboard.type("xy")
    expect(explore.editor).to_have_value("A 🙂🙂 xyB")
    explore.settle_and_check("A 🙂🙂 xyB")
    explore.caret_to(4, 6)
    explore.page.keyboard.press("Delete")
    explore.settle_and_check("A 🙂 xyB")
    explore.caret_to(2)
    explore.page.keyboard.insert_text("😀")
    explore.settle_and_check("A 😀🙂 xyB")
    explore.caret_to(4)
    explore.page.keyboard.press("Backspace")
    explore.settle_and_check("A 🙂 xyB")
    first = explore.models()[0]
    explore.hover(first, 2, 0)
    explore.wait_at(2)
    assert explore.at()[:2] == (2, "🙂")
    explore.hover(first, 4, 0)
    explore.wait_at(4)
    assert explore.at()[:2] == (4, "x")


def test_one_emoji_in_place_of_another(open_page):
    """The two share a half of their UTF-16: the difference must not be cut through the middle of a character."""
    explore = open_page(address(models=TRIO, text="A 🙂 B"))
    explore.settle()
    for other in ("🙃", "😃", "🔃"):
        explore.replace(f"A {other} B")
        explore.settle_and_check(f"A {other} B")


def test_half_a_surrogate_pair_does_no_harm(explore):
    for half in ("\\ud83d", "\\ude42"):
        explore.replace("whole")
        explore.settle_on("whole")
        explore.page.evaluate(
            f"""() => {{
              const area = document.querySelector("#text");
              area.focus();
              area.value = "Half {half} a pair";
              area.dispatchEvent(new InputEvent("input"));
            }}"""
        )
        explore.settle_and_check("Half \ufffd a pair")
        explore.page.keyboard.press("Control+End")
        explore.page.keyboard.type(" goes on")
        explore.settle_and_check("Half \ufffd a pair goes on")


def test_nothing_is_scored_where_nothing_is_known(open_page):
    explore = open_page(address(models="shakespeare-gru", text="é漢"))
    explore.settle_and_check()
    assert explore.panel("shakespeare-gru").locator(".bits").inner_text() == ""


def test_every_unknown_character_is_marked_however_many(open_page):
    explore = open_page(address(models="shakespeare-gru", text="aé" * 450, columns=857))
    explore.settle()
    start, stop = explore.window("shakespeare-gru")
    assert stop - start > 700
    wanted = [[k, k + 1] for k in range(stop - start) if (start + k) % 2 == 1]
    assert marked_columns(explore, "shakespeare-gru") == wanted


def test_at_the_cursor_the_mark_has_a_meaning(open_page):
    explore = open_page(address(models="shakespeare-gru,python-gru", text="a { b"))
    explore.settle()
    for step, count in ((2, 1), (4, 0)):
        explore.hover("shakespeare-gru", step, 3)
        explore.wait_at(step, 3)
        note = explore.page.locator("#inspector .unknown:visible")
        expect(note).to_have_count(count)
        expect(explore.inspected("shakespeare-gru").locator(".unknown:visible")).to_have_count(count)
