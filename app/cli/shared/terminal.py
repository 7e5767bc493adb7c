"""What the commands print: file names and messages exactly as they are, never as markup of the terminal."""

from __future__ import annotations

from typing import Any

from rich.console import Console
from rich.text import Text

from models.text.names import shown


class Terminal(Console):
    """A console that takes "[old]" and ":smile:" in what it prints for what they are, and breaks no line of words.

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
    """Say something beside the result, on standard error."""
    Terminal(stderr=True).print(Text(f"Note: {shown(words)}", style="yellow"))


def complain(words: str) -> None:
    """Say what went wrong, on standard error."""
    Terminal(stderr=True).print(Text.assemble(("Error:", "red"), " ", shown(words)))
