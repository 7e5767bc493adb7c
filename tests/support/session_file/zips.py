"""Session files for tests: views, models and all that can be wrong with a file."""

from __future__ import annotations

import io
import json
import zipfile
from collections.abc import Mapping
from typing import Any

from app.session_file.content import SESSION


def members(data: bytes) -> dict[str, bytes]:
    """What is in a zip file, by name."""
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        return {info.filename: archive.read(info) for info in archive.infolist()}


def zipped(content: Mapping[str, bytes], how: int = zipfile.ZIP_DEFLATED) -> bytes:
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w", how) as archive:
        for name, one in content.items():
            archive.writestr(name, one)
    return target.getvalue()


def changed(data: bytes, **patch: Any) -> bytes:
    """The same file with other fields in its `session.json`."""
    found = members(data)
    found[SESSION] = json.dumps({**json.loads(found[SESSION]), **patch}).encode()
    return zipped(found)
