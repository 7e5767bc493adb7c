"""The command line: `hidden-state serve`, `models`, `trace`, `train`, `train-zoo`, `train-recall`,
`recall`, `horizon`, `context`, `context-zoo`, `over-length`, `probe`, `probe-zoo`, `time-scales`,
`study-training`, `findings`, `evaluate`, `anomalies`, `generate`, `export`, `open`, `lessons`, `warm`."""

from __future__ import annotations

import math
from collections.abc import Iterable
from pathlib import Path
from typing import Annotated, Any

import torch
import typer
from rich.table import Table

from models import HiddenStateError, NotMeasurable, OutputError, catalogue, load
from models.cells import CELLS
from models.network.series_model import SeriesModel
from models.precompile import warm as warm_up
from models.storage.output import check_id
from models.studies.recall.publishing import SHIPPED
from models.text.files import UTF8
from models.text.lines import corpus_hint
from models.text.names import id_of
from models.text.words import counted
from models.training import corpora
from models.training.continuing import Start
from models.training.recipes import Recipe, make, measure_text, zoo_recipes
from models.training.series.recipes import SERIES_DEFAULTS
from models.training.settings import Settings as TrainingSettings
from models.training.settings_check import check_settings
from models.zoo import Entry, load_text_model, survey

from . import (
    context,
    export,
    findings,
    generate,
    horizon,
    lessons,
    over_length,
    probe,
    recall,
    series,
    serving,
    time_scales,
    train_zoo,
)
from .shared.encodings import make_forgiving
from .shared.options import (
    Running,
    Tasks,
    Vocabularies,
    cells_of,
    device_of,
    either,
    folder_of,
    resolutions_of,
    seasons_of,
    units_of,
)
from .shared.progress import reading_bar, training_bar
from .shared.terminal import complain, note, out
from .shared.texts import hint_at_accents, text_for

app = typer.Typer(help="A laboratory for the memory of recurrent networks.", no_args_is_help=True, add_completion=False)
app.command()(serving.serve)
app.command("train-zoo")(train_zoo.train_zoo)
app.command("train-run", hidden=True)(train_zoo.train_run)
app.command("train-recall")(recall.train_recall)
app.command()(recall.recall)
app.command("horizon")(horizon.measure_horizon)
app.command("context")(context.measure_context)
app.command("context-zoo")(context.context_zoo)
app.command("over-length")(over_length.measure_over_length)
app.command()(probe.probe)
app.command("probe-zoo")(probe.probe_zoo)
app.command("time-scales")(time_scales.measure_time_scales)
app.command("study-training")(train_zoo.study_training)
app.command()(findings.findings)
app.command()(generate.generate)
app.command()(series.anomalies)
app.command()(export.export)
app.command("open")(serving.open_session)
app.add_typer(lessons.app, name="lessons")


Device = Annotated[str, typer.Option(help="cpu, cuda, cuda:1, … or auto.", callback=device_of)]
Encoding = Annotated[str, typer.Option(help="Of text files, as Python names it: utf-8, utf-16, cp1251, …")]
_DEFAULTS = TrainingSettings()


@app.command()
def models(
    markdown: Annotated[bool, typer.Option("--markdown", help="As the table of the README.")] = False,
) -> None:
    """List the models with their bits, as their cards state them."""
    if markdown:
        out.print(markdown_table(catalogue(()).values()), markup=False, highlight=False, soft_wrap=True)
        return
    table = Table(box=None, header_style="bold", pad_edge=False)
    for heading in ("model", "cell", "units", "parameters", "bits/char", "untrained"):
        table.add_column(heading, no_wrap=True, justify="left" if heading in ("model", "cell") else "right")
    found = survey()
    for name, entry in found.entries.items():
        card = entry.card
        bits = [f"{b:.3f}" if b is not None else "–" for b in (card.bits_per_character(), card.bits_per_character(0))]
        table.add_row(name, card.stack.kind, card.stack.words, f"{card.parameters:,}", *bits)
    out.print(table)
    if found.series:
        out.print(series.series_table(found.series))
    for one in found.left_out:
        note(f"left out: {one.why}")


