"""The instruments forgetting, horizon and gradients, through a session: frames and facts against the measures."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any

import numpy as np
import pytest

from app.compute.model_library import Library
from models import RequestError
from models.measures import drain, record
from models.measures.memory.edit_sensitivity import MOST
from models.measures.memory.forgetting import forgetting
from models.measures.memory.gradients import gradients
from models.measures.memory.horizon import CURVES, horizon
from tests.support.session_talk import ask
from tests.support.texts import LETTERS, prose

MODELS = ["tiny-rnn", "tiny-gru", "tiny-lstm", "tiny-lstm@0"]
TEXT = prose(400)


def same(sent: dict[str, np.ndarray], computed: dict[str, np.ndarray]) -> None:
    assert set(sent) == set(computed)
    for name, values in computed.items():
        assert sent[name].dtype == (np.int32 if name == "steps" else np.float32)
        np.testing.assert_array_equal(sent[name], values.astype(sent[name].dtype), err_msg=name)


@pytest.mark.parametrize("model", MODELS)
def test_forgetting_is_sent_as_it_is_measured(library: Library, model: str) -> None:
    facts, tensors = ask(library, TEXT, model, name="forgetting", step=150, lags=80, replacements=5)
    lm = library.get(model).lm
    found = drain(forgetting(lm, record(lm, TEXT), 150, lags=80, replacements=5))
    quartiles = np.sort(found.retention, axis=1)[:, [int(np.ceil(lm.units * q)) - 1 for q in (0.25, 0.5, 0.75)]].T
    same(
        tensors,
        {
            "retention": found.retention,
            "retention_quartiles": quartiles,
            "jacobian": found.jacobian,
            "edit": found.edit,
            "kl": found.divergence,
            "rounding": found.rounding,
            "rounding_kl": found.rounding_divergence,
            "connectivity": found.connectivity,
            "backward": found.backward,
        },
    )
    keeps = {"tiny-rnn": None, "tiny-gru": "update_gate"}.get(model, "forget_gate")
    expected = {
        "step": 150,
        "layer": lm.layers - 1,
        "units": lm.units,
        "lags": 80,
        "back": 80,
        "retention_is": "gate" if keeps else "diagonal",
        "keeps": keeps,
        "derivable": True,
        "state": lm.units * lm.layers * (2 if keeps == "forget_gate" else 1),
        "directions": lm.units * lm.layers * (2 if keeps == "forget_gate" else 1),
        "character": TEXT[150],
        "known": True,
        "replacements": 5,
        "by": "even",
        "candidates": len(LETTERS) - 1,
        "target": TEXT[151],
        "target_is": "next",
    }
    assert {name: facts[name] for name in expected} == expected
    strong = 10 ** found.edit.astype(np.float64)
    assert facts["felt"] == max(k for k in range(81) if strong[k] >= 0.01 * strong[0])
    for name, curve, floor, factor in (
        ("rounding_from", found.edit, found.rounding, 2),
        ("rounding_kl_from", found.divergence, found.rounding_divergence, 4),
    ):
        late = [k for k in range(81) if (curve[k:] <= floor[k:] + np.log10(factor)).all()]
        assert facts[name] == (late[0] if late else None)


def test_at_the_end_of_the_text_the_answer_says_how_little_there_is(library: Library) -> None:
    facts, tensors = ask(library, "To be€", "tiny-gru", name="forgetting", step=5)
    assert (facts["lags"], facts["back"], facts["character"], facts["known"]) == (0, 5, "€", False)
    assert facts["target_is"] == "expected"
    assert facts["target"] in LETTERS
    assert tensors["retention"].shape == (1, 5)
    assert np.isnan(tensors["connectivity"]).tolist() == [True]
    assert "Step 6 has not been read" in ask(library, "To be€", "tiny-gru", name="forgetting", step=6)


@pytest.mark.parametrize("model", MODELS)
@pytest.mark.parametrize("curve", CURVES)
def test_horizons_are_sent_as_they_are_measured(library: Library, model: str, curve: Any) -> None:
    facts, tensors = ask(library, TEXT, model, name="horizon", curve=curve, positions=9, lags=50, layer=0)
    lm = library.get(model).lm
    found = drain(horizon(lm, record(lm, TEXT), curve=curve, positions=9, lags=50, layer=0))
    band = {name: getattr(found.band, name) for name in ("low", "median", "high", "steps")}
    same(tensors, band if found.rounding is None else {**band, "rounding": found.rounding})
    by_gate = "diagonal" if model == "tiny-rnn" else "gate"
    assert facts == {
        "curve": curve,
        "layer": 0,
        "lags": 50,
        "positions": 9,
        "asked": 9,
        "first": int(found.band.steps[0]),
        "last": int(found.band.steps[-1]),
        "warm_up": 100,
        "start": pytest.approx(10 ** found.band.median[0]),
        "direction": "backward" if curve == "connectivity" else "forward",
        "lag_e": found.lag_e,
        "lag_percent": found.lag_percent,
        "range_e": None if found.range_e is None else list(found.range_e),
        "range_percent": None if found.range_percent is None else list(found.range_percent),
        "by": "even" if curve in ("edit", "kl") else None,
        "replacements": 8 if curve in ("edit", "kl") else None,
        "retention_is": by_gate if curve == "retention" else None,
        "moving": None if found.moving is None else asdict(found.moving),
        "rounding_from": facts["rounding_from"],
    }
    assert (curve == "retention") == (found.moving is not None)
    assert curve in ("edit", "kl") or facts["rounding_from"] is None


@pytest.mark.parametrize("model", MODELS)
def test_gradients_are_sent_as_they_are_measured(library: Library, model: str) -> None:
    facts, tensors = ask(library, TEXT, model, name="gradients", lags=50)
    lm = library.get(model).lm
    found = drain(gradients(lm, record(lm, TEXT), lags=50))
    same(tensors, {name: getattr(found.band, name) for name in ("low", "median", "high", "steps")})
    assert facts == {
        "layer": lm.layers - 1,
        "lags": 50,
        "positions": 128,
        "asked": 128,
        "first": int(found.band.steps[0]),
        "last": int(found.band.steps[-1]),
        "warm_up": 100,
        "start": pytest.approx(10 ** found.band.median[0]),
        "per_step": found.per_step,
    }


def test_under_interventions_what_edits_do_can_be_followed_and_derivatives_say_why_not(library: Library) -> None:
    model = "tiny-lstm~1.forget_gate=1@0"
    facts, tensors = ask(library, TEXT, model, name="horizon", curve="retention", lags=50)
    assert (facts["lag_e"], facts["lag_percent"]) == (None, None)
    assert (tensors["median"] == 0).all()
    facts, tensors = ask(library, TEXT, model, name="horizon", curve="edit", lags=50)
    plain = ask(library, TEXT, "tiny-lstm", name="horizon", curve="edit", lags=50)[1]
    assert np.isfinite(tensors["median"]).all()
    assert (tensors["median"] != plain["median"]).all()
    facts, tensors = ask(library, TEXT, model, name="forgetting", step=100, lags=50)
    assert not facts["derivable"]
    for name in ("jacobian", "connectivity", "backward"):
        assert np.isnan(tensors[name]).all()
    assert (tensors["retention"] == 0).all()
    assert np.isfinite(tensors["edit"]).all()
    for measure in ({"name": "horizon", "curve": "jacobian"}, {"name": "gradients"}):
        assert "under an intervention others hold" in ask(library, TEXT, model, **measure)


@pytest.mark.parametrize("name", ["horizon", "gradients"])
def test_a_text_that_is_too_short_gets_a_sentence(library: Library, name: str) -> None:
    assert "too few to look at many positions" in ask(library, "To be", "tiny-rnn", name=name)
    assert "no layer 4" in ask(library, TEXT, "tiny-rnn", name=name, layer=4)


@pytest.mark.parametrize(
    "wrong",
    [
        {"name": "forgetting"},
        {"name": "forgetting", "step": -1},
        {"name": "forgetting", "step": 1, "lags": 1001},
        {"name": "forgetting", "step": 1, "replacements": 0},
        {"name": "horizon", "curve": "memory"},
        {"name": "horizon", "positions": 0},
        {"name": "gradients", "lags": 0},
        {"name": "gradients", "positions": 1001},
    ],
)
def test_what_makes_no_sense_is_refused(library: Library, wrong: dict[str, Any]) -> None:
    with pytest.raises(RequestError):
        ask(library, TEXT, "tiny-rnn", **wrong)


def test_however_many_draws_by_frequency_are_asked_for_a_bounded_number_is_made(library: Library) -> None:
    facts, _ = ask(library, TEXT, "tiny-rnn", name="forgetting", step=3, lags=4, by="frequency", replacements=2**53)
    assert 1 <= facts["replacements"] <= MOST
