"""What the address of a view says, as far as a page without a server can show it. static/state/store.js spells it."""

from __future__ import annotations

import base64
import binascii
import zlib
from collections.abc import Sequence
from dataclasses import dataclass
from urllib.parse import parse_qsl, urlencode

from models import RequestError
from models.text.lines import unix_lines

KEPT = ("signal", "layer", "order", "echo", "others", "signed", "scale", "show", "columns", "from", "step", "unit")
"""The words of an address that the page understands without a server, beside its models and its text."""

LONGEST = 100_000
"""Bytes of a packed text that are taken: more than a page reads, so that what is longer is refused for its length."""


@dataclass(frozen=True)
class Address:
    """A view.

    Attributes:
        models: the networks of its panels, each named once.
        view: the address' words, without text.
        text: None if it has none.
    """

    models: tuple[str, ...]
    view: str
    text: str | None


def read_address(address: str, text: str | None = None) -> Address:
    """The view at an address of the page, with or without what stands before the `#`.

    Args:
        text: the text of the view, in place of the one that the address holds.

    Raises:
        RequestError: if it names no model, or its text is not in it and nobody gives it.
    """
    words = dict(parse_qsl(address.rpartition("#")[2], keep_blank_values=True))
    panels = [panel for panel in words.get("models", "").split(",") if panel]
    if not panels:
        raise RequestError(
            "no_models", "The address names no models. Copy it with “Share”, or name models with --models."
        )
    if text is None and "missing" in words:
        raise RequestError(
            "no_text", "The text is too long for an address, and not in it. Give it as a file with --text."
        )
    if text is None:
        text = _unpacked(words["packed"]) if "packed" in words else words.get("text")
    kept = {"models": words["models"], **{word: words[word] for word in KEPT if word in words}}
    names = dict.fromkeys(panel.partition(":")[0] for panel in panels)
    return Address(tuple(names), urlencode(kept), None if text is None else unix_lines(text))


def address_of(models: Sequence[str]) -> str:
    """The view with which a page of these models begins: a panel for each."""
    return urlencode({"models": ",".join(models)})


def _unpacked(word: str) -> str:
    inflate = zlib.decompressobj(-zlib.MAX_WBITS)
    try:
        packed = base64.b64decode(word + "=" * (-len(word) % 4), altchars="-_", validate=True)
        found = inflate.decompress(packed, LONGEST)
        if not inflate.eof and len(found) < LONGEST:
            raise ValueError("its end is missing")
        return found.decode("utf-8", "strict" if inflate.eof else "ignore")
    except (binascii.Error, zlib.error, ValueError):
        raise RequestError(
            "no_text", "The text of this address was cut off on its way. Copy the address again, or give --text."
        ) from None
