"""`app.session_file.carrying`: models go along and come back, and none of them can harm or replace another."""

from __future__ import annotations

import hashlib
import json
from pathlib import Path
from urllib.parse import urlencode

import numpy as np
import pytest

from app.compute import opened_models
from app.compute.model_library import Library
from app.session_file.carrying import names_in, taken_in, with_models
from app.session_file.content import SESSION, Session, View, read_session, write_session
from models import CheckpointError, RequestError, zoo
from models.storage.card import CARD
from models.storage.checkpoint import WEIGHTS
from tests.support.session_file.zips import changed, members, zipped
from tests.support.small_models import make_tiny, without_zoo


def library_of(folder: Path | None) -> Library:
    with without_zoo():
        return Library([] if folder is None else [folder], "cpu")


@pytest.fixture
def own(tmp_path: Path) -> Library:
    for seed, name in enumerate(["monday", "Модель", "a&b=c#d%20+e"]):
        make_tiny(tmp_path / name, name, "gru", 5, 1, seed=seed)
    return library_of(tmp_path)


def session(view: str, **more: object) -> Session:
    return Session(View(view=view, **more), "To be")  # type: ignore[arg-type]


def file_of(view: str, library: Library, **more: object) -> bytes:
    return write_session(with_models(session(view, **more), library))


def opened(data: bytes, library: Library) -> tuple[View, list[str], list[str]]:
    return taken_in(read_session(data, 100), library)


def test_the_models_of_a_view_are_those_of_its_panels_and_of_its_instrument() -> None:
    view = View(
        view="models=a:1:cell,b@0~zero@3:difference,a@0&o.model=c@12~zero@1&signal=hidden", options={"model": "d"}
    )
    assert names_in(view) == ["a", "b", "c", "d"]
    assert names_in(View(view="signal=hidden", options={"model": ""})) == []


def test_a_model_comes_to_a_server_that_lacks_it_and_reads_the_same(own: Library) -> None:
    data = file_of("models=monday:0:hidden,monday@0~zero@1&o.model=monday", own, options={"model": "monday", "n": 1})
    elsewhere = library_of(None)
    view, taken, remarks = opened(data, elsewhere)
    (name,) = taken
    assert name.startswith("monday-")
    assert view.view == f"models={name}%3A0%3Ahidden%2C{name}%400~zero%401&o.model={name}"
    assert view.options == {"model": name, "n": 1}
    assert remarks == []
    for tail in ("", "@0"):
        here, there = own.get(f"monday{tail}"), elsewhere.get(f"{name}{tail}")
        assert here.lm.vocabulary == there.lm.vocabulary
        np.testing.assert_array_equal(here.lm.trace("To be")["0.hidden"], there.lm.trace("To be")["0.hidden"])
    assert elsewhere.get(f"{name}~zero@1").interventions
    elsewhere.opened.close()


def test_names_of_any_script_go_along(own: Library) -> None:
    elsewhere = library_of(None)
    for name in ("Модель", "a&b=c#d%20+e"):
        view, (taken,), _ = opened(file_of(urlencode({"models": name}), own), elsewhere)
        assert taken.startswith(f"{name}-")
        assert view.view == urlencode({"models": taken})
    elsewhere.opened.close()


def test_a_server_that_has_the_model_goes_on_with_its_own(own: Library) -> None:
    view, taken, remarks = opened(file_of("models=monday", own), own)
    assert (view.view, taken, remarks) == ("models=monday", [], [])


def test_a_model_of_the_same_name_is_another_one(own: Library, tmp_path: Path) -> None:
    other = tmp_path / "elsewhere"
    make_tiny(other / "monday", "monday", "gru", 5, 1, seed=77)
    elsewhere = library_of(other)
    before = elsewhere.get("monday").lm.trace("To be")["0.hidden"]
    view, (name,), _ = opened(file_of("models=monday", own), elsewhere)
    assert name != "monday"
    assert view.view == f"models={name}"
    np.testing.assert_array_equal(elsewhere.get("monday").lm.trace("To be")["0.hidden"], before)
    assert not np.array_equal(elsewhere.get(name).lm.trace("To be")["0.hidden"], before)
    elsewhere.opened.close()


def test_weights_with_another_card_do_not_take_the_place_of_those_with_the_first(own: Library) -> None:
    """Somebody else's file, with the same weights and letters exchanged, must not change what this one shows."""
    elsewhere = library_of(None)
    data = file_of("models=monday", own)
    _, (first,), _ = opened(data, elsewhere)
    found = members(data)
    card = json.loads(found[f"models/0/{CARD}"])
    card["vocabulary"] = card["vocabulary"][::-1]
    _, (second,), _ = opened(zipped({**found, f"models/0/{CARD}": json.dumps(card).encode()}), elsewhere)
    assert first != second
    _, (again,), _ = opened(data, elsewhere)
    assert again == first
    elsewhere.opened.close()


