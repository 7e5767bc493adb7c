"""The whole view stands in the address; light and dark are one click away."""

from __future__ import annotations

from playwright.sync_api import expect

from tests.support.browser.explore_page import address, by_number

TEXT = "The king is come, & my lord: 100 % #1?\nÉ 🙂 + and = too."


def test_a_view_is_the_same_in_a_fresh_browser(explore, open_page):
    explore.replace(TEXT * 3)
    explore.choice("Signal").select_option("update_gate")
    explore.choice("Order of units").select_option("similarity")
    explore.panel("shakespeare-lstm").get_by_role("combobox").last.select_option("cell")
    explore.twin("shakespeare-rnn").click()
    explore.settle()
    first = explore.models()[0]
    explore.area(first).focus()
    for key in ("+", "+", "Home", "ArrowRight", "ArrowRight", "Shift+ArrowDown"):
        explore.page.keyboard.press(key)
    explore.settle()
    # The address follows after a pause, all of it at once: the last key went down a unit.
    unit = explore.at()[2]
    assert unit > 0
    explore.until(f"location.hash.includes('&step=2&unit={unit}')")
    other = open_page(explore.page.url.partition("#")[2], viewport=explore.page.viewport_size)
    other.settle()
    assert other.text() == explore.text() == TEXT * 3
    assert other.models() == explore.models() == ["shakespeare-rnn@0", "shakespeare-gru", "shakespeare-lstm"]
    for model in explore.models():
        assert other.showing(model) == explore.showing(model)
        assert other.window(model) == explore.window(model)
    assert other.choice("Order of units").input_value() == "similarity"
    other.wait_at(*[explore.at()[k] for k in (0, 2)])
    assert other.at() == explore.at()
    assert other.at()[:2] == (2, "e")


def test_an_address_of_nonsense_opens_the_first_view(open_page):
    explore = open_page(
        "models=nobody,,shakespeare-lstm@7&signal=shoe&layer=99&columns=0&from=99999999&step=x&theme=loud&text="
    )
    explore.replace("Still there.")
    explore.settle_and_check("Still there.")
    assert explore.models() == ["shakespeare-rnn", "shakespeare-gru", "shakespeare-lstm"]


def test_an_address_changed_by_hand_changes_the_open_page(explore):
    explore.go(address(models="python-lstm", layer=1, signal="forget_gate", text="def f(x):\n    return x\n"))
    expect(explore.panel("python-lstm")).to_have_attribute("data-signal", "forget_gate")
    explore.settle_and_check("def f(x):\n    return x\n")
    assert explore.showing("python-lstm") == (1, "forget_gate")
    explore.choice("Signal").select_option("cell")
    explore.until("location.hash.includes('signal=cell')")  # and the page goes on writing its own


def test_an_address_that_comes_just_before_the_page_writes_its_own_is_not_lost(explore):
    """The page's pause ends after another address is put in, and before the page is told of it."""
    explore.page.evaluate(
        """() => {
          const plain = setTimeout;
          globalThis.setTimeout = (act, pause, ...more) => {
            if (pause !== 500) return plain(act, pause, ...more);
            globalThis.write = act;
            return plain(() => {}, 0);
          };
        }"""
    )
    explore.choice("Signal").select_option("candidate")
    explore.settle()
    other = by_number(address(models="shakespeare-gru", text="Other."))
    explore.page.evaluate("(hash) => { location.hash = hash; write(); }", other)
    explore.settle_on("Other.")
    assert explore.models() == ["shakespeare-gru"]


def test_share_copies_the_address(explore):
    explore.replace("Share me.")
    explore.settle()
    explore.button("Share").click()
    expect(explore.page.locator("#notice")).to_contain_text("copied")
    assert "Share+me." in explore.page.evaluate("navigator.clipboard.readText()")


def background(explore):
    colour = explore.page.evaluate("getComputedStyle(document.documentElement).backgroundColor")
    return [int(part) for part in colour.strip("rgba()").split(",")[:3]]


def test_the_theme_goes_round_and_is_remembered(explore, open_page):
    """The colours of the pictures do not depend on it."""
    light = background(explore)
    button = explore.page.locator("#theme")
    expect(button).to_have_text("Theme: auto")
    button.click()
    expect(button).to_have_text("Theme: light")
    assert background(explore) == light
    button.click()
    expect(button).to_have_text("Theme: dark")
    assert max(background(explore)) < 80 < min(light)
    explore.settle_and_check()
    again = open_page()
    again.settle_and_check()
    expect(again.page.locator("#theme")).to_have_text("Theme: dark")
    assert max(background(again)) < 80


def test_without_a_choice_the_system_decides(open_page):
    explore = open_page(color_scheme="dark")
    explore.settle_and_check()
    assert max(background(explore)) < 80
    explore.page.emulate_media(color_scheme="light")
    assert min(background(explore)) > 200
    explore.settle_and_check()


def test_the_picture_can_be_had_as_a_file(explore):
    with explore.page.expect_download() as download:
        explore.take("Picture as PNG")
    assert download.value.suggested_filename == "hidden-state.png"
    path = download.value.path()
    assert path.read_bytes().startswith(b"\x89PNG")
    assert path.stat().st_size > 20_000


def test_the_other_pages(explore):
    explore.page.get_by_role("link", name="Models").click()
    for title in explore.page.evaluate(
        "fetch('/api/models').then((r) => r.json()).then((m) => (m.models ?? m).map((one) => one.title))"
    ):
        expect(explore.page.get_by_text(title, exact=True).first).to_be_visible()
    assert explore.page.evaluate("document.documentElement.scrollWidth <= innerWidth")
