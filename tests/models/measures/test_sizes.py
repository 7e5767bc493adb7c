"""How large states become: against sorting all of them, and where there is nothing to measure."""

from __future__ import annotations

import numpy as np
import pytest

from models import CharLM, NotMeasurable
from models.measures import drain
from models.measures.sizes import sizes
from models.text.vocabulary import Vocabulary

LETTERS = Vocabulary("abcdefgh")


@pytest.mark.parametrize("layers", [1, 2])
@pytest.mark.parametrize("share", [0.5, 0.99, 0.999])
def test_the_share_is_that_of_all_values_sorted(layers: int, share: float) -> None:
    lm = CharLM("lstm", LETTERS, 6, layers)
    text = "".join(np.random.default_rng(3).choice(list("abcdefgh"), 5000))
    found = drain(sizes(lm, LETTERS.encode(text), share))
    trace = lm.trace(text)
    values = np.sort(np.concatenate([np.abs(trace[f"{k}.cell"].numpy()).ravel() for k in range(layers)]))
    assert found.characters == 5000
    assert found.largest == values[-1]
    exact = values[int(np.ceil(share * len(values))) - 1]
    assert exact <= found.below <= exact * 2 ** (1 / 512) * (1 + 1e-6)


def test_a_state_that_is_never_held_back_grows_with_the_text() -> None:
    lm = CharLM("lstm", LETTERS, 3)
    for weight in lm.parameters():
        weight.data.zero_()
    lm.rnn.bias_ih_l0.data[:] = 30.0  # every gate open, the candidate at 1: c counts the steps
    found = drain(sizes(lm, LETTERS.encode("a" * 3000), 0.5))
    assert found.largest == pytest.approx(3000, rel=1e-4)
    assert found.below == pytest.approx(1500, rel=2e-3)


def test_a_cell_within_its_range_and_an_empty_text_have_nothing_to_measure() -> None:
    with pytest.raises(NotMeasurable, match="nothing that could grow"):
        drain(sizes(CharLM("gru", LETTERS, 3), LETTERS.encode("abc")))
    with pytest.raises(NotMeasurable, match="no text"):
        drain(sizes(CharLM("lstm", LETTERS, 3), LETTERS.encode("")))
