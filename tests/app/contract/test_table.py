"""`app.contract.table`: what columns are made of is checked when an answer is declared."""

from __future__ import annotations

import re
from typing import Any, ClassVar, Literal

import pytest

from app.contract.answer import Answer, Tensor
from app.contract.instrument import Options
from app.contract.table import Columns, fact, option, own, row, tensor
from app.instruments import INSTRUMENTS


def answer_with(*declared: Any) -> type[Answer]:
    class Found(Answer):
        lags: int
        tensors = (Tensor("curve", "F32", "K", "a curve"),)
        columns: ClassVar[Columns] = declared

    return Found


def test_columns_of_facts_tensors_rows_and_the_page_are_taken() -> None:
    columns = (own("model", "its name"), row("k"), fact("lags"), tensor("curve", "curve_bits", "bits", log=True))
    assert [column.name for column in answer_with(*columns).columns] == ["model", "k", "lags", "curve_bits"]


@pytest.mark.parametrize(
    ("column", "words"),
    [
        (fact("steps"), "'steps' of the fact 'steps', which is not declared. It has: ['lags']"),
        (fact("curve"), "'curve' of the fact 'curve'"),
        (tensor("lags", "how_far"), "'how_far' of the tensor 'lags', which is not declared. It has: ['curve']"),
    ],
)
def test_a_column_of_something_that_is_not_declared_is_refused(column: Any, words: str) -> None:
    with pytest.raises(TypeError, match=re.escape(words)):
        answer_with(column)


def test_two_columns_of_one_name_are_refused() -> None:
    with pytest.raises(TypeError, match=r"'k'.*more than once"):
        answer_with(row("k"), fact("lags", "k"))


def test_a_column_of_an_option_is_checked_with_the_question() -> None:
    with pytest.raises(TypeError, match="the option 'depth', which is not declared"):

        class Asked(Options):
            name: Literal["asked"]
            answer = answer_with(option("depth"))


@pytest.mark.parametrize("name", INSTRUMENTS)
def test_every_instrument_has_a_table_and_what_is_the_pages_own_has_a_meaning(name: str) -> None:
    columns = INSTRUMENTS[name].answer.columns
    assert columns
    assert all((column.source == "page") == bool(column.meaning) for column in columns)


@pytest.mark.parametrize("name", INSTRUMENTS)
def test_rows_run_along_an_axis_that_is_not_of_a_fixed_size_where_an_item_is_taken(name: str) -> None:
    """The other axis is the one that has the item, so it must be long enough for it."""
    answer = INSTRUMENTS[name].answer
    shapes = {one.name: [axis.strip() for axis in one.shape.split(",")] for one in answer.tensors}
    for column in answer.columns:
        if column.source == "tensor" and column.item is not None:
            axes = shapes[column.key]
            assert len(axes) == 2
            assert not axes[column.axis].isdecimal()
            assert column.item < int(axes[1 - column.axis])
