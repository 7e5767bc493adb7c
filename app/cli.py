"""The command line: `hidden-state serve`, `models`, `trace`, `train`, `train-zoo`, `train-recall`,
`recall`, `horizon`, `probe`, `probe-zoo`, `time-scales`,
`study-training`, `evaluate`, `warm`."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import Annotated

import torch
import typer
from rich.console import Console
from rich.table import Table
from safetensors import SafetensorError

from models import HiddenStateError, catalogue, corpora, load
from models.cells import CELLS
from models.recipes import Recipe, make, measure_text
from models.training import Settings as TrainingSettings
from models.warm import warm as warm_up
from models.zoo import Entry

from . import memory_commands, probe_commands, recall_commands, study_commands, timescale_commands, zoo_commands
from .progress import reading_bar, training_bar
from .settings import known_device, read_settings

app = typer.Typer(help="A laboratory for the memory of recurrent networks.", no_args_is_help=True, add_completion=False)
out = Console()
app.command("train-zoo")(zoo_commands.train_zoo)
app.command("train-run", hidden=True)(zoo_commands.train_run)
app.command("train-recall")(recall_commands.train_recall)
app.command()(recall_commands.recall)
app.command("horizon")(memory_commands.measure_horizon)
app.command()(probe_commands.probe)
app.command("probe-zoo")(probe_commands.probe_zoo)
app.command("time-scales")(timescale_commands.measure_time_scales)
app.command("study-training")(study_commands.study_training)


def _known_device(value: str) -> str:
    try:
        return known_device(value)
    except ValueError as error:
        raise typer.BadParameter(f"{error}.") from None


def _known_cell(value: str) -> str:
    if value not in CELLS:
        raise typer.BadParameter(f"there is no cell {value!r}; use {', '.join(CELLS)}.")
    return value


Device = Annotated[str, typer.Option(help="cpu, cuda, cuda:1, … or auto.", callback=_known_device)]
_DEFAULTS = TrainingSettings()


@app.command()
def serve(
    host: Annotated[
        str | None, typer.Option(help="Address to listen on [default: HIDDEN_STATE_HOST or 127.0.0.1].")
    ] = None,
    port: Annotated[int | None, typer.Option(help="Port to listen on [default: HIDDEN_STATE_PORT or 8000].")] = None,
    device: Annotated[str | None, typer.Option(help="Where models read [default: HIDDEN_STATE_DEVICE or cpu].")] = None,
) -> None:
    """Serve the page."""
    from .serving import serve as run_server

    run_server(read_settings(host=host, port=port, device=device), out)


@app.command()
def models(
    markdown: Annotated[bool, typer.Option("--markdown", help="As the table of the README.")] = False,
) -> None:
    """List the models with their bits per character, as their cards state them."""
    if markdown:
        out.print(markdown_table(catalogue().values()), markup=False, highlight=False, soft_wrap=True)
        return
    table = Table(box=None, header_style="bold", pad_edge=False)
    for heading in ("model", "cell", "units", "parameters", "bits/char", "untrained"):
        table.add_column(heading, no_wrap=True, justify="left" if heading in ("model", "cell") else "right")
    for name, entry in catalogue().items():
        card = entry.card
        bits = [f"{b:.3f}" if b is not None else "–" for b in (card.bits_per_character(), card.bits_per_character(0))]
        table.add_row(name, card.cell, f"{card.layers} × {card.units}", f"{card.parameters:,}", *bits)
    out.print(table)


def markdown_table(entries: Iterable[Entry]) -> str:
    """The models as Markdown: what they are, how well they predict, and how long they were trained."""
    lines = [
        "| model | cell | layers × units | parameters | validation | test | untrained | trained for |",
        "| --- | --- | --- | ---: | ---: | ---: | ---: | ---: |",
    ]
    for card in (entry.card for entry in entries):
        bits = (card.measured["validation"], card.measured["test"], card.untrained["validation"])
        figures = " | ".join(f"{m.bits_per_character:.3f}" for m in bits)
        lines.append(
            f"| `{card.id}` | {CELLS[card.cell].title} | {card.layers} × {card.units} | {card.parameters:,} "
            f"| {figures} | {_duration(card.training['seconds'])} |"
        )
    return "\n".join(lines)


def _duration(seconds: float) -> str:
    return f"{seconds / 60:.0f} min" if seconds >= 90 else f"{seconds:.0f} s"


@app.command()
def trace(
    model: Annotated[str, typer.Argument(help="A model's id or folder; id@0 is its untrained twin.")],
    file: Annotated[Path, typer.Argument(help="A UTF-8 text file.")],
    output: Annotated[Path, typer.Option("--out", "-o", help="The safetensors file to write.")],
    device: Device = "cpu",
) -> None:
    """Write every signal of a model reading FILE."""
    text = corpora.read_text(file)
    lm = load(model, device=device)
    with reading_bar(out) as progress:
        result = lm.trace(text, progress=progress)
    try:
        result.save(output)
    except (OSError, SafetensorError) as error:
        raise HiddenStateError(f"{output} cannot be written: {error}. Choose another place with --out.") from None
    out.print(
        f"{output}: {len(result):,} steps, {len(result.keys())} signals, "
        f"{result.bits_per_character:.3f} bits per character"
    )


@app.command()
def train(
    corpus: Annotated[str, typer.Argument(help='A UTF-8 text file, or "shakespeare", "python" or "recall".')],
    output: Annotated[Path, typer.Option("--out", "-o", help="The folder to write the model to.")],
    cell: Annotated[str, typer.Option(help="rnn, gru or lstm.", callback=_known_cell)] = _DEFAULTS.cell,
    units: Annotated[int, typer.Option(min=1, help="Units in each layer.")] = _DEFAULTS.units,
    layers: Annotated[int, typer.Option(min=1, help="Layers.")] = _DEFAULTS.layers,
    dropout: Annotated[
        float, typer.Option(min=0, max=0.95, help="Share dropped after each layer.")
    ] = _DEFAULTS.dropout,
    seed: Annotated[int, typer.Option(help="The same seed gives the same weights.")] = _DEFAULTS.seed,
    epochs: Annotated[float, typer.Option(min=0.001, help="Passes over the training split.")] = _DEFAULTS.epochs,
    streams: Annotated[
        int, typer.Option(min=1, help="Places in the text that are read side by side.")
    ] = _DEFAULTS.streams,
    segment: Annotated[int, typer.Option(min=1, help="Characters between two updates.")] = _DEFAULTS.segment,
    learning_rate: Annotated[float, typer.Option(min=0, help="The highest of the schedule.")] = _DEFAULTS.learning_rate,
    clip: Annotated[float, typer.Option(min=0, help="The gradient's largest norm.")] = _DEFAULTS.clip,
    min_count: Annotated[int, typer.Option(min=1, help="Rarer characters stay unknown.")] = _DEFAULTS.min_count,
    penalty: Annotated[
        float, typer.Option(min=0, help="Keeps states small: weight of a mean square beside the loss; try 0.01.")
    ] = _DEFAULTS.penalty,
    reset: Annotated[
        float, typer.Option(min=0, max=1, help="Chance that a stream begins a segment at the zero state.")
    ] = _DEFAULTS.reset,
    weight_decay: Annotated[float, typer.Option(min=0, help="AdamW's.")] = _DEFAULTS.weight_decay,
    resume: Annotated[
        bool, typer.Option("--resume", help="Go on with the training that was cut short in this folder.")
    ] = False,
    threads: Annotated[int, typer.Option(min=1, help="Threads; with 1 the weights are the same on every run.")] = 1,
    device: Device = "cpu",
) -> None:
    """Train a model on CORPUS. Ctrl-C keeps the best so far."""
    settings = TrainingSettings(
        cell=cell,
        units=units,
        layers=layers,
        dropout=dropout,
        seed=seed,
        epochs=epochs,
        streams=streams,
        segment=segment,
        learning_rate=learning_rate,
        clip=clip,
        min_count=min_count,
        penalty=penalty,
        reset=reset,
        weight_decay=weight_decay,
    )
    name = output.resolve().name
    recipe = Recipe(name, f"{cell.upper()} · {layers} × {units}", f"Trained on {corpus}.", corpus, settings)
    _make(recipe, corpora.load(corpus), output, device=device, resume=resume, threads=threads)


@app.command()
def evaluate(
    model: Annotated[str, typer.Argument(help="A model's id or folder; id@0 is its untrained twin.")],
    file: Annotated[str, typer.Argument(help='A UTF-8 text file, or "shakespeare", "python" or "recall".')],
    split: Annotated[str, typer.Option(help="all, train, validation or test: which part of the text.")] = "all",
    device: Device = "cpu",
) -> None:
    """Measure a model's bits per character on FILE, state carried through."""
    lm = load(model, device=device)
    text = corpora.load(file).split(split)
    measured = measure_text(lm, text)
    out.print(
        f"{lm.name} on {file} ({split}): {measured.bits_per_character:.4f} bits = "
        f"{measured.nats_per_character:.4f} nats per character, over {measured.characters:,} characters"
    )


@app.command()
def warm() -> None:
    """Compile the loops now, so that the first text need not wait."""
    warm_up()


def _make(recipe: Recipe, corpus: corpora.Corpus, folder: Path, *, device: str, resume: bool, threads: int) -> None:
    torch.set_num_threads(threads)
    with training_bar(out, recipe.id) as report:
        card = make(recipe, corpus, folder, device=device, resume=resume, report=report)
    measured = card.measured["validation"]
    done = "" if card.training["finished"] else " (cut short; --resume goes on)"
    out.print(
        f"{folder}: {card.parameters:,} parameters, {measured.bits_per_character:.4f} bits "
        f"({measured.nats_per_character:.4f} nats) per character on the validation split{done}"
    )
    if not card.training["finished"]:
        raise KeyboardInterrupt


def main() -> None:
    """Run the command line; an error is a sentence, not a stack of frames."""
    try:
        app()
    except HiddenStateError as error:
        Console(stderr=True).print(f"[red]Error:[/red] {error}", highlight=False, soft_wrap=True)
        raise SystemExit(2) from None


if __name__ == "__main__":
    main()
