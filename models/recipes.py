"""From a recipe to a model on disk: train it, measure it and its untrained twin, write the card."""

from __future__ import annotations

import math
import tomllib
from collections.abc import Callable
from dataclasses import asdict, dataclass
from datetime import date
from pathlib import Path

from .charlm import CharLM
from .checkpoint import Card, CorpusCard, Measured, TimeScales, load_model, save_weights, write_card
from .corpora import SPLITS, Corpus
from .errors import NotMeasurable
from .evaluation import bits_per_character
from .measures import timescale
from .training import RESUME_FILE, Progress, Settings, Trainer, machine
from .zoo import FOLDER


@dataclass(frozen=True)
class Recipe:
    """One model to be made."""

    id: str
    title: str
    description: str
    corpus: str
    settings: Settings


def zoo_recipes() -> list[Recipe]:
    """The recipes of the models that ship, in order."""
    tables = tomllib.loads((FOLDER / "recipes.toml").read_text(encoding="utf-8"))
    recipes = []
    for name, table in tables.items():
        words = {key: table.pop(key) for key in ("title", "description", "corpus")}
        recipes.append(Recipe(id=name, settings=Settings(**table), **words))
    return recipes


def make(
    recipe: Recipe,
    corpus: Corpus,
    folder: Path,
    *,
    device: str = "cpu",
    resume: bool = False,
    report: Callable[[Progress], None] = lambda progress: None,
    save_every_seconds: float = 60.0,
) -> Card:
    """Train `recipe` into `folder` and write its card.

    On Ctrl-C the best weights so far are kept and measured, the card says that the training was cut short,
    and `resume=True` goes on from there later.

    Returns:
        The card that was written.
    """
    trainer = Trainer(corpus, recipe.settings, device=device, name=recipe.id)
    save_weights(trainer.lm, folder, step=0)
    if resume:
        trainer.resume(folder)
    saved = trainer.seconds

    def report_and_save(progress: Progress) -> None:
        nonlocal saved
        report(progress)
        if trainer.seconds - saved > save_every_seconds:
            trainer.save(folder)
            saved = trainer.seconds

    try:
        trainer.run(report_and_save)
    except KeyboardInterrupt:
        if trainer.step < trainer.steps:
            trainer.save(folder)
    if trainer.step == trainer.steps:
        (folder / RESUME_FILE).unlink(missing_ok=True)
    trainer.lm.load_state_dict(trainer.best)
    save_weights(trainer.lm, folder)
    card = _card(recipe, corpus, trainer)
    write_card(folder, card)
    trained, untrained = load_model_pair(folder)
    found = {"measured": measure(trained, corpus), "untrained": measure(untrained, corpus)}
    card = card.model_copy(update={**found, "time_scales": time_scales(trained, untrained, corpus)})
    write_card(folder, card)
    return card


def load_model_pair(folder: Path) -> tuple[CharLM, CharLM]:
    """The trained model and its untrained twin, read back from disk: what is measured is what ships."""
    return load_model(folder), load_model(folder, 0)


def measure(lm: CharLM, corpus: Corpus) -> dict[str, Measured]:
    """Bits per character on the splits that were not trained on."""
    return {split: measure_text(lm, corpus.split(split)) for split in ("validation", "test")}


def time_scales(trained: CharLM, untrained: CharLM, corpus: Corpus) -> TimeScales | None:
    """A time scale per unit on the validation split, for a card; None where that is too short to tell."""
    text = corpus.split("validation")
    try:
        found = [timescale.time_scales(lm, text) for lm in (trained, untrained)]
    except NotMeasurable:
        return None
    return TimeScales(
        characters=min(len(text), timescale.CHARACTERS),
        sha256=corpus.sha256,
        cap=timescale.CAP,
        trained=found[0],
        untrained=found[1],
        measured_with=f"hidden-state time-scales --only {trained.name}",
    )


def measure_text(lm: CharLM, text: str) -> Measured:
    bits, count = bits_per_character(lm, lm.vocabulary.encode(text))
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


def _card(recipe: Recipe, corpus: Corpus, trainer: Trainer) -> Card:
    settings = asdict(recipe.settings)
    shape = {key: settings.pop(key) for key in ("cell", "units", "layers")}
    return Card(
        id=recipe.id,
        title=recipe.title,
        description=recipe.description,
        **shape,
        parameters=trainer.lm.parameter_count,
        vocabulary=trainer.lm.vocabulary.characters,
        corpus=corpus_card(corpus),
        training={
            **settings,
            "updates": trainer.steps,
            "updates_done": trainer.step,
            "best_update": trainer.best_step,
            "characters_read": trainer.characters,
            "seconds": round(trainer.seconds, 1),
            "finished": trainer.step == trainer.steps,
            "machine": machine(),
            "date": date.today().isoformat(),
        },
        measured={},
        measured_with=f"hidden-state evaluate {recipe.id} {corpus.name} --split validation",
    )
