"""Arrays as files, piece by piece, so that nobody needs a second copy: safetensors, and what `numpy.load` reads."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping
from io import RawIOBase
from pathlib import Path
from typing import Any
from zipfile import ZipFile, ZipInfo

import numpy as np
from numpy.lib import format as npy
from numpy.typing import NDArray

from .errors import OutputError
from .text.names import shown

Arrays = Mapping[str, NDArray[Any]]
PIECE = 1 << 18
"""Bytes."""


def safetensors_pieces(arrays: Arrays, metadata: Mapping[str, str], size: int = PIECE) -> Iterator[bytes]:
    """The bytes of a safetensors file of floats, in pieces of at most `size` but for the first.

    The first is the file's header: it names every tensor and says where its bytes lie.
    """
    header: dict[str, object] = {"__metadata__": dict(metadata)}
    end = 0
    ordered = dict(sorted(arrays.items()))
    for name, array in ordered.items():
        start, end = end, end + array.nbytes
        header[name] = {"dtype": f"F{8 * array.itemsize}", "shape": list(array.shape), "data_offsets": [start, end]}
    packed = json.dumps(header, ensure_ascii=False, separators=(",", ":")).encode()
    packed += b" " * (-len(packed) % 8)
    yield len(packed).to_bytes(8, "little") + packed
    for array in ordered.values():
        flat = np.ascontiguousarray(array).reshape(-1).view(np.uint8)
        for start in range(0, len(flat), size):
            yield flat[start : start + size].tobytes()


def npz_pieces(arrays: Arrays, size: int = PIECE) -> Iterator[bytes]:
    """The bytes of an uncompressed NPZ file in pieces of about `size`."""
    sink = _Sink()
    with ZipFile(sink, "w") as archive:
        for name, array in arrays.items():
            with archive.open(ZipInfo(f"{name}.npy"), "w", force_zip64=True) as member:
                array = np.ascontiguousarray(array).reshape(array.shape)
                npy.write_array_header_1_0(member, npy.header_data_from_array_1_0(array))
                flat = array.reshape(-1).view(np.uint8)
                for start in range(0, len(flat), size):
                    member.write(flat[start : start + size].tobytes())
                    yield sink.taken()
    yield sink.taken()


def write_pieces(path: str | Path, pieces: Iterable[bytes]) -> None:
    """Write a file.

    Raises:
        OutputError: if it cannot be written there.
    """
    try:
        with Path(path).open("wb") as file:
            file.writelines(pieces)
    except (OSError, ValueError) as error:  # ValueError: the path contains a NUL
        reason = getattr(error, "strerror", None) or error
        raise OutputError(
            f"{shown(str(path))} cannot be written: {reason}. Name a file in a folder that has space for it."
        ) from None


class _Sink(RawIOBase):
    """A file that can only be written on, whose bytes are taken away as they come."""

    def __init__(self) -> None:
        self._held = bytearray()

    def writable(self) -> bool:
        return True

    def write(self, data: Any) -> int:
        self._held += data
        return len(data)

    def taken(self) -> bytes:
        held, self._held = bytes(self._held), bytearray()
        return held
