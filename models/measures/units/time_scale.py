"""How slowly each unit changes: a time scale per unit, the same for every text viewed later.

The time scale of a unit in a signal is the first lag, in characters, at which the autocorrelation of its values falls
to one half, interpolated between whole lags (`half_life.by_autocorrelation`): r(k) = Σₜ x̃ₜ·x̃ₜ₊ₖ / Σₜ x̃ₜ², where x̃ is x
less its mean. The values are those at the characters `SETTLED` … `CHARACTERS` − 1 of the model's validation split,
read from the zero state. Of the LSTM's cell state tanh is used, which is what the network reads of it: a cell state
that only drifts farther out carries no new information. Of a factor (a signal drawn by its logarithm) the logarithm is
used.

**Capped** at `CAP` characters: this much text cannot distinguish longer ones.
**Constant** is a unit whose standard deviation is below one of the 255 levels of a picture (range / 255), or that has
values that are not finite. It has no time scale (None), and comes last in an order by time scale.

T  characters    H  units
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from ...cells.base import Array
from ...errors import NotMeasurable
from ...network.language_model import CharLM
from .half_life import by_autocorrelation

CHARACTERS = 20_000
SETTLED = 1_000
CAP = 1_000.0
LEVELS = 255
DIGITS = 2

Scales = list[float | None]


def time_scale(values: Array, width: float) -> float | None:
    """Of one unit's values (T,) in a signal whose range is `width` wide, in characters; None if it is constant."""
    exact = np.asarray(values, np.float64)
    if not np.isfinite(exact).all() or exact.std() < width / LEVELS:
        return None
    lag = by_autocorrelation(exact)
    return None if lag is None else min(lag, CAP)


def time_scales(lm: CharLM, text: str) -> dict[str, Scales]:
    """For each `"{layer}.{signal}"` of a model the time scales of its units (or heads), on the start of `text`.

    Raises:
        NotMeasurable: if the text is too short for any lag.
    """
    read = text[:CHARACTERS]
    if len(read) < 2 * SETTLED:
        raise NotMeasurable(
            f"A time scale per unit takes {2 * SETTLED:,} characters of held-out text, and here are {len(read):,}. "
            "Use a longer text."
        )
    trace = lm.trace(read)
    found: dict[str, Scales] = {}
    for k, layer in enumerate(lm.stack):
        for signal in layer.cell.signals:
            name = f"{k}.{signal.name}"
            values = trace[name].numpy()[SETTLED:]  # (T, H)
            read_of = signal.scale.read(values)
            scales = (time_scale(read_of[:, j], signal.scale.width) for j in range(values.shape[1]))
            found[name] = [None if scale is None else round(scale, DIGITS) for scale in scales]
    return found


def slowest(scales: Sequence[float | None]) -> list[int]:
    """The units, slowest first; of equals the lower number first, and constant ones last."""
    return sorted(range(len(scales)), key=lambda j: (scales[j] is None, -(scales[j] or 0.0), j))
