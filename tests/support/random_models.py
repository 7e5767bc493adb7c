"""Small random models, a text for them, and what PyTorch's own modules say of both. No trained model is needed."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest
import torch

from models import CharLM, Vocabulary
from tests.support.texts import LETTERS, prose

MakeModel = Callable[..., CharLM]


@pytest.fixture(scope="session")
def own_text() -> str:
    """10,000 characters of made-up prose."""
    return prose(10_000)


@pytest.fixture(scope="session")
def make_model() -> MakeModel:
    """Makes random models; `gain` stretches the weights, so that gates and states use their whole range."""

    def make(
        cell: str | tuple[str, ...],
        units: int | tuple[int, ...] = 16,
        layers: int | None = None,
        *,
        characters: str = LETTERS,
        seed: int = 0,
        dtype: torch.dtype = torch.float32,
        gain: float = 1.0,
    ) -> CharLM:
        torch.manual_seed(seed)
        lm = CharLM(
            cell,
            Vocabulary(characters),
            units,
            layers,
            name=f"random-{cell if isinstance(cell, str) else '+'.join(cell)}",
        )
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
