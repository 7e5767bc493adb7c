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

NAME = "trainings.jsonl"


@dataclass(frozen=True)
class TrainingRecord:
    """The lines of one file; of several about one training the last counts."""

    path: Path

    def find(self, name: str, settings: dict[str, Any], corpus: str) -> dict[str, Any] | None:
        """The result of the training `name` with these settings and the text with this SHA-256, if it is recorded."""
        if not self.path.exists():
            return None
        lines = map(json.loads, self.path.read_text(encoding="utf-8").splitlines())
        same = [one for one in lines if (one["run"], one["settings"], one["corpus"]) == (name, settings, corpus)]
        return {key: value for key, value in same[-1].items() if key != "run"} if same else None

    def add(self, name: str, result: dict[str, Any]) -> None:
        """Note a result at the end: in one write, as trainings run in parallel."""
        self.path.parent.mkdir(parents=True, exist_ok=True)
        with self.path.open("a", encoding="utf-8") as file:
            file.write(json.dumps({"run": name, **result}) + "\n")
