"""Lines of Python that give what the pictures show."""

from __future__ import annotations

from ..compute.model_library import Library
from ..contract.python import MEASURES, Snippet, quoted
from ..live.protocol import EchoAsk, Panel
from .script import LITERAL, Part
from .window import WindowRequest


def parts(asked: WindowRequest, library: Library) -> list[Part]:
    """What is done with the model of each panel.

    Raises:
        NotMeasurable: if there is nothing to put in the place of the character whose echo is shown.
    """
    steps, long = (asked.start, asked.end), len(asked.text) > LITERAL
    if asked.echo is not None:
        instead = None if asked.echo.others is not None else asked.replacement(library)
        return [(panel.model, _echo(panel, asked.echo, instead, steps)) for panel in asked.panels]
    read = _recorded if long else _traced
    return [(panel.model, read(panel, steps)) for panel in asked.panels]


def _traced(panel: Panel, steps: tuple[int, int]) -> Snippet:
    signal, window = quoted(f"{panel.layer}.{panel.signal}"), f"[{steps[0]}:{steps[1]}]"
    less = "" if panel.against is None else f" - load({quoted(panel.against)}).trace(text)[{signal}]{window}"
    lines = (
        "trace = lm.trace(text)",
        f"values = trace[{signal}]{window}{less}  # (steps, units)",
        f"surprise = trace.surprise{window}  # bits",
    )
    return Snippet({}, lines, tensors={"values": "values", "surprise": "surprise"})


def _recorded(panel: Panel, steps: tuple[int, int]) -> Snippet:
    """A trace of a long text would hold every signal at every step."""
    place = f"{panel.layer}, {quoted(panel.signal)}, {steps[0]}, {steps[1]}"
    lines = [
        "recording = record(lm, text)",
        f"values = recording.signal({place})  # (steps, units)",
        f"surprise = recording.surprise({steps[0]}, {steps[1]})  # bits",
    ]
    if panel.against is not None:
        lines.insert(2, f"values = values - record(load({quoted(panel.against)}), text).signal({place})")
    return Snippet({MEASURES: ("record",)}, tuple(lines), tensors={"values": "values", "surprise": "surprise"})


def _echo(panel: Panel, echo: EchoAsk, instead: str | None, steps: tuple[int, int]) -> Snippet:
    imports = {MEASURES: ("record",), "hidden_state.models.echo.echo": ("Echo",)}
    ids = f"lm.vocabulary.encode({quoted(instead or '')})"
    if instead is None:
        imports[f"{MEASURES}.memory.edit_sensitivity"] = ("others",)
        ids = f"others(len(lm.vocabulary), recording.ids[{echo.step}:{echo.step + 1}][0], {echo.others})"
    lines = (
        "recording = record(lm, text)",
        f"echo = Echo(recording, {echo.step}, {ids})",
        f"while echo.advance({steps[1]}):",
        "    pass",
        f"values = echo.signal({panel.layer}, {quoted(panel.signal)}, {steps[0]}, {steps[1]})  # (steps, units)",
        f"surprise = recording.surprise({steps[0]}, {steps[1]})  # bits",
    )
    return Snippet(imports, lines, tensors={"values": "values", "surprise": "surprise"})
