"""The cells. A new one is a class in its own file and a line here."""

from __future__ import annotations

from .base import Cell, Kind, LayerState, LayerWeights, Signal
from .derivative import Linear
from .gru import GRU
from .lstm import LSTM
from .rnn import RNN
from .scale import Scale, half_line, interval, logarithmic, symmetric

CELLS: dict[str, Cell] = {cell.name: cell for cell in (RNN(), GRU(), LSTM())}

__all__ = [
    "CELLS",
    "GRU",
    "LSTM",
    "RNN",
    "Cell",
    "Kind",
    "LayerState",
    "LayerWeights",
    "Linear",
    "Scale",
    "Signal",
    "half_line",
    "interval",
    "logarithmic",
    "symmetric",
]
