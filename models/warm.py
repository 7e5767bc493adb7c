"""Compile the loops ahead of their first use. Numba keeps the result on disk, so this takes seconds once."""

from __future__ import annotations

import numpy as np

from .cells import CELLS
from .charlm import CharLM
from .reader import CompiledReader
from .vocabulary import Vocabulary


def warm() -> None:
    """Read two characters with a tiny two-layer model of every cell."""
    vocabulary = Vocabulary("ab")
    for name in CELLS:
        reader = CompiledReader(CharLM(name, vocabulary, units=2, layers=2))
        reader.read(np.array([0, 1], np.int32), reader.start(), reader.room(2))
