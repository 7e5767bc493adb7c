"""Every error this project raises on purpose, drawn first.

    HiddenStateError
    ├── CorpusError        a text to train on or to measure could not be had or read
    ├── CheckpointError    weights or a model card on disk are missing, broken or do not fit together
    ├── UnknownModel       no model of that name, or no such earlier step of it
    ├── UnknownSignal      the model computes no signal of that name
    ├── NotMeasurable      there is nothing to measure, or no number to tell
    ├── BadIntervention    what is to be done to a network cannot be read, or does not fit it
    ├── Cancelled          the caller asked the work to stop
    ├── OutputError        what was made cannot be written where it should be, or something is there already
    ├── BadSettings        a training cannot be done with these settings
    ├── Diverged           a training's numbers left all bounds; the best so far is kept
    └── RequestError       what a client asked for cannot be done (raised by the application)

Each message is a sentence for a person: the fault, its cause, and what to do about it. `code` is the same
thing for a program; it is what travels in `{"type": "error", "code", "message", "revision"}`.
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
    """There is nothing to measure, or no number to tell: the message says why."""

    code = "not_measurable"


class BadIntervention(HiddenStateError):
    """What is to be done to a network while it reads cannot be read, or does not fit it."""

    code = "bad_intervention"


class Cancelled(HiddenStateError):
    """The caller asked the work to stop; nothing is wrong."""

    code = "cancelled"


class OutputError(HiddenStateError):
    """What was made cannot be written where it should be, or something is there already."""

    code = "output"


class BadSettings(HiddenStateError):
    """A training cannot be done with these settings."""

    code = "settings"


class Diverged(HiddenStateError):
    """A training's numbers left all bounds; the message says when, and what was kept."""

    code = "diverged"


class RequestError(HiddenStateError):
    """What a client asked for cannot be done; `code` says which kind of fault it is."""

    def __init__(self, code: str, message: str, *, status: int = 400) -> None:
        super().__init__(message)
        self.code = code
        self.status = status
