"""`models.training.settings_check`: what nothing can be trained with is refused, in a sentence, before anything is
made."""

from __future__ import annotations

import math
from dataclasses import fields, replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from models import BadSettings, CharLM, Vocabulary
from models.training import settings_check
from models.training.corpora import Corpus
from models.training.settings import Settings
from models.training.settings_check import BOUNDS, check_settings, check_size
from models.training.trainer import Trainer
from tests.support.texts import prose

GOOD = Settings(cell="rnn", units=4, epochs=1, streams=2, segment=16)
INFINITE, NAN = float("inf"), float("nan")

ABSURD = [
    ("learning_rate", 0.0), ("learning_rate", -1e-3), ("learning_rate", 1e300), ("learning_rate", NAN),
    ("learning_rate", INFINITE), ("epochs", INFINITE), ("epochs", NAN), ("epochs", 0.0), ("epochs", -1.0),
    ("units", 0), ("units", -3), ("units", 10_000_000), ("layers", 0), ("layers", 10**6), ("dropout", 1.0),
    ("dropout", NAN), ("dropout", -0.1), ("clip", 0.0), ("clip", NAN), ("streams", 0), ("streams", 10**9),
    ("segment", 0), ("seed", 10**30), ("seed", 10**400), ("min_count", 0), ("validations", 0), ("warmup", -1),
    ("cell", "LSTM"),
]  # fmt: skip


@pytest.mark.parametrize(("name", "value"), ABSURD)
def test_an_absurd_setting_is_refused_by_name_before_anything_is_made(
    monkeypatch: pytest.MonkeyPatch, name: str, value: object
) -> None:
    monkeypatch.setattr("models.training.letters.CharLM", None)  # making a network would be another error
    with pytest.raises(BadSettings) as refused:
        Trainer(Corpus("own", prose(2000), "made up"), replace(GOOD, **{name: value}))
    assert name.replace("_", " ") in str(refused.value)
    assert str(refused.value).endswith(".")


def test_every_number_among_the_settings_has_bounds_and_the_defaults_lie_within() -> None:
    check_settings(Settings())
    numbers = {one.name for one in fields(Settings) if type(one.default) in (int, float)}
    assert numbers <= BOUNDS.keys(), "a new setting needs bounds"
    for name, (least, most) in BOUNDS.items():
        kind = type(getattr(Settings(), name))
        for value in (least, most):
            check_settings(replace(GOOD, **{name: kind(value)}))


@given(st.sampled_from(sorted(BOUNDS)), st.floats(allow_nan=True, allow_infinity=True))
def test_a_number_passes_exactly_where_it_lies_within_its_bounds(name: str, value: float) -> None:
    least, most = BOUNDS[name]
    if isinstance(getattr(Settings(), name), int) and math.isfinite(value):
        value = int(value)
    if least <= value <= most:
        check_settings(replace(GOOD, **{name: value}))
    else:
        with pytest.raises(BadSettings):
            check_settings(replace(GOOD, **{name: value}))


def test_a_network_larger_than_the_memory_is_refused_with_both_sizes(monkeypatch: pytest.MonkeyPatch) -> None:
    small = replace(GOOD, cell="lstm", units=20, layers=2)
    counted = CharLM("lstm", Vocabulary("abc"), 20, 2).parameter_count
    assert check_size(small, 3) == counted
    monkeypatch.setattr(settings_check, "_memory", lambda: 24 * counted)
    assert check_size(small, 3) == counted
    monkeypatch.setattr(settings_check, "_memory", lambda: 24 * counted - 1)
    with pytest.raises(BadSettings, match=f"have {counted:,} parameters"):
        check_size(small, 3)
    monkeypatch.setattr(settings_check, "_memory", lambda: None)
    assert check_size(replace(small, units=60_000), 3) > 10**10, "where the system does not tell, it is not known"
