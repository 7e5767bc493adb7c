"""An exported page in use: opened from its file, typed into, edited, listened to, on a laptop and on a telephone."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from playwright.sync_api import Browser, expect

from app.offline.export import MOST_BYTES, MOST_CHARACTERS, NO_SERVER
from scripts.browser import Server
from tests.support.browser.explore_page import Explore, address
from tests.support.browser.offline_page import SMALL, OfflinePage, OpenOffline

TEXT = "the lamp by the river was never quiet, said Anna."
NAMES = list(SMALL)


def test_typing_and_editing_anywhere_shows_what_a_fresh_run_computes(open_offline: OpenOffline) -> None:
    page = open_offline(NAMES, TEXT)
    page.page.evaluate("location.hash += '&order=index'")
    page.settle_on(TEXT)
    page.editor.press("End")
    page.page.keyboard.type(" And more")
    page.settle_on(f"{TEXT} And more")
    page.caret_to(4, 8)
    page.page.keyboard.type("Stone€")
    page.settle_on(f"the Stone€{TEXT[8:]} And more")
    page.button("Undo").click()
    page.replace("")
    page.settle_on("")


@pytest.mark.parametrize("signal", ["cell", "log_mass", "update_gate"])
def test_every_kind_of_signal_has_its_colours(open_offline: OpenOffline, signal: str) -> None:
    """On a logarithmic scale, which all share, and on a gate's own; whoever lacks the signal shows another."""
    page = open_offline(NAMES, TEXT, address(models=",".join(NAMES), signal=signal, order="index"))
    page.settle_on(TEXT)
    assert signal in {page.showing(name)[1] for name in NAMES}


def test_the_cursor_has_the_values_and_what_comes_next(open_offline: OpenOffline) -> None:
    page = open_offline(NAMES, TEXT, address(models=",".join(NAMES), order="index"))
    page.settle()
    page.area(NAMES[0]).focus()
    for _ in range(3):
        page.page.keyboard.press("ArrowLeft")
    page.page.keyboard.press("ArrowDown")
    step = len(TEXT) - 4
    page.wait_at(step, 1)
    for name in NAMES:
        reading = page.reference(name, TEXT)
        value = float(re.sub("−", "-", page.inspected(name).locator(".exact").first.inner_text()).split()[0])
        assert abs(value - reading.signal(0, "hidden")[step, 1]) <= 0.01
        best = reading.lm.vocabulary.characters[int(reading.log_probabilities[step].argmax())]
        expect(page.expectation(name)).to_contain_text({" ": "·", "\n": "↵"}.get(best, best))


def test_the_echo_of_a_character_is_felt_for_as_long_as_two_runs_differ(open_offline: OpenOffline) -> None:
    at, instead = 9, "Q"
    page = open_offline(NAMES, TEXT, address(models=",".join(NAMES), echo=f"{at}:{instead}", order="index"))
    page.settle()
    for name in NAMES:
        lm = page.reference(name, TEXT).lm
        apart = lm.trace(TEXT)["0.hidden"] - lm.trace(TEXT[:at] + instead + TEXT[at + 1 :])["0.hidden"]
        strengths = apart.double().norm(dim=1).numpy()[at:]
        lasts = max(k for k, one in enumerate(strengths) if one >= 0.01 * strengths[0])
        expect(page.panel(name)).to_have_attribute("data-felt", str(lasts))
        expect(page.panel(name)).to_have_attribute("data-echo", str(at))
        left = page.pixels(name)[:, :at, :3]
        assert (left == left[0, 0]).all(), "something is felt before the character"
    page.button("Values").click()
    page.settle_and_check()


@pytest.mark.parametrize("words", [{}, {"echo": "40:Q"}, {"show": "saturated", "signal": "cell"}], ids=str)
def test_a_text_wider_than_the_window_is_painted_to_its_end(open_offline: OpenOffline, words: dict[str, str]) -> None:
    text = (TEXT * 60)[:2500]
    page = open_offline(NAMES, text, address(models=",".join(NAMES), columns=2500, order="index", **words))
    page.until("document.querySelectorAll('[data-window=\"0:2500\"]').length === " + str(len(NAMES)))
    page.frames()
    for name in NAMES:
        pixels = page.pixels(name)
        per = -(-len(text) // pixels.shape[1])
        assert per > 1
        assert (pixels[:, : -(-len(text) // per), 3] == 255).all()


def test_a_text_longer_than_the_page_reads_is_read_to_its_limit_and_it_says_so(open_offline: OpenOffline) -> None:
    page = open_offline(NAMES[:1], TEXT)
    page.settle()
    page.replace("night " * (MOST_CHARACTERS // 6) + "snow")
    expect(page.page.locator("#notice")).to_contain_text(f"reads the first {MOST_CHARACTERS:,}")
    page.until(f"document.querySelector('[data-model]').dataset.steps === '{MOST_CHARACTERS}'")


def test_an_instrument_says_that_it_needs_a_server(open_offline: OpenOffline) -> None:
    page = open_offline(NAMES[:2], TEXT)
    page.settle()
    page.area(NAMES[0]).press("Enter")
    expect(page.page.locator("#instrument")).to_contain_text(NO_SERVER)


@pytest.mark.parametrize(("width", "height"), [(1280, 720), (390, 844)])
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_the_page_fits_a_laptop_and_a_telephone(
    open_offline: OpenOffline, browser: Browser, tmp_path: Path, width: int, height: int, scheme: str
) -> None:
    path = tmp_path / "page-0.html"
    open_offline(NAMES[:3], TEXT).settle()
    context = browser.new_context(viewport={"width": width, "height": height}, color_scheme=scheme)  # type: ignore[arg-type]
    page = OfflinePage(context.new_page(), {})
    page.read(path)
    page.settle()
    assert page.page.evaluate("document.documentElement.scrollWidth") == width
    dark = page.page.evaluate("getComputedStyle(document.body).colorScheme") == "dark"
    assert dark == (scheme == "dark")
    expect(page.page.locator(".plain-axes .row-tick").first).to_be_visible()
    expect(page.page.get_by_text("What it cannot do:")).to_be_attached()
    page.check_faults()
    context.close()


def test_the_button_of_the_page_downloads_the_view_and_it_opens_as_it_was(
    explore: Explore, server: Server, tmp_path: Path, browser: Browser
) -> None:
    text = "To be, or not."
    view = address(models="shakespeare-gru,shakespeare-rnn", signal="hidden", text=text, order="index")
    explore.go(view)
    explore.settle_on(text)
    with explore.page.expect_download() as waiting:
        explore.take("Page")
    path = tmp_path / waiting.value.suggested_filename
    waiting.value.save_as(path)
    assert path.name == "hidden-state.html"
    assert path.stat().st_size < MOST_BYTES
    context = browser.new_context()
    names = ("shakespeare-gru", "shakespeare-rnn")
    page = OfflinePage(context.new_page(), {name: explore.reference(name, "a").lm for name in names})
    page.read(path)
    page.settle_on(text)
    assert page.models() == list(names)
    page.check_faults()
    assert all(url.startswith("file:") for url in page.requests)
    context.close()
