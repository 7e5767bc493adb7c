"""What came of every training of the protocol, one line of JSON each, beside the models that ship.

Tuning needs a training's figures and not its weights, so a protocol that was begun on one machine can be finished on
another: what is recorded for the same settings and the same text counts as done. Only the run that ships must have its
weights at hand; it is trained again where they are not.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from ..errors import CheckpointError
from .settings import Settings

NAME = "trainings.jsonl"


@dataclass(frozen=True)
class TrainingRecord:
    """The lines of one file; of several about one training the last counts."""

    path: Path

    def find(self, name: str, settings: Settings, corpus: str) -> dict[str, Any] | None:
        """The result of the training `name` with these settings and the text with this SHA-256, if it is recorded.

        Raises:
            CheckpointError: if a line is none that `add` writes.
        """
        found = None
        for line in self._lines():
            if line["run"] == name and line["corpus"] == corpus and _same(line["settings"], settings):
                found = {key: value for key, value in line.items() if key != "run"}
        return found

    def _lines(self) -> list[dict[str, Any]]:
        if not self.path.exists():
            return []
        lines = []
        for number, words in enumerate(self.path.read_text(encoding="utf-8").splitlines(), 1):
            if not words.strip():
                continue
            try:
                line = json.loads(words)
                line["run"], line["corpus"], line["settings"].items()
            except (ValueError, TypeError, KeyError, AttributeError):
                raise CheckpointError(
                    f"Line {number} of {self.path} is no result of a training. Take it out; it is then made again."
                ) from None
            lines.append(line)
        return lines

    def add(self, name: str, result: dict[str, Any]) -> None:
        """Note a result at the end: in one write, as trainings run in parallel."""
        self.path.parent.mkdir(parents=True, exist_ok=True)
        torn = self.path.exists() and not self.path.read_bytes().endswith(b"\n") and self.path.stat().st_size > 0
        with self.path.open("a", encoding="utf-8") as file:
            file.write("\n" * torn + json.dumps({"run": name, **result}) + "\n")


def _same(recorded: dict[str, Any], settings: Settings) -> bool:
    """Whether recorded settings are these; one that is newer than the record had its default then."""
    try:
        return Settings(**recorded) == settings
    except TypeError:  # one that there is no more
        return False
