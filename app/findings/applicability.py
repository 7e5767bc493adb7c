"""Which instrument applies to which of the models that ship, as docs/measures.md has it."""

from __future__ import annotations

from models import catalogue

from ..contract.candidate import Candidate
from ..instruments import INSTRUMENTS, inapplicable

BEGIN = "<!-- written by scripts/protocol_reference.py from here -->\n"
END = "<!-- to here -->\n"


def table() -> str:
    """A row for each model, a column for each instrument, in Markdown: a number where it does not apply, and under the
    table the sentence that the page then shows."""
    sentences: dict[str, int] = {}
    rows = [
        f"| | {' | '.join(INSTRUMENTS)} |",
        f"| --- |{' :-: |' * len(INSTRUMENTS)}",
    ]
    for name, entry in catalogue(()).items():
        refused = inapplicable(Candidate(entry.card))
        marks = [
            str(sentences.setdefault(refused[one], len(sentences) + 1)) if one in refused else "✓"
            for one in INSTRUMENTS
        ]
        rows.append(f"| `{name}` | {' | '.join(marks)} |")
    notes = [f"{number}. {sentence}" for sentence, number in sentences.items()]
    return "\n".join([*rows, "", *notes])


def put(document: str) -> str:
    """The document with the table between the two marks."""
    before, _, rest = document.partition(BEGIN)
    return f"{before}{BEGIN}\n{table()}\n\n{END}{rest.partition(END)[2]}"