def test_an_opened_model_is_saved_under_the_name_that_its_maker_gave_it(own: Library) -> None:
    elsewhere, third = library_of(None), library_of(None)
    _, (name,), _ = opened(file_of("models=monday", own), elsewhere)
    again = file_of(f"models={name}", elsewhere)
    assert json.loads(members(again)["models/0/card.json"])["id"] == "monday"
    _, (there,), _ = opened(again, third)
    assert there == name
    elsewhere.opened.close()
    third.opened.close()


def test_a_model_that_ships_does_not_go_along_and_its_digest_does(tmp_path: Path) -> None:
    """The zoo stands in for by a folder of the test."""
    make_tiny(tmp_path / "zoo" / "shipped", "shipped", "rnn", 5, 1)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(zoo, "FOLDER", tmp_path / "zoo")
        library = Library([], "cpu")
        data = file_of("models=shipped", library)
        assert "models/0/card.json" not in members(data)
        weights = (tmp_path / "zoo" / "shipped" / WEIGHTS).read_bytes()
        (model,) = json.loads(members(data)[SESSION])["models"]
        assert model == {
            "id": "shipped",
            "sha256": {WEIGHTS: hashlib.sha256(weights).hexdigest()},
            "folder": None,
        }
        assert opened(data, library)[2] == []
        make_tiny(tmp_path / "zoo" / "shipped", "shipped", "rnn", 5, 1, seed=9)
        _, taken, (remark,) = opened(data, library)
    assert taken == []
    assert remark.startswith("shipped has other weights here than where the session was saved")


def test_a_view_may_name_what_there_is_not(own: Library) -> None:
    complete = with_models(session("models=nobody,monday&o.model=horse"), own)
    assert [model.id for model in complete.models] == ["monday"]


def test_a_model_that_had_to_make_room_is_not_left_out_of_a_file_in_silence(own: Library) -> None:
    elsewhere = library_of(None)
    view, (name,), _ = opened(file_of("models=monday", own), elsewhere)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(opened_models, "MOST_MODELS", 1)
        opened(file_of("models=%D0%9C%D0%BE%D0%B4%D0%B5%D0%BB%D1%8C", own), elsewhere)
    with pytest.raises(CheckpointError, match=f"{name} is not on this server any more.* Close its panels"):
        with_models(Session(view, "To be"), elsewhere)
    elsewhere.opened.close()


@pytest.mark.parametrize(
    ("name", "harm"),
    [
        ("card.json", lambda _: b"{}"),
        ("card.json", lambda card: card.replace(b'"layers": 1', b'"layers": 2')),
        ("card.json", lambda card: card.replace(b'"monday"', b'"../monday"')),
        ("weights.safetensors", lambda weights: weights[:-4]),
        ("weights.safetensors", lambda _: b"\x80\x04\x95cposix\nsystem\n."),
        ("weights.safetensors", lambda _: (2**62).to_bytes(8, "little") + b"{}"),
    ],
)
def test_a_broken_model_is_refused_and_leaves_nothing(name, harm, own: Library) -> None:
    found = members(file_of("models=monday", own))
    inside = found[f"models/0/{name}"] = harm(found[f"models/0/{name}"])
    document = json.loads(found[SESSION])
    if name == WEIGHTS:
        document["models"][0]["sha256"][name] = hashlib.sha256(inside).hexdigest()
    elsewhere = library_of(None)
    with pytest.raises(RequestError) as error:
        opened(zipped({**found, SESSION: json.dumps(document).encode()}), elsewhere)
    words = str(error.value)
    assert error.value.code == "session_broken"
    assert "its model 'monday' cannot be used: " in words
    assert name in words
    assert "/tmp" not in words
    assert list(Path(elsewhere.opened._home()).iterdir()) == []
    elsewhere.opened.close()


def test_weights_that_are_not_those_that_the_file_tells_of_are_refused(own: Library) -> None:
    data = file_of("models=monday", own)
    (model,) = json.loads(members(data)[SESSION])["models"]
    model["sha256"][WEIGHTS] = "0" * 64
    with pytest.raises(RequestError, match=r"weights.safetensors of its model 'monday' is not the file"):
        opened(changed(data, models=[model]), library_of(None))
