"""A finding: a sentence of the docs with figures in it, and what measures them anew.

The sentence stands in the file as it stands here, but for line ends, with a figure wherever this one says `{}`. So the
docs need no marks: the sentence itself finds its figures, and a sentence that somebody has changed is reported as not
found. A figure agrees if what is measured lies within half a unit of the last digit that is stated (and a tenth of a
unit more: other processors round otherwise).

Figures are numbers as people write them: 1,234 · −0.066 · 2.3e-2 · 10⁻¹³ (its exponent is compared) · – (there is
none) · "200 or more". What is measured is a number, None or such words.
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
        name: what is found.
        place: the file, from the root of the project.
        models: on which models.
        seeds: how many trainings the figures tell of; 1 where it is the weights that ship.
    """

    name: str
    place: str
    sentence: str
    measure: Measure
    models: tuple[str, ...]
    seeds: int = 1
    quick: bool = False

    def stated(self, text: str) -> list[str] | None:
        """The figures as they stand in the text of the file; None if the sentence is not there, or there twice."""
        found = list(self._pattern().finditer(text))
        return list(found[0].groups()) if len(found) == 1 else None

    def rewritten(self, text: str, measured: Sequence[Figure]) -> str:
        """The text with what was measured in place of the figures that do not agree, as closely as they are written."""
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
    """Whether a figure says what was measured, as closely as it is written."""
    if measured is None or isinstance(measured, str) or not re.search(r"[\d⁻⁰¹²³⁴⁵⁶⁷⁸⁹]$", stated):
        return stated == ("–" if measured is None else measured)
    value, unit = _read(stated)
    return abs(value - measured) <= SLACK * unit


def written(measured: Figure, like: str, more: int = 0) -> str:
    """What was measured, as closely as `like` is written and `more` digits closer."""
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
    """The number, and one unit of its last digit; of a power of ten its exponent."""
    digits = stated[2:].translate(_SUPERSCRIPT) if _is_power(stated) else stated
    digits = digits.replace(",", "").replace("−", "-")
    mantissa, _, exponent = digits.partition("e")
    return float(digits), 10.0 ** (int(exponent or 0) - len(mantissa.partition(".")[2]))
