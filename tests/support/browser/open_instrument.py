"""The open instrument as a test sees it."""

from __future__ import annotations

import csv
from collections.abc import Callable
from typing import Any

import numpy as np
from numpy.typing import NDArray
from playwright.sync_api import Locator, expect

from tests.support.browser.explore_page import Explore

INSTRUMENTS = (
    "saturation", "forgetting", "horizon", "context", "overlength", "cost", "recoverability", "recall", "gradients",
    "why", "provenance", "unit", "intervene", "texts", "generate",
)  # fmt: skip
"""All of them, by name."""

LINES = """(index) => {
  const chart = document.querySelectorAll("#instrument .chart")[index];
  const lines = chart.data.filter(({ line }) => line.width > 0);
  return lines.map(({ name, x, y, line }) => ({ name, x, y, dash: line.dash, color: line.color }));
}"""

TINTS = """(length) => {
  const levels = new Array(length).fill(0);
  for (const [name, ranges] of CSS.highlights) {
    const found = /^tint-([np])(\\d)$/.exec(name);
    if (found === null) continue;
    const level = Number(found[2]) * (found[1] === "n" ? -1 : 1);
    for (const range of ranges) levels.fill(level, range.startOffset, range.endOffset);
  }
  return levels;
}"""


PATIENCE_MS = 90_000


class Instrument:
    """What stands in the frame at the top of the side."""

    def __init__(self, explore: Explore) -> None:
        self.explore = explore
        self.frame: Locator = explore.page.locator("#instrument")

    def settle(self) -> Instrument:
        """Wait until all that was asked has been answered and drawn."""
        expect(self.frame).to_have_attribute("aria-busy", "false", timeout=PATIENCE_MS)
        self.explore.frames()
        return self

    def rows(self) -> dict[str, Locator]:
        """The rows of the tables, by model."""
        found = self.frame.locator("tr[data-for]")
        return {str(row.get_attribute("data-for")): row for row in found.all()}

    def fact(self, model: str, name: str) -> str:
        """What a row's cell says."""
        return self.frame.locator(f'tr[data-for="{model}"] [data-fact="{name}"]').inner_text()

    def lines(self, index: int = 0) -> dict[str, dict[str, Any]]:
        """The lines of a chart by name; where a line breaks, y is NaN."""
        found = self.explore.page.evaluate(LINES, index)
        return {one["name"]: {**one, "y": np.array(one["y"], float)} for one in found}

    def csv(self) -> list[dict[str, str]]:
        """The numbers that the page gives for download."""
        with self.explore.page.expect_download() as download:
            self.frame.get_by_role("button", name="CSV").click()
        with open(download.value.path(), newline="", encoding="utf-8") as file:  # noqa: PTH123 - csv reads from a file
            return list(csv.DictReader(file))

    def tints(self) -> NDArray[np.int64]:
        """The level of each character of the text in the editor, −8 … 8."""
        return np.array(self.explore.page.evaluate(TINTS, len(self.explore.text())))

    def tints_come_to(self, right: Callable[[NDArray[np.int64]], object]) -> None:
        """Wait until the colours of the text are `right`; they follow the answers a moment later."""
        self.explore.comes_to(lambda: bool(right(self.tints())), True)
