"""The cells. A new one is a class in its own file and a line here."""

from __future__ import annotations

from ..equations.scale import Scale, half_line, interval, logarithmic, symmetric
from .base import Cell, Kind, LayerState, Signal
from .derivative import Linear
from .gru import GRU
from .layout import Each
from .leaky import LeakyRNN
from .lstm import LSTM
from .mlstm import MLSTMBlock
from .program import LayerWeights
from .rnn import RNN
from .slstm import SLSTM
from .slstm_block import SLSTMBlock
from .transformer import TransformerBlock

CELLS: dict[str, Cell] = {
    cell.name: cell
    for cell in (RNN(), LeakyRNN(), GRU(), LSTM(), SLSTM(), SLSTMBlock(), MLSTMBlock(), TransformerBlock())
}

__all__ = [
    "CELLS",
    "GRU",
    "LSTM",
    "RNN",
    "SLSTM",
    "Cell",
    "Each",
    "Kind",
    "LayerState",
    "LayerWeights",
    "LeakyRNN",
    "Linear",
    "MLSTMBlock",
    "SLSTMBlock",
    "Scale",
    "Signal",
    "TransformerBlock",
    "half_line",
    "interval",
    "logarithmic",
    "symmetric",
]