def markdown_table(entries: Iterable[Entry]) -> str:
    """The models as Markdown: what they are, how well they predict, and how long they were trained."""
    lines = [
        "| model | cell | layers × units | parameters | validation | test | untrained | used context | trained for |",
        "| --- | --- | --- | ---: | ---: | ---: | ---: | ---: | ---: |",
    ]
    for card in (entry.card for entry in entries):
        bits = (card.measured.get("validation"), card.measured.get("test"), card.untrained.get("validation"))
        figures = ["–" if m is None else f"{m.bits_per_character:.3f}" for m in bits]
        if card.protocol is not None and (spread := card.protocol.spread) is not None:
            low, high = spread
            figures[0] += f" ({low:.3f} – {high:.3f})"
        lines.append(
            f"| `{card.id}` | {card.stack.title} | {card.stack.words} | {card.parameters:,} "
            f"| {' | '.join(figures)} | {card.used_context.words() if card.used_context else '–'} "
            f"| {_duration(card.training['seconds'])} |"
        )
    return "\n".join(lines)


def _duration(seconds: float) -> str:
    return f"{seconds / 60:.0f} min" if seconds >= 90 else f"{seconds:.0f} s"


@app.command()
def trace(
    model: Annotated[str, typer.Argument(help="A model's id or folder; id@0 is its untrained twin.")],
    file: Annotated[Path, typer.Argument(help="A text file; for a model of numbers a CSV file.")],
    output: Annotated[
        Path,
        typer.Option(
            "--out", "-o", help="The file to write: safetensors, or NPZ if its name ends in .npz; of numbers also .csv."
        ),
    ],
    encoding: Encoding = UTF8,
    device: Device = "cpu",
) -> None:
    """Write every signal of a model reading FILE."""
    lm = load(model, device=device)
    if isinstance(lm, SeriesModel):
        return series.trace_series(model, lm, file, output, encoding)
    text = corpora.read_text(file, note, encoding=encoding)
    hint_at_accents(text, lm)
    with reading_bar(out) as progress:
        result = lm.trace(text, progress=progress)
    result.save(output)
    bits = result.bits_per_character
    score = "no character to score" if math.isnan(bits) else f"{bits:.3f} bits per character"
    out.print(f"{output}: {counted(len(result), 'step')}, {counted(len(result.keys()), 'signal')}, {score}")


