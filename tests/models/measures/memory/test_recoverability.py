"""`models.measures.memory.recoverability`: the probe against other ways to the same figures, and states of known
memory."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray
from scipy.optimize import minimize
from scipy.special import log_softmax
from sklearn.linear_model import LogisticRegression

from models import NotMeasurable, Vocabulary
from models.measures import drain
from models.measures.memory.recoverability import (
    FITTED,
    GAP,
    GRADE,
    HELD_IN,
    LAGS,
    SHORTEST,
    TRUST,
    Part,
    Recoverability,
    _chosen,
    _whitened,
    probe,
    probing,
    probing_apart,
    read_off,
)
from tests.support.recordings import typed
from tests.support.texts import LETTERS, prose

Ids = NDArray[np.int32]
SYMBOLS = 6


def some_ids(length: int, seed: int = 0) -> Ids:
    """Independent characters, some more frequent than others."""
    draw = np.random.default_rng(seed)
    return draw.choice(SYMBOLS, length, p=[0.3, 0.2, 0.2, 0.1, 0.1, 0.1]).astype(np.int32)


def few_symbols(length: int) -> str:
    """Prose with a dozen letters: a probe has a row of weights for each, and another solver takes its time."""
    return "".join(letter for letter in prose(3 * length) if letter in "aehinorst ,\n")[:length]


def register(ids: Ids, length: int, symbols: int = SYMBOLS) -> NDArray[np.float32]:
    """A state that holds the last `length` characters before the one just read, one-hot: (T, length · symbols)."""
    state = np.zeros((len(ids), length * symbols), np.float32)
    for k in range(1, length + 1):
        state[np.arange(k, len(ids)), (k - 1) * symbols + ids[:-k]] = 1
    return state


def another_way(learn: NDArray[Any], characters: Ids, score: NDArray[Any]) -> Ids:
    """The same probe in float64: whitened by eigenvectors, F from the definition, the loss minimised to the end."""
    unit = learn.astype(np.float64)
    mean, size = unit.mean(0), unit.std(0)
    values, vectors = np.linalg.eigh(np.cov(((unit - mean) / size).T))
    x, z = (((part - mean) / size) @ vectors / np.sqrt(values) for part in (unit, score.astype(np.float64)))
    known = np.unique(characters)
    groups = [x[characters == c] for c in known]
    between = sum(len(g) * ((g.mean(0) - x.mean(0)) ** 2).sum() for g in groups) / (len(known) - 1)
    within = sum(((g - g.mean(0)) ** 2).sum() for g in groups) / (len(x) - len(known))
    strength = TRUST * (between / within - 1) / len(x)
    hot = (characters[:, None] == known).astype(np.float64)

    def loss(flat: NDArray[np.float64]) -> tuple[float, NDArray[np.float64]]:
        w, b = flat[: -len(known)].reshape(x.shape[1], -1), flat[-len(known) :]
        logs = log_softmax(x @ w + b, axis=1)
        off = np.exp(logs) - hot
        slope = np.concatenate([(x.T @ off + w / strength).ravel(), off.sum(0)])
        return (0.5 * (w**2).sum() / strength - (logs * hot).sum()) / len(x), slope / len(x)

    best = minimize(loss, np.zeros((x.shape[1] + 1) * len(known)), jac=True, method="L-BFGS-B").x
    w, b = best[: -len(known)].reshape(x.shape[1], -1), best[-len(known) :]
    return known[(z @ w + b).argmax(1)].astype(np.int32)


def test_the_accuracy_is_that_of_the_same_probe_computed_another_way(make_model: Any) -> None:
    """Of few symbols, since the other way takes its time; a probe sees states and symbols, and no cell."""
    text = few_symbols(4000)
    lm = make_model("gru", 12, gain=2.0)
    hidden, ids = lm.trace(text)["0.hidden"].numpy(), lm.vocabulary.encode(text)
    found = probe(hidden, ids, len(lm.vocabulary), (1, 2, 4))
    cut = round(FITTED * len(ids))
    assert (found.trained_on, found.held_out) == (cut - GAP, len(ids) - cut - GAP) == (3100, 700)
    for k, accuracy in zip(found.lags, found.accuracy, strict=True):
        named = another_way(hidden[GAP:cut], ids[GAP - k : cut - k], hidden[cut + GAP :])
        expected = (named == ids[cut + GAP - k : len(ids) - k]).mean()
        assert accuracy == pytest.approx(expected, abs=0.02), "the solver stops early, the other one goes to the end"
    assert found.accuracy[0] > found.chance + 0.1


@pytest.mark.parametrize("length", [1, 3, 8])
def test_a_shift_register_is_read_to_its_end_and_not_beyond(length: int) -> None:
    ids = some_ids(6000)
    found = probe(register(ids, length), ids, SYMBOLS, range(1, 13))
    assert (found.accuracy[:length] == 1).all()
    beyond = found.accuracy[length:]
    assert (np.abs(beyond - found.chance) < 4 * np.sqrt(0.3 * 0.7 / found.held_out)).all()
    assert found.fades(0.05) == length + 1


def test_the_scale_and_the_basis_of_a_state_do_not_matter() -> None:
    ids = some_ids(3000)
    draw = np.random.default_rng(1)
    state = register(ids, 2)[:, [0, 1, 2, 3, 4, 6, 7, 8, 9, 10]] + 0.3 * draw.standard_normal((3000, 10))
    turned = 1e-3 * state @ draw.standard_normal((10, 10)) + 5
    lags = (1, 2, 3)
    one, other = (probe(hidden.astype(np.float32), ids, SYMBOLS, lags) for hidden in (state, turned))
    assert one.accuracy == pytest.approx(other.accuracy, abs=0.01)
    assert 0.9 < one.accuracy[0] < 1


@pytest.mark.slow
@pytest.mark.parametrize("trust", [1e-3, 10.0])
def test_a_tuned_penalty_names_most_of_the_text_that_chooses_it(make_model: Any, trust: float) -> None:
    """Begun far too strong and far too weak, it comes to where another solver finds neighbours no better."""
    text = prose(6000)
    lm = make_model("rnn", 24, gain=1.5)
    ids = lm.vocabulary.encode(text)
    learn, _ = _whitened(lm.trace(text)["0.hidden"].numpy()[GAP:], np.empty((1, 24), np.float32))
    learn, characters = (
        learn + 0.5 * np.random.default_rng(4).standard_normal(learn.shape).astype(np.float32),
        ids[GAP - 2 : -2],
    )
    chosen = _chosen(learn, characters, trust)
    assert chosen is not None
    cut = round(HELD_IN * len(learn))

    def named(strength: float) -> int:
        fit = LogisticRegression(C=strength, solver="newton-cg", tol=1e-6, max_iter=500)
        fit.fit(learn[:cut].astype(np.float64), characters[:cut])
        return int((fit.predict(learn[cut:]) == characters[cut:]).sum())

    best, step = named(chosen), GRADE if chosen > trust else 1 / GRADE
    assert chosen != trust
    assert best > named(trust)
    assert best >= max(named(chosen * step), named(chosen / step)) - 3


@pytest.mark.slow
def test_a_tuned_probe_reads_no_less_and_random_states_give_it_chance_too(make_model: Any) -> None:
    text = prose(5000)
    lm = make_model("rnn", 24, gain=1.5)
    hidden, ids = lm.trace(text)["0.hidden"].numpy(), lm.vocabulary.encode(text)
    plain, tuned = (probe(hidden, ids, len(lm.vocabulary), (1, 2, 3), tuned=one) for one in (False, True))
    assert (tuned.accuracy > plain.accuracy - 2 * plain.standard_error).all()
    noise = np.random.default_rng(2).standard_normal((5000, 20)).astype(np.float32)
    found = probe(noise, some_ids(5000), SYMBOLS, range(1, 21), tuned=True)
    error = np.sqrt(found.chance * (1 - found.chance) / found.held_out)
    assert np.abs(found.accuracy - found.chance).max() < 4 * error


@pytest.mark.slow
def test_random_states_give_chance() -> None:
    ids = some_ids(8000)
    hidden = np.random.default_rng(2).standard_normal((8000, 40)).astype(np.float32)
    found = probe(hidden, ids, SYMBOLS)
    assert found.lags == LAGS == tuple(range(1, 101))
    error = np.sqrt(found.chance * (1 - found.chance) / found.held_out)
    assert np.abs(found.accuracy - found.chance).max() < 4 * error
    assert abs(found.accuracy.mean() - found.chance) < error


def test_chance_is_the_most_frequent_character_of_the_fitting_part_counted_in_the_rest() -> None:
    fitting = np.array([0, 0, 1] * 1000, np.int32)
    scoring = np.array([0, 1, 1, 1] * 200, np.int32)
    constant = np.full((3000, 4), 0.25, np.float32)
    work = probing_apart(Part(constant, fitting), Part(constant[:800], scoring), SYMBOLS, (4,))
    found = waited(work)[0]
    assert found.chance == 0.25
    assert found.accuracy.tolist() == [0.25], "a state that never changes tells nothing, so the probe names that one"


def test_standard_errors_and_fading_follow_from_the_curve() -> None:
    found = Recoverability((1, 2, 5, 9), np.array([0.9, 0.5, 0.21, 0.2]), 0.2, 1000, 100, np.zeros(4))
    assert found.standard_error == pytest.approx([0.03, 0.05, 0.0407, 0.04], abs=1e-4)
    assert (found.fades(), found.fades(0.005), found.fades(0.8)) == (5, 9, 1)
    assert Recoverability((1, 2), np.array([0.2, 0.5]), 0.2, 1000, 100, np.zeros(2)).fades() is None


def test_characters_that_the_model_does_not_know_are_neither_fitted_nor_scored() -> None:
    ids = some_ids(6000)
    state = register(ids, 2)
    unknown = np.random.default_rng(3).random(6000) < 0.2
    holed = np.where(unknown, SYMBOLS, ids).astype(np.int32)
    found = probe(state, holed, SYMBOLS, (1, 2))
    assert (found.accuracy == 1).all(), "what stands in the state of an unknown character is never asked for"
    scored = holed[round(FITTED * 6000) :]
    assert found.chance == (scored[scored < SYMBOLS] == 0).mean()


def waited(work: Any) -> tuple[Recoverability, list[float]]:
    """What a generator returns, and what it yielded before."""
    shares = []
    while True:
        try:
            shares.append(next(work))
        except StopIteration as done:
            return done.value, shares


def test_the_generator_tells_its_share_after_each_lag_and_returns_what_the_function_does() -> None:
    ids = some_ids(SHORTEST)
    state = register(ids, 3)
    found, shares = waited(probing(state, ids, SYMBOLS, range(1, 8)))
    direct = probe(state, ids, SYMBOLS, range(1, 8))
    assert (found.accuracy == direct.accuracy).all()
    assert (found.lags, found.chance, found.held_out) == (direct.lags, direct.chance, direct.held_out)
    assert len(shares) == 8
    assert shares == sorted(shares)
    assert 0 == shares[0] < shares[-1] <= 1


def test_what_cannot_be_measured_is_a_sentence() -> None:
    ids = some_ids(SHORTEST)
    state = register(ids, 1)
    with pytest.raises(NotMeasurable, match=r"1,999 characters, too few .* Give 2,000 or more\."):
        probe(state[1:], ids[1:], SYMBOLS)
    with pytest.raises(NotMeasurable, match=r"knows only 0 characters where 1,500 are needed .*\."):
        probe(state, np.full_like(ids, SYMBOLS), SYMBOLS)
    broken = state.copy()
    broken[-1, 0] = np.nan
    with pytest.raises(NotMeasurable, match=r"not finite .*\."):
        probe(broken, ids, SYMBOLS)
    with pytest.raises(ValueError, match="1 … 100"):
        probe(state, ids, SYMBOLS, (101,))


def test_two_letters_are_enough() -> None:
    vocabulary = Vocabulary(LETTERS)
    ids = vocabulary.encode("".join("ab"[i] for i in np.random.default_rng(4).integers(0, 2, SHORTEST)))
    state = register(ids, 1, len(vocabulary)) + 0.01 * np.random.default_rng(5).standard_normal((SHORTEST, 1))
    found = probe(state.astype(np.float32), ids, len(vocabulary), (1, 50))
    assert found.accuracy[0] == 1
    assert abs(found.accuracy[1] - 0.5) < 0.15


def test_bits_are_those_of_a_channel_that_is_known() -> None:
    """The state holds the last two characters exactly, and of the third whether it is the first symbol: the probe reads
    their entropy, and that of the answer yes or no."""
    ids = some_ids(20_000)
    state = register(ids, 3)
    state[:, 2 * SYMBOLS + 1 :] = 0  # of the third, one bit of the answer is left
    found = probe(state, ids, SYMBOLS, (1, 2, 3, 4))
    p = np.bincount(ids, minlength=SYMBOLS) / len(ids)
    entropy = float(-(p * np.log2(p)).sum())
    yes = float(-(p[0] * np.log2(p[0]) + (1 - p[0]) * np.log2(1 - p[0])))
    np.testing.assert_allclose(found.bits, [entropy, entropy, yes, 0.0], atol=0.03)


def test_a_character_that_is_new_where_it_is_scored_costs_no_infinity() -> None:
    ids = some_ids(4_000)
    ids[3_500:] = np.where(ids[3_500:] == 0, 5, ids[3_500:])
    ids[:3_200][ids[:3_200] == 5] = 4
    assert np.isfinite(probe(register(ids, 1), ids, SYMBOLS, (1, 2)).bits).all()


@pytest.mark.parametrize("longest", [None, SHORTEST + 50])
def test_a_recording_is_read_off_at_its_last_layer(make_model: Any, own_text: str, longest: int | None) -> None:
    lm, text = make_model("gru", 4, 2), (own_text * 3)[: SHORTEST + 200]
    recording = typed(lm, text)
    steps = longest or len(text)
    theirs = probe(lm.trace(text)["1.hidden"].numpy()[:steps], lm.vocabulary.encode(text)[:steps], len(lm.vocabulary))
    ours = drain(read_off(lm, recording, longest))
    np.testing.assert_array_equal(ours.accuracy, theirs.accuracy)
    assert (ours.trained_on, ours.held_out) == (theirs.trained_on, theirs.held_out)
