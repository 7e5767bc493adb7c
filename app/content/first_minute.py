"""What the first minute shows: the networks, the letters and the text. The page itself names none of them.

The text is that of the recall task: a first letter, lower-case letters, and the mark that asks for the first letter.
The networks were trained on the task alike; see `models.tasks.delayed_recall`.
"""

from __future__ import annotations

from typing import Any

from models.tasks.delayed_recall import KEYS, LONGEST, MARK, NOISE

from ..compute.model_library import Library

MODELS = ("recall-rnn", "recall-gru", "recall-lstm")
"""From top to bottom."""
TAUGHT_OTHERWISE = "recall-rnn-growing"
"""The same cell as the first, of the same size, trained on short texts first: what it lacked was not the ability."""
LETTERS = ("A", "C")
"""The first letter, and the one that it is compared with. `recall-rnn` keeps one bit of it, which separates B and D
from the others, and is right about D and G by luck."""
BETWEEN = (
    "thetidecomesinandtakesthefootprintsonebyone"
    "andtenlinesareaseawithoutashoreiholdthelastfewwordsthefirstaregoneasfootprintsgowhentidescomecreepingon"
    "setthouagatethenwherethewatersrunletinonenameandafterthatletnone"
)
"""The text between the first letter and the mark, cut to the text's length."""
LENGTH, SHORTEST, MOST = 45, 5, 200
"""Characters of the text, including the first letter and the mark: initially, at least, at most."""

REAL_TEXT = {"sample": "promise", "word": "kept", "instead": "x"}
"""The laboratory's first view: the echo of the first letter of this word in a sample, had it been another letter."""


def first_minute(library: Library) -> dict[str, Any] | None:
    """Its part of `hello`; None if one of its models is missing."""
    if not {*MODELS, TAUGHT_OTHERWISE} <= library.entries.keys():
        return None
    return {
        "models": list(MODELS),
        "taught_otherwise": TAUGHT_OTHERWISE,
        "letters": list(LETTERS),
        "answers": KEYS,
        "noise": NOISE,
        "mark": MARK,
        "between": BETWEEN,
        "length": LENGTH,
        "shortest": SHORTEST,
        "most": MOST,
        "farthest_taught": LONGEST - 1,
        "real_text": REAL_TEXT,
    }
