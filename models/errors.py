"""Every error that this project raises on purpose.

    HiddenStateError
    ├── CorpusError        a text to train on or to measure could not be had or read
    ├── CheckpointError    weights or a model card on disk are missing, broken or do not fit together
    ├── UnknownModel       no model of that name, or no such earlier step of it
    ├── UnknownSignal      the model computes no signal of that name
    ├── NotMeasurable      there is nothing to measure, or the result is undefined
    ├── MemoryFull         a recording may not use as much memory as the rest of the text needs
    ├── BadIntervention    an intervention cannot be parsed, or does not fit the network
    ├── Cancelled          the caller asked the work to stop
    ├── OutputError        a result cannot be written where it should be, or something is there already
    ├── BadSettings        training is impossible with these settings
    ├── Diverged           training diverged; the best network so far is kept
    └── RequestError       a client's request cannot be fulfilled (raised by the application)

Each message is a sentence for a person: the fault, its cause, and what to do about it. `code` says the same
to a program; it is sent in `{"type": "error", "code", "message", "revision"}`.
"""


class HiddenStateError(Exception):
    """Base of every error that a user of the project may want to catch."""

    code = "error"


class CorpusError(HiddenStateError):
    """A text to train on or to measure could not be had or read."""

    code = "corpus"


class CheckpointError(HiddenStateError):
    """Weights or a model card on disk are missing, broken or do not fit together."""

    code = "checkpoint"


class UnknownModel(HiddenStateError):
    """No model of that name, or no such earlier step of it."""

    code = "unknown_model"


class UnknownSignal(HiddenStateError):
    """The model computes no signal of that name."""

    code = "unknown_signal"


class NotMeasurable(HiddenStateError):
    """There is nothing to measure, or the result is undefined: the message says why."""

    code = "not_measurable"


class MemoryFull(HiddenStateError):
    """A recording may not use as much memory as the rest of the text needs; what has been read stays."""

    code = "memory_full"


class BadIntervention(HiddenStateError):
    """An intervention cannot be parsed, or does not fit the network."""

    code = "bad_intervention"


class Cancelled(HiddenStateError):
    """The caller asked the work to stop; nothing is wrong."""

    code = "cancelled"


class OutputError(HiddenStateError):
    """A result cannot be written where it should be, or something is there already."""

    code = "output"


class BadSettings(HiddenStateError):
    """Training is impossible with these settings."""

    code = "settings"


class Diverged(HiddenStateError):
    """Training diverged; the message says when, and what was kept."""

    code = "diverged"


class RequestError(HiddenStateError):
    """A client's request cannot be fulfilled; `code` says which kind of fault it is."""

    def __init__(self, code: str, message: str, *, status: int = 400) -> None:
        super().__init__(message)
        self.code = code
        self.status = status
