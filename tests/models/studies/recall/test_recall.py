"""Delayed recall: the task, the measure, the training, and what ships of it."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import replace
from itertools import pairwise

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from models import CharLM, NotMeasurable, Vocabulary
from models.studies.recall.trainer import RecallProgress, RecallSettings, RecallTrainer
from models.tasks.delayed_recall import (
    CHANCE,
    KEYS,
    LONGEST,
    MARK,
    NOISE,
    VOCABULARY,
    accuracies,
    episode,
    episodes,
    stream,
    text,
)
from models.training import corpora

WHOLE = re.compile(r"([A-H])([a-z]*)\?([A-H])\n")


def parsed(characters: str) -> tuple[list[tuple[str, str, str]], str]:
    """The whole episodes that `characters` begin with, and what is left of the last."""
    found, at = [], 0
    while match := WHOLE.match(characters, at):
        found.append(match.groups())
        at = match.end()
    return found, characters[at:]


@given(seed=st.integers(0, 2**32), characters=st.integers(1, 600), longest=st.integers(1, LONGEST))
@settings(max_examples=60, deadline=None)
def test_a_stream_is_episodes_that_ask_for_the_key_they_gave(seed: int, characters: int, longest: int) -> None:
    drawn = VOCABULARY.decode(stream(np.random.default_rng(seed), characters, longest))
    assert len(drawn) == characters
    whole, rest = parsed(drawn)
    assert all(key == again and len(noise) < longest for key, noise, again in whole)
    assert len(rest) < longest + 3
    assert re.fullmatch(r"([A-H][a-z]*(\?[A-H]?)?)?", rest)


def test_keys_delays_and_noise_are_drawn_uniformly() -> None:
    random = np.random.default_rng(5)
    drawn = episodes(random, 20)
    found = [parsed(VOCABULARY.decode(next(drawn)))[0][0] for _ in range(4000)]
    for counted, of in (
        ([key for key, _, _ in found], KEYS),
        ([str(len(noise) + 1) for _, noise, _ in found], [str(k) for k in range(1, 21)]),
        ("".join(noise for _, noise, _ in found), NOISE),
    ):
        expected = len(counted) / len(of)
        counts = np.array([list(counted).count(one) for one in of])
        assert counts.sum() == len(counted)
        chi_squared = ((counts - expected) ** 2 / expected).sum()
        assert chi_squared < 2.5 * len(of), "p < 0.001 for so many kinds"


def test_an_episode_has_the_delay_that_was_asked_for() -> None:
    assert episode("C", "qwe") == "Cqwe?C\n"
    drawn = VOCABULARY.decode(next(episodes(np.random.default_rng(0), 1)))
    assert re.fullmatch(r"([A-H])\?\1\n", drawn), "at delay 1 the mark follows the key"


def test_the_same_seed_gives_the_same_text_and_another_seed_another() -> None:
    assert text(500, 3) == text(900, 3)[:500]
    assert text(500, 3) != text(500, 4)


def test_the_corpus_is_episodes_and_stays_the_same() -> None:
    corpus = corpora.load("recall")
    assert corpus == corpora.load("recall")
    assert len(corpus.text) == 1_000_000
    assert set(corpus.text) == set(VOCABULARY.characters)
    whole, _ = parsed(corpus.text)
    assert max(len(noise) for _, noise, _ in whole) == LONGEST - 1


def perfect() -> CharLM:
    """An LSTM with weights set by hand: a key writes itself into the cells, nothing else touches them."""
    lm = CharLM("lstm", VOCABULARY, len(KEYS))
    ids = torch.from_numpy(VOCABULARY.encode(KEYS).astype(np.int64))
    units = len(KEYS)
    with torch.no_grad():
        for parameter in lm.parameters():
            parameter.zero_()
        weight, _, bias, _ = lm.layer_weights(0)  # (4·H, V), (4·H,), in the order input, forget, candidate, output
        write, keep, candidate, out = (slice(k * units, (k + 1) * units) for k in range(4))
        bias[write], bias[keep], bias[out] = -100.0, 100.0, 100.0
        weight[write, ids], weight[keep, ids] = 200.0, -200.0
        weight[candidate, ids] = 200.0 * torch.eye(units) - 100.0
        lm.readout.weight[ids] = torch.eye(units)
    return lm.eval()


def test_a_network_that_remembers_by_construction_recalls_everything() -> None:
    assert (accuracies(perfect(), episodes=50) == 1.0).all()
    assert (accuracies(perfect(), [1000, 3], episodes=20) == 1.0).all()


def test_a_network_that_always_says_a_is_right_when_it_was_a() -> None:
    lm = perfect()
    with torch.no_grad():
        lm.readout.weight.zero_()
        lm.readout.bias[int(VOCABULARY.encode("A")[0])] = 1.0
        lm.readout.bias[int(VOCABULARY.encode("z")[0])] = 9.0  # what is no key does not count
    assert (accuracies(lm, [1, 7], episodes=400) == CHANCE).all()
    assert accuracies(lm, [2], episodes=10) == 2 / 10, "of ten episodes the first and the ninth ask for A"


@pytest.mark.parametrize("cell", ["rnn", "gru", "lstm"])
def test_the_measure_is_what_reading_each_episode_by_itself_gives(cell: str) -> None:
    torch.manual_seed(4)
    lm = CharLM(cell, VOCABULARY, 24).eval()
    with torch.no_grad():
        for parameter in lm.parameters():
            parameter.mul_(5.0)  # so that it remembers something
    delays, count = [1, 2, 5, 30], 40
    random = np.random.default_rng(9)
    keys = [n % len(KEYS) for n in range(count)]
    noise = np.stack([random.integers(len(NOISE), size=count) for _ in range(max(delays))])  # (K, N)
    columns = VOCABULARY.encode(KEYS)
    expected = []
    for delay in delays:
        right = 0
        for n, key in enumerate(keys):
            asked = KEYS[key] + "".join(NOISE[c] for c in noise[: delay - 1, n]) + MARK
            assert len(asked) == delay + 1
            predicted = lm.trace(asked).log_probabilities[-1].numpy()  # (V,)
            right += int(predicted[columns].argmax()) == key
        expected.append(right / count)
    assert accuracies(lm, delays, episodes=count, seed=9).tolist() == expected
    assert len(set(expected)) > 1


def test_a_delay_has_the_same_figure_whatever_others_are_asked_for() -> None:
    torch.manual_seed(4)
    lm = CharLM("rnn", VOCABULARY, 24).eval()
    alone = [accuracies(lm, [k], episodes=100)[0] for k in (4, 40)]
    assert accuracies(lm, [40, 4, 90], episodes=100)[:2].tolist() == alone[::-1]


@pytest.mark.parametrize(("delays", "count"), [([0], 5), ([], 5), ([3, -1], 5), ([1], 0)])
def test_delays_and_episodes_below_one_cannot_be_measured(delays: list[int], count: int) -> None:
    with pytest.raises(NotMeasurable, match="1 and more"):
        accuracies(perfect(), delays, episodes=count)


def test_a_model_of_other_characters_cannot_be_measured() -> None:
    with pytest.raises(NotMeasurable, match=r"other does not know every character of the recall task.*recall-lstm\.$"):
        accuracies(CharLM("rnn", Vocabulary("AB?ab\n"), 4, name="other"), [1])


TINY = RecallSettings(
    cell="gru", units=16, learning_rate=3e-2, growing=False, updates=400, warmup=20, longest=3, validation_episodes=40
)


def trained(
    settings: RecallSettings, report: Callable[[RecallProgress], None] = lambda progress: None
) -> RecallTrainer:
    trainer = RecallTrainer(settings)
    trainer.run(report)
    return trainer


@pytest.mark.parametrize("cell", ["gru", *(pytest.param(cell, marks=pytest.mark.slow) for cell in ("rnn", "lstm"))])
def test_a_few_seconds_teach_every_cell_to_recall_over_three_steps(cell: str) -> None:
    trainer = trained(replace(TINY, cell=cell))
    assert (accuracies(trainer.lm, [1, 2, 3], episodes=500) > 0.9).all()
    assert trainer.finished


def test_a_training_ends_when_everything_is_recalled_and_not_before_its_last_update_otherwise() -> None:
    easy, hopeless = trained(TINY), trained(replace(TINY, updates=20, longest=30))
    assert easy.step < TINY.updates
    assert easy.best_accuracy == 1.0
    assert hopeless.step == 20
    assert hopeless.best_accuracy < 1.0


def test_the_longest_delay_grows_as_it_is_learnt_and_only_then() -> None:
    seen: list[int] = []
    trainer = trained(replace(TINY, growing=True, longest=12), lambda progress: seen.append(progress.longest))
    assert seen[0] == 5
    assert all(before <= after <= 12 for before, after in pairwise(seen))
    assert seen[-1] == trainer.longest > 5
    assert trainer.best_accuracy > 0.9
    assert trained(replace(TINY, growing=True, longest=12, updates=12, learning_rate=0.0)).longest == 5


def test_the_same_seed_gives_the_same_weights_and_another_seed_others() -> None:
    short = replace(TINY, updates=6)
    first, again, other = (trained(s).lm.state_dict() for s in (short, short, replace(short, seed=2)))
    assert all((first[name] == again[name]).all() for name in first)
    assert any((first[name] != other[name]).any() for name in first)


def test_the_best_weights_are_kept_not_the_last() -> None:
    found: dict[int, float] = {}
    trainer = trained(replace(TINY, updates=60, validations=12), lambda p: found.__setitem__(p.step, p.validation))
    measured = accuracies(trainer.lm, [1, 2, 3], episodes=40, seed=1).mean()
    assert measured == trainer.best_accuracy == max(a for a in found.values() if a == a)
    assert found[trainer.best_step] == trainer.best_accuracy
