"""Networks whose layers differ, in cell and in size: all that holds for others holds for them."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
import torch

from models import CharLM, Vocabulary
from models.network.stack import Stack
from tests.support.cells.proof import ProofOfANetwork


class TestLSTMOverGRU(ProofOfANetwork):
    cells = ("gru", "lstm")
    wider = 3


class TestVanillaOverLSTM(ProofOfANetwork):
    cells = ("lstm", "rnn")
    wider = -2


def test_a_stack_says_what_it_is() -> None:
    mixed, plain = Stack.of(("gru", "lstm"), (24, 16)), Stack.of("lstm", 128, 2)
    assert (mixed.words, mixed.title, mixed.kind) == ("24 + 16", "GRU + LSTM", "gru+lstm")
    assert (plain.words, plain.title, plain.kind) == ("2 × 128", "LSTM", "lstm")
    assert Stack.of(("gru", "gru"), 24) == Stack.of("gru", (24, 24)) == Stack.of("gru", 24, 2)
    for stack in (mixed, plain, Stack.of("rnn", (3, 4))):
        assert Stack.of(**stack.spelled) == stack
    assert [mixed.places[mixed.row(1, "cell")], mixed.names[mixed.row(1, "cell")]] == [(1, 1), "1.cell"]
    assert mixed.state_size == 24 + 2 * 16
    assert Stack.of(("gru", "lstm", "gru"), 3).kind == "gru+lstm+gru"
    assert Stack.of("gru", np.int64(5)) == Stack.of("gru", 5)


@pytest.mark.parametrize(
    ("asked", "said"),
    [
        (("gru", 0, 1), "at least one unit"),
        (((), ()), "at least one layer"),
        ((("gru", "tree"), 4), "no cell called 'tree'"),
        ((("gru", "gru"), (4,)), "those of 2 and 1 layers."),
        ((("gru", "gru"), 4, 5), "those of 2 layers, and 5 were asked for"),
    ],
)
def test_what_makes_no_layers_is_a_sentence(asked: Any, said: str) -> None:
    with pytest.raises(ValueError, match=said):
        Stack.of(*asked)


def test_the_state_of_a_training_goes_layer_by_layer_and_back() -> None:
    torch.manual_seed(0)
    for cell, units in ((("gru", "lstm"), (5, 3)), ("lstm", 4), ("rnn", (4, 4))):
        lm = CharLM(cell, Vocabulary("abc"), units)
        ids = torch.randint(0, 3, (6, 2))
        whole, _ = lm(ids)
        first, end = lm(ids[:4])
        second, _ = lm(ids[4:], lm.joined_state(lm.layer_states(end)))
        assert torch.allclose(torch.cat([first, second]), whole, atol=1e-6)


def test_what_is_asked_of_all_layers_at_once_is_refused_where_they_differ() -> None:
    lm = CharLM(("gru", "lstm"), Vocabulary("abc"), (5, 3))
    for name in ("cell", "units"):
        with pytest.raises(ValueError, match="layers differ"):
            getattr(lm, name)
