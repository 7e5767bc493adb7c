"""`app.lessons.check`, `app.lessons.measuring`: claims are measured again, and one that does not hold is found."""

from __future__ import annotations

import math

import numpy as np
import pytest

from app.compute.memory_budget import Budget
from app.compute.model_library import Library
from app.lessons.check import check, rewritten
from app.lessons.measuring import Meter, answer_of
from app.lessons.parser import Lesson, parse
from app.lessons.source import Source
from models import HiddenStateError
from models.measures import drain
from tests.support.lessons.texts import ASK, CLAIM, fence, lesson

TEXT = "the tide comes in and takes the footprints one by one"


def read(*steps: str) -> Lesson:
    return parse("03-a.md", lesson(*steps))


def source(**keys: object) -> Source:
    return Source.model_validate({"model": "tiny-rnn", **keys})


def measured(library: Library, text: str | None = TEXT, cursor: int | None = None, **keys: object) -> float:
    return answer_of(found := source(**keys), drain(Meter(library).measure(found, text, cursor)))


# ── numbers ──────────────────────────────────────────────────────────────────────────────────────────


def test_the_numbers_of_trace_are_those_of_a_trace(library: Library) -> None:
    trace = library.get("tiny-lstm").lm.trace(TEXT)

    def of(value: str, **options: str) -> float:
        return measured(library, model="tiny-lstm", instrument="trace", options=options, value=value)

    assert of("facts.length") == len(TEXT)
    assert of("facts.bits_per_character") == pytest.approx(trace.bits_per_character, rel=1e-5)
    assert of("tensors.1.forget_gate[7, 2]") == pytest.approx(float(trace["1.forget_gate"][7, 2]), rel=1e-5)
    assert of("tensors.surprise[9]") == pytest.approx(float(trace.surprise[9]), rel=1e-4)
    index = library.get("tiny-lstm").vocabulary.characters.index("e")
    expected = math.exp(float(trace.log_probabilities[5, index]))
    assert of("tensors.probability[5]", character="e") == pytest.approx(expected, rel=1e-4)
    weights = dict(library.get("tiny-lstm").lm.named_parameters())
    assert of("weights.weight_hh_l0[1, 3]") == float(weights["rnn.weight_hh_l0"][1, 3])
    assert of("weights.readout.weight[0, 0]") == float(weights["readout.weight"][0, 0])


def test_shares_and_places_are_those_of_the_text(library: Library) -> None:
    hidden = library.get("tiny-rnn").lm.trace(TEXT)["0.hidden"].numpy()
    share = np.mean(np.abs(hidden) > 0.9)
    assert measured(library, instrument="trace", value="share(abs(tensors.0.hidden) > 0.9)") == pytest.approx(share)
    step = measured(library, instrument="forgetting", options={"step": "middle", "lags": 10}, value="facts.step")
    assert step == len(TEXT) // 2


def test_a_place_is_a_word_for_a_step(library: Library) -> None:
    def step(word: object, cursor: int | None) -> float:
        asked = {"step": word, "lags": 2}
        return measured(library, TEXT, cursor, instrument="forgetting", options=asked, value="facts.step")

    assert step("cursor", 7) == 7
    assert step("cursor", 700) == len(TEXT) - 1
    assert step(4, 7) == 4


def test_several_models_are_compared(library: Library) -> None:
    def bits(name: str) -> float:
        return float(library.get(name).lm.trace(TEXT).bits_per_character)

    names = ["tiny-rnn", "tiny-gru", "tiny-lstm"]
    best = min(names, key=bits)
    keys = {"model": None, "models": names, "instrument": "trace", "value": "facts.bits_per_character"}
    assert names[int(measured(library, best="smallest", **keys))] == best


def test_a_card_has_its_figures(library: Library) -> None:
    assert measured(library, None, card="bits_per_character") == 2.5
    assert measured(library, None, card="card.measured.validation.characters / 10") == 10


def test_a_text_of_its_own_is_taken_before_the_pupils(library: Library) -> None:
    keys = {"instrument": "trace", "value": "facts.length"}
    assert measured(library, "abc", **keys) == 3
    assert drain(Meter(library).measure(source(text="ab", repeated_to=7, **keys), "abc")) == [7]


