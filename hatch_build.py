"""How the wheel is made: `models` and `app` go inside `hidden_state`, so that an installation adds one name only.

In a checkout they are packages of their own, and `app` says `from models …`. The copies in the wheel say
`from hidden_state.models …`; nothing else is changed, and a build fails where an import of the short names is left.
"""

from __future__ import annotations

import ast
import re
import tempfile
from pathlib import Path
from typing import Any

from hatchling.builders.hooks.plugin.interface import BuildHookInterface

PACKAGES = ("app", "models")
_IMPORT = re.compile(rf"^(\s*)(from|import) ({'|'.join(PACKAGES)})(?=[. ])", re.MULTILINE)


def inside(source: str, name: str) -> str:
    """The source of a module with its imports of `PACKAGES` taken from `hidden_state`.

    Raises:
        ValueError: if one is left, or the module cannot be read.
    """
    changed = _IMPORT.sub(r"\1\2 hidden_state.\3", source)
    for node in ast.walk(ast.parse(changed, name)):
        names = [alias.name for alias in node.names] if isinstance(node, ast.Import) else []
        names += [node.module or ""] if isinstance(node, ast.ImportFrom) and node.level == 0 else []
        if left := [one for one in names if one.split(".")[0] in PACKAGES]:
            raise ValueError(f"{name}:{node.lineno} still imports {left[0]}.")
    return changed


class Inside(BuildHookInterface):  # type: ignore[type-arg]
    """Puts both packages, and what the browser gets, inside `hidden_state` in the wheel."""

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:
        if self.target_name != "wheel" or version == "editable":
            return
        self._folder = tempfile.TemporaryDirectory()
        root, copies = Path(self.root), Path(self._folder.name)
        for path in (path for package in PACKAGES for path in (root / package).rglob("*.py")):
            place = path.relative_to(root)
            copy = copies / place
            copy.parent.mkdir(parents=True, exist_ok=True)
            copy.write_text(inside(path.read_text(encoding="utf-8"), str(place)), encoding="utf-8")
            build_data["force_include"][str(copy)] = f"hidden_state/{place.as_posix()}"

    def finalize(self, version: str, build_data: dict[str, Any], artifact_path: str) -> None:
        if folder := getattr(self, "_folder", None):
            folder.cleanup()
