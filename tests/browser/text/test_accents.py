"""A text whose accents are written otherwise than a model knows them: the page says which, and converts it."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator

import pytest
from playwright.sync_api import expect

from models.text.lines import form_hint
from models.text.vocabulary import Vocabulary
from scripts.browser import Server
from tests.support.browser.explore_page import address
from tests.support.small_models import make_tiny
from tests.support.texts import LETTERS

COMPOSED = "Le café où naît l’été à Noël."
APART = unicodedata.normalize("NFD", COMPOSED)
KNOWN = {"composed": LETTERS + "éèùîàë", "apart": LETTERS + "\u0300\u0301\u0302\u0308", "neither": LETTERS}


@pytest.fixture(scope="module")
def accented(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    folder = tmp_path_factory.mktemp("accented")
    for name in ("composed", "apart"):
        make_tiny(folder / name, name, "gru", 6, 1, characters=KNOWN[name])
    with Server(HIDDEN_STATE_MODEL_FOLDERS=str(folder)) as running:
        yield running


@pytest.mark.parametrize("known", KNOWN)
@pytest.mark.parametrize("text", [COMPOSED, APART, APART[:4] + COMPOSED[4:], "plain", "", "漢字 🙂 e\u0301\u0301"])
def test_the_page_and_the_commands_give_the_same_hint(known, text, bare):
    found = bare.evaluate(
        """async ([text, known]) => {
          const { accentsHint } = await import("/static/text/accents.js");
          return accentsHint(text, [{ name: "M", known: new Set(known) }]);
        }""",
        [text, KNOWN[known]],
    )
    told = form_hint(text, Vocabulary("".join(sorted(KNOWN[known]))), "M")
    if told is None:
        assert found is None
    else:
        form = re.search(r"Convert the text to (NFC|NFD)", told)[1]
        assert found["form"] == form
        assert found["words"].split(" ")[0] == told.split(" ")[0], "of as many characters"
        assert f"Convert the text to {form}, and they are read." in found["words"]


@pytest.mark.parametrize(
    ("model", "text", "form"), [("composed", APART, "NFC"), ("apart", COMPOSED, "NFD")], ids=["NFC", "NFD"]
)
def test_the_hint_names_the_letters_and_its_button_converts_the_text(model, text, form, open_page, accented):
    explore = open_page(address(models=model, text=text), at=accented)
    explore.settle()
    notice = explore.page.locator("#notice")
    expect(notice).to_contain_text(f"Convert the text to {form}, and they are read.")
    letter = unicodedata.normalize("NFD" if form == "NFC" else "NFC", "é")
    assert f"“{letter}”" in notice.inner_text()
    notice.get_by_role("button", name=f"convert to {form}").click()
    expect(explore.editor).to_have_value(unicodedata.normalize(form, text))
    explore.settle()
    expect(notice).to_be_hidden()
    explore.button("Undo").click()
    expect(explore.editor).to_have_value(text)


def test_it_is_said_once_of_a_text_and_goes_when_it_is_mended(open_page, accented):
    explore = open_page(address(models="composed", text=APART), at=accented, viewport={"width": 1440, "height": 900})
    explore.settle()
    notice = explore.page.locator("#notice")
    expect(notice).to_contain_text("only for how accents are written")
    notice.get_by_role("button", name="dismiss").click()
    explore.page.clock.install()
    explore.editor.press("Control+End")
    explore.page.keyboard.type("x")
    explore.settle()
    explore.page.clock.run_for(2000)  # longer than the page waits before it speaks
    expect(notice).to_be_hidden()
    explore.replace("plain")
    explore.settle()
    explore.page.clock.run_for(2000)
    explore.replace(APART)
    expect(notice).to_contain_text("only for how accents are written")
    explore.replace("plain again")
    expect(notice).to_be_hidden()
