"""Models of one's own on the page: each under its own name, in any script, in a shared address and after a reload."""

from __future__ import annotations

import re
from collections.abc import Iterator
from urllib.parse import quote

import pytest
from playwright.sync_api import expect

from models.storage.card import read_card, write_card
from scripts.browser import Server
from tests.support.browser.explore_page import address
from tests.support.small_models import make_tiny

NAMES = ["monday", "Модель", "a b", "[old] (2)", "a&b=c#d%20+e"]
TEXT = "To be, or not to be."


@pytest.fixture(scope="module")
def own(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """A server with runs of one shape; the first two on a text called as that of the others, and unlike it."""
    folder = tmp_path_factory.mktemp("runs")
    for seed, name in enumerate(NAMES):
        make_tiny(folder / name, name, "lstm", 6, 1, seed=seed)
        card = read_card(folder / name)
        corpus = card.corpus.model_copy(update={"name": "input", "sha256": ("1f" if seed < 2 else "9b") * 32})
        described = {"title": "LSTM · 1 × 6", "description": "Trained on /home/someone/secret/input.txt."}
        write_card(folder / name, card.model_copy(update={"corpus": corpus, **described}))
    (folder / "broken").mkdir()
    (folder / "broken" / "card.json").write_text('{"id": "broken"}')
    with Server(HIDDEN_STATE_MODEL_FOLDERS=str(folder)) as running:
        yield running


def test_two_runs_of_one_shape_have_two_names_wherever_they_stand(open_page, own):
    explore = open_page(address(models="monday,Модель", text=TEXT), at=own)
    explore.settle()
    for name in NAMES[:2]:
        panel = explore.panel(name)
        expect(panel.locator("h2")).to_contain_text(f"{name} · LSTM")
        chip = explore.page.locator("label.model-chip", has_text=f"{name} · LSTM")
        expect(chip).to_have_attribute("title", re.compile(r"^Trained on input\.txt\."))
    corpora = explore.choice("Trained on").locator("option").all_inner_texts()
    assert sorted(one for one in corpora if one.lower().startswith("input")) == ["Input · 1f1f1f", "Input · 9b9b9b"]
    chips = explore.page.locator("label.model-chip").all_inner_texts()
    assert sorted(one.split(" · ")[0].strip() for one in chips) == sorted(NAMES[:2]), "the other text is another family"
    assert "secret" not in explore.page.content()


def test_an_address_carries_every_name_and_a_reload_finds_it_again(open_page, own):
    for name in NAMES:
        explore = open_page(address(models=f"{name},{name}@0", text=TEXT), at=own)
        explore.settle()
        assert explore.models() == [name, f"{name}@0"]
        explore.until("addressed > 0")  # the page has written its own address in the place of the one that was opened
        explore.page.reload()
        explore.settle()
        assert explore.models() == [name, f"{name}@0"]
        assert explore.text() == TEXT


def test_the_page_of_models_leads_to_each_and_names_what_was_left_out(open_page, own):
    explore = open_page("", at=own)
    page = explore.page
    for name in NAMES:
        page.goto(f"{own.url}/models#{quote(name)}")
        card = page.locator("section.card").filter(has=page.locator("code", has_text=name).first)
        expect(card.first).to_be_in_viewport()
        card.first.get_by_role("link", name="See it beside its untrained twin").click()
        explore.editor.wait_for()
        explore.settle()
        assert explore.models() == [name, f"{name}@0"]
    page.goto(f"{own.url}/models")
    expect(page.locator("section", has=page.get_by_role("heading", name="Left out"))).to_contain_text("broken")
    assert "secret" not in page.content()
