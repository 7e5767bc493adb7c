"""A training from its first update to a model on disk, whatever it reads: what is written when, and what is kept if it
is cut short, diverges, or finds no space."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, TypeVar

from safetensors import SafetensorError
from torch import Tensor

from ..errors import CheckpointError, Diverged, OutputError
from ..storage.checkpoint import save_state
from ..storage.output import CURVES, STATE, Output, spare_folder
from ..text.names import shown
from .settings_check import warm_up_doubt
from .trainer import Progress, Training

Made = TypeVar("Made")
Running = TypeVar("Running", bound=Training[Any])


def published(
    name: str,
    begun: Callable[[], Running],
    folder: Path,
    write: Callable[[Path, Running, Diverged | None], Made],
    *,
    resume: bool,
    overwrite: bool,
    report: Callable[[Progress], None],
    note: Callable[[str], None],
    save_every_seconds: float,
) -> Made:
    """Train into `folder`; see `recipes.make`, which says what is raised.

    Args:
        name: of the model.
        begun: begins the training; called once it is known that the folder can be written.
        write: writes the best weights and the card into a folder, where the twin lies already; returns the card.
    """
    output = Output.of(folder, resume=resume, overwrite=overwrite)
    trainer = begun()
    untrained = trainer.untrained
    if (doubt := warm_up_doubt(trainer.settings.warmup, trainer.steps)) is not None:
        note(doubt)
    if resume:
        _resume(trainer, output)
    output.begin(trainer.lm.parameter_count, resume=resume)
    try:
        save_state(untrained, output.work, step=0)
    except (OSError, SafetensorError) as error:
        output.release()
        raise OutputError(
            f"{shown(str(folder))} cannot be written: {error}. Choose another place with --out."
        ) from None
    try:
        diverged = _train(trainer, output, report, note, save_every_seconds)
    finally:
        output.release()
    card = _finish(name, trainer, output, untrained, lambda place: write(place, trainer, diverged), diverged)
    if diverged is not None:
        kept = f"{trainer.best_bits:.4f} bits per {trainer.material.item}"
        kept += ": untrained" if trainer.best_step == 0 else ""
        raise Diverged(
            f"{diverged} The best so far is kept in {shown(str(folder))}: update {trainer.best_step:,}, {kept}."
        )
    return card


def _resume(trainer: Training[Any], output: Output) -> None:
    """Resume the interrupted training: the one beside the model if it exists and fits."""
    places = output.resumable or [output.folder]
    for place in places[:-1]:
        try:
            trainer.resume(place)
        except CheckpointError:
            continue
        return
    trainer.resume(places[-1])


def _train(
    trainer: Training[Any],
    output: Output,
    report: Callable[[Progress], None],
    note: Callable[[str], None],
    save_every_seconds: float,
) -> Diverged | None:
    """Run the training, saving now and then what resuming needs; returns why it diverged, if it did."""
    saved = trainer.seconds

    def save() -> None:
        nonlocal saved
        try:
            trainer.save(output.work)
        except (OSError, SafetensorError) as error:
            note(
                f"The state of the training could not be saved: {error}. The training goes on; until it is saved it "
                "could not be resumed."
            )
        saved = trainer.seconds

    def report_and_save(progress: Progress) -> None:
        report(progress)
        if trainer.seconds - saved > save_every_seconds:
            save()

    try:
        trainer.run(report_and_save)
    except KeyboardInterrupt:
        if trainer.step < trainer.steps:
            save()
    except Diverged as error:
        return error
    return None


def _finish(
    name: str,
    trainer: Training[Any],
    output: Output,
    untrained: Mapping[str, Tensor],
    write: Callable[[Path], Made],
    diverged: Diverged | None,
) -> Made:
    """Write the best weights, measure them and their twin as stored on disk, write the card, publish."""
    try:
        (output.work / CURVES).unlink(missing_ok=True)  # measurements of weights that no longer exist
        card = write(output.work)
        if trainer.step == trainer.steps or diverged is not None:
            (output.work / STATE).unlink(missing_ok=True)
        output.publish()
        return card
    except (OSError, SafetensorError) as error:
        fault = f"{shown(str(output.folder))} cannot be written: {error}."
    spare = spare_folder(name)
    try:
        if spare is None:
            raise OSError("there is no other place")
        save_state(untrained, spare, 0)
        write(spare)
    except (OSError, SafetensorError):
        raise OutputError(
            f"{fault} Nor can another place. Make space; --resume goes on from where the training was last saved."
        ) from None
    raise OutputError(f"{fault} The trained model is whole in {spare}: move it to where there is space.")
