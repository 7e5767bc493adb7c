"""A session as a file: saved, opened by picker and by drop on another page, refused without a loss."""

from __future__ import annotations

import random
import re
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from playwright.sync_api import expect

from scripts.browser import Server
from tests.support.browser.explore_page import Explore, address
from tests.support.browser.session_page import drop, pick, pictures, save, told, undone, view
from tests.support.session_file.zips import changed, members, zipped
from tests.support.small_models import make_tiny

GRU, LSTM = "shakespeare-gru", "shakespeare-lstm"
ELSEWHERE = {"width": 1300, "height": 800}
TEXT = "The king is come, my lord: 100 % — Ärger & 🙂 #1\n"
VIEW = address(
    models=f"{LSTM}@0:0:cell,{GRU}",
    signal="update_gate",
    echo="7:x",
    step=12,
    unit=5,
    theme="dark",
    instrument="texts",
    text=TEXT,
    generated="3-9",
    by="LSTM · 128, seed 9",
    **{"o.other": TEXT.replace("king", "queen") * 60},
)


@pytest.fixture(scope="module")
def own(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """A server with a model that no other has."""
    folder = tmp_path_factory.mktemp("runs")
    make_tiny(folder / "Модель", "Модель", "lstm", 6, 1, seed=4)
    with Server(HIDDEN_STATE_MODEL_FOLDERS=str(folder)) as running:
        yield running


@pytest.fixture
def writer(open_page: Callable[..., Explore]) -> Explore:
    """A view with much of its own: an instrument, an echo, a long second text, marks of a model, and a history."""
    explore = open_page(VIEW, size=(1300, 800))
    explore.settle()
    explore.editor.press("Control+End")
    for word in ("Go on ", "and on"):
        explore.page.keyboard.type(word)
        explore.until(f"document.querySelector('#text').value.endsWith('{word}')")
    explore.settle()
    return explore


@pytest.mark.parametrize("way", [pick, drop])
def test_a_session_comes_back_on_another_page(
    way: Callable[..., None], writer: Explore, open_page: Callable[..., Explore], tmp_path: Path
) -> None:
    data = save(writer, tmp_path / "a")
    told(writer, "The session is saved as “session.hidden-state”")
    shown, paint = view(writer), pictures(writer)
    assert len(shown["options"]["other"]) > 2000
    assert shown["generated"] == [{"from": 3, "to": 9}]
    history = undone(writer)
    assert history[-1] == TEXT
    reader = open_page(address(models=GRU, text="Mine."), viewport=ELSEWHERE)
    reader.settle()
    way(reader, data)
    told(reader, "“lecture.hidden-state” is open.")
    reader.settle()
    assert view(reader) == shown
    reader.comes_to(lambda: pictures(reader), paint)
    assert undone(reader) == [*history, "Mine."]
    assert view(reader)["text"] == "Mine."


def test_one_click_brings_back_all_that_was_here(
    writer: Explore, open_page: Callable[..., Explore], tmp_path: Path
) -> None:
    data = save(writer, tmp_path / "a")
    reader = open_page(address(models=GRU, layer=0, text="Mine."))
    reader.settle()
    reader.editor.press("Control+End")
    reader.page.keyboard.type(" Own")
    reader.settle()
    before, paint = view(reader), pictures(reader)
    pick(reader, data)
    told(reader, "is open.")
    reader.settle()
    assert view(reader) != before
    reader.button("bring back what was here").click()
    reader.settle()
    assert view(reader) == before
    reader.comes_to(lambda: pictures(reader), paint)
    assert undone(reader) == ["Mine. ", "Mine."]


def test_a_text_far_too_long_for_an_address_goes_along(open_page: Callable[..., Explore], tmp_path: Path) -> None:
    draw = random.Random(5)
    text = "".join(draw.choices("abcdefghijklmnopqrstuvwxyz ÄÖÜ🙂,.\n", k=30_000))
    writer = open_page(address(models=GRU, text="Old."))
    writer.settle()
    writer.editor.press("Control+A")
    writer.paste(text)
    writer.settle(len(text))
    data = save(writer, tmp_path / "a")
    reader = open_page(address(models=GRU, text="Mine."))
    reader.settle()
    drop(reader, data, "no name at all")
    told(reader, "“no name at all” is open.")
    reader.settle(len(text))
    assert view(reader)["text"] == text
    assert undone(reader) == ["Old.", "Mine."]


def test_what_is_refused_leaves_everything(writer: Explore, open_page: Callable[..., Explore], tmp_path: Path) -> None:
    data = save(writer, tmp_path / "a")
    inside = members(data)
    refused = {
        "is damaged or incomplete": data[: len(data) // 2],
        "is from a newer Hidden State (12.0): it has version 12": changed(data, version=12, made_by="12.0"),
        "a zip file without a session.json": zipped({"word/document.xml": b"<w/>"}),
        "its text.txt is larger than": zipped({**inside, "text.txt": b"x" * 1_000_000}),
    }
    reader = open_page(address(models=GRU, text="Mine."))
    reader.settle()
    reader.expected.append("status of 400")  # the browser logs every refusal
    before = view(reader)
    for words, file in refused.items():
        for way in (pick, drop):
            way(reader, file)
            told(reader, words)
            reader.button("dismiss").click()
            assert view(reader) == before
    expect(reader.button("Undo")).to_be_disabled()


def test_a_session_of_what_is_not_here_says_so_and_shows_the_rest(
    writer: Explore, open_page: Callable[..., Explore], tmp_path: Path
) -> None:
    data = save(writer, tmp_path / "a")
    words = f"models=nobody,{GRU}&signal=shoe&instrument=texts&o.horse=1&colour=red"
    weights = {"weights.safetensors": "0" * 64}
    models = [{"id": name, "sha256": weights, "folder": None} for name in ("nobody", GRU)]
    history = b'{"done": [{"at": 0, "removed": "", "inserted": "never"}], "undone": []}'
    strange = members(changed(data, view=words, models=models, options={})) | {"history.json": history}
    reader = open_page(address(models=LSTM, text="Mine."))
    reader.settle()
    pick(reader, zipped(strange))
    told(
        reader,
        "“lecture.hidden-state” is open. The session asks for what is not here: the model “nobody”, the signal “shoe”, "
        "the option “horse”, “colour”. The rest of it is shown. shakespeare-gru has other weights here than where the "
        "session was saved, so its pictures are others.",
    )
    reader.settle()
    assert reader.models() == [GRU]
    assert undone(reader) == ["Mine."], "a step that does not fit the text is left out"


def test_a_model_of_ones_own_goes_along(own: Server, open_page: Callable[..., Explore], tmp_path: Path) -> None:
    writer = open_page(address(models=f"Модель:0:cell,Модель@0,{GRU}", text=TEXT), at=own, size=(1300, 800))
    writer.settle()
    data, paint = save(writer, tmp_path / "a"), pictures(writer)
    reader = open_page(address(models=GRU, text="Mine."), size=(1300, 800))
    reader.settle()
    pick(reader, data)
    told(reader, "is open.")
    reader.settle()
    names = reader.models()
    assert names[0].startswith("Модель-")
    assert names == [names[0], f"{names[0]}@0", GRU]
    assert reader.showing(names[0]) == (0, "cell")
    expected = [paint["Модель"], paint["Модель@0"], paint[GRU]]
    reader.comes_to(lambda: list(pictures(reader).values()), expected)
    expect(reader.page.locator("label.model-chip", has_text="Модель")).to_be_visible()
    # It is still there when the page is loaded again, and nobody else is told of it.
    reader.until("addressed > 1 && location.hash.includes('%D0%9C')")
    reader.page.reload()
    reader.settle()
    assert reader.models() == names
    reader.comes_to(lambda: list(pictures(reader).values()), expected)
    other = open_page(address(models=GRU, text="Mine."))
    other.settle()
    assert names[0] not in other.page.content()


def test_after_a_break_a_model_that_came_along_is_still_there(
    own: Server, open_page: Callable[..., Explore], tmp_path: Path
) -> None:
    writer = open_page(address(models="Модель", text=TEXT), at=own)
    writer.settle()
    data = save(writer, tmp_path / "a")
    reader = open_page(address(models=GRU, text="Mine."))
    reader.settle()
    pick(reader, data)
    told(reader, "is open.")
    reader.settle()
    (name,) = reader.models()
    reader.page.evaluate("async () => (await import('/static/main.js')).connection.socket.close()")
    reader.editor.press("Control+End")
    reader.page.keyboard.type("!")
    reader.settle()
    assert reader.models() == [name]
    assert reader.text() == f"{TEXT}!"


def test_the_keyboard_alone_saves(open_page: Callable[..., Explore], tmp_path: Path) -> None:
    explore = open_page(address(models=GRU, text="Mine."))
    explore.settle()
    explore.button("Take away ▾").focus()
    explore.page.keyboard.press("Enter")
    expect(explore.page.get_by_role("menuitem", name="Picture as PNG")).to_be_focused()
    for key in ("End", "ArrowUp"):
        explore.page.keyboard.press(key)
    expect(explore.page.get_by_role("menuitem", name="Save session")).to_be_focused()
    with explore.page.expect_download() as download:
        explore.page.keyboard.press("Enter")
    download.value.save_as(tmp_path / "a")
    told(explore, "is saved")
    assert members((tmp_path / "a").read_bytes())["text.txt"] == b"Mine."


def test_a_server_that_was_given_a_session_shows_it_at_once(
    writer: Explore, open_page: Callable[..., Explore], tmp_path: Path
) -> None:
    """As `hidden-state open` starts one; nothing leads back to what the page would have begun with."""
    path = tmp_path / "a"
    save(writer, path)
    shown = view(writer)
    history = undone(writer)
    with Server("open", str(path), "--no-browser") as given:
        assert re.fullmatch(rf"{given.url}/explore\?session=[\w-]+", given.page)
        reader = open_page(at=given, size=(1300, 800))
        reader.page.goto(given.page)
        reader.editor.wait_for()
        reader.comes_to(lambda: view(reader), shown)
        assert "session=" not in reader.page.url
        assert undone(reader) == history
        reader.expected.append("status of 404")
        reader.page.goto(f"{given.url}/explore?session=nobody-knows#text=Mine.")
        told(reader, "The session of this address is not here any more")
        expect(reader.editor).to_have_value("Mine.")
        reader.page.goto("about:blank")
