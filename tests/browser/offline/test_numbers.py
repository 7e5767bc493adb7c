"""What an exported page computes is what the server computes: every signal, prediction, surprise and echo."""

from __future__ import annotations

import numpy as np
import pytest

from models import CharLM
from models.zoo import catalogue
from tests.support.browser.offline_page import SMALL, OfflinePage, OpenOffline
from tests.support.texts import prose

STEPS = 1000
AT = 137  # the step whose echo is compared
CLOSE = 1e-4

TOO_LARGE = {"shakespeare-lstm-deep", "python-lstm-large"}
ALONE = ("python-gru-large",)
"""As large as a page may be."""
RECURRENT = [name for name, entry in catalogue(()).items() if entry.card.stack[0].cell.explained()]
SHIPPED = [name for name in RECURRENT if name not in {*TOO_LARGE, *ALONE}]
TOGETHER = [ALONE, *(tuple(SHIPPED[k : k + 3]) for k in range(0, len(SHIPPED), 3))]


def text_of(lm: CharLM) -> str:
    """A text with a line's end, characters that the model does not know, and one beyond the first plane."""
    text = prose(STEPS - 3)
    return text[:500] + "€\n😀" + text[500:]


def check(page: OfflinePage, name: str, lm: CharLM) -> None:
    text = text_of(lm)
    instead = next(one for one in lm.vocabulary.characters if one != text[AT])
    found = page.compute(lm, name, text, AT, instead)
    ours, theirs = lm.trace(text), lm.trace(text[:AT] + instead + text[AT + 1 :])
    assert len(ours) == STEPS
    wanted = {key: ours[key].numpy() for key in ours.signals}
    wanted |= {f"echo.{key}": (ours[key] - theirs[key]).numpy() for key in ours.signals}
    wanted |= {"log_probabilities": ours.log_probabilities.numpy(), "surprise": ours.surprise.numpy()}
    assert set(found) == set(wanted)
    for key, values in wanted.items():
        np.testing.assert_allclose(found[key], values, rtol=0, atol=CLOSE, err_msg=f"{name}: {key}")
    likeliest = wanted["log_probabilities"].argmax(axis=1)
    rows = np.arange(STEPS)
    best = found["log_probabilities"].max(axis=1)
    assert (best - found["log_probabilities"][rows, likeliest] <= 2 * CLOSE).all(), "another character comes next"


@pytest.mark.parametrize("name", SMALL)
def test_every_cell_reads_in_the_page_as_on_the_server(open_offline: OpenOffline, name: str) -> None:
    names = (name, f"{name}@0")
    page = open_offline(names)
    for one in names:
        check(page, one, page.reference(one, "a").lm)


@pytest.mark.parametrize("names", TOGETHER, ids="+".join)
def test_every_model_that_ships_reads_in_the_page_as_on_the_server(
    open_offline: OpenOffline, names: tuple[str, ...]
) -> None:
    page = open_offline(names)
    for name in names:
        check(page, name, page.reference(name, "a").lm)
