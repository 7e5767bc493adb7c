"""A network as plain numbers and instructions, for an interpreter that knows no cell: the one in the exported page.

The instructions are those of the compiled loop (`models.kernels.program_loop`), made of the same equations, and what
they work on is laid out as they expect it. So whoever follows them in float32, adding in the same order, gets what the
server gets, up to the rare sum that is rounded twice where the processor rounds once.

V characters    H units of a layer    G blocks of pre-activations    J states    S signals    N instructions
"""

from __future__ import annotations

import base64
from typing import Any

import numpy as np
from numpy.typing import NDArray
from torch import Tensor

from models import CharLM
from models.cells import Cell
from models.cells.program import lines_of
from models.kernels.program_loop import Code

CODES = {code.name: int(code) for code in Code}
"""The number of each operation."""

SINGLE = np.dtype("<f4")


def described(lm: CharLM) -> dict[str, Any]:
    """All that reading takes, as JSON can hold it; arrays as `packed` writes them.

    Returns:
        vocabulary: its characters, in the order of their ids.
        layers: for each its `units`, how many `signals` it has, the places of its states among them (`carried`), their
            values at the `start`, the `code` (N·6), the number of `rows` it works on, `constants` (C, H), the
            `recurrent` matrices of its products, and what the input adds: in layer 0, `drive` (V + 1, G·H), a row per
            character; further up `drive` (I, G·H) and `bias` (G·H,).
        readout, readout_bias: (H, V) and (V,).
    """
    return {
        "vocabulary": lm.vocabulary.characters,
        "layers": [_layer(layer.cell, lm.layer_weights(k), k == 0) for k, layer in enumerate(lm.stack)],
        "readout": packed(_numbers(lm.readout.weight.T)),
        "readout_bias": packed(_numbers(lm.readout.bias)),
    }


def packed(array: NDArray[np.float32]) -> str:
    """An array of float32, little-endian, in base64."""
    return base64.b64encode(np.ascontiguousarray(array, SINGLE).tobytes()).decode("ascii")


def _numbers(tensor: Tensor) -> NDArray[np.float32]:
    found: NDArray[np.float32] = tensor.detach().cpu().float().numpy()
    return found


def _layer(cell: Cell, weights: list[Tensor], first: bool) -> dict[str, Any]:
    weights = [one.detach().cpu().float() for one in weights]
    prepared = cell.prepare(weights, first)
    units = weights[1].shape[1]
    return {
        "units": units,
        "signals": len(cell.signals),
        "carried": list(cell.carried()),
        "start": list(cell.start()),
        "code": prepared.program.code.ravel().tolist(),
        "rows": prepared.program.rows,
        "constants": packed(prepared.constants),
        "recurrent": packed(_recurrent(cell, weights[1])),
        # Above the first layer what was prepared lies in tiles; here it is a plain matrix.
        "drive": packed(prepared.drive if first else _numbers(weights[0].T)),
        "bias": packed(prepared.bias),
    }


def _recurrent(cell: Cell, weight_hh: Tensor) -> NDArray[np.float32]:
    """The matrices of the layer's products, row by row, at the places where its instructions look for them."""
    units = weight_hh.shape[1]
    blocks = _numbers(weight_hh).reshape(cell.gates, units, units)
    matrices = []
    for stage in cell.layout.stages:
        columns = len(stage.blocks) * units
        matrix = np.zeros((units, lines_of(len(stage.blocks), units, SINGLE.itemsize)), SINGLE)
        matrix[:, :columns] = blocks[list(stage.blocks)].reshape(columns, units).T
        matrices.append(matrix.ravel())
    return np.concatenate(matrices)
