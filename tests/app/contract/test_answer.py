"""`app.contract.answer`: facts and tensors are held to what is declared."""

from __future__ import annotations

import json
from typing import Any

import numpy as np
import pytest
from pydantic import ValidationError

from app.contract.answer import Answer, Part, Tensor
from app.contract.instrument import Finding


class Inner(Part):
    """Something inside."""

    share: float | None
    """Of all."""


class Outer(Answer):
    rows: tuple[Inner, ...]
    """In order."""
    pair: tuple[int, str]
    named: dict[str, float]

    tensors = (Tensor("cells", "U8", "rows, 2 or 3", "a picture", when="if asked for"),)


def outer(rows: int) -> Outer:
    return Outer(rows=(Inner(share=float("nan")),) * rows, pair=(1, "a"), named={})


def test_an_answer_is_held_to_its_type() -> None:
    with pytest.raises(ValidationError, match="pair"):
        Outer(rows=(), pair=("1", "a"), named={})  # type: ignore[arg-type]
    with pytest.raises(ValidationError, match="more"):
        Outer(rows=(), pair=(1, "a"), named={}, more=1)  # type: ignore[call-arg]
    assert json.loads(outer(1).model_dump_json()) == {"rows": [{"share": None}], "pair": [1, "a"], "named": {}}


@pytest.mark.parametrize(
    ("tensors", "fault"),
    [
        ({"cells": np.zeros((4, 2), np.uint8)}, r"shape \(4, 2\).*rows, 2 or 3.*'rows': 5"),
        ({"cells": np.zeros((5, 4), np.uint8)}, "shape"),
        ({"cells": np.zeros(5, np.uint8)}, "shape"),
        ({"cells": np.zeros((5, 2), np.float32)}, "float32; U8 is declared"),
        ({"other": np.zeros((5, 2), np.uint8)}, "declares no tensor"),
    ],
)
def test_tensors_are_held_to_their_declaration(tensors: dict[str, Any], fault: str) -> None:
    Finding(outer(5), {"cells": np.zeros((5, 3), np.uint8)})
    Finding(outer(5))
    with pytest.raises(TypeError, match=fault):
        Finding(outer(5), tensors)


class Curves(Answer):
    lags: int
    start: int
    stop: int
    tensors = (
        Tensor("curve", "F32", "K + 1", ""),
        Tensor("edges", "F32", "S + 1", ""),
        Tensor("spans", "F32", "S", ""),
        Tensor("values", "F32", "stop − start", ""),
    )


@pytest.mark.parametrize("sizes", [(4, 3, 2, 7), (4, 1, 0, 7), (5, 3, 2, 7), (4, 3, 3, 7), (4, 0, 0, 7), (4, 3, 2, 10)])
def test_sizes_follow_from_facts_and_from_one_another(sizes: tuple[int, ...]) -> None:
    facts = Curves(lags=3, start=3, stop=10)
    tensors = {one.name: np.zeros(size, np.float32) for one, size in zip(Curves.tensors, sizes, strict=True)}
    if sizes in ((4, 3, 2, 7), (4, 1, 0, 7)):
        Finding(facts, tensors)
    else:
        with pytest.raises(TypeError, match="shape"):
            Finding(facts, tensors)
    del tensors["spans"]
    with pytest.raises(TypeError, match="lacks the tensors"):
        Finding(facts, tensors)
