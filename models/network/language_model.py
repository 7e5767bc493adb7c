"""A character-level language model: a stack of recurrent layers and a linear readout."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

from ..text.vocabulary import Vocabulary
from .codec import Letters
from .head import Categorical
from .sequence_model import SequenceModel
from .stack import Stack

if TYPE_CHECKING:
    from .trace import Trace


class CharLM(SequenceModel):
    """Predicts the next character from those before it.

    The input is one-hot, without an embedding: items are ids, and the id V stands for an unknown character and enters
    as zeros. What is read out are logits, (T, B, V).

    Args:
        cell: the name of one in `models.cells.CELLS`, or one for each layer.
        vocabulary: the characters it reads and predicts, V of them.
        units: H in every layer, or one number for each.
        layers: L, where they are all alike; 1 unless it is given.
        dropout: share of activations dropped after each layer while training.
        name: what error messages and traces call it.
    """

    def __init__(
        self,
        cell: str | Sequence[str],
        vocabulary: Vocabulary,
        units: int | Sequence[int],
        layers: int | None = None,
        *,
        dropout: float = 0.0,
        name: str = "unnamed",
    ) -> None:
        stack = Stack.of(cell, units, layers)
        super().__init__(stack, Letters(vocabulary), len(vocabulary), dropout=dropout, name=name)
        self.vocabulary = vocabulary

    @classmethod
    def of(cls, stack: Stack, vocabulary: Vocabulary, *, dropout: float = 0.0, name: str = "unnamed") -> CharLM:
        """A network of these layers."""
        cells, units = [layer.cell.name for layer in stack], [layer.units for layer in stack]
        return cls(cells, vocabulary, units, dropout=dropout, name=name)

    def head(self) -> Categorical:
        return Categorical(self.readout)

    def trace(
        self,
        text: str,
        *,
        progress: Callable[[int, int], None] | None = None,
        cancelled: Callable[[], bool] | None = None,
    ) -> Trace:
        """Every signal of every layer at every step of `text`, and the log-probabilities.

        Line ends are read as everywhere: CR LF and CR count as one "\\n", so the trace may have fewer steps than `text`
        has characters; `Trace.text` is what was read.

        Args:
            progress: called with (steps read, steps in all) between blocks.
            cancelled: asked between blocks; if it says True, `Cancelled` is raised.
        """
        from .trace import run

        return run(self, text, progress=progress, cancelled=cancelled)

    def generate(self, characters: int = 200, *, start: str, temperature: float = 0.7, seed: int = 0) -> str:
        """What the model writes after `start`: what the page's Generate writes behind a text's end.

        Args:
            characters: how many.
            start: what it reads before; at least one character.
            temperature: 1 draws as the model expects; below, the likely becomes likelier; 0 takes the likeliest.
            seed: 0 … 2³² − 1; the same one writes the same.

        Raises:
            NotMeasurable: without a start, or with a number that cannot be used.
        """
        from ..recording.continuation import write

        return write(self, start, characters, temperature, seed)
