"""Findings of docs/measures/saturation.md."""

from __future__ import annotations

from models import catalogue
from models.measures import drain
from models.measures.saturation import Saturation, saturation

from .finding import Figure, Finding
from .material import Material

PLACE = "docs/measures/saturation.md"
CHARACTERS = 100_000
COLUMNS = ("hidden", "cell", "input_gate", "forget_gate", "output_gate", "reset_gate", "update_gate", "candidate")
GATES = COLUMNS[2:7]
ALWAYS = 0.95
"""A unit that is at one end in a larger share of the steps counts as always there."""
LAYERS = tuple(
    (name, layer)
    for name in (
        "shakespeare-rnn",
        "shakespeare-rnn-wide",
        "shakespeare-gru",
        "shakespeare-lstm",
        "shakespeare-lstm-deep",
        "shakespeare-rnn-skip",
        "python-rnn",
        "python-gru",
        "python-lstm",
    )
    for layer in range(catalogue(())[name].card.layers)
)


def counted(material: Material, name: str, layer: int) -> Saturation:
    recording = material.recording(name, "validation", CHARACTERS)
    found = lambda: drain(saturation(recording, layer, 0, recording.steps))  # noqa: E731
    return material.once(saturation, (name, layer), found)


def _ends(found: Saturation, signal: str) -> tuple[float, float]:
    """Percent of the values that are left- and right-saturated."""
    s = found.signals.index(signal)
    numbers = found.numbers[s].sum()
    return 100 * found.left[s].sum() / numbers, 100 * found.right[s].sum() / numbers


def _row(name: str, layer: int, material: Material) -> list[Figure]:
    found = counted(material, name, layer)
    return [sum(_ends(found, signal)) for signal in COLUMNS if signal in found.signals]


def _gates(name: str, layer: int, material: Material) -> list[Figure]:
    found = counted(material, name, layer)
    return [end for signal in GATES if signal in found.signals for end in _ends(found, signal)]


def _always(name: str, layer: int, signal: str, material: Material) -> tuple[int, int, int]:
    """Units that are nearly always at the lower end, at the upper end, and at one or the other."""
    found = counted(material, name, layer)
    s = found.signals.index(signal)
    left, right = found.left[s] / found.numbers[s], found.right[s] / found.numbers[s]
    return tuple(int((share > ALWAYS).sum()) for share in (left, right, left + right))  # type: ignore[return-value]


def _head(name: str, layer: int) -> str:
    return f"| `{name}` | {layer} |" if layer == 0 else f"| | {layer} |"


def _cells(name: str, columns: tuple[str, ...], form: str) -> str:
    have = catalogue(())[name].card.stack[-1].cell.names()
    return "".join(f" {form} |" if one in have else " |" for one in columns)


def _table(name: str, layer: int) -> Finding:
    """A row; that of an upper layer is identified by the one before it."""
    before = "".join(f"| `{name}` | 0 |{_cells(name, COLUMNS, '{}')} " for _ in range(layer))
    measure = lambda material: [one for k in range(layer + 1) for one in _row(name, k, material)]  # noqa: E731
    sentence = before + _head(name, layer) + _cells(name, COLUMNS, "{}")
    return Finding(f"saturated, {name} layer {layer}", PLACE, sentence, measure, (name,))


def _gate_table(name: str, layer: int) -> Finding:
    before = "".join(f"| `{name}` | 0 |{_cells(name, GATES, '{} / {}')} " for _ in range(layer))
    measure = lambda material: [one for k in range(layer + 1) for one in _gates(name, k, material)]  # noqa: E731
    sentence = before + _head(name, layer) + _cells(name, GATES, "{} / {}")
    return Finding(f"gates, {name} layer {layer}", PLACE, sentence, measure, (name,))


def _vanilla(material: Material) -> list[Figure]:
    low, high, either = _always("shakespeare-rnn", 0, "hidden", material)
    same = _always("python-rnn", 1, "hidden", material)
    return [low + high, either, same[0] + same[1], same[2]]


def _open(material: Material) -> list[Figure]:
    pairs = (("shakespeare-lstm", 0), ("python-lstm", 1), ("shakespeare-lstm-deep", 1))
    found = [_always(name, layer, "forget_gate", material) for name, layer in pairs]
    return [found[0][1], found[1][1], found[2][1], sum(one[0] for one in found)]


LAST = [(name, layer) for name, layer in LAYERS if layer == catalogue(())[name].card.layers - 1]
FINDINGS = [
    *(_table(name, layer) for name, layer in LAST),
    *(_gate_table(name, layer) for name, layer in LAST if "rnn" not in name),
    Finding(
        "vanilla units for good at an end",
        PLACE,
        "of `shakespeare-rnn`'s 128 units, {} are at the same end in more than 95 % of the steps, {} at one or the "
        "other. In the upper layer of `python-rnn`, {} of 128 are at the same end, {} at one or the other",
        _vanilla,
        ("shakespeare-rnn", "python-rnn"),
    ),
    Finding(
        "forget gates held open",
        PLACE,
        "Open in more than 95 % of the steps are {} of the 128 in `shakespeare-lstm`, {} of the 128 in `python-lstm`'s "
        "upper layer, and {} of the 256 in that of `shakespeare-lstm-deep`; {} are shut as often",
        _open,
        ("shakespeare-lstm", "python-lstm", "shakespeare-lstm-deep"),
    ),
    Finding(
        "update gates held at 1",
        PLACE,
        "{} units of `shakespeare-gru` keep in more than 95 % of the steps",
        lambda material: [_always("shakespeare-gru", 0, "update_gate", material)[1]],
        ("shakespeare-gru",),
    ),
]
