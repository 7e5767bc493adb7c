"""Delayed recall: a key, some noise, a mark, and the key again. How far can a network carry the key?

An episode is `<key><k − 1 noise characters>?<key>` and a newline, for instance `Cqwe?C` with delay 4. Keys are
the capitals A … H, noise is lower case, and both are drawn uniformly, so nothing but memory helps.

The **delay** k is the number of steps between the state that has read the key and the state that must predict
it, which is the one that has read the mark. At delay 1 the mark follows the key at once.

k  delay, 1 … 200
N  episodes measured, B episodes or rows of a batch, T characters of a row
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator

import numpy as np
import torch
from numpy.typing import NDArray

from ..errors import NotMeasurable
from ..network.language_model import CharLM
from ..text.vocabulary import Ids, Vocabulary

CORPUS = "recall"
"""The name on cards for the corpus drawn from this task."""
KEYS = "ABCDEFGH"
NOISE = "abcdefghijklmnopqrstuvwxyz"
MARK = "?"
END = "\n"
VOCABULARY = Vocabulary(END + MARK + KEYS + NOISE)
LONGEST = 200
CHANCE = 1 / len(KEYS)
CRITERION = (1 + CHANCE) / 2
"""Half-way between guessing and knowing."""

TEST_SEED = 2026
"""The episodes that curves are measured on; no training draws from it."""


def _ids(characters: str) -> Ids:
    return VOCABULARY.encode(characters)


KEY_IDS = _ids(KEYS)
MARK_ID = int(_ids(MARK)[0])


def episode(key: str, noise: str) -> str:
    """The characters of one episode, its newline included; its delay is `len(noise) + 1`."""
    return key + noise + MARK + key + END


def episodes(random: np.random.Generator, longest: int = LONGEST) -> Iterator[Ids]:
    """Endless episodes (k + 3,) as ids, with delays drawn uniformly from 1 … `longest`."""
    noise_ids = _ids(NOISE)
    mark_and_end = _ids(MARK + END)
    while True:
        key = KEY_IDS[random.integers(len(KEY_IDS))]
        noise = noise_ids[random.integers(len(noise_ids), size=random.integers(longest))]  # (k - 1,)
        yield np.concatenate([[key], noise, mark_and_end[:1], [key], mark_and_end[1:]]).astype(np.int32)


def stream(random: np.random.Generator, characters: int, longest: int = LONGEST) -> Ids:
    """The first `characters` of consecutive episodes, as ids (T,). The last may be cut."""
    parts: list[Ids] = []
    drawn = episodes(random, longest)
    missing = characters
    while missing > 0:
        parts.append(next(drawn)[:missing])
        missing -= len(parts[-1])
    return np.concatenate(parts)


def text(characters: int, seed: int) -> str:
    """A text of that many characters, of consecutive episodes; the same seed gives the same text."""
    return VOCABULARY.decode(stream(np.random.default_rng(seed), characters))


def accuracies(
    lm: CharLM,
    delays: Iterable[int] = range(1, LONGEST + 1),
    *,
    episodes: int = 1000,
    seed: int = TEST_SEED,
    progress: Callable[[int, int], None] | None = None,
) -> NDArray[np.float64]:
    """The share of N episodes whose key `lm` recalls, for each of `delays`, in order.

    An episode begins at the zero state. It is recalled if, of the eight keys, the right one is the most probable
    in the state that has read the mark; characters other than keys are ignored.
    Every key is asked for equally often, as nearly as N allows, so that a network that knows three of the eight keys
    gets 3/8 whatever is drawn. Each delay is measured on the same noise, cut where the delay ends: the episodes of one
    delay are independent, the figures of neighbouring delays are not.

    Args:
        lm: a model that knows the task's characters.
        delays: each 1 or more.
        episodes: N.
        seed: of the noise; a delay has the same episodes whatever the others are.
        progress: called with (steps read, steps in all).

    Raises:
        NotMeasurable: if a delay or N is below 1, or the model does not know a character of the task.
    """
    asked = list(delays)
    if not asked or min(asked) < 1 or episodes < 1:
        raise NotMeasurable("Recall is measured at delays of 1 and more, over one episode or more.")
    known = lm.vocabulary.encode(VOCABULARY.characters)
    if (known == lm.vocabulary.unknown).any():
        raise NotMeasurable(
            f"{lm.name} does not know every character of the recall task: A to H, small letters, ? and newline. "
            "Take a model that was trained on it, for instance recall-lstm."
        )
    random = np.random.default_rng(seed)
    keys = np.arange(episodes) % len(KEYS)
    columns = torch.from_numpy(lm.vocabulary.encode(KEYS).astype(np.int64))
    noise = lm.vocabulary.encode(NOISE).astype(np.int64)
    mark = torch.full((1, episodes), int(lm.vocabulary.encode(MARK)[0]), device=lm.device)
    found: dict[int, float] = {}
    with torch.inference_mode():
        _, state = lm(columns[torch.from_numpy(keys)][None].to(lm.device))
        for delay in range(1, max(asked) + 1):
            if delay in asked:
                logits, _ = lm(mark, state)  # (1, N, V); the state without the mark is read on from
                best = logits[0, :, columns].argmax(1).cpu().numpy()  # (N,)
                found[delay] = float((best == keys).mean())
            read = torch.from_numpy(noise[random.integers(len(noise), size=episodes)])
            _, state = lm(read[None].to(lm.device), state)
            if progress is not None:
                progress(delay, max(asked))
    return np.array([found[delay] for delay in asked])
