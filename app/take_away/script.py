"""Snippets put together into a script: the text, the models, and what is measured of each."""

from __future__ import annotations

from collections.abc import Sequence
from textwrap import indent

from ..contract.python import Snippet, literal, quoted

LITERAL = 2000
"""The most characters of a text that stand in the script itself."""
FILE = "hidden-state-text.txt"
"""Of a longer one: the name under which the page saves it."""

Part = tuple[str, Snippet]
"""The name of a model, and what is done with it."""


def script(parts: Sequence[Part], text: str, *, own_models: bool = False, opened: Sequence[str] = ()) -> str:
    """A script that reads `text` with each model.

    Args:
        own_models: whether some are not among those that ship.
        opened: models that came with a session file, and are in no folder of the reader's.
    """
    imports: dict[str, set[str]] = {"hidden_state": {"load"}}
    for _, snippet in parts:
        for module, names in snippet.imports.items():
            imports.setdefault(module, set()).update(names)
    begun = [_of_text(text)]
    if own_models:
        begun.insert(0, "# Models of your own are found by HIDDEN_STATE_MODEL_FOLDERS: set it as for the server.")
    for name in opened:
        begun.insert(
            0, f"# {quoted(name)} came with a session file. Unzip that, and load its folder in models/ by its path."
        )
    if len(text) > LITERAL:
        imports["pathlib"] = {"Path"}
    lines = [*_of_imports(imports), "", *begun, "", *_of_models(parts)]
    return "\n".join(lines) + "\n"


def _of_imports(imports: dict[str, set[str]]) -> list[str]:
    def line(module: str) -> str:
        names = imports[module]
        return f"from {module} import {', '.join(sorted(names))}" if names else f"import {module}"

    ours = sorted(module for module in imports if module.startswith("hidden_state"))
    others = sorted(set(imports) - set(ours))
    return [*map(line, others), *([""] if others else []), *map(line, ours)]


def _of_text(text: str) -> str:
    if len(text) <= LITERAL:
        return literal("text", text)
    return (
        f"# The text has {len(text):,} characters: save it with “Take away · Text”, and put the file beside this.\n"
        f'text = Path("{FILE}").read_text(encoding="utf-8")'
    )


def _of_models(parts: Sequence[Part]) -> list[str]:
    """A loop where the same is done with every model, else one after the other."""
    bodies = [snippet.body() for _, snippet in parts]
    names = [name for name, _ in parts]
    if len(parts) > 1 and len(set(bodies)) == 1:
        inside = "\n".join(["lm = load(name)", "print(name)", bodies[0]])
        return [f"for name in [{', '.join(map(quoted, names))}]:", indent(inside, "    ")]
    blocks = ["\n".join([f"lm = load({quoted(name)})", body]) for name, body in zip(names, bodies, strict=True)]
    if len(parts) > 1:
        blocks = ["\n".join([f"print({quoted(name)})", block]) for name, block in zip(names, blocks, strict=True)]
    return ["\n\n".join(blocks)]
