"""The colour scales, as explicit stops: position from 0 to 1, and colour.

*vik* (Fabio Crameri, Scientific colour maps, doi:10.5281/zenodo.1243862) for signed values, sampled at 17 places;
*cividis* (Nuñez, Anderton and Renslow 2018) for gates, as in Plotly. Both remain readable with impaired
colour vision. Names are not used: Python's and JavaScript's "RdBu" differ in direction.
"""

from __future__ import annotations

import re

from plotly.colors import PLOTLY_SCALES

Stops = list[tuple[float, str]]

_VIK = (
    "#001261",
    "#022b71",
    "#034481",
    "#0c5e92",
    "#2f7ca6",
    "#609dbc",
    "#92bdd2",
    "#c5dbe5",
    "#ece5e1",
    "#e9cbb9",
    "#dcab8f",
    "#cf8e68",
    "#c37243",
    "#b3531f",
    "#932e06",
    "#741506",
    "#590008",
)

SIGNED: Stops = [(k / (len(_VIK) - 1), colour) for k, colour in enumerate(_VIK)]
GATE: Stops = [
    (float(position), "#{:02x}{:02x}{:02x}".format(*map(int, re.findall(r"\d+", colour))))
    for position, colour in PLOTLY_SCALES["Cividis"]
]
ECHO: Stops = [
    (k / 7, colour)
    for k, colour in enumerate(
        ("#fcfbf7", "#fbe8cc", "#f8cd94", "#efa45b", "#d6733b", "#a5433f", "#672150", "#2a0b3c"),
    )
]
"""For an echo: one decade per colour, from rounding (white) to 1 (dark); monotonically darker, so that it reads the
same without colour."""
NO_DATA = "#d81b9a"
"""For NaN: a colour that is in neither scale."""
