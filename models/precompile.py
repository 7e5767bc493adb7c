"""Compile the loops ahead of their first use. Numba keeps the result on disk, so this takes seconds once."""

from __future__ import annotations

import numpy as np

from .cells import CELLS
from .echo.echo import Echo
from .measures import drain
from .measures.comparison.intervention_effect import intervening
from .measures.comparison.two_texts import texts
from .measures.saturation import Thresholds, saturation
from .measures.units.text_features import Text
from .network.intervention import Zero
from .network.language_model import CharLM
from .network.reader import CompiledReader
from .recording.overview import GRAIN
from .recording.recording import Recording
from .text.vocabulary import Vocabulary


def warm() -> None:
    """Record slightly more than a block with a tiny two-layer model of every cell, follow an echo, count saturation,
    intervene, align a second text, and walk through a text."""
    vocabulary = Vocabulary("ab")
    for name, cell in CELLS.items():
        reader = CompiledReader(CharLM(name, vocabulary, units=max(2, cell.heads), layers=2))
        recording = Recording(reader)
        recording.edit(0, 0, np.zeros(GRAIN.block + 2, np.int32))
        while recording.read():
            pass
        Echo(recording, 0, np.ones(1, np.int32)).advance(GRAIN.block)
        drain(saturation(recording, 0, 0, GRAIN.block, thresholds=Thresholds(0.2)))
        drain(intervening(recording, reader, [Zero(GRAIN.block)]))
        drain(texts(recording, vocabulary, "aab", "abb", 0, "hidden", 0, 2))
    Text.of(vocabulary.characters)
