"""The instruments: what the page can ask to be measured, each in a file of its own."""

from __future__ import annotations

from .recoverability import Recoverability

Instrument = Recoverability
