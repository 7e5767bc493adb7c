"""A finding: a sentence of the docs with figures in it, and the function that measures these again.

The sentence is in the file as it is here, except for line ends, with a figure wherever this one has `{}`. So the docs
need no marks: the sentence itself locates its figures, and a sentence that somebody has changed is reported as not
found. A figure agrees if the measurement is within half a unit of its last digit (and a tenth of a unit more: other
processors round differently).

Figures are numbers as people write them: 1,234 · −0.066 · 2.3e-2 · 10⁻¹³ (its exponent is compared) · – (there is
none) · "200 or more". A measurement is a number, None or such words.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from .material import Material

Figure = float | str | None
Measure = Callable[["Material"], Sequence[Figure]]

SLACK = 0.6
"""Units of the last stated digit by which a figure may differ."""
_FIGURE = r"(\d+ or more|none|10[⁻⁰¹²³⁴⁵⁶⁷⁸⁹·]+|[+−-]?(?:\d{1,3}(?:,\d{3})+|\d+)(?:\.\d+)?(?:e[+-]?\d+)?|–)"
_SUPERSCRIPT = str.maketrans("⁻⁰¹²³⁴⁵⁶⁷⁸⁹·", "-0123456789.")


@dataclass(frozen=True)
class Finding:
    """See the module.

    Attributes:
        name: a short title.
        place: the file, from the root of the project.
        models: the models measured.
        seeds: the number of trainings behind the figures; 1 if only the weights that ship.
    """

    name: str
    place: str
    sentence: str
    measure: Measure
    models: tuple[str, ...]
    seeds: int = 1
    quick: bool = False

    def stated(self, text: str) -> list[str] | None:
        """The figures in the text of the file; None if the sentence is missing, or occurs twice."""
        found = list(self._pattern().finditer(text))
        return list(found[0].groups()) if len(found) == 1 else None

    def rewritten(self, text: str, measured: Sequence[Figure]) -> str:
        """The text with measurements in place of the figures that do not agree, to as many digits as before."""
        (found,) = self._pattern().finditer(text)
        for group in range(found.re.groups, 0, -1):
            figure = found[group]
            if not agrees(figure, measured[group - 1]):
                text = text[: found.start(group)] + written(measured[group - 1], figure) + text[found.end(group) :]
        return text

    def _pattern(self) -> re.Pattern[str]:
        pieces = (r"\s+".join(map(re.escape, re.split(r"\s+", piece))) for piece in self.sentence.split("{}"))
        return re.compile(_FIGURE.join(pieces))


def agrees(stated: str, measured: Figure) -> bool:
    """Whether a figure agrees with the measurement, to its number of digits."""
    if measured is None or isinstance(measured, str) or not re.search(r"[\d⁻⁰¹²³⁴⁵⁶⁷⁸⁹]$", stated):
        return stated == ("–" if measured is None else measured)
    value, unit = _read(stated)
    return abs(value - measured) <= SLACK * unit


def written(measured: Figure, like: str, more: int = 0) -> str:
    """The measurement with as many digits as `like`, and `more` additional ones."""
    if measured is None or isinstance(measured, str):
        return "–" if measured is None else measured
    mantissa, e, _ = like.partition("e")
    digits = mantissa.translate(_SUPERSCRIPT).partition(".")[2]
    places = len(digits) + more
    if e:
        return f"{measured:.{places}e}".replace("e-0", "e-").replace("-", "−", measured < 0)
    words = f"{measured:+,.{places}f}" if like[0] in "+" else f"{measured:,.{places}f}"
    if float(words.replace(",", "")) == 0:
        words = words.lstrip("+-")
    if _is_power(like):
        return "10" + words.translate(str.maketrans("-0123456789.", "⁻⁰¹²³⁴⁵⁶⁷⁸⁹·"))
    return words.replace("-", "−")


def _is_power(stated: str) -> bool:
    return bool(re.fullmatch(r"10[⁻⁰¹²³⁴⁵⁶⁷⁸⁹·]+", stated))


def _read(stated: str) -> tuple[float, float]:
    """The number, and one unit of its last digit; for a power of ten its exponent."""
    digits = stated[2:].translate(_SUPERSCRIPT) if _is_power(stated) else stated
    digits = digits.replace(",", "").replace("−", "-")
    mantissa, _, exponent = digits.partition("e")
    return float(digits), 10.0 ** (int(exponent or 0) - len(mantissa.partition(".")[2]))
