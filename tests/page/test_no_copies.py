"""The page has no copy of the server's numbers: what `hello` states stands in no script, or it is the page's own.

A number that only happens to be the same is listed below, with what it is. What the page offers to choose from has
words there, so its names stand in scripts; they are those that the server takes.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any, get_args

import pytest

from app.contract.bounds import bounds, defaults
from app.instruments import INSTRUMENTS
from app.settings import Settings
from app.web.hello import constants
from models.measures.memory.edit_sensitivity import Choice
from models.measures.memory.horizon import CurveName
from models.measures.memory.used_context import Past
from models.measures.units.unit import MOST_STEPS
from models.recording.overview import Show
from tests.support.paths import ROOT

STATIC = ROOT / "static"
SCRIPTS = {path.relative_to(STATIC).as_posix(): path.read_text(encoding="utf-8") for path in STATIC.rglob("*.js")}

OF_EVERYDAY = {float(k) for k in range(17)} | {0.5, 20.0, 100.0, 255.0, 1000.0}
"""Counted on fingers and toes, halves, per cent, bytes of a colour, and milliseconds of a second."""

OWN: dict[str, dict[float, str]] = {
    "format/powers.js": {0.01: "per cent below which a share is not written out"},
    "instruments/context.js": {0.1: "the smallest error that is written"},
    "instruments/cost.js": {1e6: "microseconds in a second"},
    "instruments/generate.js": {0.1: "step of a field", 200: "characters a second", 1e6: "seeds that are drawn"},
    "instruments/gradients.js": {0.01: "a factor that neither vanishes nor explodes; only the page judges it"},
    "instruments/intervene/intervene.js": {0.1: "step of a field"},
    "instruments/intervene/networks.js": {0.01: "bits of rounding that are worth a sentence"},
    "instruments/recall/episode.js": {0.1: "per cent: the smallest share that is written"},
    "instruments/recoverability.js": {0.01: "above chance by less is as good as chance; only the page says so"},
    "instruments/saturation/marks.js": {0.1: "pixels"},
    "instruments/saturation/saturation.js": {0.01: "step of a field"},
    "instruments/unit/features.js": {0.1: "a share that is written with a digit more"},
    "lesson/lab.js": {20_000: "milliseconds"},
    "main.js": {10_000: "milliseconds"},
    "offline/arithmetic.js": {254: "exponents of a float32"},
    "offline/columns.js": {1e6: "the engine's own copy, as the server's: a page on its own has nobody to ask"},
    "offline/connection.js": {32: "steps"},
    "page/echo.js": {120: "milliseconds"},
    "page/exact-values.js": {120: "milliseconds"},
    "page/heatmaps.js": {32: "pixels", 120: "pixels"},
    "page/instrument-host.js": {120: "milliseconds"},
    "page/persistence.js": {20_000: "characters that are stored at once"},
    "page/start/lesson-link.js": {100_000: "characters that a lesson is told of"},
    "picture/colour.js": {0.1: "opacity", 0.9: "opacity"},
    "picture/layout.js": {120: "pixels"},
    "state/options.js": {2000: "characters of an address"},
    "state/store.js": {0.01: "an end of colours", 0.1: "an end of colours", 200: "characters", 2000: "of an address"},
    "text/accents.js": {100_000: "characters that are looked at"},
    "text/history.js": {64: "characters that are undone together"},
    "text/search.js": {16_384: "characters searched at a time"},
    "text/slice.js": {20_000: "characters that the editor holds whole"},
    "views/editor/files.js": {254: "a byte-order mark", 32: "UTF-32"},
    "views/editor/find.js": {10_000: "places that are counted", 200: "milliseconds; characters of a selection"},
    "views/editor/highlight-layer.js": {2000: "marks"},
    "views/heatmap/axes.js": {32: "pixels; a step of an axis", 64: "a step", 128: "a step", 512: "a step"},
    "views/heatmap/overview.js": {200: "milliseconds"},
    "views/heatmap/picture.js": {200: "times that a picture is stretched"},
    "views/lag-curves.js": {1e-6: "decades of slack"},
    "views/shell/inspector.js": {0.1: "per cent: the smallest share that is written"},
    "views/shell/play.js": {200: "characters a second"},
}

_COMMENT = re.compile(r"//[^\n]*|/\*.*?\*/", re.DOTALL)
_NUMBER = re.compile(r"(?<![\w.#])(?:0x[\da-f]+|\d[\d_]*(?:,\d{3})*(?:\.\d+)?(?:e[+-]?\d+)?)(?![\w.]\d|\w)")
_POWER = re.compile(r"\b(\d+) \*\* (\d+)\b|\b(\d+) << (\d+)\b")


def stated() -> set[float]:
    """Every number of `hello` that is not of everyday, by how large it is."""
    settings = Settings()
    limits = (settings.text_limit_characters, settings.column_limit, settings.message_limit_bytes, MOST_STEPS)
    options = [[bounds(one), defaults(one)] for one in INSTRUMENTS.values()]
    return {abs(one) for one in numbers([constants(), options, limits])} - OF_EVERYDAY


def numbers(value: Any) -> Iterator[float]:
    if isinstance(value, dict):
        value = list(value.values())
    if isinstance(value, list | tuple):
        for one in value:
            yield from numbers(one)
    elif isinstance(value, int | float) and not isinstance(value, bool):
        yield float(value)


def written(script: str) -> set[float]:
    """Every number that a script has outside comments, in words too."""
    code = _COMMENT.sub(" ", script)
    found = {_value(one) for one in _NUMBER.findall(code)}
    for base, exponent, one, by in _POWER.findall(code):
        found.add(float(base) ** int(exponent) if base else float(int(one) << int(by)))
    return found


def _value(number: str) -> float:
    plain = number.replace("_", "").replace(",", "")
    return float(int(plain, 16)) if plain.startswith("0x") else float(plain)


def test_no_script_has_a_number_of_the_servers() -> None:
    known = stated()
    assert {254.0, 512.0, 0.1, 0.01, 0.9, 1e6, 16_384.0, 50_000.0, 2_000_000.0} <= known
    copies = {name: written(script) & known - set(OWN.get(name, ())) for name, script in SCRIPTS.items()}
    assert {name: found for name, found in copies.items() if found} == {}


def test_every_number_that_is_listed_as_the_pages_own_is_there() -> None:
    known = stated()
    stale = {name: set(own) - (written(SCRIPTS.get(name, "")) & known) for name, own in OWN.items()}
    assert {name: found for name, found in stale.items() if found} == {}


def test_a_number_is_found_however_it_is_written() -> None:
    script = "f(254, 0xfe); // 512\n`${x} of 50,000`; const A = 16_384 * 2e6; /* 0.9 */ 2 ** 24; 1 << 16; v1000; a.b64"
    found = written(script)
    assert {254.0, 50_000.0, 16_384.0, 2e6, 2.0**24, 2.0**16} <= found
    assert not found & {512.0, 0.9, 1000.0, 64.0}
    assert {0.1, 0.9} <= written("a gate below 0.1 (shut) and beyond ±0.9;")


def test_no_script_has_a_pattern_of_the_servers() -> None:
    patterns = constants()["interventions"]["patterns"]
    assert patterns
    assert not [(name, kind) for name, script in SCRIPTS.items() for kind in patterns if patterns[kind] in script]


@pytest.mark.parametrize(
    ("script", "name", "choices"),
    [
        ("state/store.js", "SHOWS", Show),
        ("instruments/context.js", "PASTS", Past),
        ("instruments/horizon.js", "CURVES", CurveName),
        ("views/lag-curves.js", "OTHERS", Choice),
    ],
)
def test_what_may_be_chosen_is_what_the_server_takes(script: str, name: str, choices: Any) -> None:
    block = re.search(rf"const {name} = ([\[{{].*?[\]}}]);\n", SCRIPTS[script], re.DOTALL)
    assert block is not None
    listed = block[1]
    if listed.startswith("{"):
        names = re.findall(r"^  (\w+):", listed, re.MULTILINE)
    elif "[[" in listed.replace("\n", "").replace(" ", ""):
        names = re.findall(r"\[\"(\w+)\",", listed)
    else:
        names = re.findall(r"\"(\w+)\"", listed)
    assert sorted(names) == sorted(get_args(choices))
