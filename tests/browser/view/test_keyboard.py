"""Everything can be done from the keyboard, as the help says, and everything has a name."""

from __future__ import annotations

import pytest
from playwright.sync_api import expect

from tests.support.browser.explore_page import address

LSTM = "shakespeare-lstm"
TEXT = "The king is come, my lord; the king is come.\n" * 8


@pytest.fixture
def focused(open_page):
    explore = open_page(address(models=f"shakespeare-rnn,{LSTM}", text=TEXT, columns=60, step=320, unit=5))
    explore.settle()
    explore.area(LSTM).focus()
    return explore


def test_arrows_move_the_cursor(focused):
    focused.wait_at(320, 5)
    for key, step, unit in [
        ("ArrowLeft", 319, 5),
        ("ArrowRight", 320, 5),
        ("ArrowDown", 320, 6),
        ("ArrowUp", 320, 5),
        ("Shift+ArrowLeft", 310, 5),
        ("Shift+ArrowRight", 320, 5),
        ("Shift+ArrowDown", 320, 15),
        ("Shift+ArrowUp", 320, 5),
        ("Shift+ArrowUp", 320, 0),
    ]:
        focused.page.keyboard.press(key)
        focused.wait_at(step, unit)


def test_home_and_end_go_to_the_first_and_last_step_and_bring_them_into_view(focused):
    focused.page.keyboard.press("Home")
    focused.wait_at(0)
    focused.settle_and_check()
    assert focused.window(LSTM) == (0, 60)
    focused.page.keyboard.press("ArrowLeft")
    focused.wait_at(0)
    focused.page.keyboard.press("End")
    focused.wait_at(len(TEXT) - 1)
    focused.settle_and_check()
    assert focused.window(LSTM) == (len(TEXT) - 60, len(TEXT))
    focused.page.keyboard.press("ArrowRight")
    focused.wait_at(len(TEXT) - 1)


def test_pages_move_the_window_by_its_width(focused):
    end = len(TEXT)
    assert focused.window(LSTM) == (end - 60, end)
    for key, start in [
        ("PageUp", end - 120),
        ("PageUp", end - 180),
        ("PageDown", end - 120),
        ("PageDown", end - 60),
        ("PageDown", end - 60),
    ]:
        focused.page.keyboard.press(key)
        focused.settle_and_check()
        assert focused.window(LSTM) == (start, start + 60)


def test_plus_minus_and_nought_zoom(focused):
    def width():
        focused.settle_and_check()
        start, stop = focused.window(LSTM)
        assert stop <= len(TEXT)
        return stop - start

    focused.page.keyboard.press("+")
    assert width() == 40
    focused.page.keyboard.press("-")
    assert width() == 60
    focused.page.keyboard.press("-")
    assert width() == 90
    focused.page.keyboard.press("0")
    usual = width()
    assert focused.button("fit: default zoom").is_visible()
    focused.button("Zoom in").click()
    assert width() == round(usual / 1.5)
    focused.button("Zoom out").click()
    assert abs(width() - usual) <= 1
    for _ in range(12):
        focused.area(LSTM).press("+")
    assert width() == 12
    for _ in range(12):
        focused.area(LSTM).press("-")
    assert width() == len(TEXT)


def test_the_overview_is_a_scrollbar(focused):
    bar = focused.page.get_by_role("scrollbar", name="Place of the window in the text")
    bar.focus()
    focused.page.keyboard.press("Home")
    focused.settle_and_check()
    assert focused.window(LSTM) == (0, 60)
    assert bar.get_attribute("aria-valuenow") == "0"
    focused.page.keyboard.press("PageDown")
    focused.page.keyboard.press("ArrowRight")
    focused.settle_and_check()
    assert focused.window(LSTM) == (66, 126)
    focused.page.keyboard.press("End")
    focused.settle_and_check()
    assert focused.window(LSTM)[1] == len(TEXT)


def test_keys_that_come_faster_than_frames_are_not_lost_on_the_overview(focused):
    bar = focused.page.get_by_role("scrollbar", name="Place of the window in the text")
    bar.focus()
    focused.page.keyboard.press("Home")
    focused.settle_and_check()
    bar.evaluate(
        """(bar) => ["PageDown", "ArrowRight", "ArrowRight"].forEach((key) =>
          bar.dispatchEvent(new KeyboardEvent("keydown", { key, bubbles: true, cancelable: true })))"""
    )
    focused.settle_and_check()
    assert focused.window(LSTM) == (72, 132)


