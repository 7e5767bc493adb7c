"""`models.array_files`: what is written is what the libraries of others read."""

from __future__ import annotations

import io
from pathlib import Path

import numpy as np
import pytest
from safetensors import safe_open

from models import OutputError
from models.array_files import npz_pieces, safetensors_pieces, write_pieces

ARRAYS = {
    "b/0.hidden": np.arange(300_000, dtype=np.float32).reshape(-1, 3),
    "a/surprise": np.array([np.nan, 1.5], np.float32),
    "none": np.empty((0, 4), np.float32),
    "strided": np.arange(20, dtype=np.float64).reshape(4, 5)[:, ::2],
}


def test_safetensors_are_read_by_their_own_library(tmp_path: Path) -> None:
    path, about = tmp_path / "arrays.safetensors", {"text": 'é\n"quoted"', "start": "7"}
    pieces = list(safetensors_pieces(ARRAYS, about, size=1000))
    assert max(map(len, pieces[1:])) == 1000
    assert len(b"".join(pieces)) == len(pieces[0]) + sum(array.nbytes for array in ARRAYS.values())
    write_pieces(path, pieces)
    with safe_open(path, "numpy") as file:
        assert file.metadata() == about
        assert set(file.keys()) == set(ARRAYS)
        for name, array in ARRAYS.items():
            np.testing.assert_array_equal(file.get_tensor(name), array)
            assert file.get_tensor(name).dtype == array.dtype


def test_npz_is_read_by_numpy() -> None:
    arrays = {**ARRAYS, "start": np.array(7), "code_points": np.array([233], np.uint32)}
    pieces = list(npz_pieces(arrays, size=1000))
    assert max(map(len, pieces)) < 5000, "a piece at a time"
    with np.load(io.BytesIO(b"".join(pieces))) as file:
        assert set(file) == set(arrays)
        for name, array in arrays.items():
            np.testing.assert_array_equal(file[name], array)
            assert file[name].shape == array.shape


def test_a_file_that_cannot_be_written_is_a_sentence(tmp_path: Path) -> None:
    with pytest.raises(OutputError, match="cannot be written: No such file or directory"):
        write_pieces(tmp_path / "none" / "a.npz", iter([b"x"]))
