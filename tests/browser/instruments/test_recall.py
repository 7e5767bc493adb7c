"""Recall in the page: the curves that ship, and an episode played with the networks that were trained on the task."""

from __future__ import annotations

import json
import re
import urllib.request

import numpy as np
import pytest
from playwright.sync_api import expect

from models import load
from models.studies.recall.curves import read_curves
from models.tasks.delayed_recall import KEYS, MARK, NOISE, VOCABULARY
from tests.support.browser.explore_page import address
from tests.support.browser.open_instrument import Instrument

MODELS = ["recall-rnn", "recall-gru", "recall-lstm", "recall-rnn-wide"]
EPISODE = re.compile(r"([A-H])[a-z]*\?\1\n")


@pytest.fixture
def at(open_page):
    def open_it(**words):
        explore = open_page(address(models="recall-gru,recall-lstm", instrument="recall", **{"text": "a", **words}))
        explore.settle()
        return explore, Instrument(explore).settle()

    return open_it


def reach_words(reach, most):
    return f"≥ {most}" if reach >= most else f"{reach:g}"


@pytest.mark.parametrize("teaching", ["mixed", "growing"])
def test_the_curves_are_those_that_ship(teaching, at):
    _, instrument = at(**{"o.teaching": teaching, "o.delay": 30})
    curves = read_curves()
    most = curves.delays[-1]
    expect(instrument.frame.locator(".recall-curves tbody tr")).to_have_count(len(MODELS))
    lines = instrument.lines()
    for architecture in curves.models:
        accuracy = curves.accuracy(architecture.id, teaching)
        line = lines[architecture.title]
        assert line["x"] == curves.delays
        np.testing.assert_allclose(line["y"], np.median(accuracy, axis=0), atol=1e-4)
        summary = curves.summary(architecture.id, teaching)
        row = instrument.frame.locator(f'.recall-curves tr[data-for="{architecture.id}"]')
        said = {name: row.locator(f'[data-fact="{name}"]').inner_text() for name in ("reach", "range", "at")}
        assert said["reach"] == reach_words(summary.reach_median, most)
        ends = [reach_words(reach, most) for reach in (summary.reach_lowest, summary.reach_highest)]
        assert said["range"] == " … ".join(dict.fromkeys(ends))
        assert said["at"] == f"{100 * np.median(accuracy, axis=0)[29]:.0f} %"
    shapes = instrument.explore.page.evaluate("document.querySelector('#instrument .chart').layout.shapes")
    heights = [shape["y0"] for shape in shapes if shape.get("xref") == "paper"]
    assert heights == [1 / 8, (1 + 1 / 8) / 2]


def test_the_file_has_every_seed(at):
    _, instrument = at()
    expect(instrument.frame.locator(".recall-curves tbody tr")).to_have_count(len(MODELS))
    rows = instrument.csv()
    curves = read_curves()
    for run in curves.of("recall-lstm", "mixed"):
        own = [row for row in rows if row["architecture"] == "LSTM · 32" and row["of"] == f"seed {run.seed}"]
        assert [float(row["accuracy"]) for row in own] == run.accuracy
    served = json.load(urllib.request.urlopen(f"{instrument.explore.server.url}/api/recall"))
    assert len(rows) == len(curves.delays) * sum(
        3 + len(one["seeds"]) for one in served["summaries"] if (one["teaching"], one["longest"]) == ("mixed", 200)
    )


def check_answers(explore, instrument, text, mark):
    """Each row says the likeliest key and the probability of the right one, as the model itself computes them."""
    key = text[0]
    for model in explore.models():
        lm = load(model)
        shares = lm.trace(text).log_probabilities[mark].exp().numpy()
        keys = shares[[VOCABULARY.characters.index(one) for one in KEYS]]
        row = instrument.frame.locator(f'.recall-answers tr[data-for="{model}"]')
        best = KEYS[int(keys.argmax())]
        assert row.locator('[data-fact="says"]').inner_text() == f"{best} {'✓' if best == key else '✗'}"
        words, right = row.locator('[data-fact="right"]').inner_text(), 100 * float(keys[KEYS.index(key)])
        if words.startswith(("<", ">")):
            assert right < 0.051 if words.startswith("<") else right > 99.94
        else:
            assert float(words.removesuffix(" %")) == pytest.approx(right, abs=0.51)
        label = row.locator(".recall-bars").get_attribute("aria-label")
        assert len(label.split(", ")) == len(KEYS)


