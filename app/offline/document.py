"""One HTML file out of the page's templates, styles and modules, with nothing left to load.

The modules go along as written, each as a `data:` address in an import map; relative imports are respelled as the
map's names. Two are exchanged: the connection to the server for one that computes, and Plotly for what draws axes only.
"""

from __future__ import annotations

import base64
import hashlib
import json
import re
from dataclasses import dataclass
from functools import cache
from typing import Any
from urllib.parse import quote

from jinja2 import Environment, FileSystemLoader

from .. import __version__
from ..web.assets import folder
from ..web.script_imports import closure, respelled

INSTEAD = {"wire/connection.js": "offline/connection.js", "picture/plotly-loader.js": "offline/axes.js"}
"""The modules of the page that another takes the place of."""

EARLY = ("view", "theme", "browser-check")
"""Scripts that run before the page is painted."""

_SHEET = re.compile(r'<link rel="stylesheet" href="/static/([^"]+)">')
_LEGIBLE = "".join(map(chr, range(0x20, 0x7F))).translate(str.maketrans("", "", '%#"\\<'))
"""What a `data:` address in JSON in HTML may hold as it is."""


@dataclass(frozen=True)
class Embedded:
    """What a page holds of one network: its name, and the SHA-256 of its weights."""

    name: str
    digest: str


def document(title: str, date: str, view: str, models: list[Embedded], content: dict[str, Any], most: int) -> str:
    """The file.

    Args:
        date: in words.
        view: what the page begins with, as an address has it behind the `#`.
        content: what static/offline/embedded.js reads.
        most: characters that it reads.
    """
    scripts = [_source(f"early/{name}.js") for name in EARLY]
    import_map, entry = _modules()
    inline = [_written(one) for one in (*scripts, import_map, entry)]
    policy = (
        f"default-src 'none'; script-src data: {' '.join(inline)}; style-src 'unsafe-inline'; img-src data: blob:; "
        "base-uri 'none'; form-action 'none'"
    )
    environment = Environment(loader=FileSystemLoader(folder("templates")), autoescape=True)
    return environment.get_template("offline.html").render(
        title=title,
        date=date,
        version=__version__,
        view=view,
        models=models,
        most=most,
        policy=policy,
        scripts=scripts,
        sheets=_sheets(),
        import_map=import_map,
        entry=entry,
        embedded=json.dumps(content, ensure_ascii=False, separators=(",", ":")).replace("<", "\\u003c"),
    )


def _source(name: str) -> str:
    return (folder("static") / name).read_text(encoding="utf-8")


def _written(script: str) -> str:
    """A script as a policy names it: by its digest."""
    return f"'sha256-{base64.b64encode(hashlib.sha256(script.encode()).digest()).decode()}'"


@cache
def _modules() -> tuple[str, str]:
    """The import map of all modules, and the script that begins with the first."""
    sources = closure("main.js", INSTEAD)

    def name(path: str) -> str:
        return f"page/{INSTEAD.get(path, path)}"

    addresses = {
        name(path): f"data:text/javascript;charset=utf-8,{quote(respelled(path, source, name), safe=_LEGIBLE)}"
        for path, source in sources.items()
    }
    return json.dumps({"imports": addresses}), 'import "page/main.js";'


@cache
def _sheets() -> tuple[str, ...]:
    """The style sheets of the page, in their order, and its own."""
    named = [found for page in ("base", "explore") for found in _SHEET.findall(_template(page))]
    return tuple(_source(sheet) for sheet in (*named, "css/offline.css"))


def _template(name: str) -> str:
    return (folder("templates") / f"{name}.html").read_text(encoding="utf-8")
