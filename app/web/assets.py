"""Where the browser's files are: beside this package when installed, beside its folder in a checkout."""

from __future__ import annotations

import gzip
import hashlib
from dataclasses import dataclass
from pathlib import Path

from plotly.offline import get_plotlyjs

_APP = Path(__file__).parent.parent


def folder(name: str) -> Path:
    """The folder "static" or "templates"."""
    inside = _APP / name
    return inside if inside.is_dir() else _APP.parent / name


@dataclass(frozen=True)
class Script:
    """A script compressed once and named by its content, so that browsers may cache it for ever."""

    name: str
    plain: bytes
    compressed: bytes

    @property
    def url(self) -> str:
        return f"/assets/{self.name}"


def plotly_script() -> Script:
    """plotly.js as the Python package carries it."""
    plain = get_plotlyjs().encode("utf-8")
    digest = hashlib.sha256(plain).hexdigest()[:16]
    return Script(f"plotly-{digest}.js", plain, gzip.compress(plain, compresslevel=6, mtime=0))
