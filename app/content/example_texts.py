"""Texts to begin with, written for this project: each shows one thing well."""

from __future__ import annotations

from dataclasses import asdict, dataclass


@dataclass(frozen=True)
class Sample:
    id: str
    title: str
    corpus: str
    text: str

    def as_dict(self) -> dict[str, str]:
        return asdict(self)


_PROMISE = """\
KEEPER:
What have I kept, that kept my father's door?
The names of all who came, and what they swore.

STRANGER:
Then say my name. I gave it when I came,
Before the long night's talk of wind and flame.

KEEPER:
Thou gav'st it, sir, ten lines ago or more;
And ten lines are a sea without a shore.
I hold the last few words; the first are gone,
As footprints go when tides come creeping on.

STRANGER:
Set thou a gate, then, where the waters run:
Let in one name, and after that let none.
"""

_NAMES = """\
ORLA:
My lord, the king is come!

BERTRAM:
The king? The king is dead.

ORLA:
The king is come, my lord; the king is come.

BERTRAM:
Then open every gate, and let him in;
And he that shut them, let him now begin
To count the hours till the king is come.
"""

_SATURATE = (
    "Now listen: " + "a" * 60 + "! " + "ha " * 24 + "\n\nAnd after all that noise, what was the word? Now listen.\n"
)

_CODE = '''\
def remember(text, limit=100):
    """Keep the last `limit` characters (and count the rest)."""
    kept, dropped = [], 0
    for position, character in enumerate(text):
        if character in "([{":
            kept.append((position, character))
        elif character in ")]}" and kept:
            opened = kept.pop()
            assert position > opened[0], "closed before it was opened"
        else:
            dropped += 1
    return {"kept": kept[-limit:], "dropped": dropped}


class Memory:
    def __init__(self, size):
        self.size = size
        self.cells = [None] * size

    def __getitem__(self, index):
        return self.cells[index % self.size]
'''

_NESTED = """\
values = [[1, 2, (3, 4, {"five": [6, 7, (8, 9)]})], [10]]
message = "a string that goes on, and on, and on (with a bracket)"
if values and (len(message) > 10 or not all(isinstance(v, list) for v in values)):
    raise ValueError("nothing to see here: %r" % (values[0][2],))
"""

# Noise that people can read is noise too: to the models its letters mean nothing.
_RECALL = """\
Bsea?B
Gthetidecomesin?G
Athetidecomesinandtakesthefootprintsonebyone?A
Eandtenlinesareaseawithoutashoreiholdthelastfewwordsthefirstaregoneasfootprintsgowhentidescomecreepingon?E
Hso?H
"""

SAMPLES = (
    Sample("promise", "A promise, ten lines on", "shakespeare", _PROMISE),
    Sample("names", "The same words again", "shakespeare", _NAMES),
    Sample("saturate", "Saturation: one letter, sixty times", "shakespeare", _SATURATE),
    Sample("code", "Indentation, brackets, strings", "python", _CODE),
    Sample("nested", "Brackets within brackets", "python", _NESTED),
    Sample("recall", "A key, noise, and the key again", "recall", _RECALL),
)
