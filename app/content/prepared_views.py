"""Views of Explore worth opening, in the menu of instruments: each an address, like one that somebody shared.

The units were found by `models.measures.units.selective_units` on the sample itself; a test finds them again.
"""

from __future__ import annotations

from collections.abc import Container
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

from .example_texts import SAMPLES

_BEFORE = 30
"""Characters in view before the cursor."""


@dataclass(frozen=True)
class PreparedView:
    """One unit, and a text that it follows.

    Attributes:
        feature: a name in `models.measures.units.text_features`, which the unit follows more closely than chance
            explains.
        at: a part of the text; the cursor is on its first character.
    """

    title: str
    description: str
    sample: str
    model: str
    layer: int
    unit: int
    feature: str
    at: str

    @property
    def text(self) -> str:
        return next(one.text for one in SAMPLES if one.id == self.sample)

    @property
    def address(self) -> str:
        """What stands after the "#" of an address of Explore."""
        step = self.text.index(self.at)
        words = {
            "models": self.model,
            "layer": self.layer,
            "from": max(0, step - _BEFORE),
            "step": step,
            "unit": self.unit,
            "instrument": "unit",
            "o.feature": self.feature,
            "text": self.text,
        }
        return urlencode(words)


VIEWS = (
    PreparedView(
        "A unit that knows it is inside a string",
        "The text is coloured by it: one colour between quotation marks, the other outside.",
        sample="code",
        model="python-lstm-large",
        layer=1,
        unit=95,
        feature="quotes",
        at="closed before it was opened",
    ),
    PreparedView(
        "A unit that counts open brackets",
        "It falls with every bracket that opens and rises again when one is closed.",
        sample="code",
        model="python-gru-large",
        layer=0,
        unit=165,
        feature="brackets",
        at="kept[-limit:]",
    ),
    PreparedView(
        "A unit that knows who is about to speak",
        "In a play it marks the speakers’ names, up to the colon.",
        sample="promise",
        model="shakespeare-rnn",
        layer=0,
        unit=32,
        feature="heading",
        at="STRANGER",
    ),
)


def prepared_views(models: Container[str]) -> list[dict[str, Any]]:
    """Those whose model is among `models`, as `hello` sends them."""
    return [
        {"title": one.title, "description": one.description, "address": one.address}
        for one in VIEWS
        if one.model in models
    ]
