"""What `hello` says of the options of an instrument: between which bounds they lie, and what they are if left out."""

from __future__ import annotations

from collections.abc import Iterator
from functools import cache
from typing import Any

from ..wire.message import Message

FARTHEST = 2**53
"""Bounds as large as this are those of JSON's whole numbers, not of the option."""


@cache
def bounds(options: type[Message]) -> dict[str, tuple[float, float]]:
    """Of each option that has both: the least and the most that it may be, or be long."""
    fields = options.model_json_schema()["properties"]
    return {name: found for name, field in fields.items() for found in _of(field)}


@cache
def defaults(options: type[Message]) -> dict[str, Any]:
    """Of each option that may be left out: its value then."""
    fields = options.model_json_schema()["properties"]
    return {name: field["default"] for name, field in fields.items() if "default" in field}


def _of(field: dict[str, Any]) -> Iterator[tuple[float, float]]:
    """The bounds of a number or of a string's length; of an option that may also be null, those that it has else."""
    for one in field.get("anyOf", [field]):
        least, most = one.get("minimum", 0), one.get("maximum", FARTHEST)
        if one["type"] == "string":
            least, most = one.get("minLength", 0), one.get("maxLength", FARTHEST)
        if most < FARTHEST:
            yield least, most
