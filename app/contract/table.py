"""The table that an answer is downloaded as: its columns in order, and where the numbers in each come from.

An answer declares `columns`. The page makes its CSV from that declaration, which `hello` carries, and the tables in
docs/protocol.md follow from it.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import asdict, dataclass
from typing import Any, Literal

Source = Literal["fact", "tensor", "option", "row", "page"]


@dataclass(frozen=True)
class Column:
    """A column of a table.

    Attributes:
        name: its heading.
        source: where its values come from: a fact or an option of the question, the same in every row; a tensor, one
            number a row; the number of the row, from 0; or the page itself.
        key: the name of the fact, the tensor or the option; "" for the other sources.
        unit: of its values; "" where they have none, or where it depends on the question.
        item: which element of a fact that is a list, or which index along the tensor's other axis; None: it has none.
        axis: along which axis of the tensor the rows run.
        log: whether the tensor holds decimal logarithms of the values.
        meaning: what the page puts in.
    """

    name: str
    source: Source
    key: str = ""
    unit: str = ""
    item: int | None = None
    axis: int = 0
    log: bool = False
    meaning: str = ""

    def as_dict(self) -> dict[str, Any]:
        """The column as `hello` has it: without its meaning, which is in docs/protocol.md."""
        return {key: value for key, value in asdict(self).items() if key != "meaning"}


Columns = tuple[Column, ...]


def fact(key: str, name: str = "", unit: str = "", *, item: int | None = None) -> Column:
    """A fact, by default under its own name."""
    return Column(name or key, "fact", key, unit, item)


def tensor(
    key: str, name: str = "", unit: str = "", *, item: int | None = None, axis: int = 0, log: bool = False
) -> Column:
    """A tensor, by default under its own name. A tensor with a further axis is read in row-major order, or at
    `item` along that axis; `axis` is then the one along which the rows run."""
    return Column(name or key, "tensor", key, unit, item, axis, log)


def option(key: str, name: str = "", unit: str = "") -> Column:
    """An option of the question, by default under its own name."""
    return Column(name or key, "option", key, unit)


def row(name: str, unit: str = "") -> Column:
    """The number of the row: the lag of a curve."""
    return Column(name, "row", unit=unit)


def own(name: str, meaning: str, unit: str = "") -> Column:
    """What only the page knows, or computes from the answer."""
    return Column(name, "page", unit=unit, meaning=meaning)


MODEL = own("model", "its name on the page")


def check_columns(
    what: str, columns: Columns, *, facts: Iterable[str], tensors: Iterable[str], options: Iterable[str] | None = None
) -> None:
    """Check that columns have different names and come from what is declared.

    Args:
        options: those of the question; None: they are checked later.

    Raises:
        TypeError: the message names the column.
    """
    declared = {"fact": set(facts), "tensor": set(tensors)}
    if options is not None:
        declared["option"] = set(options)
    names = [column.name for column in columns]
    if twice := sorted({name for name in names if names.count(name) > 1}):
        raise TypeError(f"{what} declares the columns {twice} more than once. Give each a name of its own.")
    for column in columns:
        known = declared.get(column.source)
        if known is not None and column.key not in known:
            raise TypeError(
                f"{what} declares a column {column.name!r} of the {column.source} {column.key!r}, which is not "
                f"declared. It has: {sorted(known)}."
            )
