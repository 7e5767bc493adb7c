"""Lessons as texts, with a small model and with whatever is wrong in them."""

from __future__ import annotations

FRONT = """\
+++
title = "A lesson"
summary = "One sentence."
minutes = 5
order = 3
[start]
models = ["tiny-rnn"]
text = "To be, or not to be"
+++
"""

CLAIM = """\
```claim
name = "units"
value = 6
tolerance = 0
[from]
card = "units"
model = "tiny-rnn"
```
"""

ASK = """\
```ask
id = "count"
question = "How many?"
tolerance = 1
after = "It was {answer}; you said {guess}."
[answer]
instrument = "trace"
model = "tiny-rnn"
value = "facts.length"
```
"""


def lesson(*steps: str, front: str = FRONT) -> str:
    """A lesson of these bodies, each under a heading of its own."""
    bodies = [f"\n## Step {word}\n\n{body}" for word, body in zip(("one", "two", "three"), steps, strict=False)]
    return front + "".join(bodies)


def fence(kind: str, body: str) -> str:
    return f"```{kind}\n{body}\n```\n"
