"""From a recipe to a model on disk: train it, measure it and its untrained twin, write the card."""

from __future__ import annotations

import logging
import math
import shlex
import tomllib
from collections.abc import Callable
from dataclasses import asdict, dataclass, fields
from datetime import date
from difflib import get_close_matches
from pathlib import Path
from typing import Any

from ..errors import BadSettings, Diverged, NotMeasurable
from ..measures.units import time_scale
from ..network.evaluation import bits_per_character
from ..network.language_model import CharLM
from ..storage.checkpoint import Card, CorpusCard, Measured, TimeScales, load_model, model_of, save_state, write_card
from ..storage.output import check_id
from ..text.lines import unix_lines
from ..zoo import FOLDER
from .continuing import Start
from .corpora import SPLITS, Corpus
from .publishing import published
from .settings import Settings
from .settings_check import check_settings
from .trainer import Progress, Trainer, machine

log = logging.getLogger("hidden_state")


@dataclass(frozen=True)
class Recipe:
    """One model to make.

    Attributes:
        once: it is trained once, with its own settings and the first seed: too long for the protocol.
    """

    id: str
    title: str
    description: str
    corpus: str
    settings: Settings
    once: bool = False


WORDS = ("title", "description", "corpus")
"""What every recipe states."""


def zoo_recipes(file: Path = FOLDER / "recipes.toml") -> list[Recipe]:
    """The recipes of the models that ship, in order.

    Raises:
        BadSettings: if the file or a recipe in it cannot be understood; the message names the model and the key.
    """
    try:
        tables = tomllib.loads(file.read_text(encoding="utf-8"))
    except tomllib.TOMLDecodeError as error:
        raise BadSettings(f"{file.name} is not TOML: {error}. Correct it there.") from None
    return [_recipe(name, table) for name, table in tables.items()]


def _recipe(name: str, table: Any) -> Recipe:
    """The recipe that a table of the file states."""
    if not isinstance(table, dict):
        raise BadSettings(
            f"The recipes have {name!r} outside a table: whose it is cannot be told. Put it below the [id] of a model."
        )
    what = f"The recipe of {name}"
    if missing := [key for key in WORDS if key not in table]:
        raise BadSettings(f"{what} has no {missing[0]!r}: the card states it. Write it as a string.")
    known = [*WORDS, "once", *(one.name for one in fields(Settings))]
    for key, value in table.items():
        if key not in known:
            near = get_close_matches(key, known, 1)
            meant = f"Did you mean {near[0]!r}? " if near else ""
            raise BadSettings(f"{what} has a key {key!r}, which is no setting. {meant}There are: {', '.join(known)}.")
        if not _fits(key, value):
            raise BadSettings(f"{what} has {key} = {value!r}: {_wanted(key)} is expected. Correct it in the recipe.")
    words, once = {key: table[key] for key in WORDS}, table.get("once", False)
    settings = Settings(**{key: value for key, value in table.items() if key not in (*WORDS, "once")})
    try:
        check_settings(settings)
    except BadSettings as fault:
        raise BadSettings(f"{what} cannot be trained by. {fault}") from None
    return Recipe(id=name, settings=settings, once=once, **words)


def _wanted(key: str) -> str:
    """What type the value of a key has, in words."""
    if key in WORDS:
        return "a string"
    if key == "once":
        return "true or false"
    if key == "cell":
        return "a cell's name, or a list of them,"
    if key == "units":
        return "a whole number, or a list of them,"
    return "a whole number" if key == "layers" or isinstance(getattr(Settings(), key), int) else "a number"


def _fits(key: str, value: Any) -> bool:
    """Whether a value is of the type that its key has."""
    if key in ("cell", "units"):
        kind = str if key == "cell" else int
        return all(type(one) is kind for one in (value if isinstance(value, list) and value else [value]))
    if key in WORDS or key == "once":
        return type(value) is (str if key in WORDS else bool)
    return type(value) is int or (type(value) is float and isinstance(getattr(Settings(), key), float))


