"""The letters of interventions: the page reads those that the library reads, and no others."""

from __future__ import annotations

import json
import urllib.request

import pytest

from models import BadIntervention, load
from models.network.intervened_reader import IntervenedReader
from models.network.intervention import FARTHEST, MOST, PATTERNS, check, parse, spell
from models.network.reader import CompiledReader
from models.network.trace import run

RNN, GRU, LSTM = "shakespeare-rnn", "shakespeare-gru", "shakespeare-lstm"
TEXT = "To be, or not to be, that is the question: whether tis nobler"
LETTERS = "0.forget_gate.12=0@20~zero@40"


def held(name: str, letters: str, text: str):
    """The trace of an intervened model."""
    lm = load(name)
    return run(lm, text, reader=IntervenedReader(CompiledReader(lm), parse(letters)))


READABLE = [
    "0.forget_gate.12=0@57", "1.cell=-2.5@3-90~zero@7~reset.50@0", "0.hidden.12=0.000000001@0", "0.cell=-0.5@1",
    "", "zero", "zero@", "zero@-1", "zero@1~", "0.hidden.1=@3", "0.hidden=1e3@3", "hidden=1@3", "reset@3", "reset.5",
    "0.HIDDEN=1@3", "0.hidden.1=0@3-", "0.hidden.1=+1@3", "0.hidden. 1=1@3", "~".join(["zero@1"] * 17),
]  # fmt: skip
FITTING = [
    "0.hidden.127=1@0", "0.hidden.128=1@0", "1.hidden=0@0", "0.cell=5@0", "0.cell=2000000@0", "0.update_gate=0.5@2",
    "0.forget_gate=1.5@0", "0.hidden=-1.1@0", "0.hidden=0@5-5", "0.hidden=0@5-6", "reset.0@3", "reset.1@3", "zero@0",
]  # fmt: skip

RULES = {"most": MOST, "farthest": FARTHEST, "patterns": PATTERNS}
"""What `hello` says of them; see tests/app/web/test_hello.py."""
IN_PAGE = """async ([letters, model, said]) => {
  const { Interventions, spell } = await import("/static/state/intervention.js");
  const rules = new Interventions(said);
  const found = rules.parse(letters);
  if (found === null) return null;
  return { spelled: spell(found), fits: found.every((one) => rules.misfit(one, model) === null) };
}"""


@pytest.fixture(scope="module")
def described(server):
    """What the page is told of each model."""
    with urllib.request.urlopen(f"{server.url}/api/models") as answer:
        return {model["id"]: model for model in json.load(answer)}


@pytest.mark.parametrize("letters", READABLE)
def test_the_page_reads_the_letters_that_the_library_reads_and_no_others(bare, described, letters):
    found = bare.evaluate(IN_PAGE, [letters, described[LSTM], RULES])
    try:
        expected = spell(parse(letters))
    except BadIntervention:
        expected = None
    assert (found and found["spelled"]) == expected


@pytest.mark.parametrize("letters", FITTING)
@pytest.mark.parametrize("name", [RNN, GRU, LSTM])
def test_the_page_knows_what_fits_a_model(bare, described, letters, name):
    lm = load(name)
    try:
        check(parse(letters), lm.stack)
        fits = True
    except BadIntervention:
        fits = False
    assert bare.evaluate(IN_PAGE, [letters, described[name], RULES])["fits"] == fits
