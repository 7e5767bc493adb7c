"""Findings of docs/measures/intervene.md and docs/measures/echo.md, on the sample "A promise, ten lines on"."""

from __future__ import annotations

from functools import partial

import numpy as np

from models.echo.echo import Echo
from models.measures import drain
from models.measures.comparison.intervention_effect import limited
from models.network.intervened_reader import IntervenedReader
from models.network.intervention import Clamp, Intervention, Reset, silence
from models.network.language_model import CharLM
from models.network.reader import CompiledReader
from models.network.trace import run

from .finding import Figure, Finding
from .material import Material, sample_text

PLACE = "docs/measures/intervene.md"
MODELS = ("shakespeare-rnn", "shakespeare-gru", "shakespeare-lstm")
CHUNKS = ((100, "read in chunks of 100"), (50, "of 50"), (20, "of 20"), (10, "of 10"), (5, "of 5"))
EXACTLY = (
    (100, "exactly 100 characters before each, cost"),
    (50, "exactly 50"),
    (20, "exactly 20"),
    (10, "exactly 10"),
    (5, "exactly 5"),
)
ECHO_AT, ECHO_OTHER = 385, "e"


def reader(lm: CharLM) -> CompiledReader:
    found = lm.reader()
    assert isinstance(found, CompiledReader)
    return found


def bits(material: Material, name: str, *interventions: Intervention) -> float:
    """Bits per character on the sample, under interventions."""
    lm = material.model(name)
    return run(lm, sample_text("promise"), reader=IntervenedReader(reader(lm), interventions)).bits_per_character


def _chunks(every: int, material: Material) -> list[Figure]:
    return [bits(material, name, Reset(every=every, start=0)) for name in MODELS]


def _fifty(material: Material) -> list[Figure]:
    return [_costs(material, name, Reset(every=50, start=0)) for name in MODELS]


def _exactly(context: int, material: Material) -> list[Figure]:
    found = (
        drain(limited(material.sample(name, "promise"), reader(material.model(name)), context, 0)) for name in MODELS
    )
    return [one for each in found for one in (each.more, each.error)]


def _costs(material: Material, name: str, *interventions: Intervention) -> float:
    return bits(material, name, *interventions) - bits(material, name)


def _gates(material: Material) -> list[Figure]:
    held = (
        ("shakespeare-lstm", "forget_gate", 0.0),
        ("shakespeare-lstm", "forget_gate", 1.0),
        ("shakespeare-gru", "reset_gate", 1.0),
        ("shakespeare-gru", "reset_gate", 0.0),
    )
    return [_costs(material, name, Clamp(0, signal, None, value, 0)) for name, signal, value in held]


def silenced(material: Material, name: str) -> np.ndarray:
    """(H,) bits per character that silencing each unit costs."""
    units = range(material.model(name).units)
    return material.once(silence, name, lambda: np.array([_costs(material, name, silence(0, j, 0)) for j in units]))


def _silence(material: Material) -> list[Figure]:
    found = [silenced(material, name) for name in MODELS]
    return [
        *(float(np.median(one)) for one in found),
        *(one for each in found for one in (float(each.max()), int(each.argmax()))),
    ]


def _better(material: Material) -> list[Figure]:
    return [int((silenced(material, name) < 0).sum()) for name in MODELS]


def _felt(material: Material) -> list[Figure]:
    out: list[Figure] = []
    for name in MODELS:
        recording = material.sample(name, "promise")
        echo = Echo(recording, ECHO_AT, material.model(name).vocabulary.encode(ECHO_OTHER))
        while echo.advance(recording.steps):
            pass
        out += [
            echo.felt(0, signal.name)
            for signal in recording.reader.stack[0].cell.signals
            if signal.name in ("hidden", "cell")
        ]
    return out


def _row(words: str, form: str) -> str:
    return f"| {words} |" + f" {form} |" * len(MODELS)


FINDINGS = [
    Finding(
        "bits, promise", PLACE, _row("as it is", "{}"), lambda material: [bits(material, n) for n in MODELS], MODELS
    ),
    *(Finding(f"bits in chunks of {k}", PLACE, _row(words, "{}"), partial(_chunks, k), MODELS) for k, words in CHUNKS),
    *(
        Finding(f"cost of exactly {k}", PLACE, _row(words, "{} ± {}"), partial(_exactly, k), MODELS)
        for k, words in EXACTLY
    ),
    Finding("chunks of 50 cost", PLACE, "Chunks of 50 cost {}, {} and {} bits", _fifty, MODELS),
    Finding(
        "gates held",
        PLACE,
        "the LSTM's forget gate at 0 (nothing is kept) costs {} bits, at 1 (nothing is forgotten) {}; the GRU's "
        "reset gate at 1 costs {}, at 0 {}",
        _gates,
        ("shakespeare-gru", "shakespeare-lstm"),
    ),
    Finding(
        "units silenced",
        PLACE,
        "Silencing one unit costs {}, {} and {} bits in the median (vanilla, GRU, LSTM), and at most {} (unit {}), {} "
        "(unit {}) and {} (unit {})",
        _silence,
        MODELS,
    ),
    Finding(
        "silence is better",
        PLACE,
        "Silencing {}, {} and {} of 128 units slightly improves the prediction on this text",
        _better,
        MODELS,
    ),
    Finding(
        "an echo felt",
        "docs/measures/echo.md",
        "felt for {} characters by `shakespeare-rnn`, {} by `shakespeare-gru`, {} by `shakespeare-lstm` ({} in its "
        "cell state)",
        _felt,
        MODELS,
    ),
]