def test_the_help_lists_the_keys(focused):
    with focused.help() as dialog:
        words = dialog.inner_text()
    for key in ("Ctrl Enter", "Esc", "Home", "End", "Page ↑", "Page ↓", "←", "→", "↑", "↓", "Shift"):
        assert key in words
    focused.area(LSTM).press("?")
    expect(focused.page.get_by_role("dialog")).to_be_visible()
    focused.page.keyboard.press("Escape")
    expect(focused.page.get_by_role("dialog")).to_be_hidden()
    focused.wait_at(320, 5)  # the key that closed the dialog did nothing else


def test_a_question_mark_can_be_typed(explore):
    explore.replace("Who")
    explore.page.keyboard.type("?")
    explore.settle_and_check("Who?")
    expect(explore.page.get_by_role("dialog")).to_be_hidden()


def test_the_inspector_says_its_values_to_a_screen_reader(focused):
    focused.page.keyboard.press("Home")
    focused.wait_at(0, 5)
    value = float(focused.reference(LSTM, TEXT).signal(0, "hidden")[0, 5])
    live = focused.page.locator("#inspector [role=status]")
    expect(live).to_contain_text("Step 0, “T”, unit 5")
    expect(live).to_contain_text(f"{value:.2f}".replace("-", "−"))


def test_every_control_has_a_name(open_page):
    explore = open_page(address(models="python-lstm,python-gru,shakespeare-rnn@0", text=TEXT))
    explore.settle()
    names = []
    for role in (
        "button",
        "combobox",
        "checkbox",
        "link",
        "textbox",
        "application",
        "scrollbar",
        "region",
        "complementary",
    ):
        for one in explore.page.get_by_role(role).all():
            words = one.aria_snapshot().splitlines()[0]
            assert '"' in words, f"a {role} without a name: {one.evaluate('(e) => e.outerHTML.slice(0, 120)')}"
            names.append(words)
    buttons = [name for name in names if name.startswith("- button")]
    assert len(buttons) > 12
    controls = [name.partition("[")[0] for name in names if "button" in name or "combobox" in name]
    assert len(controls) == len(set(controls)), "two controls have the same name"


def test_tab_goes_through_everything_in_the_order_of_the_page(explore):
    """From the editor on: play, the pictures, the choices; nothing is a trap."""
    explore.page.evaluate("document.activeElement.blur(); scrollTo(0, 0)")
    seen = []
    for _ in range(80):
        explore.page.keyboard.press("Tab")
        seen.append(
            explore.page.evaluate(
                """() => {
                  const one = document.activeElement;
                  if (one === document.body) return "body";
                  const panel = one.closest("[data-model]");
                  if (one.id === "text") return "editor";
                  if (one.classList.contains("area")) return `area ${panel.dataset.model}`;
                  if (one.closest("#play")) return "play";
                  if (one.closest("#controls")) return "controls";
                  if (one.closest("#overview")) return "overview";
                  return one.tagName;
                }"""
            )
        )
        if seen[-1] == "body":
            break
    for wanted in ("editor", "play", "controls", "overview", *(f"area {model}" for model in explore.models())):
        assert wanted in seen, f"Tab does not reach {wanted}: {seen}"
    areas = [place for place in seen if place.startswith("area")]
    assert areas == [f"area {model}" for model in explore.models()]


def test_tab_leaves_the_editor(explore):
    explore.editor.focus()
    explore.page.keyboard.press("Tab")
    assert explore.page.evaluate("document.activeElement.id") != "text"
    assert "\t" not in explore.text()


def test_choices_by_keyboard_alone(explore):
    box = explore.page.get_by_role("group", name="Models").get_by_role("checkbox").first
    box.focus()
    explore.page.keyboard.press("Space")
    explore.settle_and_check()
    assert explore.models() == ["shakespeare-gru", LSTM]
    explore.page.keyboard.press("Space")  # the place of the keyboard is kept
    explore.settle_and_check()
    assert explore.models() == ["shakespeare-rnn", "shakespeare-gru", LSTM]
    explore.choice("Signal").focus()
    explore.page.keyboard.press("ArrowDown")
    explore.settle_and_check()
    assert explore.showing(LSTM)[1] != "hidden"
