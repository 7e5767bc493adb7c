"""The lessons on offer: those that ship, and those in folders of the teacher's. Read again when a file has changed."""

from __future__ import annotations

import re
import threading
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from models.text.names import shown

from .mistake import Mistake
from .parser import MOST_BYTES, Lesson, parse

_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,79}\.md")
_HERE = Path(__file__).resolve().parents[1]


def shipped() -> Path:
    """The folder of the lessons that ship: inside this package when installed, beside it in a checkout."""
    inside = _HERE / "shipped_lessons"
    return inside if inside.is_dir() else _HERE.parent / "lessons"


@dataclass(frozen=True)
class Folder:
    """What a folder holds, in the order of its lessons.

    Attributes:
        mistakes: those that belong to no lesson: the folder or a file cannot be read.
    """

    path: Path
    lessons: list[Lesson]
    mistakes: list[Mistake]


def read_folder(path: Path) -> Folder:
    """Every lesson of a folder; an empty one, with a mistake, if there is no such folder."""
    try:
        files = sorted(one for one in path.iterdir() if one.suffix == ".md" and one.is_file())
    except OSError as error:
        reason = error.strerror or str(error)
        return Folder(
            path, [], [Mistake(shown(str(path)), 0, f"The folder cannot be read: {reason}.", "Name another.")]
        )
    found = [read_file(one) for one in files if one.name.lower() != "readme.md"]
    lessons = sorted((one for one in found if isinstance(one, Lesson)), key=lambda one: one.order)
    return Folder(path, lessons, [one for one in found if isinstance(one, Mistake)])


def read_file(path: Path) -> Lesson | Mistake:
    """The lesson in a file, with its mistakes; a mistake if it cannot be read at all."""
    name = shown(path.name)
    if not _NAME.fullmatch(path.name):
        return Mistake(
            name,
            0,
            "A lesson cannot have this name.",
            "Use letters of the alphabet, digits, - and _, as in 01-gates.md.",
        )
    try:
        if path.stat().st_size > MOST_BYTES:
            return Mistake(name, 0, "The file is larger than a mebibyte.", "Divide it into several lessons.")
        return parse(path.name, path.read_text(encoding="utf-8"))
    except UnicodeDecodeError as error:
        line = error.object[: error.start].count(b"\n") + 1
        return Mistake(name, line, "The file is not in UTF-8.", "Save it again in that encoding.")
    except OSError as error:
        return Mistake(name, 0, f"The file cannot be read: {error.strerror or error}.", "Look after its permissions.")


class Shelf:
    """See the module.

    Args:
        folders: the teacher's. A lesson there takes the place of one that ships under the same name.
    """

    def __init__(self, folders: Sequence[Path] = ()) -> None:
        self._paths = [shipped(), *folders]
        self._lock = threading.Lock()
        self._known: dict[Path, tuple[object, Folder]] = {}

    def folders(self) -> list[Folder]:
        """The folders as they are now, the shipped one first; without lessons whose place another one takes."""
        with self._lock:
            found = [self._folder(path) for path in self._paths]
        later: set[str] = set()
        kept: list[Folder] = []
        for one in reversed(found):
            kept.insert(0, Folder(one.path, [lesson for lesson in one.lessons if lesson.id not in later], one.mistakes))
            later |= {lesson.id for lesson in one.lessons}
        return kept

    def lessons(self) -> list[Lesson]:
        return [lesson for folder in self.folders() for lesson in folder.lessons]

    def find(self, name: str) -> Lesson | None:
        return next((one for one in self.lessons() if one.id == name), None)

    def _folder(self, path: Path) -> Folder:
        stamp = _stamp(path)
        if path not in self._known or self._known[path][0] != stamp:
            self._known[path] = (stamp, read_folder(path))
        return self._known[path][1]


def _stamp(path: Path) -> object:
    """Differs once a file of the folder has."""
    try:
        return [(one.name, one.stat().st_mtime_ns, one.stat().st_size) for one in sorted(path.glob("*.md"))]
    except OSError:
        return None
