"""Findings of docs/measures/unit.md: time scales, and which unit follows which feature."""

from __future__ import annotations

from functools import partial

import numpy as np

from models.measures import drain
from models.measures.units.half_life import Kept, by_gate
from models.measures.units.selective_units import Followers, followers
from models.measures.units.text_features import FEATURES, Text, values
from models.measures.units.time_scale import Scales, time_scales
from models.measures.units.unit import MOST_STEPS

from .finding import Figure, Finding
from .material import Material

PLACE = "docs/measures/unit.md"
SHAKESPEARE = ("shakespeare-gru", "shakespeare-lstm", "shakespeare-rnn")
PYTHON = ("python-lstm-large", "python-gru-large", "python-lstm", "python-gru", "python-rnn")


def scales(material: Material, name: str) -> dict[str, Scales]:
    text = material.text(name, "validation")
    return material.once(time_scales, name, lambda: time_scales(material.model(name), text))


def _known(found: Scales) -> list[float]:
    return [one for one in found if one is not None]


def _scale_row(name: str, signal: str, material: Material) -> list[Figure]:
    trained, untrained = (scales(material, one)[signal] for one in (name, f"{name}@0"))
    return [
        float(np.median(_known(trained))),
        max(_known(trained)),
        trained.count(None),
        float(np.median(_known(untrained))),
        max(_known(untrained)),
    ]


def best(material: Material, name: str, layer: int, feature: str) -> Followers:
    """The units of a layer that follow a feature most, over the first steps of the test split."""

    def find() -> Followers:
        text = material.text(name, "test", MOST_STEPS)
        wanted = values(Text.of(text), 0, len(text))[[one.name for one in FEATURES].index(feature)]
        found = drain(
            followers(material.recording(name, "test", MOST_STEPS).signal(layer, "hidden", 0, len(text)), wanted)
        )
        assert found is not None
        return found

    return material.once(followers, (name, layer, feature), find)


def strongest(material: Material, name: str, feature: str) -> list[Figure]:
    """r, layer, unit, and what the best of a layer gets by chance, of the unit that follows most in any layer."""
    found = [(k, best(material, name, k, feature)) for k in range(material.model(name).layers)]
    layer, one = max(found, key=lambda pair: abs(pair[1].units[0][1]))
    unit, r = one.units[0]
    return [r, layer, unit, one.mark]


def effect(material: Material, name: str, layer: int, unit: int, feature: str) -> float:
    """Cohen's d of a unit between the steps at which a feature holds and the others."""
    text = material.text(name, "test", MOST_STEPS)
    wanted = values(Text.of(text), 0, len(text))[[one.name for one in FEATURES].index(feature)].astype(bool)
    x = material.recording(name, "test", MOST_STEPS).signal(layer, "hidden", 0, len(text))[:, unit].astype(np.float64)
    there, elsewhere = x[wanted], x[~wanted]
    within = (there.var() * len(there) + elsewhere.var() * len(elsewhere)) / (len(x) - 2)
    return float((there.mean() - elsewhere.mean()) / np.sqrt(within))


def kept(material: Material, name: str, layer: int, signal: str, unit: int) -> Kept:
    recording = material.recording(name, "test", MOST_STEPS)
    found = by_gate(recording.signal(layer, signal, 0, recording.steps)[:, unit])
    assert found is not None
    return found


def _follow_row(name: str, material: Material) -> list[Figure]:
    return [one for feature in ("quotes", "brackets", "indent") for one in strongest(material, name, feature)]


def _speakers(material: Material) -> list[Figure]:
    out: list[Figure] = []
    for name in SHAKESPEARE:
        r, layer, unit, _ = strongest(material, name, "heading")
        out += [unit, r, effect(material, name, int(layer or 0), int(unit or 0), "heading")]
    return [*out, max(best(material, name, 0, "heading").mark or 0.0 for name in SHAKESPEARE)]


def _columns(material: Material) -> list[Figure]:
    found = [strongest(material, name, "column") for name in SHAKESPEARE]
    return [found[0][2], found[0][0], found[0][3], found[1][0], found[1][2], found[2][0], found[2][2]]


def _half_life(name: str, layer: int, signal: str, unit: int, material: Material) -> list[Figure]:
    found = kept(material, name, layer, signal, unit)
    low, median, high = found.lags
    return [median, low, high, found.steady]


SCALES = (
    ("`shakespeare-rnn` hidden", "shakespeare-rnn", "0.hidden"),
    ("`shakespeare-gru` hidden", "shakespeare-gru", "0.hidden"),
    ("`shakespeare-lstm` hidden", "shakespeare-lstm", "0.hidden"),
    ("`shakespeare-lstm` cell", "shakespeare-lstm", "0.cell"),
    ("`python-gru` hidden, layer 0", "python-gru", "0.hidden"),
    ("`python-lstm` cell, layer 0", "python-lstm", "0.cell"),
    ("`recall-gru` hidden", "recall-gru", "0.hidden"),
)
_FOLLOWS = " | {} layer {} unit {} ({})" * 3 + " |"
FINDINGS = [
    *(
        Finding(
            f"time scale, {title}",
            PLACE,
            f"| {title} | {{}} | {{}} | {{}}{' of 128' * (signal == '0.cell')}{' of 32' * ('recall' in name)} | {{}} | "
            f"{{}} |",
            partial(_scale_row, name, signal),
            (name,),
        )
        for title, name, signal in SCALES
    ),
    *(
        Finding(f"followed by {name}", PLACE, f"| `{name}`{_FOLLOWS}", partial(_follow_row, name), (name,))
        for name in PYTHON
    ),
    Finding(
        "followed by python-lstm@0",
        PLACE,
        f"| `python-lstm@0`, untrained{_FOLLOWS}",
        partial(_follow_row, "python-lstm@0"),
        ("python-lstm@0",),
    ),
    Finding(
        "who speaks",
        PLACE,
        "`shakespeare-gru` unit {} {} (d {}), `shakespeare-lstm` unit {} {} (d {}), `shakespeare-rnn` unit {} {} (d "
        "{}); "
        "the best of 128 gets {} at most by chance",
        _speakers,
        SHAKESPEARE,
    ),
    Finding(
        "position in the line",
        PLACE,
        "`shakespeare-gru` unit {}, r = {} ({}); the LSTM's best is {} (unit {}), the vanilla cell's {} (unit {})",
        _columns,
        SHAKESPEARE,
    ),
]
