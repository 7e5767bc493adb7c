"""The used context on a model's card: measured on the test split of the corpus that it was trained on."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from ..errors import CorpusError
from ..storage.checkpoint import UsedContext, load_model, read_card, write_card
from ..training.corpora import Corpus

SPLIT = "test"
POSITIONS = 20_000
LAGS = 200
STATED = (5, 10, 20, 50, 100)
"""The k whose losses the card states."""
DIGITS = 4


def measure_card(folder: Path, corpus: Corpus, report: Callable[[float], None] = lambda share: None) -> UsedContext:
    """Measure the model in `folder` on its corpus and write the field `used_context` of its card.

    Args:
        report: is called with the share of the work done.

    Raises:
        CorpusError: if `corpus` is another text: the network may have been trained on its test split.
        NotMeasurable: if the test split is too short.
    """
    from ..measures import drain, record
    from ..measures.memory.used_context import THRESHOLD, context

    card = read_card(folder)
    if corpus.sha256 != card.corpus.sha256:
        raise CorpusError(
            f"The text {corpus.name!r} is not the one that {card.id} was trained on ({card.corpus.description}), "
            "so the network may have seen what is to be held out. Give that text."
        )
    lm = load_model(folder)
    work = context(lm, record(lm, corpus.split(SPLIT)), positions=POSITIONS, lags=LAGS)
    found = drain(work, report)
    used = UsedContext(
        k=found.uses,
        standard_error=None if found.uses_error is None else round(found.uses_error, 2),
        lags=found.lags,
        threshold=THRESHOLD,
        positions=found.positions,
        split=SPLIT,
        bits_lost={str(k): round(float(found.mean[k]), DIGITS) for k in STATED if k <= found.lags},
        bits_lost_errors={str(k): round(float(found.error[k]), DIGITS) for k in STATED if k <= found.lags},
        measured_with=corpus.measured_by("context-zoo", card.id),
    )
    write_card(folder, card.model_copy(update={"used_context": used}))
    return used
