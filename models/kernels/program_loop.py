"""The loop over steps that reads any declared cell: a sequence of vector instructions for each step.

`models.cells.program` turns a cell's equations into instructions. There is one loop for all cells, compiled once, so a
new cell needs no compilation; at 128 units it costs about a fifth more than a handwritten loop for one cell
(docs/performance.md). Each instruction is a row of six numbers: code, row of the result, and operands. All vectors are
rows of one array: first the states, then the constants, then the results of instructions.
"""

from __future__ import annotations

from enum import IntEnum

import numpy as np

from .arithmetic import copy, exp, fma, hold, kernel, log_sigmoid, sigmoid, tanh
from .packed_matrix import add_product


class Code(IntEnum):
    """What an instruction does; x is the row of its result, y, z and w are those of its operands."""

    PRODUCT = 0
    """x, and the rows after it, += y @ U: then the width of the totals, first and last place in the packed matrix."""
    DRIVE = 1
    """x = a block of what the input adds; y is its number."""
    COPY = 2
    ADD = 3
    SUBTRACT = 4
    MULTIPLY = 5
    DIVIDE = 6
    FMA = 7
    """x = y·z + w with one rounding."""
    COMPLEMENT = 8
    SIGMOID = 9
    TANH = 10
    EXP = 11
    LOG_SIGMOID = 12
    MAXIMUM = 13
    MINIMUM = 14
    STORE = 15
    """x is a signal, y its number: apply its clamps, and write it out."""


@kernel
def run(program, size, drive, rows, recurrent, constants, state, out, offset, fixed):  # type: ignore[no-untyped-def]
    """Read `rows` from `state` (J, H), updated in place; signals go to `out[:, offset + t]`. See `Cell.read`.

    `size` is the number of rows that the vectors take.
    """
    states, units = state.shape
    held = fixed.shape[0] > 0
    one = drive.dtype.type(1.0)
    work = np.zeros(size * units, drive.dtype)
    vectors = work.reshape((size, units))
    for j in range(states):
        copy(state[j], vectors[j], units)
    for j in range(constants.shape[0]):
        copy(constants[j], vectors[states + j], units)
    for t in range(rows.size):
        driven = drive[rows[t]]
        for k in range(program.shape[0]):
            code, to, a, b, c = program[k, 0], program[k, 1], program[k, 2], program[k, 3], program[k, 4]
            x = vectors[to]
            if code == 0:
                totals = work[to * units : to * units + b].reshape((1, b))
                add_product(totals, vectors, a, recurrent[c : program[k, 5]], t & 1)
            elif code == 1:
                for j in range(units):
                    x[j] = driven[a * units + j]
            elif code == 15:
                if held:
                    hold(x, fixed[a], units)
                copy(x, out[a, offset + t], units)
            else:
                y, z, w = vectors[a], vectors[b], vectors[c]
                if code == 2:
                    copy(y, x, units)
                elif code == 3:
                    for j in range(units):
                        x[j] = y[j] + z[j]
                elif code == 4:
                    for j in range(units):
                        x[j] = y[j] - z[j]
                elif code == 5:
                    for j in range(units):
                        x[j] = y[j] * z[j]
                elif code == 6:
                    for j in range(units):
                        x[j] = y[j] / z[j]
                elif code == 7:
                    for j in range(units):
                        x[j] = fma(y[j], z[j], w[j])
                elif code == 8:
                    for j in range(units):
                        x[j] = one - y[j]
                elif code == 9:
                    for j in range(units):
                        x[j] = sigmoid(y[j])
                elif code == 10:
                    for j in range(units):
                        x[j] = tanh(y[j])
                elif code == 11:
                    for j in range(units):
                        x[j] = exp(y[j])
                elif code == 12:
                    for j in range(units):
                        x[j] = log_sigmoid(y[j])
                elif code == 13:
                    for j in range(units):
                        x[j] = max(y[j], z[j])
                elif code == 14:
                    for j in range(units):
                        x[j] = min(y[j], z[j])
    for j in range(states):
        copy(vectors[j], state[j], units)
