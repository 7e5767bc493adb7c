"""Explore with session files: saving one, opening one by picker and by drop, and what the page itself holds."""

from __future__ import annotations

import base64
from pathlib import Path
from typing import Any

from playwright.sync_api import expect

from tests.support.browser.explore_page import PIXELS, Explore

STORE = "async () => (await import('/static/main.js')).store.get()"

VIEW = f"""async () => {{
  const {{ text, corpus, play, ...view }} = await ({STORE})();
  return {{ ...view, text: text.string }};
}}"""
"""All that the page shows, in the words of the page itself; the family of models follows from them."""

DROP = """([bytes, name]) => {
  const dataTransfer = new DataTransfer();
  const raw = Uint8Array.from(atob(bytes), (letter) => letter.charCodeAt(0));
  dataTransfer.items.add(new File([raw], name));
  for (const kind of ["dragenter", "dragover", "drop"]) {
    const event = new DragEvent(kind, { dataTransfer, bubbles: true, cancelable: true });
    document.querySelector("#pictures").dispatchEvent(event);
  }
}"""


def save(explore: Explore, path: Path) -> bytes:
    """The file that “Save session” downloads."""
    with explore.page.expect_download() as download:
        explore.take("Save session")
    assert download.value.suggested_filename == "session.hidden-state"
    download.value.save_as(path)
    return path.read_bytes()


def pick(explore: Explore, data: bytes, name: str = "lecture.hidden-state") -> None:
    with explore.page.expect_file_chooser() as chooser:
        explore.button("Open …").click()
    chooser.value.set_files({"name": name, "mimeType": "application/octet-stream", "buffer": data})


def drop(explore: Explore, data: bytes, name: str = "lecture.hidden-state") -> None:
    explore.page.evaluate(DROP, [base64.b64encode(data).decode(), name])


def told(explore: Explore, words: str) -> None:
    expect(explore.page.locator("#notice span")).to_contain_text(words)


def view(explore: Explore) -> dict[str, Any]:
    found: dict[str, Any] = explore.page.evaluate(VIEW)
    return found


def undone(explore: Explore) -> list[str]:
    """The texts that “Undo” leads to, one after the other, until there is none."""
    texts = []
    while explore.button("Undo").is_enabled():
        explore.button("Undo").click()
        texts.append(str(explore.page.evaluate(f"async () => (await ({STORE})()).text.string")))
    return texts


def pictures(explore: Explore) -> dict[str, str]:
    """The pixels of every panel, by its model."""
    return {model: explore.heatmap(model).evaluate(PIXELS)["words"] for model in explore.models()}
