"""Which modules a script of the page imports, so that the browser can request all of them at once.

Modules are served as written. Without a list the browser learns of each only from the one that imports it: one request
after the other, as deep as the imports go.
"""

from __future__ import annotations

import posixpath
import re
from collections.abc import Callable, Mapping
from functools import cache
from types import MappingProxyType

from .assets import folder

_IMPORT = re.compile(r"""^((?:import|export)\b[^;'"]*?["'])(\.[^"']+)(["'];)""", re.MULTILINE)


@cache
def imported(script: str) -> tuple[str, ...]:
    """The modules that `script` imports, directly or not, nearest first, as paths below `static/`.

    Args:
        script: a path below `static/`, such as `main.js`.

    Raises:
        FileNotFoundError: if it or one that it imports does not exist.
    """
    return tuple(path for path in closure(script) if path != script)


def closure(script: str, instead: Mapping[str, str] = MappingProxyType({})) -> dict[str, str]:
    """A script and all that it imports, nearest first: the path below `static/` of each, and its source.

    Args:
        instead: modules to take in place of others, by their paths.
    """
    found: dict[str, str] = {}
    queue = [script]
    for name in queue:
        if name not in found:
            found[name] = (folder("static") / name).read_text(encoding="utf-8")
            queue += [instead.get(path, path) for path in _targets(name, found[name])]
    return found


def respelled(name: str, source: str, spell: Callable[[str], str]) -> str:
    """The source of the script `name` with each module that it imports named as `spell` does, given its path."""
    return _IMPORT.sub(lambda found: f"{found[1]}{spell(_resolved(name, found[2]))}{found[3]}", source)


def _targets(name: str, source: str) -> list[str]:
    return [_resolved(name, target) for _, target, _ in _IMPORT.findall(source)]


def _resolved(name: str, target: str) -> str:
    return posixpath.normpath(posixpath.join(posixpath.dirname(name), target))
