"""All instruments as docs/protocol.md describes them."""

from __future__ import annotations

from ..contract.instrument import Options
from ..contract.reference import section
from . import INSTRUMENTS

BEGIN = "<!-- written by scripts/protocol_reference.py from here -->\n"
END = "<!-- to here -->\n"


def reference() -> str:
    """A section for each instrument, in Markdown."""
    return "\n\n".join(
        section(name, one, one.answer, partial=one.partial, exceptions=_exceptions(one))
        for name, one in INSTRUMENTS.items()
    )


def _exceptions(one: type[Options]) -> tuple[str, ...]:
    """Where it does not apply, in the words of the methods that decide it."""
    ours = ((one.inapplicable, Options.inapplicable), (one.refused, Options.refused))
    return tuple(mine.__doc__ or "" for mine, usual in ours if mine.__doc__ != usual.__doc__)


def put(document: str) -> str:
    """The document with what the instruments declare now between the two marks."""
    before, _, rest = document.partition(BEGIN)
    return f"{before}{BEGIN}\n{reference()}\n\n{END}{rest.partition(END)[2]}"
