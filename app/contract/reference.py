"""What docs/protocol.md says of an instrument, written from its declarations: options, facts and tensors."""

from __future__ import annotations

import inspect
import json
from collections.abc import Iterator
from typing import Any

from ..wire.message import Message
from .answer import Answer
from .bounds import FARTHEST
from .table import Column

Schema = dict[str, Any]


def section(
    name: str,
    options: type[Message],
    answer: type[Answer],
    *,
    partial: type[Answer] | None = None,
    exceptions: tuple[str, ...] = (),
) -> str:
    """One instrument in Markdown.

    Args:
        partial: the type of its facts before its end.
        exceptions: sentences on where it does not apply.
    """
    parts = [f"### `{name}`", one_line(options.__doc__)]
    parts += [f"Does not apply everywhere: {one_line(one)}" for one in exceptions]
    parts += [_table("option", "value", _options(options)), _table("fact", "value", _facts(answer))]
    if partial is not None:
        parts.append(_table("told before the end", "value", _facts(partial)))
    tensors = [
        (f"`{one.name}`", f"{one.kind} ({one.shape})", one.meaning + (f"; only {one.when}" if one.when else ""))
        for one in answer.tensors
    ]
    parts.append(_table("tensor", "type and shape", tensors))
    parts.append(_table("CSV column", "from", [(f"`{one.name}`", *_column(one)) for one in answer.columns]))
    return "\n\n".join(part for part in parts if part)


def _column(column: Column) -> tuple[str, str]:
    """Where a column's values come from, and their unit."""
    item = "" if column.item is None else f"[{column.item}]"
    name = f"`{column.key}`{item}"
    source = {
        "fact": name,
        "tensor": f"10^{name}" if column.log else name,
        "option": f"the option {name}",
        "row": "the number of the row, from 0",
        "page": column.meaning,
    }
    return source[column.source], column.unit


def one_line(text: str | None) -> str:
    """A docstring on one line; its backticks also mark code in Markdown."""
    return " ".join(inspect.cleandoc(text or "").split())


def _table(first: str, second: str, rows: list[tuple[str, str, str]]) -> str:
    if not rows:
        return ""
    head = [f"| {first} | {second} | |", "| --- | --- | --- |"]
    return "\n".join([*head, *(f"| {name} | {value} | {meaning} |" for name, value, meaning in rows)])


def _options(options: type[Message]) -> list[tuple[str, str, str]]:
    schema = options.model_json_schema()
    required = schema.get("required", [])
    rows = []
    for name, field in schema["properties"].items():
        if name != "name":
            default = "" if name in required else f" ({json.dumps(field['default'])})"
            rows.append((f"`{name}`", _value(field, schema) + default, one_line(field.get("description"))))
    return rows


def _facts(answer: type[Answer]) -> list[tuple[str, str, str]]:
    schema = answer.model_json_schema()
    return list(_fields(schema, schema, "", ()))


def _fields(fields: Schema, schema: Schema, before: str, within: tuple[str, ...]) -> Iterator[tuple[str, str, str]]:
    """A row for each field, followed by those of the object in it; a recursive object is not repeated."""
    for name, field in fields.get("properties", {}).items():
        path = f"{before}{name}"
        yield f"`{path}`", _value(field, schema), one_line(field.get("description"))
        reference, listed = _object_in(field)
        if reference is not None and reference not in within:
            inner = schema["$defs"][reference]
            yield from _fields(inner, schema, f"{path}{'[]' if listed else ''}.", (*within, reference))


def _object_in(field: Schema) -> tuple[str | None, bool]:
    """The name of the object in a field, if any, and whether the field is a list of them."""
    if "$ref" in field:
        return field["$ref"].rsplit("/", 1)[1], False
    for one in field.get("anyOf", []) + field.get("allOf", []):
        if (found := _object_in(one))[0] is not None:
            return found
    items = field.get("items")
    return (_object_in(items)[0], True) if isinstance(items, dict) else (None, False)


def _value(field: Schema, schema: Schema) -> str:
    """A field's allowed values, in words."""
    if "$ref" in field:
        return "object"
    if "anyOf" in field:
        return " or ".join(_value(one, schema) for one in field["anyOf"])
    if "enum" in field:
        return ", ".join(f'"{one}"' for one in field["enum"])
    match field.get("type"):
        case "array" if "prefixItems" in field:
            return f"[{', '.join(_value(one, schema) for one in field['prefixItems'])}]"
        case "array":
            return f"list of {_value(field['items'], schema)}"
        case "object":
            return f"object of {_value(field['additionalProperties'], schema)}s"
        case "integer" | "number" as kind:
            return f"{kind}{_bounds(field)}"
        case "string" if "maxLength" in field:
            return f"string, at most {field['maxLength']:,} characters"
        case kind:
            return str(kind)


def _bounds(field: Schema) -> str:
    if "minimum" not in field:
        return ""
    low, high = field["minimum"], field.get("maximum", FARTHEST)
    return f" {_figure(low)} … {_figure(high)}" if high < FARTHEST else f" ≥ {_figure(low)}"


def _figure(value: float) -> str:
    return f"{value:,.15g}".replace("-", "−")
