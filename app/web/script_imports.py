"""Which modules a script of the page imports, so that the browser can request all of them at once.

Modules are served as written. Without a list the browser learns of each only from the one that imports it: one request
after the other, as deep as the imports go.
"""

from __future__ import annotations

import posixpath
import re
from functools import cache

from .assets import folder

_IMPORT = re.compile(r"""^(?:import|export)\b[^;'"]*?["'](\.[^"']+)["'];""", re.MULTILINE)


@cache
def imported(script: str) -> tuple[str, ...]:
    """The modules that `script` imports, directly or not, nearest first, as paths below `static/`.

    Args:
        script: a path below `static/`, such as `main.js`.

    Raises:
        FileNotFoundError: if it or one that it imports does not exist.
    """
    found: dict[str, None] = {script: None}
    for name in (queue := [script]):
        for target in _IMPORT.findall((folder("static") / name).read_text(encoding="utf-8")):
            path = posixpath.normpath(posixpath.join(posixpath.dirname(name), target))
            if path not in found:
                found[path] = None
                queue.append(path)
    return tuple(path for path in found if path != script)
