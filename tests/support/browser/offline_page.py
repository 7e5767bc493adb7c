"""An exported page as a test sees it: opened as a file, and its engine asked for all its numbers."""

from __future__ import annotations

import base64
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from playwright.sync_api import Page

from models import CharLM
from models.cells import CELLS
from tests.support.browser.expected_pictures import Reading
from tests.support.browser.explore_page import Explore

SMALL = {f"small-{name}": name for name, cell in CELLS.items() if cell.explained()}
"""A random model of each recurrent cell."""

COMPUTE = """async ([model, text, at, instead]) => {
  const { embedded } = await import("page/offline/embedded.js");
  const { Network, Run } = await import("page/offline/network.js");
  const { Echo } = await import("page/offline/echo.js");
  const stored = embedded();
  const network = new Network(stored.networks[model], stored.codes);
  const ids = Array.from(text, (character) => network.idOf(character));
  const run = new Run(network);
  run.advance(ids, ids.length, () => false);
  const echo = new Echo(run, at, [network.idOf(instead)]);
  echo.advance(ids, () => false);
  const words = (numbers) => {
    const bytes = new Uint8Array(Float32Array.from(numbers).buffer);
    let letters = "";
    for (let k = 0; k < bytes.length; k += 32768) letters += String.fromCharCode(...bytes.subarray(k, k + 32768));
    return btoa(letters);
  };
  const steps = ids.map((_, step) => step);
  return {
    signals: run.signals.map((values, k) => words(values.subarray(0, ids.length * network.layers[k].size))),
    predictions: words(run.predictions.subarray(0, ids.length * network.symbols)),
    surprise: words(steps.map((step) => run.surprise(ids, step))),
    echo: network.layers.map(({ signals }, k) => {
      const all = steps.flatMap((step) =>
        Array.from({ length: signals }, (_, s) => Array.from(echo.differences(k, s, step))).flat(),
      );
      return words(all);
    }),
  };
}"""
"""All that the page's engine computes about a text, and the echo of a character of it."""


class OfflinePage(Explore):
    """One open page that is a file. `requests`: what it asked for, but the modules that it carries itself."""

    def __init__(self, page: Page, models: dict[str, CharLM]) -> None:
        super().__init__(page, None, lambda name, text: Reading(models[name], text))  # type: ignore[arg-type]
        self.requests: list[str] = []
        page.on("request", lambda request: self._note(request.url))

    def _note(self, url: str) -> None:
        if not url.startswith(("data:", "blob:")):
            self.requests.append(url)

    def read(self, path: Path, view: str = "") -> None:
        """Open the file; `view` is what stands after the "#"."""
        self.page.goto(f"{path.as_uri()}{view and '#'}{view}")

    def compute(self, lm: CharLM, name: str, text: str, at: int, instead: str) -> dict[str, NDArray[np.float32]]:
        """By the names of a trace: signals (T, H), `log_probabilities`, `surprise`; and `echo.…`, ours − theirs."""
        found: dict[str, Any] = self.page.evaluate(COMPUTE, [name, text, at, instead])
        out = {"log_probabilities": _array(found["predictions"], len(text)), "surprise": _array(found["surprise"])}
        for k, layer in enumerate(lm.stack):
            for kind, prefix in (("signals", ""), ("echo", "echo.")):
                values = _array(found[kind][k], len(text), len(layer.cell.signals))
                for s, signal in enumerate(layer.cell.names()):
                    out[f"{prefix}{k}.{signal}"] = values[:, s]
        return out


OpenOffline = Callable[..., OfflinePage]


def _array(words: str, *shape: int) -> NDArray[np.float32]:
    flat = np.frombuffer(base64.b64decode(words), "<f4")
    return flat.reshape(*shape, -1) if shape else flat
