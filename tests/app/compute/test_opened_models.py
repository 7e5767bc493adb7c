"""`app.compute.opened_models`: a bounded store, whose models nobody finds who does not know their names."""

from __future__ import annotations

import threading
from pathlib import Path

import pytest

from app.compute import opened_models
from app.compute.model_library import Library
from app.compute.opened_models import OpenedModels
from models import CheckpointError, OutputError, UnknownModel
from tests.support.small_models import make_tiny, without_zoo

Files = tuple[bytes, dict[str, bytes]]


@pytest.fixture
def files(tmp_path: Path) -> list[Files]:
    found = []
    for seed in range(3):
        folder = tmp_path / str(seed)
        make_tiny(folder, "monday", "rnn", 4, 1, seed=seed)
        found.append(((folder / "card.json").read_bytes(), {p.name: p.read_bytes() for p in folder.glob("*tensors")}))
    return found


@pytest.fixture
def store():
    gone: list[str] = []
    kept = OpenedModels(gone.append)
    kept.told = gone  # type: ignore[attr-defined]
    yield kept
    kept.close()


def test_the_same_model_is_kept_once_and_another_of_its_name_beside_it(store: OpenedModels, files: list[Files]) -> None:
    first, second, again = (store.keep(*files[k], ()) for k in (0, 1, 0))
    assert first is again
    assert first.entry.card.id != second.entry.card.id
    assert first.original.id == second.original.id == "monday"
    assert store.get(first.entry.card.id) is first
    assert store.get("monday") is None


def test_an_id_that_is_taken_is_not_given(store: OpenedModels, files: list[Files]) -> None:
    usual = OpenedModels(lambda _: None)
    name = usual.keep(*files[0], ()).entry.card.id
    usual.close()
    longer = store.keep(*files[0], [name]).entry.card.id
    assert longer.startswith(name)
    assert len(longer) == len(name) + 1


@pytest.mark.parametrize("name", ["x" * 100, "Я" * 100, "🙂" * 50, f"{'x' * 90} ."])
def test_a_long_name_stays_one(name: str, store: OpenedModels, files: list[Files]) -> None:
    card, weights = files[0]
    if name.endswith("."):
        name = name[:-2] + "xx"
    found = store.keep(card.replace(b'"monday"', f'"{name}"'.encode(), 1), weights, ())
    assert found.original.id == name
    assert found.entry.folder.is_dir()


def test_that_which_was_used_longest_ago_makes_room(
    store: OpenedModels, files: list[Files], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(opened_models, "MOST_MODELS", 2)
    first, second = (store.keep(*files[k], ()) for k in (0, 1))
    assert store.get(first.entry.card.id) is first
    store.keep(*files[2], ())
    assert store.get(second.entry.card.id) is None
    assert not second.entry.folder.exists()
    assert store.get(first.entry.card.id) is first
    assert store.told == [second.entry.card.id]  # type: ignore[attr-defined]
    monkeypatch.setattr(opened_models, "MOST_BYTES", 1)
    last = store.keep(*files[1], ())
    assert store.get(last.entry.card.id) is last
    assert store.get(first.entry.card.id) is None


def test_what_is_never_to_be_dropped_stays_and_what_was_dropped_is_known(
    store: OpenedModels, files: list[Files], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(opened_models, "MOST_MODELS", 2)
    given = store.keep(*files[0], ())
    store.never_drop()
    second, third = (store.keep(*files[k], ()) for k in (1, 2))
    names = [one.entry.card.id for one in (given, second, third)]
    assert [store.get(name) is not None for name in names] == [True, False, True]
    assert [store.dropped(name) for name in names] == [False, True, False]
    store.keep(*files[1], ())
    assert not store.dropped(names[1])


def test_nothing_is_left_on_the_disk(files: list[Files]) -> None:
    store = OpenedModels(lambda _: None)
    folder = store.keep(*files[0], ()).entry.folder
    store.close()
    assert not folder.parent.exists()


def test_where_nothing_can_be_written_is_said(
    store: OpenedModels, files: list[Files], monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(*_: object, **__: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(opened_models.tempfile, "mkdtemp", full)
    with pytest.raises(OutputError, match=r"cannot be kept: No space left on device\. .*TMPDIR"):
        store.keep(*files[0], ())


def test_a_model_under_examination_keeps_nobody_waiting(
    store: OpenedModels, files: list[Files], monkeypatch: pytest.MonkeyPatch
) -> None:
    known = store.keep(*files[0], ())
    examining, go_on = threading.Event(), threading.Event()

    def slow(place: Path) -> None:
        examining.set()
        assert go_on.wait(30)
        raise CheckpointError("It is broken.")

    monkeypatch.setattr(opened_models, "_checked", slow)
    faults: list[BaseException] = []

    def work() -> None:
        try:
            store.keep(*files[1], ())
        except CheckpointError as error:
            faults.append(error)

    thread = threading.Thread(target=work)
    thread.start()
    assert examining.wait(30)
    assert store.get(known.entry.card.id) is known
    go_on.set()
    thread.join(30)
    assert [str(one) for one in faults] == ["It is broken."]


def test_a_library_finds_it_by_its_name_and_lists_it_nowhere(files: list[Files], tiny_models: Path) -> None:
    with without_zoo():
        library = Library([tiny_models], "cpu")
    name = library.opened.keep(*files[0], library.entries.keys()).entry.card.id
    assert library.find(f"{name}@0~zero@2").name == f"{name}@0~zero@2"
    assert len(library.get(name).lm.trace("abc")) == 3
    assert name not in [one["id"] for one in library.describe()]
    ((card, described),) = library.describe_opened([name, "nobody"])
    assert (card.id, described["id"], described["steps"]) == (name, name, [0])
    with pytest.raises(UnknownModel) as error:
        library.find("gpt")
    assert name not in str(error.value)
    library.opened.close()


def test_a_library_forgets_what_has_made_room(
    files: list[Files], tiny_models: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(opened_models, "MOST_MODELS", 1)
    with without_zoo():
        library = Library([tiny_models], "cpu")
    name = library.opened.keep(*files[0], ()).entry.card.id
    for tail in ("", "@0", "~zero@1"):
        library.get(f"{name}{tail}")
    library.get("tiny-rnn~zero@1")
    library.opened.keep(*files[1], ())
    assert sorted([*library._loaded, *library._intervened]) == ["tiny-rnn", "tiny-rnn~zero@1"]
    with pytest.raises(UnknownModel):
        library.get(name)
    library.opened.close()
