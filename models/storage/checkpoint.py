"""Trained weights on disk: a folder with `card.json` and safetensors files, and nothing that runs code.

`weights.safetensors` holds the trained parameters, `step-<n>.safetensors` those after n updates of the same
training; step 0 is the untrained twin.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import TypeVar

import torch
from safetensors import SafetensorError
from safetensors.torch import load_file
from torch import Tensor

from ..errors import CheckpointError
from ..network.language_model import CharLM
from ..network.sequence_model import SequenceModel
from ..network.series_model import SeriesModel
from ..text.names import shown
from ..text.vocabulary import Vocabulary
from .card import (
    CARD,
    Card,
    CorpusCard,
    Measured,
    RecallMeasured,
    TimeScales,
    UsedContext,
    parameter_shapes,
    read_card,
    write_card,
)
from .model_card import ModelCard
from .series_card import SeriesCard, read_series_card, series_parameter_shapes
from .tensor_file import write_tensors

__all__ = [
    "CARD",
    "WEIGHTS",
    "Card",
    "CorpusCard",
    "Measured",
    "RecallMeasured",
    "TimeScales",
    "UsedContext",
    "load_model",
    "load_series_model",
    "model_of",
    "read_card",
    "save_state",
    "save_weights",
    "series_model_of",
    "steps",
    "weights_file",
    "write_card",
]

WEIGHTS = "weights.safetensors"

Network = TypeVar("Network", bound=SequenceModel)


def steps(folder: Path) -> list[int]:
    """The earlier checkpoints beside the trained weights, in order."""
    found = (re.fullmatch(r"step-(0|[1-9][0-9]{0,14})\.safetensors", p.name) for p in folder.glob("step-*.safetensors"))
    return sorted(int(match[1]) for match in found if match)


def weights_file(folder: Path, step: int | None) -> Path:
    return folder / (WEIGHTS if step is None else f"step-{step}.safetensors")


def save_weights(lm: SequenceModel, folder: Path, step: int | None = None) -> None:
    """Write the parameters of `lm`, as trained or as an earlier step."""
    save_state(lm.state_dict(), folder, step)


def save_state(state: Mapping[str, Tensor], folder: Path, step: int | None = None) -> None:
    """Write parameters under their names, as trained or as an earlier step, atomically.

    Raises:
        OSError: if they cannot be written.
    """
    folder.mkdir(parents=True, exist_ok=True)
    path = weights_file(folder, step)
    partial = path.with_suffix(".part")
    try:
        write_tensors(state, partial)
        partial.replace(path)
    except BaseException:
        partial.unlink(missing_ok=True)
        raise


def load_model(folder: Path, step: int | None = None, *, device: str | torch.device = "cpu") -> CharLM:
    """The model in `folder`, ready to read.

    Args:
        step: None for the trained weights, else an earlier step of the same training; 0 is the untrained twin.

    Raises:
        CheckpointError: if a file is missing, broken, or does not fit its card.
    """
    return model_of(read_card(folder), folder, step, device=device)


def load_series_model(folder: Path, step: int | None = None, *, device: str | torch.device = "cpu") -> SeriesModel:
    """The series model in `folder`, ready to read; otherwise as `load_model`.

    Raises:
        CheckpointError: if a file is missing, broken, or does not fit its card.
    """
    return series_model_of(read_series_card(folder), folder, step, device=device)


def model_of(card: Card, folder: Path, step: int | None = None, *, device: str | torch.device = "cpu") -> CharLM:
    """The model that `card` describes, its weights out of `folder`; see `load_model`."""
    shapes = parameter_shapes(card.stack, len(card.vocabulary))
    return _filled(
        card, shapes, lambda name: CharLM.of(card.stack, Vocabulary(card.vocabulary), name=name), folder, step
    ).to(device)


def series_model_of(
    card: SeriesCard, folder: Path, step: int | None = None, *, device: str | torch.device = "cpu"
) -> SeriesModel:
    """The series model that `card` describes, its weights out of `folder`; see `load_series_model`."""
    shapes = series_parameter_shapes(card.stack, len(card.channels))
    return _filled(card, shapes, lambda name: SeriesModel(card.stack, card.readings, name=name), folder, step).to(
        device
    )


def _filled(
    card: ModelCard,
    shapes: Mapping[str, tuple[int, ...]],
    make: Callable[[str], Network],
    folder: Path,
    step: int | None,
) -> Network:
    """The network that `make` makes, given its name, with the weights out of `folder`."""
    path = weights_file(folder, step)
    if not path.exists():
        have = ", ".join(map(str, steps(folder))) or "none"
        raise CheckpointError(f"{card.id} has no {path.name}. Earlier steps that lie beside it: {have}.")
    name = card.id if step is None else f"{card.id}@{step}"
    try:
        if not path.is_file():
            raise ValueError("it is not a file")  # opening a pipe would wait for ever
        tensors = _fitting(load_file(path), shapes)
        model = make(name)
        model.load_state_dict(tensors)
    except (SafetensorError, OSError, ValueError, RuntimeError) as error:
        reason = str(error).strip().splitlines()[-1].strip().rstrip(".")
        raise CheckpointError(
            f"{shown(str(path))} does not fit its card ({card.stack.title}, {card.stack.words} units): {reason}. "
            "Put the files of one training together again, or train anew."
        ) from None
    model.requires_grad_(False)
    return model.eval()


def _fitting(tensors: dict[str, Tensor], expected: Mapping[str, tuple[int, ...]]) -> dict[str, Tensor]:
    """`tensors`, if their sizes are those that their card states and all their numbers are finite.

    Checked before the model is made: a card that claims a million units must not cost their memory.
    """
    if len(tensors) != len(expected):
        raise ValueError(f"it holds {len(tensors)} tensors, not {len(expected)}")
    for name, shape in expected.items():
        if name not in tensors or tuple(tensors[name].shape) != shape:
            have = "missing" if name not in tensors else f"of shape {tuple(tensors[name].shape)}"
            raise ValueError(f"{name} is {have}; it must be of shape {shape}")
    for name, tensor in tensors.items():
        if not (tensor.is_floating_point() and tensor.float().isfinite().all()):  # as float32 they are read
            raise ValueError(f"{name} holds something other than finite numbers")
    return tensors
