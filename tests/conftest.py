"""Small random models and texts that several test modules share. None of them needs the trained models."""

from __future__ import annotations

import hashlib
import os
import random
from collections.abc import Callable
from pathlib import Path

ROOT = Path(__file__).parent.parent


def _compiled_sources() -> str:
    """A digest of everything that compiled code is made from.

    Numba keys its cache of a function to that function's own file, so a change in `arithmetic.py` would leave
    the cells' loops as they were. Tests keep a cache for each state of the sources instead.
    """
    folders = [ROOT / "models" / name for name in ("kernels", "cells")]
    paths = [path for folder in folders for path in sorted(folder.glob("*.py"))]
    paths.append(ROOT / "models" / "recording" / "overview.py")
    return hashlib.sha256(b"".join(path.read_bytes() for path in paths)).hexdigest()[:16]


os.environ["NUMBA_CACHE_DIR"] = str(ROOT / ".pytest_cache" / f"numba-{_compiled_sources()}")

import numpy as np  # noqa: E402 - the cache folder must be set before Numba is imported
import pytest  # noqa: E402
import torch  # noqa: E402
from hypothesis import settings  # noqa: E402

from models import CharLM, Vocabulary  # noqa: E402

torch.set_num_threads(1)  # models this small only wait for their threads

settings.register_profile("steady", deadline=None, derandomize=True)  # the first call of a kernel compiles it
settings.load_profile("steady")

LETTERS = "\n !',.:;?-abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"

WORDS = tuple(
    """the a of and in to that it was night window lamp river stone bread letter child morning snow field
road under over through between slowly again never once because although remembered forgot carried opened
closed asked answered waited listened counted seven nine copper silver narrow quiet enormous familiar""".split()  # noqa: SIM905 - a list of literals would be a page long
)

MakeModel = Callable[..., CharLM]


def prose(characters: int, seed: int = 0) -> str:
    """Sentences, speeches and lines of `characters` characters, made up by a fixed draw."""
    draw = random.Random(seed)
    parts: list[str] = []
    length = 0
    while length < characters:
        sentence = " ".join(draw.choices(WORDS, k=draw.randint(3, 14))).capitalize()
        part = sentence + draw.choice([". ", "? ", "!\n", ".\n\nMARTA:\n", "; ", ", said Anna.\n"])
        parts.append(part)
        length += len(part)
    return "".join(parts)[:characters]


@pytest.fixture(scope="session")
def own_text() -> str:
    """10,000 characters of made-up prose."""
    return prose(10_000)


@pytest.fixture(scope="session")
def make_model() -> MakeModel:
    """Makes random models; `gain` stretches the weights, so that gates and states use their whole range."""

    def make(
        cell: str,
        units: int = 16,
        layers: int = 1,
        *,
        characters: str = LETTERS,
        seed: int = 0,
        dtype: torch.dtype = torch.float32,
        gain: float = 1.0,
    ) -> CharLM:
        torch.manual_seed(seed)
        lm = CharLM(cell, Vocabulary(characters), units, layers, name=f"random-{cell}")
        with torch.no_grad():
            for parameter in lm.parameters():
                parameter.mul_(gain)
        return lm.requires_grad_(False).eval().to(dtype)

    return make


@pytest.fixture(scope="session")
def torch_twin() -> Callable[[CharLM, str], dict[str, torch.Tensor]]:
    """What PyTorch's own modules, loaded with a model's weights, say about a text: hidden states of the last
    layer, final states of all layers, and log-probabilities. Unknown characters are rows of zeros."""

    @torch.no_grad()
    def run(lm: CharLM, text: str) -> dict[str, torch.Tensor]:
        weights = lm.state_dict()
        dtype = weights["readout.weight"].dtype
        size, units = weights["readout.weight"].shape
        modules = {"rnn": torch.nn.RNN, "gru": torch.nn.GRU, "lstm": torch.nn.LSTM}
        rnn = modules[lm.cell.name](size, units, lm.layers).to(dtype)
        rnn.load_state_dict({k.removeprefix("rnn."): v for k, v in weights.items() if k.startswith("rnn.")})
        readout = torch.nn.Linear(units, size).to(dtype)
        readout.load_state_dict({k: weights[f"readout.{k}"] for k in ("weight", "bias")})
        inputs = torch.zeros(len(text), size, dtype=dtype)
        for t, character in enumerate(text):
            place = lm.vocabulary.characters.find(character)
            if place >= 0:
                inputs[t, place] = 1
        hidden, last = rnn(inputs)
        last = last if isinstance(last, tuple) else (last,)
        finals = dict(zip(("hidden", "cell"), last, strict=False))
        return {
            "hidden": hidden,
            "log_probabilities": torch.log_softmax(readout(hidden), dim=1),
            **{f"{k}.{name}": state[k] for name, state in finals.items() for k in range(lm.layers)},
        }

    return run


@pytest.fixture
def bits() -> Callable[[object], bytes]:
    """The bytes of an array or tensor: equality to the last bit, NaN included."""
    return lambda array: np.ascontiguousarray(np.asarray(array)).tobytes()
