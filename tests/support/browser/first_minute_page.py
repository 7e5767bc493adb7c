"""The page of the first minute as a test sees it, and what the networks themselves say and paint."""

from __future__ import annotations

import base64
import re
from collections.abc import Callable
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray
from playwright.sync_api import Page, expect

from app.compute.model_library import Library
from app.content.first_minute import BETWEEN, MODELS
from models.cells import CELLS
from models.echo.echo import Echo
from models.figures import colours
from models.recording.recording import Recording
from scripts.browser import Server
from tests.support.browser.explore_page import PIXELS, WATCH

LAPTOP = {"width": 1440, "height": 900}
DEFAULT = f"A{BETWEEN[:43]}?"
KEEPERS = {
    name: None if (keeper := CELLS[cell].keeper()) is None else keeper[0].name
    for name, cell in zip(MODELS, ("rnn", "gru", "lstm"), strict=True)
}


class Minute:
    """The open page."""

    def __init__(self, page: Page, server: Server) -> None:
        self.page, self.server = page, server
        self.faults: list[str] = []
        page.add_init_script(WATCH)
        page.on("console", lambda message: message.type == "error" and self.faults.append(message.text))
        page.on("pageerror", lambda error: self.faults.append(str(error)))

    def open(self, path: str = "/first") -> Minute:
        self.page.goto(self.server.url + path)
        return self

    def settle(self, text: str) -> None:
        """Wait until all networks in view have painted this text to its end and said their letter."""
        expect(self.page.locator("#letters")).to_have_attribute("aria-label", f"The text: {text}")
        rows = self.page.locator("article.network:visible")
        expect(self.page.locator("#networks")).to_have_attribute("aria-busy", "false")
        for k in range(rows.count()):
            expect(rows.nth(k)).to_have_attribute("data-window", f"0:{len(text)}")
            expect(rows.nth(k)).to_have_attribute("data-steps", str(len(text)))
            expect(rows.nth(k)).not_to_have_class(re.compile("waiting|silent"))

    def row(self, model: str):  # type: ignore[no-untyped-def]
        return self.page.locator(f'article[data-model="{model}"]')

    def pixels(self, model: str) -> NDArray[np.uint8]:
        canvas = self.row(model).locator("canvas").evaluate(PIXELS)
        raw = np.frombuffer(base64.b64decode(canvas["words"]), np.uint8)
        return raw.reshape(canvas["height"], canvas["width"], 4)

    def check(self, text: str, instead: str, closed: int | None = None, models: tuple[str, ...] = MODELS) -> None:
        """Letter, probability, length and every pixel are those of the networks, read here."""
        self.settle(text)
        for base in models:
            keeper = KEEPERS.get(base)
            name = base if closed is None or keeper is None else f"{base}~0.{keeper}=0@{closed}"
            said, probability, right, felt, picture = reading(name, text, instead)
            row = self.row(name)
            expect(row.locator(".said b")).to_have_text(said)
            expect(row.locator(".said")).to_contain_text("right" if said == text[0] else "wrong")
            expect(row.locator(".sure").first).to_have_text(f"{100 * probability:.1f} % sure")
            if said != text[0]:
                expect(row.locator(".sure").last).to_have_text(f"gives {text[0]} {100 * right:.1f} %")
            assert abs(float(str(row.get_attribute("data-probability"))) - probability) < 1e-5
            expect(row).to_have_attribute("data-felt", str(felt))
            expect(row).to_have_attribute("data-echo", "0")
            np.testing.assert_array_equal(self.pixels(name), picture, err_msg=name)


@lru_cache(maxsize=1)
def library() -> Library:
    return Library([], "cpu")


@lru_cache(maxsize=64)
def reading(name: str, text: str, instead: str) -> tuple[str, float, float, int, NDArray[np.uint8]]:
    """What a network says after `text`, with which probability, that of the first letter, for how many characters the
    first letter is felt, and the picture (H, T, RGBA): computed from the weights, without a session."""
    model = library().get(name)
    recording = Recording(model.reader)
    recording.edit(0, 0, model.vocabulary.encode(text))
    while recording.steps < len(text):
        recording.read()
    chances = np.exp(recording.column(0, len(text) - 1)[1])
    letters = model.vocabulary.characters
    echo = Echo(recording, 0, model.vocabulary.encode(instead))
    while echo.advance(len(text)):
        pass
    levels = echo.levels(0, "hidden", 0, len(text), 1, signed=True).astype(int)  # (T, H)
    order = sorted(range(levels.shape[1]), key=lambda unit: (-int(np.abs(levels[:, unit] - 127).sum()), unit))
    best = int(chances.argmax())
    right = float(chances[letters.index(text[0])])
    return letters[best], float(chances[best]), right, echo.felt(0, "hidden"), painted(levels[:, order].T)


def painted(levels: NDArray[np.int_]) -> NDArray[np.uint8]:
    """Colours on a linear scale from −1 to 1 of levels of the logarithmic one, white in the middle."""
    size = np.abs(levels - 127) / 127
    differences = np.where(size == 0, 0, np.sign(levels - 127) * 10 ** (7 * (size - 1)))
    positions = np.floor((differences + 1) / 2 * 254 + 0.5) / 254
    stops = [(at, colours.ECHO[0][1] if at == 0.5 else colour) for at, colour in colours.SIGNED]
    at = [position for position, _ in stops]
    channels = [
        np.interp(positions, at, [int(colour[1 + 2 * c : 3 + 2 * c], 16) for _, colour in stops]) for c in range(3)
    ]
    return np.stack([*np.floor(np.array(channels) + 0.5), np.full(positions.shape, 255)], axis=-1).astype(np.uint8)


Open = Callable[..., Minute]


def say(minute: Minute, name: str) -> None:
    minute.page.get_by_role("button", name=name).click()
