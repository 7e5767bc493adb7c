"""What is known, before its weights are loaded, of a model that an instrument may be asked about."""

from __future__ import annotations

from dataclasses import dataclass

from models.network.stack import Stack
from models.storage.card import Card
from models.storage.lookup import Found


@dataclass(frozen=True)
class Candidate:
    """The information that decides whether an instrument applies.

    Attributes:
        intervened: whether interventions are in force while it reads.
    """

    card: Card
    intervened: bool = False

    @classmethod
    def of(cls, found: Found) -> Candidate:
        return cls(found.entry.card, bool(found.interventions))

    @property
    def stack(self) -> Stack:
        return self.card.stack
