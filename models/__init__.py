"""The science of Hidden State: trained character-level recurrent networks, and what they compute.

from models import load
trace = load("shakespeare-lstm").trace("To be, or not to be")
trace["0.forget_gate"]        # (T, H)
trace.log_probabilities       # (T, V), nats
"""

from __future__ import annotations

from .errors import (
    BadIntervention,
    BadSettings,
    Cancelled,
    CheckpointError,
    CorpusError,
    Diverged,
    HiddenStateError,
    MemoryFull,
    NotMeasurable,
    OutputError,
    RequestError,
    UnknownModel,
    UnknownSignal,
)
from .network.language_model import CharLM
from .network.trace import Trace
from .text.vocabulary import Vocabulary
from .zoo import catalogue, load

__all__ = [
    "BadIntervention",
    "BadSettings",
    "Cancelled",
    "CharLM",
    "CheckpointError",
    "CorpusError",
    "Diverged",
    "HiddenStateError",
    "MemoryFull",
    "NotMeasurable",
    "OutputError",
    "RequestError",
    "Trace",
    "UnknownModel",
    "UnknownSignal",
    "Vocabulary",
    "catalogue",
    "load",
]
