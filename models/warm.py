"""Compile the loops ahead of their first use. Numba keeps the result on disk, so this takes seconds once."""

from __future__ import annotations

import numpy as np

from .cells import CELLS
from .charlm import CharLM
from .measures import drain
from .measures.features import Text
from .measures.saturation import Thresholds, saturation
from .reader import CompiledReader
from .recording import BLOCK, Recording
from .vocabulary import Vocabulary


def warm() -> None:
    """Record a block and a bit with a tiny two-layer model of every cell, count in it, and walk through a text."""
    vocabulary = Vocabulary("ab")
    for name in CELLS:
        recording = Recording(CompiledReader(CharLM(name, vocabulary, units=2, layers=2)))
        recording.edit(0, 0, np.zeros(BLOCK + 2, np.int32))
        while recording.read():
            pass
        drain(saturation(recording, 0, 0, BLOCK, thresholds=Thresholds(0.2)))
    Text.of(vocabulary.characters)