def make(
    recipe: Recipe,
    corpus: Corpus,
    folder: Path,
    *,
    device: str = "cpu",
    resume: bool = False,
    overwrite: bool = False,
    start: Start | None = None,
    report: Callable[[Progress], None] = lambda progress: None,
    note: Callable[[str], None] = log.warning,
    save_every_seconds: float = 60.0,
) -> Card:
    """Train `recipe` into `folder` and write its card.

    On Ctrl-C the best weights so far are kept and measured, the card says that the training was interrupted,
    and `resume=True` continues from there later.

    Args:
        start: the network to continue from; by default a fresh one.
        overwrite: replace an existing model. It stays until the new one is complete.
        note: is called with a sentence where something goes wrong but training continues.

    Returns:
        The card that was written.

    Raises:
        OutputError: if the model cannot be written there; before training, if that can be known. After training the
            model is written elsewhere, and the message says where.
        BadSettings, CorpusError: if training is impossible with these settings or this text.
        CheckpointError: if there is nothing to resume.
        Diverged: after the best network so far has been written.
    """
    check_id(recipe.id)

    def write(place: Path, trainer: Trainer, diverged: Diverged | None) -> Card:
        save_state(trainer.best, place)
        card = _card(recipe, corpus, trainer, diverged)
        trained, twin = model_of(card, place), model_of(card, place, 0)
        found = {"measured": measure(trained, corpus), "untrained": measure(twin, corpus)}
        card = card.model_copy(update={**found, "time_scales": time_scales(trained, twin, corpus)})
        write_card(place, card)
        return card

    return published(
        recipe.id,
        lambda: Trainer(corpus, recipe.settings, device=device, name=recipe.id, start=start),
        folder,
        write,
        resume=resume,
        overwrite=overwrite,
        report=report,
        note=note,
        save_every_seconds=save_every_seconds,
    )


def measure(lm: CharLM, corpus: Corpus) -> dict[str, Measured]:
    """Bits per character on the held-out splits; a split without a character to score is left out."""
    found = {split: measure_text(lm, corpus.split(split)) for split in ("validation", "test")}
    return {split: measured for split, measured in found.items() if measured is not None}


def load_model_pair(folder: Path) -> tuple[CharLM, CharLM]:
    """The trained model and its untrained twin, read back from disk: measured exactly as they ship."""
    return load_model(folder), load_model(folder, 0)


def time_scales(trained: CharLM, untrained: CharLM, corpus: Corpus) -> TimeScales | None:
    """A time scale per unit on the validation split, for a card; None if the split is too short."""
    text = corpus.split("validation")
    try:
        found = [time_scale.time_scales(lm, text) for lm in (trained, untrained)]
    except NotMeasurable:
        return None
    return TimeScales(
        characters=min(len(text), time_scale.CHARACTERS),
        sha256=corpus.sha256,
        cap=time_scale.CAP,
        trained=found[0],
        untrained=found[1],
        measured_with=corpus.measured_by("time-scales", trained.name),
    )


def measure_text(lm: CharLM, text: str) -> Measured | None:
    """Bits per character of a text; None where no character has a surprise: it is too short, or none is known."""
    bits, count = bits_per_character(lm, lm.vocabulary.encode(unix_lines(text)))
    if count == 0:
        return None
    return Measured(
        bits_per_character=round(bits, 4), nats_per_character=round(bits * math.log(2), 4), characters=count
    )


def corpus_card(corpus: Corpus) -> CorpusCard:
    """What a card says about a text and how it is divided."""
    shares = ", ".join(f"{name} {low:.0%}–{high:.0%}" for name, (low, high) in SPLITS.items())
    return CorpusCard(
        name=corpus.name,
        description=corpus.description,
        licence=corpus.licence,
        characters=len(corpus.text),
        sha256=corpus.sha256,
        split=f"by characters, in the order of the text: {shares}",
    )


def _card(recipe: Recipe, corpus: Corpus, trainer: Trainer, diverged: Diverged | None) -> Card:
    settings = asdict(recipe.settings)
    stack, shape = recipe.settings.stack, {key: settings.pop(key) for key in ("cell", "units", "layers")}
    return Card(
        id=recipe.id,
        title=recipe.title,
        description=recipe.description,
        **{**shape, "layers": len(stack)},
        parameters=trainer.lm.parameter_count,
        vocabulary=trainer.lm.vocabulary.characters,
        corpus=corpus_card(corpus),
        training={
            **settings,
            **({} if trainer.start is None else trainer.start.on_card(trainer.lm.vocabulary)),
            "updates": trainer.steps,
            "updates_done": trainer.step,
            "best_update": trainer.best_step,
            "characters_read": trainer.characters,
            "seconds": round(trainer.seconds, 1),
            "finished": trainer.step == trainer.steps and diverged is None,
            **({} if diverged is None else {"diverged": str(diverged)}),
            "machine": machine(),
            "date": date.today().isoformat(),
        },
        measured={},
        measured_with=shlex.join(["hidden-state", "evaluate", recipe.id, *corpus.words, "--split", "validation"]),
    )
