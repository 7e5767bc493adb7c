"""Findings of the README's table of models, of docs/models.md and of docs/training.md."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

from models import NotMeasurable, catalogue
from models.measures import drain
from models.measures.memory.cost import LONGEST
from models.measures.memory.horizon import CurveName
from models.measures.sizes import sizes
from models.network.evaluation import bits_per_character
from models.storage.card import SeedRun
from models.studies.training_study import Line, read_lines
from models.training.examination import Examination, examine

from .context import form, used, uses
from .finding import Figure, Finding
from .forgetting import curve
from .material import Material

Pick = Callable[[SeedRun], float]
README, TRAINING = "README.md", "docs/training.md"


def bits_of(material: Material, name: str, split: str) -> float:
    return bits_per_character(material.model(name), material.encoded(name, split))[0]


def _row(name: str, material: Material) -> list[Figure]:
    protocol = material.card(name).protocol
    bits: list[Figure] = [bits_of(material, name, "validation")]
    if protocol is not None and (spread := protocol.spread) is not None:
        bits += spread
    bits += [bits_of(material, name, "test"), bits_of(material, f"{name}@0", "validation")]
    return [*bits, *uses(used(material, name))]


def _readme(name: str) -> Finding:
    card = catalogue(())[name].card
    bits = "{} ({} – {})" if card.protocol and card.protocol.spread else "{}"
    head = f"| `{name}` | {card.stack.title} | {card.stack.words} | {card.parameters:,} |"
    seeds = len(card.protocol.seeds) if card.protocol else 1
    return Finding(
        f"bits, {name}", README, f"{head} {bits} | {{}} | {{}} | {form(name)} |", partial(_row, name), (name,), seeds
    )


# ── training ─────────────────────────────────────────────────────────────────────────────────────────────────────────


def examined(material: Material, name: str) -> Examination:
    return material.once(examine, name, lambda: examine(material.model(name), material.corpus(name)))


def _seeds(name: str, material: Material) -> list[Figure]:
    """Lowest and highest over the seeds, by the card; the one that ships is examined again and must agree with it."""
    protocol = material.card(name).protocol
    assert protocol is not None
    fresh, shipped = examined(material, name), next(run for run in protocol.seeds if run.shipped)
    for field in ("validation_bits", "dead", "saturated", "largest_cell"):
        stated, now = getattr(shipped, field), getattr(fresh, field)
        assert stated == now or abs(stated - now) < 1e-3 * max(1.0, abs(stated)), f"{name}: {field} is {now}"
    spread = [f(pick(run) for run in protocol.seeds) for pick in _SPREAD for f in (min, max)]
    worst = [max(pick(run) for run in protocol.seeds) for pick in _WORST]
    if shipped.largest_cell is not None:
        worst.append(max(run.largest_cell or 0.0 for run in protocol.seeds))
    beyond = [f(run.context[k] for run in protocol.seeds) for k in ("10", "20") for f in (min, max)]
    return [*spread, *worst, *beyond]


_SPREAD: tuple[Pick, ...] = (lambda run: run.validation_bits, lambda run: run.test_bits, lambda run: run.training_bits)
_WORST: tuple[Pick, ...] = (lambda run: run.dead, lambda run: 100 * run.saturated)


def _brought(name: str) -> Finding:
    card = catalogue(())[name].card
    assert card.protocol is not None
    two, cell = "{} – {}", "–" if card.protocol.seeds[0].largest_cell is None else "{}"
    sentence = f"| `{name}` | {' | '.join((two, two, two, '{}', '{} %', cell, two, two))} |"
    return Finding(f"seeds of {name}", TRAINING, sentence, partial(_seeds, name), (name,), len(card.protocol.seeds))


def _studied(line: Line) -> Finding:
    """A row of the study: the weights of these trainings are not kept, so the file's figures count."""
    found = line["found"]
    figures: list[Figure] = [found["validation_bits"], found["dead"], found["stuck"], 100 * found["saturated"]]
    figures.append(None if found["saturated_cell"] is None else 100 * found["saturated_cell"])
    figures += [found["largest_cell"], found["context"]["10"], found["context"]["20"]]
    cell = "{}%" if found["saturated_cell"] is not None else "{}"
    sentence = f"| {line['cell']} | {line['factor']} | {{}} | {{}} | {{}} | {{}}% | {cell} | {{}} | {{}} | {{}} |"
    return Finding(
        f"study, {line['cell']}, {line['factor']}", TRAINING, sentence, lambda material: figures, (line["cell"],)
    )


