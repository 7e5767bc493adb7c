"""Training: truncated backpropagation through time with the state carried from segment to segment.

What is read, a text or a series (`material`), is cut into B streams that are read in parallel, T items per update; the
state at the end of a segment starts the next one, without its gradient. The same seed and settings give the same
weights on the CPU, even if the training is interrupted and resumed.
"""

from __future__ import annotations

import json
import math
import platform
import signal
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Generic

import torch
from safetensors import SafetensorError, safe_open
from torch import Tensor, nn

from ..errors import CheckpointError, Diverged
from ..network.language_model import CharLM
from ..network.sequence_model import LayerStates
from ..storage.output import STATE
from ..storage.tensor_file import write_tensors
from .continuing import Start
from .corpora import Corpus
from .letters import Letters
from .material import Material, Model
from .penalty import penalised
from .schedule import learning_rate
from .settings import Settings
from .settings_check import check_settings

RESUME_FILE = STATE

EXCESS_BITS = 3.0
"""A training that does this much worse on its own text than guessing evenly,"""
PATIENCE_UPDATES = 10
"""for this many updates in a row, has diverged."""


@dataclass(frozen=True)
class Progress:
    """The progress of a training after one update."""

    step: int
    steps: int
    characters: int
    loss_bits: float
    validation_bits: float
    best_bits: float
    characters_per_second: float
    item: str = "character"

    @property
    def remaining_seconds(self) -> float:
        per_step = self.characters / max(self.step, 1)
        return (self.steps - self.step) * per_step / max(self.characters_per_second, 1e-9)

    @property
    def words(self) -> str:
        """Its figures, for the line beside the progress bar."""
        return (
            f"{self.loss_bits:.3f} bits, validation {self.validation_bits:.3f} (best {self.best_bits:.3f}), "
            f"{self.characters_per_second / 1000:,.0f} k {self.item}s/s"
        )


