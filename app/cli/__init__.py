"""The command line, one or two commands per file; `commands` assembles them."""

from .commands import main

__all__ = ["main"]
