"""Trained weights on disk: a folder with `card.json` and safetensors files, and nothing that runs code.

`weights.safetensors` holds the trained parameters, `step-<n>.safetensors` those after n updates of the same
training; step 0 is the untrained twin.
"""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import torch
from pydantic import BaseModel, ConfigDict, ValidationError
from safetensors import SafetensorError
from safetensors.torch import load_file, save_file
from torch import Tensor

from .charlm import CharLM
from .errors import CheckpointError
from .vocabulary import Vocabulary

CARD = "card.json"
WEIGHTS = "weights.safetensors"

_NUMBERS = re.compile(r"\[\n\s*((?:null|[-+.\deE]+)(?:,\n\s*(?:null|[-+.\deE]+))*)\n\s*\]")
"""A list of numbers as pydantic indents it. No string matches: in JSON none holds a line break."""


class Measured(BaseModel):
    """Bits per character on one split, state carried through."""

    model_config = ConfigDict(extra="forbid")

    bits_per_character: float
    nats_per_character: float
    characters: int


class RecallMeasured(BaseModel):
    """Accuracy on the delayed-recall task, see `models.recall`, at the delays 1 … `longest`.

    Attributes:
        accuracy: the mean over the delays.
        reach: the longest delay up to which the accuracy stays at `criterion` or above; `longest` means "at least".
        episodes: how many were measured at each delay.
    """

    model_config = ConfigDict(extra="forbid")

    longest: int
    accuracy: float
    reach: int
    criterion: float
    chance: float
    episodes: int
    measured_with: str


class TimeScales(BaseModel):
    """How slowly each unit changes, in characters, as `models.measures.timescale` defines it.

    Attributes:
        characters: how much of the validation split was read, its start.
        sha256: of the whole corpus, which for source code is that of the Python at hand and may not be the card's.
        trained: `"{layer}.{signal}"` → one number a unit, None for a constant one; `cap` means "at least".
        untrained: the same of the untrained twin.
    """

    model_config = ConfigDict(extra="forbid")

    characters: int
    sha256: str
    cap: float
    trained: dict[str, list[float | None]]
    untrained: dict[str, list[float | None]]
    measured_with: str


class TuningRun(BaseModel):
    """A training that was made to choose settings: bits on the validation split, share of hidden values beyond ±0.9."""

    model_config = ConfigDict(extra="forbid")

    learning_rate: float
    penalty: float
    validation_bits: float
    saturated: float
    chosen: bool


class SeedRun(BaseModel):
    """A training that counts. Bits per character, and what `models.examination` found."""

    model_config = ConfigDict(extra="forbid")

    seed: int
    training_bits: float
    validation_bits: float
    test_bits: float
    units: int
    dead: int
    stuck: int | None
    saturated: float
    saturated_cell: float | None
    largest_cell: float | None
    context: dict[str, float]
    shipped: bool


class Protocol(BaseModel):
    """How a model's settings were chosen, and what each seed came to; see `models.zoo_training`."""

    model_config = ConfigDict(extra="forbid")

    tuning_seed: int
    tuned: list[TuningRun]
    seeds: list[SeedRun]

    @property
    def spread(self) -> tuple[float, float]:
        """The lowest and the highest validation bits over the seeds."""
        bits = [run.validation_bits for run in self.seeds]
        return min(bits), max(bits)


class CorpusCard(BaseModel):
    """What a model was trained on, and how the text was divided."""

    model_config = ConfigDict(extra="forbid")

    name: str
    description: str
    licence: str
    characters: int
    sha256: str
    split: str


class Card(BaseModel):
    """What a model is, how it came about and how well it predicts."""

    model_config = ConfigDict(extra="forbid")

    id: str
    title: str
    description: str = ""
    cell: str
    units: int
    layers: int
    parameters: int
    vocabulary: str
    corpus: CorpusCard
    training: dict[str, Any]
    measured: dict[str, Measured]
    untrained: dict[str, Measured] = {}
    recall: RecallMeasured | None = None
    time_scales: TimeScales | None = None
    protocol: Protocol | None = None
    measured_with: str

    def bits_per_character(self, step: int | None = None) -> float | None:
        """On the validation split; of the untrained twin for step 0, None where it was not measured."""
        measured = self.measured if step is None else self.untrained if step == 0 else {}
        return measured["validation"].bits_per_character if "validation" in measured else None


