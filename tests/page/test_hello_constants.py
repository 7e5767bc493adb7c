"""What the page takes from `hello` instead of knowing it by heart: with other numbers it does otherwise."""

from __future__ import annotations

import numpy as np
import pytest

PICTURES = [
    {"top": 254, "no_number": 255, "fold": 0.1, "stretches": [512, 64, 1]},
    {"top": 100, "no_number": 101, "fold": 0.5, "stretches": [32, 1]},
]


@pytest.mark.parametrize("picture", PICTURES)
def test_levels_and_values_lead_to_each_other(picture, bare):
    values = [-9.0, -0.5, -0.0, 0.03, 0.999, 1.0, 9.0]
    found = bare.evaluate(
        """async ([picture, values]) => {
          const { Levels } = await import("/static/picture/levels.js");
          const { lookup } = await import("/static/picture/colour.js");
          const levels = new Levels(picture);
          const table = lookup([[0, "#000000"], [1, "#ff0000"]], "#0000ff", levels);
          const every = Array.from({ length: picture.top + 1 }, (_, level) => level);
          const ends = { low: 1e-5, high: 10 };
          const of = (signed) => every.map((level) => levels.differenceOf(level, signed, ends));
          return {
            linear: values.map((value) => levels.levelOf(value, -1, 1)),
            log: values.map((value) => levels.levelOf(value, -10, 10, "log")),
            none: [NaN, Infinity].map((value) => levels.levelOf(value, -1, 1) === picture.no_number),
            red: every.map((level) => table[level] & 255),
            nothing: Number.isNaN(levels.differenceOf(picture.no_number, true, ends)),
            blue: (table[picture.no_number] >> 16) & 255,
            plain: of(false), signed: of(true),
          };
        }""",
        [picture, values],
    )
    top, fold = picture["top"], picture["fold"]
    shares = (np.array(values) + 1) / 2
    assert found["linear"] == [min(top, max(0, int(np.floor(share * top + 0.5)))) for share in shares]
    shares = 0.5 + np.sign(values) * np.log1p(np.abs(values) / fold) / np.log1p(10 / fold) / 2
    assert found["log"] == [min(top, max(0, int(np.floor(share * top + 0.5)))) for share in shares]
    assert found["none"] == [True, True]
    assert found["red"] == [int(np.floor(255 * level / top + 0.5)) for level in range(top + 1)]
    assert found["nothing"] is True
    assert found["blue"] == 255
    levels, middle = np.arange(top + 1), top // 2
    assert found["plain"][0] == found["signed"][middle] == 0
    assert found["plain"][1:] == pytest.approx(10 ** (1 + 6 * (levels[1:] / top - 1)))
    sizes = np.abs(levels - middle) / middle
    wanted = np.where(sizes == 0, 0, np.sign(levels - middle) * 10 ** (1 + 6 * (sizes - 1)))
    assert found["signed"] == pytest.approx(wanted)


def test_an_echo_over_more_others_than_the_server_takes_is_one_of_a_single_other(bare):
    found = bare.evaluate(
        """async (picture) => {
          const { Catalogue } = await import("/static/state/catalogue.js");
          const colours = { signed: [[0, "#000000"], [1, "#ffffff"]], none: "#ff00ff" };
          const interventions = { most: 1, farthest: 1, patterns: { hold: "h", zero: "z", reset: "r" } };
          const catalogue = new Catalogue({
            models: [], samples: [], limits: {}, picture, interventions, recall: {}, close_codes: {},
            colours: { ...colours, gate: colours.signed, echo: colours.signed },
            echo: { decades: 7, felt: 0.01, others: [3, 5] }, bounds: { context: { lags: [2, 9] } },
          });
          const echo = (others) => ({ step: 1, instead: null, others, signed: false });
          return [
            [null, 2, 3, 5, 6].map((others) => catalogue.possible(echo(others)).others),
            catalogue.possible(null),
            catalogue.bound("context", "lags"),
          ];
        }""",
        PICTURES[0],
    )
    assert found == [[None, None, 3, 5, None], None, {"min": 2, "max": 9}]