class Training(Generic[Model]):
    """One training: a model, what it reads, and its progress.

    After `run` returns, or is interrupted by any exception, `lm` holds the last weights and `best` the ones
    that predicted the validation split best.

    Attributes:
        untrained: the fresh weights that the seed gives, the control: even if the training continues from others.
    """

    def __init__(self, material: Material[Model], settings: Settings, *, device: str, name: str) -> None:
        self.material, self.settings, self.device = material, settings, device
        torch.manual_seed(settings.seed)
        self.lm: Model = material.fresh(settings, name).to(device)
        self.untrained = {k: v.detach().clone() for k, v in self.lm.state_dict().items()}
        material.begin(self.lm)
        self.inputs, self.targets = material.inputs, material.targets  # (time, B, …)
        length = len(self.inputs)
        self.per_epoch = math.ceil(length / settings.segment)
        self.steps = max(1, round(settings.epochs * self.per_epoch))
        self.optimizer = torch.optim.AdamW(
            self.lm.parameters(), lr=settings.learning_rate, weight_decay=settings.weight_decay
        )
        self.step = 0
        self.characters = 0
        self.seconds = 0.0
        self.best = {k: v.detach().clone() for k, v in self.lm.state_dict().items()}
        self.best_step = 0
        self.best_bits = math.inf
        self.validation_bits = math.nan
        self._carried: LayerStates | None = None
        self._astray = 0

    def run(self, report: Callable[[Progress], None] = lambda progress: None, *, until: int | None = None) -> None:
        """Train to the end, or to update `until`; `report` is called after each update.

        Raises:
            Diverged: if the loss becomes NaN, or stays far above that of guessing; `best` is unchanged.
        """
        every = max(1, self.steps // self.settings.validations)
        if self.step == 0 and math.isinf(self.best_bits):
            self._validate()  # the initial network is the first to beat
        while self.step < min(until or self.steps, self.steps):
            with _whole():
                began = time.perf_counter()
                loss, characters = self._update()
                self.step += 1
                self.characters += characters
                self._watch(loss / math.log(2))
                if self.step % every == 0 or self.step == self.steps:
                    self._validate()
                self.seconds += time.perf_counter() - began
            report(
                Progress(
                    self.step,
                    self.steps,
                    self.characters,
                    loss / math.log(2),
                    self.validation_bits,
                    self.best_bits,
                    self.characters / self.seconds,
                    self.material.item,
                )
            )

    def _update(self) -> tuple[float, int]:
        """One segment of every stream: forward, backward, clipped, applied. Its loss in nats, its items."""
        place = self.step % self.per_epoch
        if place == 0:
            self._carried = None  # a new pass begins at the start of each stream, from the zero state
        at = slice(place * self.settings.segment, (place + 1) * self.settings.segment)
        inputs, targets = self.inputs[at].to(self.device), self.targets[at].to(self.device)
        for group in self.optimizer.param_groups:
            group["lr"] = self.learning_rate()
        self.lm.train()
        read_out, excess = self._forward(inputs)
        loss = self.material.loss(read_out, targets)
        self.optimizer.zero_grad()
        (loss if excess is None else loss + self.settings.penalty * excess).backward()  # type: ignore[no-untyped-call]
        nn.utils.clip_grad_norm_(self.lm.parameters(), self.settings.clip)
        self.optimizer.step()
        return loss.item(), inputs.numel()

    def _watch(self, bits: float) -> None:
        """Detect a diverging training from its loss in bits, after each update."""
        guessing, item = self.material.guess, self.material.item
        self._astray = 0 if bits < guessing + EXCESS_BITS else self._astray + 1  # NaN is not below either
        if math.isfinite(bits) and self._astray < PATIENCE_UPDATES:
            return
        raise Diverged(
            f"The training diverged: at update {self.step:,} of {self.steps:,} its loss is {bits:,.1f} bits per "
            f"{item}, and {self.material.guess_words} would cost {guessing:.1f}. Lower the learning rate "
            f"(now {self.settings.learning_rate:g}) or the clip (now {self.settings.clip:g})."
        )

    def _forward(self, inputs: Tensor) -> tuple[Tensor, Tensor | None]:
        """What is read out (T, B, P), and the penalised quantity (None without a penalty); the final state is kept."""
        carried = self._carried
        if carried is not None and self.settings.reset > 0:
            keep = (torch.rand(self.settings.streams) >= self.settings.reset).to(inputs.device)
            like, streams = self.lm.readout.weight, self.settings.streams
            starts = [layer.cell.training_start(streams, layer.units, like) for layer in self.lm.stack]
            carried = [
                tuple(torch.where(keep[:, None], s, v) for s, v in zip(states, start, strict=True))
                for states, start in zip(carried, starts, strict=True)
            ]
        excess = None
        if self.settings.penalty > 0:
            read_out, self._carried, excess = penalised(self.lm, inputs, carried)
        else:
            read_out, end = self.lm(inputs, None if carried is None else self.lm.joined_state(carried))
            self._carried = [tuple(s.detach() for s in states) for states in self.lm.layer_states(end)]
        return read_out, excess

    def learning_rate(self) -> float:
        """See `schedule.learning_rate`."""
        s = self.settings
        return learning_rate(self.step, self.steps, highest=s.learning_rate, warmup=s.warmup)

    def _validate(self) -> None:
        self.lm.eval()
        self.validation_bits = self.material.bits(self.lm)
        if self.validation_bits < self.best_bits:
            self.best_bits, self.best_step = self.validation_bits, self.step
            self.best = {k: v.detach().clone() for k, v in self.lm.state_dict().items()}

    def save(self, folder: Path) -> None:
        """Everything that resuming needs, as one safetensors file."""
        folder.mkdir(parents=True, exist_ok=True)
        tensors = {f"last.{k}": v for k, v in self.lm.state_dict().items()}
        tensors |= {f"best.{k}": v for k, v in self.best.items()}
        for index, moments in self.optimizer.state_dict()["state"].items():
            tensors |= {f"optimizer.{index}.{k}": v for k, v in moments.items()}
        for k, states in enumerate(self._carried or []):
            tensors |= {f"carried.{k}.{j}": s for j, s in enumerate(states)}
        tensors["random"] = torch.get_rng_state()
        facts = {
            "settings": self.settings.as_json(),
            "corpus": self.material.sha256,
            "start": self.material.digest,
            "step": self.step,
            "characters": self.characters,
            "seconds": self.seconds,
            "best_step": self.best_step,
            "best_bits": self.best_bits,
            "validation_bits": self.validation_bits,
        }
        partial = folder / f"{RESUME_FILE}.part"
        write_tensors({k: v.detach().clone() for k, v in tensors.items()}, partial, {"facts": json.dumps(facts)})
        partial.replace(folder / RESUME_FILE)

    def _states(self, saved: dict[str, Tensor]) -> LayerStates | None:
        """The states that a training carries, by their names in its file: `layer.state`, or as files had them before,
        `state`, (L, B, H) for all layers.

        Raises:
            CheckpointError: if some are missing.
        """
        if not saved:
            return None
        try:
            return [
                tuple(
                    (saved[f"{k}.{j}"] if f"{k}.{j}" in saved else saved[f"{j}"][k]).to(self.device)
                    for j in range(len(layer.cell.training_start(1, layer.units, self.lm.readout.weight)))
                )
                for k, layer in enumerate(self.lm.stack)
            ]
        except (KeyError, IndexError):
            raise CheckpointError("The training was saved without all of its states. Train without resuming.") from None

    def resume(self, folder: Path) -> None:
        """Continue where `save` left off.

        Raises:
            CheckpointError: if there is nothing to resume, or it belongs to other settings or another text.
        """
        path = folder / RESUME_FILE
        try:
            with safe_open(path, framework="pt") as file:
                facts = json.loads(file.metadata()["facts"])
                # cloned into torch's own memory: if the file's is not aligned, sums round differently
                tensors = {k: file.get_tensor(k).clone() for k in file.keys()}  # noqa: SIM118 - not a dict
        except (OSError, SafetensorError, KeyError, TypeError, ValueError) as error:
            raise CheckpointError(
                f"There is no training to resume in {folder}: {error}. Train without resuming."
            ) from None
        begun = (facts["settings"], facts["corpus"], facts.get("start"))
        if begun != (self.settings.as_json(), self.material.sha256, self.material.digest):
            raise CheckpointError(
                f"The training in {folder} has other settings or another text, or goes on from another network. "
                "Resume it with the same ones, or train into another folder."
            )

        def below(prefix: str) -> dict[str, Tensor]:
            return {k.removeprefix(prefix): v for k, v in tensors.items() if k.startswith(prefix)}

        carried = self._states(below("carried."))
        self.lm.load_state_dict(below("last."))
        self.best = {k: v.to(self.device) for k, v in below("best.").items()}
        state = self.optimizer.state_dict()
        for index in range(len(state["param_groups"][0]["params"])):
            if moments := below(f"optimizer.{index}."):
                state["state"][index] = moments
        self.optimizer.load_state_dict(state)
        self._carried = carried
        torch.set_rng_state(tensors["random"])
        self.step, self.characters, self.seconds = facts["step"], facts["characters"], facts["seconds"]
        self.best_step, self.best_bits = facts["best_step"], facts["best_bits"]
        self.validation_bits = facts["validation_bits"]


class Trainer(Training[CharLM]):
    """The training of a character model on a text.

    Args:
        start: the network to continue from; by default a fresh one.

    Raises:
        CorpusError: if the text is too short for the settings.
        BadSettings: if a setting is invalid, or the network is too large for this machine.
    """

    def __init__(
        self,
        corpus: Corpus,
        settings: Settings,
        *,
        device: str = "cpu",
        name: str = "unnamed",
        start: Start | None = None,
    ) -> None:
        check_settings(settings)
        if start is not None:
            start.check(settings.stack)
        letters = Letters(corpus, settings, start)
        super().__init__(letters, settings, device=device, name=name)
        self.corpus, self.start, self.validation = corpus, start, letters.validation


@contextmanager
def _whole() -> Iterator[None]:
    """Delay Ctrl-C until the block is done: a half-finished update could not be resumed."""
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    asked = False

    def remember(number: int, frame: object) -> None:
        nonlocal asked
        asked = True

    usual = signal.signal(signal.SIGINT, remember)
    try:
        yield
    finally:
        signal.signal(signal.SIGINT, usual)
    if asked:
        signal.raise_signal(signal.SIGINT)


def machine() -> str:
    """A card's statement of where its figures come from."""
    threads = torch.get_num_threads()
    name = platform.machine()
    info = Path("/proc/cpuinfo")
    if info.exists():
        lines = (
            line.split(":", 1)[1].strip() for line in info.read_text().splitlines() if line.startswith("model name")
        )
        name = next(lines, name)
    counted = f"{threads} thread{'s' if threads > 1 else ''}"
    return f"{name}, {counted}, Python {platform.python_version()}, torch {torch.__version__}"
