"""The command line, a command or two a file; `commands` puts them together."""

from .commands import main

__all__ = ["main"]