MILLION = 1_000_000
LSTMS = tuple(name for name, entry in catalogue(()).items() if entry.card.cell == "lstm")


def _sizes(name: str, material: Material) -> list[Figure]:
    """The bound below which 99.9 % of |c| stay, and the largest, over the first million characters of its corpus."""
    lm = material.model(name)
    found = drain(sizes(lm, material.encoded(name, "all", MILLION)))
    return [found.below, found.largest]


# ── the models side by side ───────────────────────────────────────────────────────────────────────────────────────────

SIDE_BY_SIDE = "docs/models.md"
COMPARED = tuple(name for name in catalogue(()) if name.startswith("shakespeare"))


def _lag(material: Material, name: str, which: CurveName) -> float | None:
    """Characters to 1 %; None where it is not reached, or the curve does not apply."""
    try:
        return curve(material, name, which).lag_percent
    except NotMeasurable:
        return None


def _compared(name: str, material: Material) -> list[Figure]:
    card, reader = material.card(name), material.model(name).reader()
    spread = card.protocol.spread if card.protocol is not None else None
    ends = any(signal.saturated for signal in card.stack[-1].cell.signals if signal.name == "hidden")
    return [
        bits_of(material, name, "validation"),
        *(spread or []),
        *uses(used(material, name)),
        _lag(material, name, "edit"),
        _lag(material, name, "connectivity"),
        100 * examined(material, name).saturated if ends else None,
        reader.state_bytes(LONGEST),
        reader.multiply_adds(LONGEST),
    ]


def _beside(name: str) -> Finding:
    card = catalogue(())[name].card
    bits = "{} ({} – {})" if card.protocol and card.protocol.spread else "{}"
    ends = any(signal.saturated for signal in card.stack[-1].cell.signals if signal.name == "hidden")
    sentence = (
        f"| `{name}` | {card.parameters:,} | {bits} | {form(name)} | {{}} | {{}} | {'{} %' if ends else '{}'} | {{}} "
        "| {} |"
    )
    seeds = len(card.protocol.seeds) if card.protocol else 1
    return Finding(f"side by side, {name}", SIDE_BY_SIDE, sentence, partial(_compared, name), (name,), seeds)


def _pair(one: str, other: str, material: Material) -> list[Figure]:
    """Bits of both, then the characters that both use."""
    bits = [bits_of(material, name, "validation") for name in (one, other)]
    return [*bits, *(uses(used(material, name))[0] for name in (one, other))]


FINDINGS = [
    *(
        Finding(f"size of c, {name}", TRAINING, f"| `{name}` | {{}} | {{}} |", partial(_sizes, name), (name,))
        for name in LSTMS
    ),
    *(_readme(name) for name in catalogue(())),
    *(_brought(name) for name, entry in catalogue(()).items() if entry.card.protocol and entry.card.protocol.spread),
    *(_studied(line) for line in read_lines()),
    *(_beside(name) for name in COMPARED),
    Finding(
        "gate before you grow",
        SIDE_BY_SIDE,
        "with as many recurrent parameters the wide vanilla cell has {} bits and the LSTM {}, and they use {} and {} "
        "characters",
        partial(_pair, "shakespeare-rnn-wide", "shakespeare-lstm"),
        ("shakespeare-rnn-wide", "shakespeare-lstm"),
    ),
    Finding(
        "what the skip brings",
        SIDE_BY_SIDE,
        "It has {} bits, without it {}, and they use {} and {} characters",
        partial(_pair, "shakespeare-rnn-skip", "shakespeare-rnn"),
        ("shakespeare-rnn-skip", "shakespeare-rnn"),
    ),
]