def read_card(folder: Path) -> Card:
    """The card of the model in `folder`."""
    path = folder / CARD
    try:
        return Card.model_validate_json(path.read_bytes())
    except OSError:
        raise CheckpointError(
            f"{folder} holds no model: there is no {CARD} in it. Name the folder that a training wrote."
        ) from None
    except ValidationError as error:
        fault = error.errors()[0]
        place = ".".join(map(str, fault["loc"])) or "the file"
        raise CheckpointError(
            f"{path} is not a model card: {place}: {fault['msg'].rstrip('.')}. Train anew, or mend it."
        ) from None


def write_card(folder: Path, card: Card) -> None:
    """Write the card; a list of numbers takes one line, not one line a number."""
    text = _NUMBERS.sub(lambda found: f"[{' '.join(found[1].split())}]", card.model_dump_json(indent=2))
    (folder / CARD).write_text(text + "\n", encoding="utf-8")


def steps(folder: Path) -> list[int]:
    """The earlier checkpoints that lie beside the trained weights, in order."""
    found = (re.fullmatch(r"step-(\d+)\.safetensors", p.name) for p in folder.glob("step-*.safetensors"))
    return sorted(int(match[1]) for match in found if match)


def weights_file(folder: Path, step: int | None) -> Path:
    return folder / (WEIGHTS if step is None else f"step-{step}.safetensors")


def save_weights(lm: CharLM, folder: Path, step: int | None = None) -> None:
    """Write the parameters of `lm`, as trained or as an earlier step."""
    folder.mkdir(parents=True, exist_ok=True)
    path = weights_file(folder, step)
    partial = path.with_suffix(".part")
    save_file({k: v.detach().cpu().contiguous() for k, v in lm.state_dict().items()}, partial)
    partial.replace(path)


def load_model(folder: Path, step: int | None = None, *, device: str | torch.device = "cpu") -> CharLM:
    """The model in `folder`, ready to read.

    Args:
        step: None for the trained weights, else an earlier step of the same training; 0 is the untrained twin.

    Raises:
        CheckpointError: if a file is missing, broken, or does not fit its card.
    """
    card = read_card(folder)
    path = weights_file(folder, step)
    if not path.exists():
        have = ", ".join(map(str, steps(folder))) or "none"
        raise CheckpointError(f"{card.id} has no {path.name}. Earlier steps that lie beside it: {have}.")
    name = card.id if step is None else f"{card.id}@{step}"
    try:
        tensors = _fitting(load_file(path), card)
        lm = CharLM(card.cell, Vocabulary(card.vocabulary), card.units, card.layers, name=name)
        lm.load_state_dict(tensors)
    except (SafetensorError, OSError, ValueError, RuntimeError) as error:
        reason = str(error).strip().splitlines()[-1].strip().rstrip(".")
        raise CheckpointError(
            f"{path} does not fit its card ({card.cell}, {card.layers} × {card.units} units): {reason}. "
            "Put the files of one training together again, or train anew."
        ) from None
    lm.requires_grad_(False)
    return lm.eval().to(device)


def _fitting(tensors: dict[str, Tensor], card: Card) -> dict[str, Tensor]:
    """`tensors`, if their sizes are those of `card` and all their numbers are finite.

    Asked before the model is made: a card that claims a million units must not cost their memory.
    """
    expected = 4 * card.layers + 2
    if len(tensors) != expected:
        raise ValueError(f"it holds {len(tensors)} tensors, not {expected}")
    for name, size in (("rnn.weight_hh_l0", card.units), ("readout.bias", len(card.vocabulary))):
        if name not in tensors or tensors[name].shape[-1:] != (size,):
            raise ValueError(f"{name} is missing or not {size:,} wide")
    for name, tensor in tensors.items():
        if not (tensor.is_floating_point() and tensor.isfinite().all()):
            raise ValueError(f"{name} holds something other than finite numbers")
    return tensors
