"""The zip file around a session, as bytes in memory. What is read may come from anybody.

Only members that are asked for by name are ever unpacked, each up to a size that the caller knows to be enough, and
nothing is written to a path that stands in the file.
"""

from __future__ import annotations

import io
import struct
import zipfile
import zlib
from collections.abc import Mapping

from models import RequestError

MOST_MEMBERS = 200
"""A session has a few members; so many leave room for what file managers add."""

_END = struct.Struct("<4s4H2LH")
"""The record at the end of a zip file: its mark, disks, members, the size and the place of their directory."""
_ZIP64 = b"PK\x06\x07"
"""The mark of what stands right before that record in a file with more members, or larger ones, than it can tell of."""
_ZIP64_SIZE = 20
_EARLIEST = (1980, 1, 1, 0, 0, 0)
"""The time of every member, so that the same session is the same file."""


def broken(why: str) -> RequestError:
    """The refusal of a file, `why` being the end of a sentence."""
    return RequestError(
        "session_broken",
        f"This session file cannot be opened: {why}. Nothing has changed. Ask for the file again, or save the session "
        "anew.",
    )


def packed(members: Mapping[str, bytes]) -> bytes:
    """A zip file; weights, which hardly become smaller, are stored as they are."""
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w") as archive:
        for name, content in members.items():
            info = zipfile.ZipInfo(name, _EARLIEST)
            info.compress_type = zipfile.ZIP_STORED if name.endswith(".safetensors") else zipfile.ZIP_DEFLATED
            info.external_attr = 0o644 << 16
            archive.writestr(info, content)
    return target.getvalue()


class Archive:
    """A zip file that came from outside.

    Args:
        data: all of it.

    Raises:
        RequestError: if it is no zip file, or one of a kind that no session is.
    """

    def __init__(self, data: bytes) -> None:
        _check_end(data)
        try:
            self._archive = zipfile.ZipFile(io.BytesIO(data))
        except (zipfile.BadZipFile, ValueError, OSError, OverflowError, NotImplementedError, struct.error):
            raise broken("it is damaged or incomplete, and no zip file") from None
        self._members: dict[str, zipfile.ZipInfo] = {}
        for info in self._archive.infolist():
            if info.filename in self._members:
                raise broken(f"it holds {info.filename[:80]!r} twice")
            self._members[info.filename] = info

    def __contains__(self, name: str) -> bool:
        return name in self._members

    def read(self, name: str, most: int) -> bytes:
        """The content of a member.

        Args:
            most: bytes; more are never unpacked, whatever the file says of itself.

        Raises:
            RequestError: if there is no such member, it is larger, or it is damaged.
        """
        info = self._members.get(name)
        if info is None:
            raise broken(f"there is no {name} in it")
        if info.flag_bits & 1:
            raise broken(f"its {name} is encrypted")
        if info.compress_type not in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED):
            raise broken(f"its {name} is compressed in a way that session files are not")
        try:
            with self._archive.open(info) as member:
                content = member.read(most + 1) if info.file_size <= most else None
        except (zipfile.BadZipFile, zlib.error, EOFError, OSError, ValueError, RuntimeError, NotImplementedError):
            raise broken(f"its {name} is damaged") from None
        if content is None or len(content) > most:
            raise broken(f"its {name} is larger than {most:,} bytes")
        if len(content) != info.file_size:
            raise broken(f"its {name} is incomplete")
        return content


def _check_end(data: bytes) -> None:
    """Look at what the file says of its directory before all of that is read into objects."""
    at = data.rfind(b"PK\x05\x06", max(0, len(data) - _END.size - 0xFFFF))
    if not data.startswith(b"PK") or at < 0 or len(data) < at + _END.size:
        raise broken("it is damaged or incomplete, and no zip file")
    _, _, _, _, members, size, _, _ = _END.unpack_from(data, at)
    larger = data[max(0, at - _ZIP64_SIZE) : at].startswith(_ZIP64)
    if larger or members > MOST_MEMBERS or size > MOST_MEMBERS * 1024:
        raise broken("it has more members than a session has")
