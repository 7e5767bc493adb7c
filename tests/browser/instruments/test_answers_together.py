"""Answers to two sets of options never stand side by side in an instrument."""

from __future__ import annotations

import json
import random

from playwright.sync_api import expect

from tests.support.browser.explore_page import address
from tests.support.browser.open_instrument import Instrument

GRU, LSTM = "shakespeare-gru", "shakespeare-lstm"
TEXT = "To be, or not to be, that is the question: whether tis nobler in the mind to suffer. " * 6

WALK = """async (script) => {
  const { Questions } = await import("/static/state/questions.js");
  const sent = [];
  const send = (id, model, measure) => sent.push({ id, model, measure });
  const questions = new Questions({ send, dismiss: () => {} });
  const asked = (lags) => ["a", "b", "c"].map((model) => ({ model, measure: { name: "x", lags } }));
  const seen = [];
  for (const [act, one] of script) {
    if (act === "ask") questions.ask(asked(one), "text");
    else if (sent.length > 0) {
      const { id, model, measure } = sent.splice(Math.floor(one * sent.length), 1)[0];
      if (act === "progress") {
        questions.progress({ id, model, share: 0.5, facts: {} });
        sent.push({ id, model, measure });
      } else questions.take({ id, model, facts: { lags: measure.lags }, revision: 0 }, {});
    }
    const shown = [...questions.consistent().values()].filter(({ facts }) => facts !== undefined);
    seen.push(shown.map(({ facts }) => facts.lags));
  }
  return seen;
}"""


def test_whatever_comes_when_the_answers_shown_are_to_one_question(bare):
    """Three models are asked again and again with other options, and answer in any order."""
    both = 0
    for seed in range(40):
        draw = random.Random(seed)
        script = [["ask", 0]]
        for k in range(60):
            act = draw.choice(["ask", "answer", "answer", "answer", "progress"])
            script.append([act, k if act == "ask" else draw.random()])
        for shown in bare.evaluate(WALK, script):
            assert len(set(shown)) <= 1, f"seed {seed}: answers to {shown} side by side"
            both += len(shown) == 3
    assert both > 100, "else this test shows nothing"


REFUSED = """async () => {
  const { Questions } = await import("/static/state/questions.js");
  const out = [];
  const questions = new Questions({
    send: (id, model) => out.push(`ask ${model}`),
    dismiss: () => out.push("dismiss"),
    refusal: (model, name) => (model === "b" && name === "x" ? "Not this one." : null),
  });
  const ask = (name, models) => questions.ask(models.map((model) => ({ model, measure: { name } })), "text");
  ask("x", ["a", "b"]);
  ask("x", ["a", "b"]);
  const errors = [...questions.consistent()].map(([model, { error }]) => [model, error ?? null]);
  ask("y", ["b"]);
  ask("x", ["b"]);
  questions.end();
  return { out, errors };
}"""


def test_what_is_known_to_have_no_answer_is_not_asked(bare):
    found = bare.evaluate(REFUSED)
    assert found["errors"] == [["a", None], ["b", "Not this one."]]
    # b is asked once, of what it can answer, and that question is dismissed once: when it becomes the other one again.
    assert found["out"] == ["ask a", "dismiss", "ask b", "dismiss"]


def test_a_table_never_mixes_two_options(open_page):
    """Every state that the table goes through while an option changes, as the page itself saw it."""
    options = {"o.positions": 40, "o.lags": 30}
    explore = open_page(address(models=f"{GRU},{LSTM}", text=TEXT, instrument="gradients", **options))
    explore.settle()
    instrument = Instrument(explore).settle()
    pair = "(row) => [row.dataset.for, row.innerText]"
    rows = f"() => [...document.querySelectorAll('#instrument tr[data-for]')].map({pair})"
    before = dict(explore.page.evaluate(rows))
    explore.page.evaluate(
        f"""() => {{
          globalThis.tables = new Set();
          const note = () => tables.add(JSON.stringify(({rows})()));
          const all = {{ subtree: true, childList: true, characterData: true }};
          new MutationObserver(note).observe(document.querySelector("#instrument"), all);
        }}"""
    )
    field = instrument.frame.get_by_role("spinbutton", name="How many characters to look back")
    field.fill("12")
    field.press("Enter")
    explore.until("location.hash.includes('o.lags=12')")
    instrument.settle()
    expect(instrument.frame.locator("tr[data-for]")).to_have_count(len(before))
    after = dict(explore.page.evaluate(rows))
    told = [model for model in before if before[model] != after[model]]
    assert len(told) >= 2, "else this test shows nothing"
    tables = [dict(json.loads(one)) for one in explore.page.evaluate("[...tables]")]
    for table in tables:
        old = [model for model in told if table.get(model) == before[model]]
        new = [model for model in told if table.get(model) == after[model]]
        assert not (old and new), f"{old} answer the old question beside {new}"