def test_an_episode_is_put_into_the_editor_and_answered(open_page):
    """From Shakespeare: the recall networks are opened, and the mark is where the cursor is."""
    explore = open_page(address(models="shakespeare-rnn", text="Some prose?", instrument="recall"))
    explore.settle()
    instrument = Instrument(explore).settle()
    expect(instrument.frame.locator(".faults p")).to_have_count(0)
    instrument.frame.get_by_role("combobox", name="Key").select_option("F")
    delay = instrument.frame.get_by_role("spinbutton", name="Delay")
    delay.fill("12")
    delay.press("Enter")
    explore.button("Put it into the editor").click()
    explore.settle()
    instrument.settle()
    text = explore.text()
    assert EPISODE.fullmatch(text)
    assert text[0] == "F"
    assert text.index("?") == 12
    assert set(MODELS) <= set(explore.models())
    explore.wait_at(12)
    expect(instrument.frame).to_contain_text("At the mark, step 12, 12 steps after the key F:")
    check_answers(explore, instrument, text, 12)
    instrument.tints_come_to(lambda shown: shown[0] > 0 and shown[12] < 0 and (shown[1:12] == 0).all())
    # Another delay, and the episode in the editor is another one: with more of the same noise.
    instrument.frame.get_by_role("slider", name="Delay, up to 200").fill("40")
    explore.settle()
    instrument.settle()
    longer = explore.text()
    assert longer.startswith(text[:12])
    assert longer.index("?") == 40
    check_answers(explore, instrument, longer, 40)


def test_it_is_played_up_to_the_moment_of_recall(at):
    explore, instrument = at(**{"o.key": "D", "o.delay": 9, "o.seed": 3})
    explore.page.get_by_role("combobox", name="Speed of play").select_option("10")
    instrument.frame.get_by_role("button", name="Play it").click()
    expect(explore.page.locator("#play .where")).to_have_text("10 of 12", timeout=30_000)
    instrument.settle()
    expect(explore.button("Play")).to_be_visible()  # and no more: it has paused
    expect(instrument.frame).to_contain_text("At the mark, step 9, 9 steps after the key D:")
    check_answers(explore, instrument, explore.text(), 9)
    explore.button("Play").click()
    expect(explore.page.locator("#play .where")).to_have_text("", timeout=30_000)
    assert EPISODE.fullmatch(explore.text())


def test_what_one_types_is_answered_too(at):
    """Every mark with a key before it in its line, in trained networks and untrained ones."""
    explore, instrument = at(text="Abc?A\nnothing?\n")
    explore.twin("recall-gru").click(modifiers=["Shift"])
    instrument.settle()
    expect(instrument.frame).to_contain_text("At the mark, step 3, 3 steps after the key A:")
    assert explore.models() == ["recall-gru", "recall-gru@0", "recall-lstm"]
    check_answers(explore, instrument, "Abc?", 3)
    explore.editor.press("Control+End")
    explore.page.keyboard.type("Hxyz?")
    explore.settle()
    instrument.settle()
    expect(instrument.frame).to_contain_text("4 steps after the key H:")


def test_an_episode_is_the_same_for_the_same_seed_and_uses_all_noise(bare):
    found = bare.evaluate(
        """async (task) => {
          const { episode } = await import("/static/instruments/recall/episode-text.js");
          const of = (key, delay, seed) => episode(task, { key, delay, seed });
          return {
            one: of("A", 1, 5), again: [of("B", 50, 7), of("B", 50, 7)], other: of("B", 50, 8), long: of("C", 6001, 1),
          };
        }""",
        {"keys": KEYS, "noise": NOISE, "mark": MARK},
    )
    assert found["one"] == "A?A\n"
    assert found["again"][0] == found["again"][1] != found["other"]
    noise = found["long"][1:6001]
    counts = np.array([noise.count(chr(97 + k)) for k in range(26)])
    assert counts.sum() == 6000
    assert ((counts - 6000 / 26) ** 2 / (6000 / 26)).sum() < 52.6  # χ² of 25, exceeded by chance once in a thousand


def test_beside_a_network_of_the_task_another_says_why_it_is_not_asked(open_page):
    explore = open_page()
    explore.settle()
    explore.page.goto("about:blank")  # so that the next page opens a socket of its own
    asked = []
    explore.page.on("websocket", lambda socket: socket.on("framesent", lambda sent: asked.append(str(sent))))
    explore.open(address(models="shakespeare-rnn,recall-gru", text="Csea?C", instrument="recall"))
    explore.settle()
    instrument = Instrument(explore).settle()
    (fault,) = instrument.frame.locator(".faults p").all()
    expect(fault).to_contain_text("was not trained on delayed recall")
    expect(instrument.frame).to_contain_text("At the mark, step 4, 4 steps after the key C:")
    about = [sent for sent in asked if '"measure"' in sent]
    assert about
    assert not [sent for sent in about if "shakespeare" in sent]
