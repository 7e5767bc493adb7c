"""Views drawn at random, as the page itself holds them: everything that an address can say, in all its combinations."""

from __future__ import annotations

import random
from collections.abc import Sequence
from functools import cache
from typing import Any

from models import catalogue

View = dict[str, Any]

MODELS = (
    "shakespeare-rnn",
    "shakespeare-gru",
    "shakespeare-lstm",
    "shakespeare-lstm-deep",
    "python-gru",
    "python-lstm",
)
"""Of each cell one, one with two layers, and two of another family."""

OPTIONS: dict[str, dict[str, list[Any]]] = {
    "saturation": {"steps": ["text"], "marks": [False], "low": [0.05, 0.2], "high": [0.8], "bound": [0.7, 0.99]},
    "forgetting": {"after": [7, 40], "lags": [50, 120], "by": ["frequency"], "unit": [True], "depth": [4]},
    "horizon": {"curve": ["kl", "jacobian"], "positions": [16], "lags": [40], "relative": [False], "depth": [8]},
    "context": {"past": ["zero", "shuffled"], "positions": [300], "lags": [20, 60], "median": [True], "depth": [6]},
    "gradients": {"positions": [16], "lags": [30, 90], "depth": [4]},
    "recoverability": {"source": ["text"]},
    "why": {"most": [3, 16], "digits": ["all"]},
    "provenance": {"window": [60], "age": [3, 11], "of": ["unit"], "depth": [4]},
    "unit": {
        "pattern": ["[aeiou]+", "(?<=\\.) & = + %"],
        "feature": ["pattern"],
        "steps": ["window"],
        "colour": [False],
    },
    "intervene": {"letters": ["zero@3", "0.hidden.2=0.5@4-9~zero@12"], "temperature": [0.9], "seed": [4, 77]},
    "texts": {"other": ["Another text: 100 % & 🙂 = #1?\n", "x" * 1500], "look": ["signed"]},
    "generate": {"count": [25, 400], "seed": [9], "temperature": [0.4], "speed": [200]},
}
"""For each instrument options that are not its defaults, thresholds and a second text among them."""

LETTERS = "abcdefghijklmnopqrstuvwxyz    \n.,:;!?'ABCDEFGHIJ&=+%#~@é🙂\t"


@cache
def signals(model: str, layer: int) -> Sequence[str]:
    return tuple(catalogue()[model].card.stack[layer].cell.names())


def panel(draw: random.Random, base: str, tail: str) -> View:
    stack = catalogue()[base].card.stack
    layer = draw.choice([None, draw.randrange(len(stack))])
    signal = draw.choice([None, draw.choice(signals(base, layer or 0))])
    found: View = {"model": base + tail, "layer": layer, "signal": signal}
    return {**found, "difference": True} if "~" in tail and draw.random() < 0.5 else found


def spans(draw: random.Random, length: int) -> list[View]:
    """Stretches that a model has written, apart from each other."""
    ends = sorted(draw.sample(range(length + 1), min(2 * draw.randrange(4), length // 2 * 2)))
    return [{"from": start, "to": stop} for start, stop in zip(ends[::2], ends[1::2], strict=True)]


def random_view(draw: random.Random) -> View:
    """A view such as the page could have come to by itself."""
    tails = ["", "", "", "@0", "~zero@5", "~0.hidden.3=-0.25@2-30", "@0~reset.7@1"]
    chosen = [(base, draw.choice(tails)) for base in draw.sample(MODELS, draw.randint(1, 3))]
    text = "".join(draw.choices(LETTERS, k=draw.choice([0, 1, 30, 200, 600])))
    if draw.random() < 0.1:
        text += "the same again, and " * 200  # too long for an address, unless it is packed
    length = len(text)
    order = draw.choice(["auto", "index", "similarity"])
    window = {"from": 0, "columns": draw.randint(2, 90), "per": draw.choice([1, 2, 4])}
    instrument = draw.choice([None, *OPTIONS])
    options = {} if instrument is None else OPTIONS[instrument]
    generated = spans(draw, length) if draw.random() < 0.4 else []
    echo = {
        "step": draw.choice([None, draw.randrange(length + 1)]),
        "instead": draw.choice([None, "x", ":", "\n", "&", "🙂"]),
        "others": None,
        "signed": draw.random() < 0.5,
    }
    if draw.random() < 0.3:
        echo |= {"instead": None, "others": draw.randint(2, 20), "signed": False}
    return {
        "panels": [panel(draw, base, tail) for base, tail in chosen],
        "layer": draw.choice([0, 0, 1]),
        "signal": draw.choice(["hidden", "cell", "update_gate", "forget_gate"]),
        "order": order,
        "sorted": window if order == "similarity" else None,
        "scale": draw.choice([None, "largest", 1, 5, 50]),
        "contrast": draw.choice([None, 0.01, 0.5]),
        "show": draw.choice(["mean", "extreme", "lowest", "highest", "saturated"]),
        "columns": draw.choice([None, 5, 40, 300, 5000]),
        "from": draw.choice([None, draw.randrange(length + 1)]),
        "cursor": {"step": draw.choice([None, draw.randrange(length + 1)]), "unit": draw.choice([0, 3, 77])},
        "theme": draw.choice(["auto", "light", "dark"]),
        "echo": echo if draw.random() < 0.4 else None,
        "instrument": instrument,
        "options": {name: draw.choice(values) for name, values in options.items() if draw.random() < 0.6},
        "generated": generated,
        "author": "LSTM · 128 after step 13, temperature 0.4, seed 9" if generated and draw.random() < 0.7 else "",
        "missing": None,
        "speed": 20,
        "text": text,
    }
