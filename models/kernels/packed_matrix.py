"""A matrix laid out for the processor, and the products with it that make up reading.

A step of a recurrent network multiplies one vector by 64 KiB to 4 MiB of weights. It waits for the caches, not for
arithmetic, so the weights are *packed*: cut into tiles of four cache lines' width, each tile stored row after row.

* One pass over a tile reads memory strictly in order, and the tile's totals stay in registers until all rows have
  been added. Numba alone would load and store them every few rows, hence the handwritten vector instructions. LLVM
  splits them to fit the processor.
* Where all inputs are known in advance (`affine`), four steps share each line of the matrix.
* Where a step depends on the one before (`add_product`), every other one goes through the tiles backwards: the tiles
  read last are then read first, while they are still in the nearer cache.

None of this touches the order of summation (`arithmetic` says why that matters): a tile is a set of *columns*.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from llvmlite import ir
from numba import types
from numba.core import cgutils
from numba.extending import intrinsic
from numpy.typing import NDArray

from .arithmetic import copy, kernel

Array = NDArray[Any]

LINE = 64
"""Bytes of a cache line, and of the vectors that the products work with."""
TILE = 4
"""Lines per tile: enough totals to hide the latency of an addition, few enough for 16 registers."""


def pack(matrix: Array) -> Array:
    """(I, N) → tiles of (I, TILE lines), one after the other, the last one narrower; zeros fill the last line."""
    rows, columns = matrix.shape
    lanes = LINE // matrix.itemsize
    whole = np.zeros((rows, -(-columns // lanes) * lanes), matrix.dtype)
    whole[:, :columns] = matrix
    packed = _aligned(whole.size, matrix.dtype)
    tiles = [whole[:, start : start + TILE * lanes].ravel() for start in range(0, whole.shape[1], TILE * lanes)]
    return np.concatenate(tiles, out=packed)


def pack_side_by_side(matrices: list[Array]) -> Array:
    """Several matrices with the same number of rows, each packed, one after the other."""
    if len(matrices) == 1:
        return pack(matrices[0])
    packed = [pack(matrix) for matrix in matrices]
    return np.concatenate(packed, out=_aligned(sum(one.size for one in packed), packed[0].dtype))


def _aligned(size: int, dtype: np.dtype[Any]) -> Array:
    """Memory that starts on a cache line, so that no vector straddles two."""
    buffer = np.empty(size + LINE // dtype.itemsize, dtype)
    start = -buffer.ctypes.data % LINE // dtype.itemsize
    return buffer[start : start + size]


def _add_tile(steps: int, lines: int) -> Any:
    """The inner loop, for `steps` rows of inputs at once and `lines` lines of a tile.

    add_tile(totals, inputs, at, packed, line, start, stride): totals[s] += inputs[at + s] @ matrix for the columns
    from `line` on, whose first row is at `start` in `packed`, the next one `stride` further; all three in lines.
    """

    @intrinsic  # type: ignore[untyped-decorator]
    def add_tile(
        typing: Any, totals: Any, inputs: Any, at: Any, packed: Any, line: Any, start: Any, stride: Any
    ) -> Any:
        def generate(context: Any, builder: Any, signature: Any, args: Any) -> Any:
            totals_, inputs_, packed_ = (
                context.make_array(signature.args[k])(context, builder, args[k]) for k in (0, 1, 3)
            )
            element = context.get_value_type(totals.dtype)
            size = context.get_abi_sizeof(element)
            index, vector = ir.IntType(64), ir.VectorType(element, LINE // size)
            kind = ir.FunctionType(vector, [vector] * 3)
            fused = cgutils.get_or_insert_function(builder.module, kind, f"llvm.fma.v{vector.count}f{8 * size}")

            def row(array: Any, number: Any) -> Any:
                stride = cgutils.unpack_tuple(builder, array.strides)[0]
                address = builder.add(builder.ptrtoint(array.data, index), builder.mul(number, stride))
                return builder.inttoptr(address, element.as_pointer())

            def place(pointer: Any, lines: Any) -> Any:
                return builder.gep(builder.bitcast(pointer, vector.as_pointer()), [lines])

            read = [row(inputs_, builder.add(args[2], index(s))) for s in range(steps)]
            homes = [
                place(row(totals_, index(s)), builder.add(args[4], index(k)))
                for s in range(steps)
                for k in range(lines)
            ]
            sums = [cgutils.alloca_once(builder, vector) for _ in homes]  # LLVM turns them into registers
            for home, total in zip(homes, sums, strict=True):
                builder.store(builder.load(home, align=size), total)
            with cgutils.for_range(builder, cgutils.unpack_tuple(builder, inputs_.shape)[1]) as loop:
                first = place(packed_.data, builder.add(args[5], builder.mul(loop.index, args[6])))
                weights = [builder.load(builder.gep(first, [index(k)]), align=size) for k in range(lines)]
                values = [_spread(builder, builder.load(builder.gep(r, [loop.index])), vector) for r in read]
                pairs = [(value, weight) for value in values for weight in weights]
                for (value, weight), total in zip(pairs, sums, strict=True):
                    builder.store(builder.call(fused, [value, weight, builder.load(total)]), total)
            for home, total in zip(homes, sums, strict=True):
                builder.store(builder.load(total), home, align=size)
            return context.get_dummy_value()

        place_type = types.int64
        return types.void(totals, inputs, place_type, packed, place_type, place_type, place_type), generate

    return add_tile


def _spread(builder: Any, value: Any, vector: Any) -> Any:
    """The value in every lane of a vector."""
    undefined = ir.Constant(vector, ir.Undefined)
    first = builder.insert_element(undefined, value, ir.IntType(32)(0))
    return builder.shuffle_vector(first, undefined, ir.Constant(ir.VectorType(ir.IntType(32), vector.count), None))


_one_by_1, _one_by_2, _one_by_3, _one_by_4 = (_add_tile(1, lines) for lines in (1, 2, 3, 4))
_four_by_1 = _add_tile(4, 1)


@kernel
def zero_totals(steps, packed, rows):  # type: ignore[no-untyped-def]
    """Zeroed totals of `steps` products with a packed matrix of that many rows: as wide as its lines."""
    return np.zeros((steps, packed.size // rows), packed.dtype)


@kernel
def add_product(totals, inputs, at, packed, backwards):  # type: ignore[no-untyped-def]
    """totals[0] += inputs[at] @ matrix, in place: (1, room for N), (T, I), packed (I, N)."""
    rows = inputs.shape[1]
    lines = totals.shape[1] * totals.itemsize // LINE
    tiles = (lines + TILE - 1) // TILE
    for k in range(tiles):
        line = TILE * (tiles - 1 - k if backwards else k)
        width = min(TILE, lines - line)
        if width == 4:
            _one_by_4(totals, inputs, at, packed, line, line * rows, width)
        elif width == 3:
            _one_by_3(totals, inputs, at, packed, line, line * rows, width)
        elif width == 2:
            _one_by_2(totals, inputs, at, packed, line, line * rows, width)
        else:
            _one_by_1(totals, inputs, at, packed, line, line * rows, width)


@kernel
def affine(inputs, packed, bias, out):  # type: ignore[no-untyped-def]
    """out = inputs @ matrix + bias: (T, I), packed (I, N), (N,) → (T, N). Four steps share each line of the matrix."""
    steps, rows = inputs.shape
    columns = bias.size
    totals = zero_totals(4, packed, rows)
    lines = totals.shape[1] * totals.itemsize // LINE
    t = 0
    while t < steps:
        count = 4 if steps - t >= 4 else 1
        for s in range(count):
            copy(bias, totals[s], columns)
        if count == 4:
            for line in range(lines):
                tile = line - line % TILE
                _four_by_1(totals, inputs, t, packed, line, tile * rows + line - tile, min(TILE, lines - tile))
        else:
            add_product(totals, inputs, t, packed, False)
        for s in range(count):
            copy(totals[s], out[t + s], columns)
        t += count
