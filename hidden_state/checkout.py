"""In a checkout, `hidden_state.models` and `hidden_state.app` are other names of the folders `models` and `app`.

Each module is loaded once, under its short name, and is the same object under both.
"""

from __future__ import annotations

import importlib
import importlib.abc
import importlib.util
import sys
from collections.abc import Sequence
from importlib.machinery import ModuleSpec
from types import ModuleType

PREFIX = "hidden_state."
FOLDERS = ("models", "app")


class _Loaded(importlib.abc.Loader):
    """Gives a module that is loaded already, and leaves it as it is."""

    def __init__(self, module: ModuleType) -> None:
        self._module, self._spec = module, module.__spec__

    def create_module(self, spec: ModuleSpec) -> ModuleType:
        return self._module

    def exec_module(self, module: ModuleType) -> None:
        module.__spec__ = self._spec  # the import system has put that of the other name in its place


class _Finder(importlib.abc.MetaPathFinder):
    def find_spec(
        self, name: str, path: Sequence[str] | None = None, target: ModuleType | None = None
    ) -> ModuleSpec | None:
        short = name.removeprefix(PREFIX)
        if short == name or short.partition(".")[0] not in FOLDERS:
            return None
        module = importlib.import_module(short)
        return importlib.util.spec_from_loader(name, _Loaded(module), is_package=hasattr(module, "__path__"))


def install() -> None:
    """Let the import system know, once."""
    if not any(isinstance(finder, _Finder) for finder in sys.meta_path):
        sys.meta_path.insert(0, _Finder())
