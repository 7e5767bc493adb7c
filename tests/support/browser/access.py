"""What axe-core finds wrong with a page for those who do not see it, or use no mouse."""

from __future__ import annotations

from importlib.resources import files

from playwright.sync_api import Page

AXE = files("axe_playwright_python").joinpath("axe.min.js").read_text(encoding="utf-8")

SIZES = {"projector": (1280, 720), "tablet": (1024, 768), "phone": (390, 844)}
THEMES = ("light", "dark")

FAULTS = """async () => {
  const { violations } = await axe.run(document, { resultTypes: ["violations"] });
  const words = (id, { target, failureSummary }) => `${id} ${target}: ${failureSummary}`;
  return violations.flatMap(({ id, nodes }) => nodes.map((node) => words(id, node)));
}"""


def check(page: Page, where: str) -> None:
    """It finds nothing."""
    if not page.evaluate("'axe' in globalThis"):
        page.evaluate(AXE)
    faults = page.evaluate(FAULTS)
    assert faults == [], f"{where}:\n" + "\n".join(faults)
