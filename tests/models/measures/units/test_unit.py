"""`models.measures.units.unit`: every number of one unit over time, computed another way."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from models import NotMeasurable
from models.measures import drain, record
from models.measures.units import unit as unit_module
from models.measures.units.correlation import NEAR, Shifts, cohens_d, ranks, standardised
from models.measures.units.half_life import by_autocorrelation, by_gate
from models.measures.units.selectivity import ranked
from models.measures.units.text_features import FEATURES, Feature, Text, values
from models.measures.units.unit import unit_view
from tests.support.random_models import MakeModel
from tests.support.series import r_of
from tests.support.texts import LETTERS, prose

TEXT = prose(1200, seed=3)


def view_of(lm: Any, text: str = TEXT, **options: Any) -> unit_module.UnitView:
    where = {"layer": 0, "signal": "hidden", "unit": 3, "start": 0, "stop": len(text), **options}
    return drain(unit_view(lm, record(lm, text), text, **where))


@pytest.mark.parametrize(("cell", "signal"), [("lstm", "cell"), ("gru", "hidden"), ("rnn", "hidden")])
def test_every_row_is_what_the_trace_gives(make_model: MakeModel, cell: str, signal: str) -> None:
    lm = make_model(cell, gain=3.0, layers=2)
    start, stop, unit = 130, 1010, 5
    found = view_of(lm, layer=1, signal=signal, unit=unit, start=start, stop=stop)
    x = lm.trace(TEXT)[f"1.{signal}"].numpy()[start:stop]
    told = dict(zip(FEATURES, values(Text.of(TEXT), start, stop), strict=True))
    largest = np.zeros(stop - start)
    assert {row.feature for row in found.rows} == set(FEATURES)
    for row in found.rows:
        y = told[row.feature]
        assert row.mean == pytest.approx(y.mean())
        if y.min() == y.max():
            assert row.why is not None
            assert row.r is row.chance is row.d is row.rank_r is row.best is None
            continue
        assert row.r == pytest.approx(r_of(x[:, unit], y), abs=1e-6)
        by_unit = [r_of(x[:, j], y) for j in range(lm.units)]
        best = int(np.argmax(np.abs(by_unit)))
        assert row.best == (best, pytest.approx(by_unit[best], abs=1e-6))
        if row.feature.counts:
            assert row.d is None
            assert row.rank_r == pytest.approx(r_of(ranks(x[:, unit]), ranks(y)))
        else:
            assert row.rank_r is None
            assert row.d == pytest.approx(cohens_d(x[:, unit], y))
        shifted = np.abs([r_of(x[:, unit], np.roll(y, k)) for k in range(stop - start)])
        largest = np.maximum(largest, shifted / row.chance.usual)
    assert found.best_of_all == pytest.approx(np.quantile(largest[NEAR : stop - start - NEAR + 1], 0.95), rel=1e-5)


def test_rows_are_ranked_beyond_chance_first(make_model: MakeModel) -> None:
    rows = view_of(make_model("gru", gain=3.0)).rows
    groups = [2 if row.why else int(row.beyond <= 1) for row in rows]
    assert groups == sorted(groups)
    for group in (0, 1):
        sizes = [abs(row.r) for row, of in zip(rows, groups, strict=True) if of == group]
        assert sizes == sorted(sizes, reverse=True)


def test_what_is_beyond_its_own_chance_stands_before_what_has_a_larger_r() -> None:
    draw = np.random.default_rng(10)
    slow, fast = np.repeat(draw.normal(size=10), 100), draw.random(1000) < 0.5
    other = np.repeat(draw.normal(size=10), 100) + 0.7 * slow
    x = (slow + 0.5 * fast + 0.1 * draw.normal(size=1000)).astype(np.float32)
    features = [Feature("slow", "", "", True), Feature("fast", "", ""), Feature("never", "", "")]
    told = [(100 * other).astype(np.int32), fast, np.zeros(1000, bool)]
    rows, best_of_all = drain(ranked(x, features, told, np.full((3, 1), np.nan)))
    assert [row.feature.name for row in rows] == ["fast", "slow", "never"]
    assert abs(rows[1].r) > abs(rows[0].r)
    assert rows[1].beyond <= 1 < best_of_all < rows[0].beyond


def test_saturation_and_half_lives_are_those_of_the_trace(make_model: MakeModel) -> None:
    lm = make_model("lstm", gain=4.0)
    found, trace = view_of(lm, start=40, stop=700, unit=2), lm.trace(TEXT)
    for one, signal in zip(found.saturated, lm.cell.signals, strict=True):
        x = trace[f"0.{signal.name}"].numpy()[40:700, 2]
        low, high = signal.saturated
        assert (one.signal, one.low, one.high) == (
            signal.name,
            (x < np.float32(low)).mean(),
            (x > np.float32(high)).mean(),
        )
    assert found.keeps == "forget_gate"
    assert found.kept == by_gate(trace["0.forget_gate"].numpy()[40:700, 2])
    assert found.autocorrelation == pytest.approx(by_autocorrelation(trace["0.hidden"].numpy()[40:700, 2]))


def test_the_vanilla_cell_keeps_by_the_diagonal_of_its_jacobian(make_model: MakeModel) -> None:
    lm = make_model("rnn", gain=3.0, layers=2)
    unit = int(lm.rnn.weight_hh_l1.diagonal().argmin())
    found = view_of(lm, layer=1, start=100, stop=800, unit=unit)
    h = lm.trace(TEXT)["1.hidden"].numpy()[100:800, unit].astype(np.float64)
    own = (1 - h**2) * -float(lm.rnn.weight_hh_l1[unit, unit])
    assert (own > 0).all()
    assert found.keeps is None
    expected = by_gate(own)
    assert found.kept.steady == pytest.approx(expected.steady, rel=1e-3)
    assert found.kept.lags == expected.lags


def test_characters_are_those_at_which_the_unit_is_farthest_from_its_mean(make_model: MakeModel) -> None:
    lm = make_model("gru", gain=3.0)
    found = view_of(lm, unit=1).characters
    x = lm.trace(TEXT)["0.hidden"].numpy()[:, 1]
    letters = np.array(list(TEXT))
    every = {c: r_of(x, letters == c) for c in set(TEXT)}
    assert [habit.character for habit in found] == sorted(every, key=lambda c: -abs(every[c]))[: len(found)]
    shifts = Shifts(standardised(x))
    for habit in found:
        assert habit.r == pytest.approx(every[habit.character])
        assert (habit.count, habit.mean) == (
            TEXT.count(habit.character),
            pytest.approx(x[letters == habit.character].mean()),
        )
        far = np.abs(shifts.against(standardised(letters == habit.character))[shifts.far])
        assert habit.mark == pytest.approx(np.quantile(far, 1 - 0.05 / len(every)))


def test_an_expression_of_the_users_is_one_more_feature(make_model: MakeModel) -> None:
    lm = make_model("gru", gain=3.0)
    found = view_of(lm, start=300, stop=900, pattern="river|lamp", focus="pattern")
    row = next(row for row in found.rows if row.feature.name == "pattern")
    holds = drain(unit_module.matches("river|lamp", TEXT))[300:900]
    x = lm.trace(TEXT)["0.hidden"].numpy()[300:900]
    assert row.mean == pytest.approx(holds.mean())
    assert row.r == pytest.approx(r_of(x[:, 3], holds), abs=1e-6)
    assert found.focus is row.feature
    assert found.followers.units[0][0] == int(np.argmax(np.abs([r_of(x[:, j], holds) for j in range(lm.units)])))


def test_an_expression_that_is_none_has_a_row_that_says_so(make_model: MakeModel) -> None:
    lm = make_model("gru", gain=3.0)
    found, without = view_of(lm, pattern="(", focus="pattern"), view_of(lm)
    assert found.rows[:-1] == without.rows
    assert found.rows[-1].feature.name == "pattern"
    assert found.rows[-1].why.startswith("This is not a regular expression")
    assert found.followers == without.followers


def test_without_a_focus_the_followers_are_those_of_what_the_unit_follows_most(make_model: MakeModel) -> None:
    found = view_of(make_model("gru", gain=3.0))
    assert found.focus is found.rows[0].feature
    assert found.followers.units[0] == (found.rows[0].best[0], pytest.approx(found.rows[0].best[1]))


def test_only_so_many_of_the_last_steps_are_looked_at(make_model: MakeModel, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(unit_module, "MOST_STEPS", 500)
    lm = make_model("gru")
    found, same = view_of(lm, stop=1100), view_of(lm, start=600, stop=1100)
    assert (found.start, found.stop) == (600, 1100)
    assert found.values.tolist() == same.values.tolist() == lm.trace(TEXT)["0.hidden"][600:1100, 3].tolist()
    assert (found.rows, found.followers, found.kept) == (same.rows, same.followers, same.kept)


def test_the_share_done_never_falls(make_model: MakeModel) -> None:
    lm = make_model("rnn")
    work = unit_view(lm, record(lm, TEXT), TEXT, 0, "hidden", 0, 0, len(TEXT), pattern="a")
    shares = list(work)
    assert shares == sorted(shares)
    assert 0 <= shares[0] <= shares[-1] <= 1


@pytest.mark.parametrize(
    ("wrong", "words"),
    [
        ({"layer": 1}, "no layer 1; the last one is 0"),
        ({"unit": 16}, "no unit 16; the units are 0 to 15"),
        ({"signal": "cell"}, "has no cell; it has hidden, reset gate, update gate, candidate"),
        ({"start": 7, "stop": 7}, "Write some text"),
        ({"stop": 1300}, "have not been read; 1,200 have"),
    ],
)
def test_what_cannot_be_measured_says_why(make_model: MakeModel, wrong: dict[str, Any], words: str) -> None:
    with pytest.raises(NotMeasurable, match=words):
        view_of(make_model("gru"), **wrong)


def test_a_unit_that_never_changes_or_is_no_number(make_model: MakeModel) -> None:
    lm = make_model("gru", characters=LETTERS)
    for parameter in lm.parameters():
        parameter.zero_()
    still = view_of(lm)
    assert {row.why for row in still.rows if row.mean not in (0, 1)} == {"The unit never changes in these steps."}
    assert (still.autocorrelation, still.characters, still.best_of_all) == (None, (), None)
    lm.rnn.bias_hh_l0.fill_(float("nan"))
    broken = view_of(lm)
    assert {row.why for row in broken.rows} == {"The unit has values here that are no numbers."}
    assert broken.kept is None


def test_one_character(make_model: MakeModel) -> None:
    found = view_of(make_model("lstm"), "a")
    assert all(row.why for row in found.rows)
    assert (found.kept, found.autocorrelation, found.followers) == (None, None, None)
