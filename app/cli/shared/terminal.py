"""The commands' output: file names and messages exactly as they are, never interpreted as markup."""

from __future__ import annotations

from typing import Any

from rich.console import Console
from rich.text import Text

from models.text.names import shown


class Terminal(Console):
    """A console that prints "[old]" and ":smile:" literally and does not wrap lines.

    Rich would read square brackets as styles: `gone[old].txt` would be printed as `gone.txt`, and `[/old].txt` would
    be an error.
    """

    def __init__(self, *, stderr: bool = False) -> None:
        super().__init__(stderr=stderr, markup=False, emoji=False)

    def print(self, *objects: Any, **how: Any) -> None:
        if all(isinstance(one, str | Text) for one in objects):
            how.setdefault("soft_wrap", True)
        super().print(*(shown(one) if isinstance(one, str) else one for one in objects), **how)


out = Terminal()
"""Standard output, for all commands."""


def note(words: str) -> None:
    """Print a remark, on standard error."""
    Terminal(stderr=True).print(Text(f"Note: {shown(words)}", style="yellow"))


def complain(words: str) -> None:
    """Print an error, on standard error."""
    Terminal(stderr=True).print(Text.assemble(("Error:", "red"), " ", shown(words)))
