"""What someone sees who has never been here."""

from __future__ import annotations

from app.content.example_texts import SAMPLES

MODELS = ["shakespeare-rnn", "shakespeare-gru", "shakespeare-lstm"]


def test_a_sample_is_traced_already(explore):
    assert explore.text() == SAMPLES[0].text
    assert explore.models() == MODELS
    assert [explore.steps(model) for model in MODELS] == [len(SAMPLES[0].text)] * 3
    explore.check()


def test_three_lines_say_what_one_is_looking_at_until_they_are_read(explore, open_page):
    note = explore.page.get_by_role("region", name="What you are looking at")
    lines = note.get_by_role("listitem").all_inner_texts()
    assert len(lines) == 3
    assert all(len(line) > 20 for line in lines)
    note.get_by_role("button", name="Got it").click()
    assert note.is_hidden()
    again = open_page()
    again.settle()
    assert again.page.locator("#note").is_hidden()


def test_the_beginning_of_the_sample_can_be_gone_to(explore):
    """Column 0 is the state after one character, from a state of zeros."""
    explore.area(MODELS[0]).press("Home")
    explore.wait_at(0)
    explore.settle_and_check()
    assert [explore.window(model)[0] for model in MODELS] == [0, 0, 0]


def test_without_javascript_the_page_says_so(browser, server):
    context = browser.new_context(java_script_enabled=False)
    page = context.new_page()
    page.goto(f"{server.url}/explore")
    assert "This page draws with JavaScript, and it is off." in page.locator("main").inner_text()
    page.get_by_role("link", name="The list of models").click()
    assert page.url == f"{server.url}/models"
    context.close()