@pytest.mark.parametrize(
    ("keys", "text", "said"),
    [
        ({"instrument": "trace", "value": "facts.length"}, "", "There is no text yet"),
        ({"instrument": "trace", "value": "facts.gone"}, TEXT, "no fact 'gone'"),
        ({"instrument": "trace", "value": "tensors.0.forget_gate[0, 0]"}, TEXT, "has no tensor"),
        ({"instrument": "trace", "value": "tensors.probability[0]"}, TEXT, "Of which character"),
        ({"instrument": "forgetting", "options": {"step": 900}, "value": "facts.felt"}, TEXT, "900"),
        ({"instrument": "recall", "value": "tensors.marks[0]"}, TEXT, "not trained on delayed recall"),
        ({"instrument": "forgetting", "options": {"step": 3, "lags": 2}, "value": "facts.gone"}, TEXT, "no 'gone'"),
        (
            {"instrument": "forgetting", "options": {"step": 3, "lags": 2}, "value": "tensors.x[0]"},
            TEXT,
            "are: retention",
        ),
        ({"model": "gone", "card": "parameters"}, TEXT, "gone"),
        ({"card": "nothing"}, TEXT, "has no 'nothing'"),
    ],
)
def test_where_there_is_no_number_a_sentence_says_why(
    library: Library, keys: dict[str, object], text: str, said: str
) -> None:
    with pytest.raises(HiddenStateError, match=said) as fault:
        measured(library, text, **keys)
    assert str(fault.value).endswith(".")


def test_memory_is_counted_while_it_is_used_and_given_back(library: Library) -> None:
    budget = Budget(1 << 30)
    one = source(instrument="trace", value="facts.length", text="abc", repeated_to=5000)
    work = Meter(library, budget).measure(one)
    seen = [budget.used for _ in work]
    assert max(seen) > 5000
    assert budget.used == 0
    work = Meter(library, budget).measure(one)
    next(work)
    assert budget.used > 0
    work.close()
    assert budget.used == 0


# ── lessons ──────────────────────────────────────────────────────────────────────────────────────────


def test_a_right_lesson_has_nothing_wrong(library: Library) -> None:
    found = check(read(f"It has {{units}} units.\n\n{CLAIM}", ASK), library)
    assert found.mistakes == []
    assert [(one.claim.name, one.measured, one.holds) for one in found.claims] == [("units", 6, True)]


def test_a_claim_that_does_not_hold_is_found_and_can_be_rewritten(library: Library) -> None:
    text = lesson(f"It has {{units}} units.\n\n{CLAIM.replace('value = 6', 'value = 7  # once')}")
    wrong = parse("03-a.md", text)
    (one,) = check(wrong, library).claims
    assert not one.holds
    assert "units states 7 ± 0, and 6 is measured" in one.mistake.fault
    assert one.mistake.line == text.split("\n").index('name = "units"') + 1
    assert rewritten(text, wrong, [one]) == text.replace("value = 7  #", "value = 6  #")


def test_the_value_of_a_formula_is_not_taken_for_that_of_the_claim(library: Library) -> None:
    body = fence(
        "claim",
        'name = "n"\nvalue = 1\ntolerance = 0\n[from]\nmodel = "tiny-rnn"\ninstrument = "trace"\n'
        'text = "abcd"\nvalue = "facts.length"',
    )
    text = lesson("{n}\n\n" + body)
    found = check(parse("a.md", text), library)
    assert rewritten(text, parse("a.md", text), found.claims) == text.replace("value = 1", "value = 4")


@pytest.mark.parametrize("slack", [0.0, 1.0])
def test_a_claim_may_lie_off_by_its_tolerance_and_no_more(library: Library, slack: float) -> None:
    body = CLAIM.replace("value = 6", "value = 7").replace("tolerance = 0", f"tolerance = {slack}")
    (one,) = check(read("{units}\n\n" + body), library).claims
    assert one.holds == (slack >= 1)


def test_a_question_without_an_answer_and_a_model_that_is_not_there_are_mistakes(library: Library) -> None:
    found = check(
        read(ASK.replace("facts.length", "facts.gone"), fence("view", 'models = ["gone-rnn"]')), library
    ).mistakes
    assert ["count cannot be measured" in one.fault for one in found] == [True, False]
    assert "gone-rnn" in found[1].fault