@app.command()
def train(
    corpus: Annotated[
        list[str],
        typer.Argument(
            help='Text files, folders of them, "shakespeare", "python" or "recall"; several are one text. '
            'With --task series one CSV file, "heartbeats" or "demand".'
        ),
    ],
    output: Annotated[Path, typer.Option("--out", "-o", parser=folder_of, help="The folder to write the model to.")],
    task: Annotated[Tasks, typer.Option(help="text: characters; series: rows of numbers.")] = Tasks.TEXT,
    start: Annotated[
        str | None, typer.Option("--from", help="Go on with this model, an id or a folder; its shape is kept.")
    ] = None,
    vocabulary: Annotated[
        Vocabularies, typer.Option(help="With --from: keep its characters, or extend them by those of CORPUS.")
    ] = Vocabularies.KEEP,
    encoding: Encoding = UTF8,
    cell: Annotated[
        Any,
        typer.Option(
            parser=cells_of,
            help=f"{', '.join(CELLS)}; gru,lstm for layers that differ (default: {_DEFAULTS.cell}).",
            metavar="TEXT",
        ),
    ] = None,
    units: Annotated[
        Any,
        typer.Option(
            parser=units_of,
            help=f"Units in each layer; 128,64 where they differ ({either('units')}).",
            metavar="INTEGER",
        ),
    ] = None,
    layers: Annotated[int | None, typer.Option(min=1, help=f"Layers (default: {_DEFAULTS.layers}).")] = None,
    dropout: Annotated[
        float, typer.Option(min=0, max=0.95, help="Share dropped after each layer.")
    ] = _DEFAULTS.dropout,
    seed: Annotated[int, typer.Option(help="The same seed gives the same weights.")] = _DEFAULTS.seed,
    epochs: Annotated[
        float | None, typer.Option(min=0.001, help=f"Passes over the training split ({either('epochs')}).")
    ] = None,
    streams: Annotated[
        int | None, typer.Option(min=1, help=f"Places that are read side by side ({either('streams')}).")
    ] = None,
    segment: Annotated[
        int | None, typer.Option(min=1, help=f"Characters or rows between two updates ({either('segment')}).")
    ] = None,
    learning_rate: Annotated[
        float | None, typer.Option(min=0, help=f"The highest of the schedule ({either('learning_rate')}).")
    ] = None,
    clip: Annotated[float, typer.Option(min=0, help="The gradient's largest norm.")] = _DEFAULTS.clip,
    min_count: Annotated[int, typer.Option(min=1, help="Rarer characters stay unknown.")] = _DEFAULTS.min_count,
    penalty: Annotated[
        float, typer.Option(min=0, help="Keeps states small: weight of a mean square beside the loss; try 0.01.")
    ] = _DEFAULTS.penalty,
    reset: Annotated[
        float, typer.Option(min=0, max=1, help="Chance that a stream begins a segment at the zero state.")
    ] = _DEFAULTS.reset,
    weight_decay: Annotated[float, typer.Option(min=0, help="AdamW's.")] = _DEFAULTS.weight_decay,
    resolution: Annotated[
        Any,
        typer.Option(parser=resolutions_of, help="Of a series' channels: 0.1 or 0.1,5 (default: as read)", metavar="X"),
    ] = None,
    seconds: Annotated[float | None, typer.Option(min=0, help="Of a series: between two rows.")] = None,
    season: Annotated[
        Any, typer.Option(parser=seasons_of, help="Of a series: periods in steps, 24,168.", metavar="STEPS")
    ] = None,
    resume: Annotated[
        bool, typer.Option("--resume", help="Go on with the training that was cut short in this folder.")
    ] = False,
    overwrite: Annotated[
        bool, typer.Option("--overwrite", help="Replace the model in this folder, once the new one is whole.")
    ] = False,
    threads: Annotated[
        int, typer.Option(min=1, max=1024, help="Threads; with 1 the weights are the same on every run.")
    ] = 1,
    device: Device = "cpu",
) -> None:
    """Train a model on CORPUS. Ctrl-C keeps the best so far."""
    if start is None and vocabulary is Vocabularies.EXTEND:
        raise HiddenStateError(
            "--vocabulary extend is about the model of --from, and none is named. Name it, or leave both out."
        )
    if resume and overwrite:
        raise OutputError("--resume goes on with a training and --overwrite begins anew. Give one of them.")
    name = id_of(output)
    check_id(name)
    if name in {recipe.id for recipe in zoo_recipes()} | set(SHIPPED.values()):
        raise OutputError(
            f"A model that ships is called {name!r}, so this one could not be found by its name. "
            "Choose another folder with --out."
        )
    numbers = task is Tasks.SERIES
    if not numbers and not (resolution is None and seconds is None and season is None):
        raise HiddenStateError("--resolution, --seconds and --season are about a series. Add --task series.")
    if numbers and (start or min_count != _DEFAULTS.min_count):
        raise HiddenStateError("--from and --min-count are about texts. Leave them out with --task series.")
    usual = SERIES_DEFAULTS if numbers else _DEFAULTS
    going_on = None if start is None else Start(load_text_model(start), vocabulary is Vocabularies.EXTEND)
    own = (usual if going_on is None else going_on.lm).stack.spelled
    shape = {"cell": cell or own["cell"], "units": units or own["units"]}
    if layers is not None:
        shape["layers"] = layers
    elif not any(isinstance(one, tuple) for one in shape.values()):
        shape["layers"] = own["layers"]
    settings = TrainingSettings(
        **shape,
        dropout=dropout,
        seed=seed,
        epochs=usual.epochs if epochs is None else epochs,
        streams=usual.streams if streams is None else streams,
        segment=usual.segment if segment is None else segment,
        learning_rate=usual.learning_rate if learning_rate is None else learning_rate,
        warmup=usual.warmup,
        clip=clip,
        min_count=min_count,
        penalty=penalty,
        reset=reset,
        weight_decay=weight_decay,
    )
    if numbers:
        how = {"encoding": encoding, "resolution": resolution, "seconds": seconds, "seasons": season}
        return series.train_series(name, corpus, output, settings, how, Running(device, resume, overwrite, threads))
    check_settings(settings)
    text = corpora.joined(corpus, encoding=encoding, note=note)
    if (hint := corpus_hint(text.text, text.source or text.name)) is not None:
        note(hint)
    title = f"{settings.stack.title} · {settings.stack.words}"
    before = "" if going_on is None else f", from {going_on.lm.name}"
    recipe = Recipe(name, title, f"Trained on {text.source or text.name}{before}.", text.name, settings)
    _make(recipe, text, output, going_on, device=device, resume=resume, overwrite=overwrite, threads=threads)


