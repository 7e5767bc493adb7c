"""Lines of Python that measure what an instrument has answered: what "Copy as Python" copies.

Each instrument says beside its work how the same numbers come about with the public functions of `models`.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from textwrap import indent
from typing import Any

WIDE = 100
"""Columns of a line, before it is broken up."""
MEASURES = "hidden_state.models.measures"


@dataclass(frozen=True)
class Snippet:
    """How one question is answered in Python.

    Attributes:
        imports: names by the module that they come from; no names: the module itself, as "numpy as np".
        lines: what is done with `lm`, the model, and `text`.
        facts, tensors: parts of the answer, by name: an expression in what the lines have left.
        further: expressions of what the page draws and the answer has in another form.
    """

    imports: Mapping[str, tuple[str, ...]]
    lines: tuple[str, ...]
    facts: Mapping[str, str] = field(default_factory=dict)
    tensors: Mapping[str, str] = field(default_factory=dict)
    further: Mapping[str, str] = field(default_factory=dict)

    def body(self) -> str:
        """The lines, and those that print what they have found."""
        shown = [*self.facts.items(), *self.tensors.items(), *self.further.items()]
        prints = [_wide("print(", f"{quoted(name)}, {expression}", ")") for name, expression in shown]
        return "\n".join([*self.lines, *prints])


def measured(
    measure: str,
    *arguments: str,
    module: str,
    facts: Mapping[str, str],
    tensors: Mapping[str, str],
    note: str = "",
    **options: Any,
) -> Snippet:
    """The usual form: a function of a measure is run to its end, and leaves `found`.

    Args:
        measure: its name.
        arguments: expressions.
        module: below `models.measures`.
        facts, tensors: what the name of a part is called in `found`, see `of`.
        note: what must be known of the numbers.
        options: with their values; None is left out.
    """
    imports = {MEASURES: ("drain", "record"), f"{MEASURES}.{module}": (measure,)}
    lines = (drained("found", measure, *arguments, **options), *([f"# {note}"] if note else []))
    return Snippet(imports, lines, facts, tensors)


def drained(into: str, measure: str, *arguments: str, **options: Any) -> str:
    """A measure that is run to its end, and assigned."""
    return _wide(f"{into} = drain({measure}(", ", ".join([*arguments, *_written(options)]), "))")


def called(into: str, function: str, *arguments: str, **options: Any) -> str:
    """A function that is called, and its result assigned."""
    return _wide(f"{into} = {function}(", ", ".join([*arguments, *_written(options)]), ")")


def of(*names: str, found: str = "found", **others: str) -> dict[str, str]:
    """Parts of an answer that are attributes of `found` under the same name, and some under others."""
    same = {name: f"{found}.{name}" for name in names}
    return same | {name: f"{found}.{attribute}" for name, attribute in others.items()}


def quoted(text: str) -> str:
    """A string as Python reads it, in double quotes where it has none itself."""
    written = repr(text)
    return f'"{written[1:-1]}"' if written.startswith("'") and '"' not in text else written


def literal(name: str, text: str) -> str:
    """A text as a string, a line of it on each line."""
    plain = f"{name} = {quoted(text)}"
    if len(plain) <= WIDE:
        return plain
    parts = [piece for line in text.splitlines(keepends=True) for piece in _pieces(line)]
    return "\n".join([f"{name} = (", *(f"    {quoted(part)}" for part in parts), ")"])


def _pieces(line: str) -> list[str]:
    most = WIDE - 10
    return [line[k : k + most] for k in range(0, len(line), most)]


def _written(options: Mapping[str, Any]) -> list[str]:
    given = {name: value for name, value in options.items() if value is not None}
    return [f"{name}={quoted(value) if isinstance(value, str) else repr(value)}" for name, value in given.items()]


def _wide(begin: str, inside: str, end: str) -> str:
    """A call, on three lines where it is too long for one."""
    one = f"{begin}{inside}{end}"
    return one if len(one) <= WIDE else f"{begin}\n{indent(inside, '    ')}\n{end}"
