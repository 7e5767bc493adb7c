"""Where training writes: checked before it begins, published complete at its end.

Training into a folder without a model writes there directly; the card comes last, and without a card there is no model.
Replacing a model must be requested explicitly: the new one is then written beside the old one and replaces it once it
is complete. Whoever stops the training midway still has the old one, and nothing of the old one (another twin, curves
of recoverability) remains beside the new weights.
"""

from __future__ import annotations

import os
import re
import shutil
import tempfile
from dataclasses import dataclass
from pathlib import Path

from ..errors import OutputError
from ..text.names import fault_of, shown
from .card import CARD
from .checkpoint import WEIGHTS

STATE = "training-state.safetensors"
"""What resuming an interrupted training needs."""
CURVES = "recoverability.json"
"""What `models.studies.recoverability` measures on finished weights."""
RESERVE = "reserve.part"
"""Reserves space for the result while the training runs."""
CARD_BYTES = 1 << 20

_OWN = re.compile(
    r"card\.json|weights\.safetensors|step-[0-9]+\.safetensors|training-state\.safetensors|recoverability\.json"
    r"|.+\.part|\.hidden-state-training|\.DS_Store|Thumbs\.db|desktop\.ini"
)
"""What a model's folder contains; file managers put the last three there."""


@dataclass(frozen=True)
class Output:
    """A model's final folder, and the one that training writes to until the model is complete.

    Attributes:
        work: `folder` itself, or one beside it if a model is replaced.
    """

    folder: Path
    work: Path

    @classmethod
    def of(cls, folder: Path, *, resume: bool = False, overwrite: bool = False) -> Output:
        """Decide where to write; nothing is written yet.

        Raises:
            OutputError: if there is a model that must not be replaced, or a folder cannot be made there.
        """
        folder = folder.expanduser().resolve()
        _check_place(folder)
        _repair(folder)
        beside = _beside(folder)
        if resume:
            return cls(folder, beside if (beside / STATE).exists() else folder)
        if not _holds_model(folder):
            return cls(folder, folder)
        if not overwrite:
            raise OutputError(
                f"{shown(str(folder))} holds a model already, or a training that was cut short. Train into another "
                "folder, go on with --resume, or replace what is there with --overwrite."
            )
        return cls(folder, beside)

    @property
    def resumable(self) -> list[Path]:
        """The folders that hold the state of a training, the one to resume first."""
        return [one for one in dict.fromkeys((self.work, self.folder)) if (one / STATE).exists()]

    def begin(self, parameters: int, *, resume: bool) -> None:
        """Make the folder, with space for a model of this many parameters.

        Raises:
            OutputError: if it cannot be made, or there is no space.
        """
        if not resume:
            shutil.rmtree(_beside(self.folder), ignore_errors=True)
        weights = 4 * parameters
        # The twin, the weights, and twice what resuming needs: last and best weights and the optimiser's two moments.
        needed = weights * (2 + 2 * 4) + CARD_BYTES
        free = shutil.disk_usage(_standing(self.work)).free
        if free < needed:
            raise OutputError(
                f"{shown(str(self.folder))} has {free >> 20:,} MiB of free space; a training of this size needs "
                f"{(needed >> 20) + 1:,}. Make space, or choose another place with --out."
            )
        fresh = not self.work.exists()
        try:
            self.work.mkdir(parents=True, exist_ok=True)
            self._reserve(weights + CARD_BYTES)
        except OSError as error:
            if fresh:
                shutil.rmtree(self.work, ignore_errors=True)
            raise OutputError(
                f"{shown(str(self.folder))} cannot be written: {error.strerror or error}. Nothing was trained. "
                "Choose another place with --out."
            ) from None

    def _reserve(self, left: int) -> None:
        """Reserve the space of the result, so that nothing else can fill the disk meanwhile."""
        with (self.work / RESERVE).open("wb") as file:
            while left > 0:
                left -= file.write(bytes(min(left, 1 << 20)))

    def release(self) -> None:
        """Release the reserved space just before the result is written."""
        (self.work / RESERVE).unlink(missing_ok=True)

    def publish(self) -> None:
        """Put the finished model in its place.

        Raises:
            OSError: if that fails; `work` is then complete.
        """
        if self.work == self.folder:
            return
        try:
            self._swap()
        except OSError:  # a mounted folder, or one that we may not move
            self._move()

    def _swap(self) -> None:
        """Replace the whole folder by the new one: two renames, undone if the second fails."""
        foreign = any(_OWN.fullmatch(one.name) is None for one in self.folder.iterdir())
        if foreign or self.work.parent != self.folder.parent or Path.cwd().is_relative_to(self.folder):
            raise OSError("the folder is more than a model, or in use")
        old = _old(self.folder)
        shutil.rmtree(old, ignore_errors=True)
        self.folder.rename(old)
        try:
            self.work.rename(self.folder)
        except OSError:
            old.rename(self.folder)
            raise
        shutil.rmtree(old, ignore_errors=True)

    def _move(self) -> None:
        """Replace file by file: the old card goes first and the new one comes last, so in between there is no model."""
        (self.folder / CARD).unlink(missing_ok=True)
        for one in self.folder.iterdir():
            if one.is_file() and _OWN.fullmatch(one.name):
                one.unlink()
        for one in sorted(self.work.iterdir(), key=lambda one: one.name == CARD):
            one.replace(self.folder / one.name)
        self.work.rmdir()