@app.command()
def evaluate(
    model: Annotated[str, typer.Argument(help="A model's id or folder; id@0 is its untrained twin.")],
    files: Annotated[
        list[str],
        typer.Argument(
            metavar="FILE...",
            help='Text files, folders of them, "shakespeare", "python" or "recall"; several are one text. '
            "For a model of numbers a CSV file.",
        ),
    ],
    split: Annotated[str, typer.Option(help="all, train, validation or test: which part of the text.")] = "all",
    encoding: Encoding = UTF8,
    device: Device = "cpu",
) -> None:
    """Measure a model's bits per character, or per reading, on FILE, with the state carried through."""
    lm = load(model, device=device)
    if isinstance(lm, SeriesModel):
        return series.evaluate_series(model, lm, files, split, encoding)
    file = " ".join(files)
    text = text_for(lm, files, split, encoding=encoding)
    measured = measure_text(lm, text)
    if measured is None:
        raise NotMeasurable(
            f"No character of {file} ({split}) has a surprise: it has {len(text):,}, the first one has none, and of "
            f"the others {lm.name} knows none. Choose a longer text, or one that is written in its characters."
        )
    out.print(
        f"{lm.name} on {file} ({split}): {measured.bits_per_character:.4f} bits = "
        f"{measured.nats_per_character:.4f} nats per character, over {counted(measured.characters, 'character')}"
    )


@app.command()
def warm() -> None:
    """Compile the loops now, so that the first text does not have to wait."""
    warm_up()


def _make(
    recipe: Recipe,
    corpus: corpora.Corpus,
    folder: Path,
    start: Start | None = None,
    *,
    device: str,
    resume: bool,
    threads: int,
    overwrite: bool = False,
) -> None:
    torch.set_num_threads(threads)
    with training_bar(out, recipe.id) as report:
        card = make(
            recipe,
            corpus,
            folder,
            device=device,
            resume=resume,
            overwrite=overwrite,
            start=start,
            report=report,
            note=note,
        )
    if card.training["best_update"] == 0:
        note(
            "No update made the network better on the validation split, so what is kept is the network before the "
            "first. Train longer, or with another learning rate."
        )
    measured = card.measured["validation"]
    done = "" if card.training["finished"] else " (cut short; --resume goes on)"
    out.print(
        f"{folder}: {card.parameters:,} parameters, {measured.bits_per_character:.4f} bits "
        f"({measured.nats_per_character:.4f} nats) per character on the validation split{done}"
    )
    if not card.training["finished"]:
        raise KeyboardInterrupt


def main() -> None:
    """Run the command line; an error is a sentence, not a traceback."""
    make_forgiving()
    try:
        app()
    except HiddenStateError as error:
        complain(str(error))
        raise SystemExit(2) from None
