"""`app.offline`: what goes into a page without a server, and what is refused, each with a sentence."""

from __future__ import annotations

import hashlib
import html
import json
import re
from collections.abc import Callable
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from app.compute.model_library import Library
from app.offline import document, export
from app.offline.export import MOST_BYTES, MOST_CHARACTERS, make_page
from models import CharLM, CheckpointError, RequestError, UnknownModel
from models.cells import CELLS
from models.storage.checkpoint import WEIGHTS, load_model
from models.storage.lookup import Found, find
from models.zoo import survey
from tests.support.paths import ROOT
from tests.support.small_models import TINY, make_tiny

Make = Callable[..., str]


def load(found: Found) -> CharLM:
    return load_model(found.entry.folder, found.step)


@pytest.fixture
def make(library: Library) -> Make:
    return lambda *models, **more: make_page(models, library.find, load, **more)


def embedded(page: str) -> Any:
    (words,) = re.findall(r'<script type="application/json" id="embedded">(.*?)</script>', page, re.DOTALL)
    return json.loads(words)


def test_a_page_says_what_it_is(make: Make, library: Library) -> None:
    page = make(*TINY, title="Two <kinds>", today=date(2026, 1, 5))
    assert "<title>Two &lt;kinds&gt; · Hidden State</title>" in page
    assert "5 January 2026" in page
    for name in TINY:
        digest = hashlib.sha256((library.entries[name].folder / WEIGHTS).read_bytes()).hexdigest()
        assert f'<code>{name}</code> <code class="digest">{digest}</code>' in page
    assert "What it cannot do:" in page


def test_a_page_loads_nothing_and_its_policy_forbids_it(make: Make) -> None:
    page = make("tiny-gru")
    head = page[: page.index("<title>")]
    policy = html.unescape(re.findall(r'Content-Security-Policy" content="([^"]*)"', head)[0])
    assert policy.startswith("default-src 'none'; script-src data: 'sha256-")
    assert "connect-src" not in policy
    assert not re.findall(r"https?:|\bws:", policy)
    markup = re.sub(r"<(script|style)\b.*?</\1>", "", page, flags=re.DOTALL)
    assert not re.findall(r'\b(?:src|href)="(?!#)[^"]*"', markup)


def test_every_module_is_there_and_two_are_exchanged(make: Make) -> None:
    page = make("tiny-gru")
    (words,) = re.findall(r'<script type="importmap">(.*?)</script>', page, re.DOTALL)
    names = json.loads(words)["imports"]
    assert "page/main.js" in names
    for path, other in document.INSTEAD.items():
        assert f"page/{path}" not in names
        assert f"page/{other}" in names
    wanted = {found for address in names.values() for found in re.findall(r'["\'](page/[\w/.-]+\.js)["\']', address)}
    assert wanted <= set(names) | {f"page/{path}" for path in document.INSTEAD}
    assert all((ROOT / "static" / name.removeprefix("page/")).is_file() for name in names)


def test_the_models_are_listed_with_their_twins_and_the_text_comes_first(make: Make) -> None:
    found = embedded(make("tiny-rnn", "tiny-gru@0", text="one\r\ntwo </script>"))
    assert set(found["networks"]) == {"tiny-rnn", "tiny-gru", "tiny-gru@0"}
    assert {model["id"]: model["steps"] for model in found["hello"]["models"]} == {"tiny-rnn": [], "tiny-gru": [0]}
    assert found["hello"]["samples"][0]["text"] == "one\ntwo </script>"
    assert found["hello"]["first_minute"] is None
    assert all(model["inapplicable"]["why"] == export.NO_SERVER for model in found["hello"]["models"])


def test_an_earlier_step_is_a_model_of_its_own(tmp_path: Path, no_zoo: None) -> None:
    make_tiny(tmp_path / "a", "a", "gru", 5, 1)
    (tmp_path / "a" / "step-0.safetensors").rename(tmp_path / "a" / "step-7.safetensors")
    library = Library([tmp_path], "cpu")
    (model,) = embedded(make_page(["a@7"], library.find, load))["hello"]["models"]
    assert (model["id"], model["title"].endswith(", after 7 updates"), model["steps"]) == ("a@7", True, [])


@pytest.mark.parametrize(
    ("models", "more", "code", "named"),
    [
        ([], {}, "no_models", "--models"),
        (["tiny-lstm~0.cell.2=0.5@3"], {}, "interventions", "Name tiny-lstm."),
        (["tiny-gru"], {"text": "x" * (MOST_CHARACTERS + 1)}, "text_too_long", f"{MOST_CHARACTERS:,}"),
    ],
)
def test_what_a_page_cannot_have_is_refused(
    make: Make, models: list[str], more: dict[str, Any], code: str, named: str
) -> None:
    with pytest.raises(RequestError, match=re.escape(named)) as error:
        make(*models, **more)
    assert error.value.code == code
    assert str(error.value).endswith(".")


@pytest.mark.parametrize("kind", ["transformer", "mlstm", "slstm_block"])
def test_a_network_without_equations_is_refused(tmp_path: Path, no_zoo: None, kind: str) -> None:
    make_tiny(tmp_path / "t", "t", kind, 8, 1)
    with pytest.raises(RequestError, match=f"t has a layer of the kind {CELLS[kind].title}, and a page") as error:
        make_page(["t"], Library([tmp_path], "cpu").find, load)
    assert error.value.code == "not_recurrent"


def test_a_model_that_is_not_there_or_broken_is_an_error_as_everywhere(tmp_path: Path, no_zoo: None) -> None:
    make_tiny(tmp_path / "a", "a", "gru", 5, 1)
    library = Library([tmp_path], "cpu")
    with pytest.raises(UnknownModel, match="There are: a"):
        make_page(["b"], library.find, load)
    (tmp_path / "a" / WEIGHTS).write_bytes(b"no weights")
    with pytest.raises(CheckpointError, match="does not fit its card"):
        make_page(["a"], library.find, load)


def test_weights_that_are_too_large_by_themselves_are_refused_before_they_are_loaded(
    library: Library, monkeypatch: pytest.MonkeyPatch
) -> None:
    def no_load(found: Found) -> CharLM:
        raise AssertionError(f"{found.name} was loaded")

    monkeypatch.setattr(export, "MOST_BYTES", 4 * library.entries["tiny-gru"].card.parameters)
    with pytest.raises(RequestError, match="A page with tiny-gru would have") as error:
        make_page(["tiny-gru"], library.find, no_load)
    assert (error.value.code, error.value.status) == ("page_too_large", 413)


def test_the_size_itself_is_checked_too(make: Make, monkeypatch: pytest.MonkeyPatch) -> None:
    size = len(make("tiny-gru").encode())
    monkeypatch.setattr(export, "MOST_BYTES", size)
    make("tiny-gru")
    monkeypatch.setattr(export, "MOST_BYTES", size - 1)
    with pytest.raises(RequestError, match="Name fewer or smaller models"):
        make("tiny-gru")


def test_three_models_of_128_units_are_far_below_the_bound() -> None:
    known = survey(())
    names = ["shakespeare-rnn", "shakespeare-gru", "shakespeare-lstm"]
    page = make_page(names, lambda name: find(name, known.entries), load)
    assert len(page.encode()) < MOST_BYTES / 2
