"""How much of saturation, dead units and drifting cell states is the cell, and how much its training?

From a common base (the settings of the zoo's first models, at a third of their length) one factor is changed at a time,
for each cell. Each finished training is a line of `FILE`: the change, the settings, and what `examination` found. An
existing line is not trained again, so the study can be interrupted and resumed.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import asdict, dataclass, replace
from datetime import date
from pathlib import Path
from typing import Any

from ..training.corpora import Corpus
from ..training.examination import examine
from ..training.settings import Settings
from ..training.trainer import Progress, Trainer, machine
from ..zoo import FOLDER

FILE = FOLDER / "training-study.jsonl"
CELLS = ("lstm", "rnn", "gru")
SEED = 0
BASE = Settings(epochs=10.0, validations=20, seed=SEED)

FACTORS: dict[str, dict[str, Any]] = {
    "base": {},
    "penalty 0.01": {"penalty": 0.01},
    "rate 0.005": {"learning_rate": 5e-3},
    "penalty 0.01, rate 0.005": {"penalty": 0.01, "learning_rate": 5e-3},
    "penalty 0.001": {"penalty": 1e-3},
    "reset 0.1": {"reset": 0.1},
    "weight decay 0.1": {"weight_decay": 0.1},
    "rate 0.002": {"learning_rate": 2e-3},
    "never carried": {"reset": 1.0},
    "clip 0.25": {"clip": 0.25},
    "segment 64": {"segment": 64, "streams": 64},
    "dropout 0.2": {"dropout": 0.2},
}
"""Differences from `BASE`. Half the segment with twice the streams keeps updates and characters per update the same."""

Line = dict[str, Any]


@dataclass(frozen=True)
class Trial:
    """One training of the study."""

    cell: str
    factor: str

    @property
    def name(self) -> str:
        return f"{self.cell}: {self.factor}"

    @property
    def settings(self) -> Settings:
        return replace(BASE, cell=self.cell, **FACTORS[self.factor])


def trials() -> list[Trial]:
    """All of them, the most informative factors first."""
    return [Trial(cell, factor) for factor in FACTORS for cell in CELLS]


def read_lines(path: Path = FILE) -> list[Line]:
    """The measurements so far, in the order in which they were finished."""
    if not path.exists():
        return []
    return [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines() if line.strip()]


def missing(path: Path = FILE) -> list[Trial]:
    """The trials that are not in the file with their current settings."""
    have = [(line["cell"], line["factor"], line["settings"]) for line in read_lines(path)]
    return [trial for trial in trials() if (trial.cell, trial.factor, asdict(trial.settings)) not in have]


def conduct(
    trial: Trial, corpus: Corpus, path: Path = FILE, report: Callable[[Progress], None] = lambda progress: None
) -> Line:
    """Train, examine the weights that predicted the validation split best, and append the line to `path`."""
    trainer = Trainer(corpus, trial.settings, name=trial.name)
    trainer.run(report)
    trainer.lm.load_state_dict(trainer.best)
    line: Line = {
        "cell": trial.cell,
        "factor": trial.factor,
        "found": examine(trainer.lm, corpus).as_dict(),
        "seconds": round(trainer.seconds, 1),
        "machine": machine(),
        "date": date.today().isoformat(),
        "corpus": corpus.sha256,
        "settings": asdict(trial.settings),
    }
    with path.open("a", encoding="utf-8") as file:
        file.write(json.dumps(line) + "\n")
    return line


def table(lines: list[Line]) -> str:
    """The findings as Markdown, one row per training."""
    rows = [
        "| cell | changed | validation bits | dead | stuck | saturated h | saturated tanh c | abs(c) 99.9 % "
        "| bits beyond 10 | beyond 20 |",
        "| --- | --- | ---: | ---: | ---: | ---: | ---: | ---: | ---: | ---: |",
    ]
    order = {
        trial: k
        for k, trial in enumerate((t.cell, t.factor) for t in sorted(trials(), key=lambda t: CELLS.index(t.cell)))
    }
    known = [line for line in lines if (line["cell"], line["factor"]) in order]
    for line in sorted(known, key=lambda line: order[line["cell"], line["factor"]]):
        found = line["found"]
        figures = (
            f"{found['validation_bits']:.3f}",
            str(found["dead"]),
            "–" if found["stuck"] is None else str(found["stuck"]),
            f"{found['saturated']:.0%}",
            "–" if found["saturated_cell"] is None else f"{found['saturated_cell']:.0%}",
            "–" if found["largest_cell"] is None else f"{found['largest_cell']:.3g}",
            f"{found['context']['10']:.3f}",
            f"{found['context']['20']:.3f}",
        )
        rows.append(f"| {line['cell']} | {line['factor']} | {' | '.join(figures)} |")
    return "\n".join(rows)
