"""Blocks: guess and truth side by side, a task that completes, a control that lights up, a claim measured again."""

from __future__ import annotations

import re

from playwright.sync_api import expect

from app.lessons.controls import CONTROLS
from tests.support.browser.lesson_page import LessonPage, OpenLesson

LONG = "And yet the tide comes in and takes the footprints one by one. " * 12


def test_first_the_guess_then_the_truth_then_both(open_lesson: OpenLesson) -> None:
    page = open_lesson(step="an-echo-dies-away")
    page.ready()
    ask = page.block("ask").first
    measure = ask.get_by_role("button", name="Measure it")
    expect(measure).to_be_disabled()
    expect(ask.locator(".found")).to_be_hidden()
    ask.get_by_label("Your guess:").fill("some")
    expect(ask.get_by_text("That is no number yet.")).to_be_visible()
    expect(measure).to_be_disabled()
    ask.get_by_label("Your guess:").fill("5000")
    measure.click()
    expect(ask.locator(".guessed dd")).to_have_text("5000 characters")
    truth = ask.locator(".truth dd")
    expect(truth).to_have_text(re.compile(r"^\d+ characters$"))
    expect(ask.locator(".verdict")).to_have_text(re.compile(r"^Not so: [\d.]+ times too high\.$"))
    number = truth.inner_text().removesuffix(" characters")
    expect(ask.locator(".after")).to_have_text(
        f"It was {number}; you said 5000. The network pays 2.32 bits a character."
    )
    ask.get_by_label("Your guess:").fill(number)
    measure.click()
    expect(ask.locator(".verdict")).to_have_text("Right.")


def test_the_truth_is_about_the_pupils_own_text(open_lesson: OpenLesson) -> None:
    page = open_lesson(step="an-echo-dies-away")
    page.ready()
    page.text.fill("")
    ask = page.block("ask").first
    ask.get_by_label("Your guess:").fill("3")
    ask.get_by_role("button", name="Measure it").click()
    expect(ask.locator(".fault")).to_have_text("There is no text yet. Write some into the lab first.")


def test_a_choice_is_judged_and_a_guess_is_kept(open_lesson: OpenLesson) -> None:
    page = open_lesson(step="2")
    page.ready()
    ask = page.block("ask").nth(1)
    ask.get_by_label("the vanilla one").check()
    ask.get_by_role("button", name="Measure it").click()
    expect(ask.locator(".truth dd")).to_have_text("the gated one")
    expect(ask.locator(".verdict")).to_have_text("Not so.")
    page.page.reload()
    expect(page.step.locator("h2")).to_have_text("An echo dies away")
    expect(page.block("ask").nth(1).get_by_label("the vanilla one")).to_be_checked()


def test_a_task_is_done_once_the_lab_shows_it(open_lesson: OpenLesson) -> None:
    page = open_lesson(step="3")
    page.ready()
    task = page.block("try")
    expect(task.get_by_role("status")).to_have_text("Not done yet.")
    page.text.fill(LONG)
    expect(task.get_by_role("status")).to_have_text("Done.")
    expect(page.page.locator(".dots a.done")).to_have_count(1)


def test_a_task_is_not_done_by_what_the_step_before_shows(open_lesson: OpenLesson) -> None:
    page = open_lesson("51-tasks")
    page.ready()
    expect(page.text).to_have_value("long " * 20)
    for come in (lambda: page.press("ArrowRight"), lambda: page.page.reload()):  # from that step, and directly
        come()
        expect(page.text).to_have_value("short")
        page.ready()
        status = page.block("try").get_by_role("status")
        expect(status).to_have_text("Not done yet.")
    page.text.fill("and longer " * 10)
    expect(status).to_have_text("Done.")


def test_a_control_lights_up_and_is_put_into_a_state(opened: LessonPage) -> None:
    expect(opened.lab.locator(".pointed-at")).to_have_count(1)
    expect(opened.text).to_have_class(re.compile("pointed-at"))
    opened.press("End")
    opened.ready()
    expect(opened.text).not_to_have_class(re.compile("pointed-at"))
    expect(opened.lab.locator("#instruments")).to_have_class(re.compile("pointed-at"))
    expect(opened.lab.locator("#instrument-title")).to_have_text("Saturation")
    opened.block("point").get_by_role("button").click()
    expect(opened.lab.locator("#instrument-title")).to_have_text("Memory horizon")


def test_a_claim_is_measured_on_the_spot(opened: LessonPage) -> None:
    claim = opened.block("claim").nth(1)
    expect(claim.get_by_role("button")).to_have_text("2.32")
    claim.get_by_role("button").click()
    expect(claim.get_by_role("status")).to_have_text("measured just now: 2.32 bits per character")


def test_a_broken_lesson_shows_what_is_wrong_and_the_rest(open_lesson: OpenLesson) -> None:
    page = open_lesson("50-broken")
    expect(page.page.locator("header .mistake")).to_contain_text("50-broken.md, line 13: The prose states 128")
    expect(page.step.locator(".mistake:visible")).to_contain_text("there is no control 'lamp'")
    expect(page.step).to_contain_text("The rest stands.")
    expect(page.lab.locator("[data-model] canvas.heatmap").first).to_be_visible()


def test_every_control_that_can_be_pointed_at_is_in_the_lab(open_lesson: OpenLesson) -> None:
    page = open_lesson(step="3")
    page.ready()
    models = "models=shakespeare-rnn,shakespeare-gru,shakespeare-lstm"
    for view in ("", "&echo=3", "&instrument=saturation"):
        page.page.frames[-1].evaluate("(hash) => { location.hash = hash }", f"{models}{view}")
        expect(page.lab.locator("#panels > *")).to_have_count(3)
        only = {"&echo=3": {"letter"}, "&instrument=saturation": {"instrument"}}
        elsewhere = {"letter", "instrument"} - only.get(view, set())
        for name, (selector, _) in CONTROLS.items():
            if name not in elsewhere:
                expect(page.lab.locator(selector).first, name).to_be_attached()
        for name in only.get(view, set()):
            expect(page.lab.locator(CONTROLS[name][0]).first, name).to_be_visible()
