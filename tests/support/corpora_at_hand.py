"""The texts that the shipped models were trained on, where this machine has them."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import pytest

from models.training import corpora


def _places(name: str) -> Iterator[Path]:
    """Where a text that is fetched may lie: where CORPUS says, or where an earlier training has put it."""
    if os.environ.get("CORPUS"):
        yield Path(os.environ["CORPUS"])
    yield corpora.cache_folder() / f"{name}.txt"


@cache
def _found(name: str, sha256: str) -> str | None:
    if name in corpora.REMOTES:
        texts = (corpora.read_text(path) for path in _places(name) if path.exists())
    else:
        texts = iter([corpora.load(name).text])
    return next((text for text in texts if hashlib.sha256(text.encode()).hexdigest() == sha256), None)


def text_at_hand(name: str, sha256: str) -> str:
    """The corpus of that checksum if it lies on this machine; nothing is fetched."""
    text = _found(name, sha256)
    if text is None:
        pytest.skip(f"not run: the text that {name} models were trained on is not on this machine")
    return text
