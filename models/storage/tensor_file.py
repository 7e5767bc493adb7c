"""safetensors files as any other file is written: its library makes them readable for their owner alone, whatever the
umask says, and refuses in words of its own."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from safetensors.torch import save
from torch import Tensor


def write_tensors(tensors: Mapping[str, Tensor], path: Path, metadata: dict[str, str] | None = None) -> None:
    """Write `tensors` to `path`.

    Raises:
        OSError: if that cannot be done.
    """
    path.write_bytes(save({name: tensor.detach().cpu().contiguous() for name, tensor in tensors.items()}, metadata))