def check_id(name: str) -> None:
    """Check that a model can be called `name`.

    Raises:
        OutputError: saying why not.
    """
    if (fault := fault_of(name)) is not None:
        raise OutputError(
            f"A model is called as the folder that it is trained into, and {shown(name)!r} cannot be a model's name: "
            f"{fault}. Choose another folder with --out."
        )


def spare_folder(name: str) -> Path | None:
    """A new folder for a model that cannot be written where it should be; None if there is nowhere to write."""
    for base in (tempfile.gettempdir(), Path.home()):
        try:
            return Path(tempfile.mkdtemp(prefix=f"{name}-", dir=base))
        except OSError:
            continue
    return None


def _check_place(folder: Path) -> None:
    """Check that a folder can be made there, as far as that can be known without making one."""
    standing = _standing(folder)
    name = shown(str(folder))
    if not standing.is_dir():
        where = "is a file" if standing == folder else f"lies below {shown(standing.name)}, which is a file"
        raise OutputError(f"{name} {where}, and a model is a folder. Choose another place with --out.")
    if not os.access(standing, os.W_OK | os.X_OK):
        raise OutputError(
            f"{name} cannot be written: {shown(str(standing))} is read-only here. Choose another place with --out."
        )


def _standing(folder: Path) -> Path:
    """The folder itself, or its nearest existing parent."""
    return next(one for one in (folder, *folder.parents) if one.exists() or one == one.parent)


def _holds_model(folder: Path) -> bool:
    """Whether there is something to lose: a card, weights, or a training that can be resumed."""
    return any((folder / name).exists() for name in (CARD, WEIGHTS, STATE))


def _beside(folder: Path) -> Path:
    """Where the successor of the model in `folder` is written. Hidden, so that no catalogue lists it."""
    if os.access(folder.parent, os.W_OK | os.X_OK) and not os.path.ismount(folder):
        return folder.parent / f".{folder.name}.hidden-state-training"
    return folder / ".hidden-state-training"


def _old(folder: Path) -> Path:
    return folder.parent / f".{folder.name}.hidden-state-old"


def _repair(folder: Path) -> None:
    """Finish or undo a swap between whose two renames the process was killed."""
    old, beside = _old(folder), _beside(folder)
    if old.exists() and not folder.exists():
        (beside if (beside / CARD).exists() else old).rename(folder)
    shutil.rmtree(old, ignore_errors=True)
