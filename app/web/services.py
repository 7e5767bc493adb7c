"""What the running server shares among its requests; created once, in the lifespan."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

from ..compute.memory_budget import Budget
from ..compute.model_library import Library
from ..compute.pool import Pool
from ..lessons.shelf import Shelf
from ..live.session import Limits
from ..settings import Settings
from .assets import Script, plotly_script


@dataclass
class State:
    settings: Settings
    library: Library
    shelf: Shelf
    pool: Pool
    plotly: Script
    budget: Budget
    traces: Budget
    given: dict[str, bytes] = field(default_factory=dict)
    """Session files that the server was started with, as the page takes them: by a word that nobody can guess."""
    sessions: int = field(default=0, init=False)

    @classmethod
    def of(cls, settings: Settings, library: Library | None = None, given: dict[str, bytes] | None = None) -> State:
        library = library or Library(settings.model_folders, settings.device)
        return cls(
            settings,
            library,
            Shelf(settings.lesson_folders),
            Pool(settings.worker_threads),
            plotly_script(),
            Budget(settings.memory_limit_mebibytes << 20),
            Budget(settings.trace_memory_limit_mebibytes << 20),
            given or {},
        )

    @property
    def session_limits(self) -> Limits:
        s = self.settings
        return Limits(characters=s.text_limit_characters, columns=s.column_limit, panels=s.panel_limit)

    @contextmanager
    def place(self) -> Iterator[bool]:
        """Reserve one of the sessions' places; False if all are taken."""
        if self.sessions >= self.settings.session_limit:
            yield False
            return
        self.sessions += 1
        try:
            yield True
        finally:
            self.sessions -= 1
