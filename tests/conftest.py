"""What holds for every test: where compiled loops are kept, one thread, and fixtures that any folder may use."""

from __future__ import annotations

import hashlib
import os
from pathlib import Path

ROOT = Path(__file__).parent.parent


def _compiled_sources() -> str:
    """A digest of everything that compiled code is made from.

    Numba keys its cache of a function to that function's own file, so a change in `arithmetic.py` would leave
    the cells' loops as they were. Tests keep a cache for each state of the sources instead.
    """
    folders = [ROOT / "models" / name for name in ("kernels", "cells")]
    paths = [path for folder in folders for path in sorted(folder.glob("*.py"))]
    paths.append(ROOT / "models" / "recording" / "overview.py")
    return hashlib.sha256(b"".join(path.read_bytes() for path in paths)).hexdigest()[:16]


os.environ["NUMBA_CACHE_DIR"] = str(ROOT / ".pytest_cache" / f"numba-{_compiled_sources()}")

import pytest  # noqa: E402 - the cache folder must be set before Numba is imported
import torch  # noqa: E402
from hypothesis import settings  # noqa: E402

torch.set_num_threads(1)  # models this small only wait for their threads

settings.register_profile("steady", deadline=None, derandomize=True)  # the first call of a kernel compiles it
settings.load_profile("steady")

pytest.register_assert_rewrite("tests.support")

pytest_plugins = [
    "tests.support.browser.chromium",
    "tests.support.random_models",
    "tests.support.served_app",
    "tests.support.small_models",
]
