"""From the TOML of a block, or of the front matter, to its values, or to mistakes with their lines."""

from __future__ import annotations

import difflib
import re
import tomllib
from collections.abc import Sequence
from typing import Any, TypeVar

from pydantic import BaseModel, ValidationError

from .mistake import Mistake

Body = TypeVar("Body", bound=BaseModel)

_AT = re.compile(r" \(at (?:line (\d+), column (\d+)|end of document)\)$")


def read_body(kind: type[Body], what: str, source: str, file: str, line: int) -> Body | list[Mistake]:
    """The body of a block.

    Args:
        what: how it is called in messages: "The `view` block".
        line: of the file, on which the body begins.
    """
    try:
        data = tomllib.loads(source)
    except tomllib.TOMLDecodeError as error:
        found = _AT.search(str(error))
        offset = int(found[1]) - 1 if found is not None and found[1] else len(source.rstrip("\n").split("\n")) - 1
        fault = _AT.sub("", str(error))
        return [
            Mistake(file, line + max(offset, 0), f"{what} is no TOML: {fault}.", "Write key = value, texts in quotes.")
        ]
    except RecursionError:
        return [Mistake(file, line, f"{what} is nested too deeply.", "Write each key once, in one table.")]
    try:
        return kind.model_validate(data)
    except ValidationError as error:
        faults = _without_repeats(error.errors(include_url=False))
        return [_mistake(fault, kind, what, source, file, line) for fault in faults]


def _without_repeats(faults: Sequence[Any]) -> list[Any]:
    """One fault a key: a union reports one for each of its members."""
    seen: dict[tuple[Any, ...], Any] = {}
    for fault in faults:
        seen.setdefault(_keys(fault["loc"]), fault)
    return list(seen.values())


def _keys(loc: tuple[int | str, ...]) -> tuple[int | str, ...]:
    """The keys of a place, without the names that pydantic gives to members of unions."""
    return tuple(part for part in loc if isinstance(part, int) or re.fullmatch(r"[A-Za-z_][\w]*", part))


def _mistake(fault: Any, kind: type[BaseModel], what: str, source: str, file: str, line: int) -> Mistake:
    keys = _keys(fault["loc"])
    named = ".".join(str(key) for key in keys)
    at = line + _line_of(source, keys)
    small = what[0].lower() + what[1:]
    message = fault["msg"].removeprefix("Value error, ").rstrip(".")
    if fault["type"] == "extra_forbidden":
        known = _keys_of(kind, keys[:-1])
        near = difflib.get_close_matches(str(keys[-1]), known, 1)
        remedy = f"Did you mean `{near[0]}`?" if near else f"Its keys are {', '.join(known)}."
        return Mistake(file, at, f"{what} has no key `{named}`.", remedy)
    if fault["type"] == "missing":
        return Mistake(file, at, f"{what} lacks `{named}`.", f"Add {named} = … to it.")
    if fault["type"] == "value_error":
        head, _, rest = message.partition(": ")
        where = f"`{named}` of {small}" if named else what
        remedy = f"{rest[0].upper()}{rest[1:]}." if rest else "docs/lessons.md shows how it is written."
        return Mistake(file, at, f"{where} is wrong: {head}.", remedy)
    remedy = f"It is {fault['input']!r:.60} now; docs/lessons.md says what it may be."
    return Mistake(file, at, f"`{named}` of {small} cannot be used: {message[0].lower()}{message[1:]}.", remedy)


def _keys_of(kind: Any, path: Sequence[int | str]) -> list[str]:
    """The keys that a table may have."""
    for part in path:
        field = next(
            (one for name, one in kind.model_fields.items() if part in (name, one.alias)), None
        )  # fmt: skip
        inner = [one for one in _members(field.annotation) if hasattr(one, "model_fields")] if field else []
        if not inner:
            return []
        kind = inner[0]
    return [field.alias or name for name, field in kind.model_fields.items()]


def _members(annotation: Any) -> list[Any]:
    return [annotation, *getattr(annotation, "__args__", ())]


def _line_of(source: str, keys: Sequence[int | str]) -> int:
    """On which line of a body a key stands, or the innermost of its tables that can be found; 0 where none can."""
    lines = source.split("\n")
    at = 0
    for key in (str(key) for key in keys if not isinstance(key, int)):
        pattern = re.compile(
            rf"^\s*\[\[?\s*(?:[\w-]+\.)*{re.escape(key)}\s*\]|(?:^|[{{,])\s*[\"']?{re.escape(key)}[\"']?\s*[=.]"
        )
        at = next((k for k in range(at, len(lines)) if pattern.search(lines[k])), at)
    return at
