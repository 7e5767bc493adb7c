"""`app.contract.reference`: an instrument in Markdown."""

from __future__ import annotations

from app.contract.answer import Answer, Part, Tensor
from app.contract.reference import section
from app.wire.message import Message


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


class Asked(Message):
    """Looks at
    something."""

    name: str
    least: int = 3


def test_a_section_has_a_row_for_each_thing_that_is_declared() -> None:
    written = section("outer", Asked, Outer, exceptions=("Where it cannot\n    be.",))
    assert (
        written
        == """### `outer`

Looks at something.

Does not apply everywhere: Where it cannot be.

| option | value | |
| --- | --- | --- |
| `least` | integer (3) |  |

| fact | value | |
| --- | --- | --- |
| `rows` | list of object | In order. |
| `rows[].share` | number or null | Of all. |
| `pair` | [integer, string] |  |
| `named` | object of numbers |  |

| tensor | type and shape | |
| --- | --- | --- |
| `cells` | U8 (rows, 2 or 3) | a picture; only if asked for |"""
    )
