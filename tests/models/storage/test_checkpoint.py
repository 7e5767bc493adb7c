"""Models on disk: what is written is what is read, and whatever else lies there is refused in a sentence."""

from __future__ import annotations

import json
import os
import pickle
import struct
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import torch
from safetensors.torch import load, save_file

from models import CharLM, CheckpointError
from models.network.stack import Stack
from models.storage.card import parameter_count
from models.storage.checkpoint import Card, CorpusCard, Measured, load_model, read_card, save_weights, steps, write_card
from tests.support.cells import FUSED

FIGURES = Measured(bits_per_character=2.5, nats_per_character=1.7329, characters=100)


def card_of(lm: CharLM, name: str = "tiny") -> Card:
    return Card(
        id=name,
        title="Tiny",
        cell=lm.cell.name,
        units=lm.units,
        layers=lm.layers,
        parameters=lm.parameter_count,
        vocabulary=lm.vocabulary.characters,
        corpus=CorpusCard(name="own", description="made up", licence="MIT", characters=9, sha256="0", split="all"),
        training={"seed": 1},
        measured={"validation": FIGURES},
        measured_with="hidden-state evaluate tiny own",
    )


@pytest.fixture
def home(make_model: Any, tmp_path: Path) -> Path:
    """A folder with a small model in order: card, trained weights, untrained twin."""
    folder = tmp_path / "tiny"
    save_weights(make_model("lstm", 4, 2, characters="abc"), folder)
    save_weights(make_model("lstm", 4, 2, characters="abc", seed=1), folder, 0)
    write_card(folder, card_of(make_model("lstm", 4, 2, characters="abc")))
    return folder


def refused(home: Path, *words: str, step: int | None = None) -> str:
    """Loading fails with a sentence that names the place and has `words`."""
    with pytest.raises(CheckpointError) as error:
        load_model(home, step)
    message = str(error.value)
    for word in words:
        assert word in message, message
    assert message.endswith("."), message
    assert ".." not in message, message
    assert "\n" not in message
    return message


@pytest.mark.parametrize("cell", FUSED)
def test_a_saved_model_reads_back_to_the_bit(make_model: Any, bits: Any, tmp_path: Path, cell: str) -> None:
    lm = make_model(cell, 5, 2, characters="b\n😀a")
    save_weights(lm, tmp_path)
    write_card(tmp_path, card_of(lm))
    back = load_model(tmp_path)
    assert back.name == "tiny"
    assert (back.cell, back.units, back.layers, back.vocabulary) == (lm.cell, 5, 2, lm.vocabulary)
    assert back.state_dict().keys() == lm.state_dict().keys()
    for name, value in lm.state_dict().items():
        assert bits(back.state_dict()[name]) == bits(value), name
    assert not back.training
    assert not any(p.requires_grad for p in back.parameters())
    assert sorted(p.name for p in tmp_path.iterdir()) == ["card.json", "weights.safetensors"]


def test_a_card_reads_back_as_it_was(make_model: Any, tmp_path: Path) -> None:
    card = card_of(make_model("gru", 3, characters='"\\\n\u2028é😀'))
    write_card(tmp_path, card)
    assert read_card(tmp_path) == card
    assert card.bits_per_character() == 2.5
    assert card.bits_per_character(0) is None
    assert card.model_copy(update={"untrained": {"validation": FIGURES}}).bits_per_character(0) == 2.5
    assert card.bits_per_character(7) is None


def test_earlier_steps_lie_beside_the_trained_weights(home: Path, make_model: Any) -> None:
    save_weights(make_model("lstm", 4, 2, characters="abc", seed=2), home, 1200)
    (home / "step-x.safetensors").write_bytes(b"")
    assert steps(home) == [0, 1200]
    models = [load_model(home), load_model(home, 0), load_model(home, 1200)]
    assert [lm.name for lm in models] == ["tiny", "tiny@0", "tiny@1200"]
    assert len({float(lm.readout.bias[0]) for lm in models}) == 3


def test_a_missing_step_is_refused_with_those_there_are(home: Path) -> None:
    refused(home, "tiny", "step-7.safetensors", "0", step=7)


@pytest.mark.parametrize("exists", [True, False])
def test_a_folder_without_a_card_holds_no_model(tmp_path: Path, exists: bool) -> None:
    folder = tmp_path / "nothing"
    if exists:
        folder.mkdir()
    refused(folder, str(folder), "holds no model", "card.json")


def test_a_card_without_weights_is_refused(home: Path) -> None:
    (home / "weights.safetensors").unlink()
    refused(home, "tiny has no weights.safetensors")


@pytest.mark.parametrize(
    "content",
    [b"", b"{", b"null", b"[]", b"\xff\xfe{}", b"[" * 100_000, b'{"id": "x"}', b'"card"', b'{"id": "\\ud800"}'],
)
def test_a_card_that_is_no_card_is_refused(home: Path, content: bytes) -> None:
    (home / "card.json").write_bytes(content)
    refused(home, "card.json", "is not a model card")


@pytest.mark.parametrize(
    ("key", "value"),
    [
        ("units", "many"),
        ("units", 4.5),
        ("units", None),
        ("layers", [2]),
        ("vocabulary", ["a", "b", "c"]),
        ("cell", 7),
        ("training", "long"),
        ("measured", {"validation": 2.5}),
        ("corpus", "own"),
        ("surprise", "a field that no card has"),
    ],
)
def test_a_field_of_the_wrong_type_is_refused_by_name(home: Path, key: str, value: object) -> None:
    facts = json.loads((home / "card.json").read_text())
    (home / "card.json").write_text(json.dumps({**facts, key: value}))
    refused(home, "is not a model card", key)


@pytest.mark.parametrize(
    ("key", "value"),
    [
        ("units", 5),
        ("units", 40_000),  # 100 GB of weights, were they made before the file is looked at
        ("layers", 1),
        ("layers", 3),
        ("cell", "gru"),
        ("cell", "rnn"),
        ("vocabulary", "abcd"),
        ("vocabulary", "ab"),
    ],
)
def test_a_card_that_does_not_fit_its_weights_is_refused(home: Path, key: str, value: object) -> None:
    facts = {**json.loads((home / "card.json").read_text()), key: value}
    (home / "card.json").write_text(json.dumps(facts))
    refused(home, "card.json is not a model card", "parameters, not the")
    facts["parameters"] = parameter_count(
        Stack.of(facts["cell"], facts["units"], facts["layers"]), len(facts["vocabulary"])
    )
    (home / "card.json").write_text(json.dumps(facts))
    refused(home, "weights.safetensors", "does not fit its card", "train anew")


LONG = "x" * 5000


@pytest.mark.parametrize(
    ("key", "value", "words"),
    [
        ("units", 0, "units: Input should be greater than or equal to 1"),
        ("units", [6, 0], "units.1: Input should be greater than or equal to 1"),
        ("units", [6, 6, 6, 6], "it names 4 units for"),
        ("cell", ["gru", "tree"], "there is no cell 'tree'"),
        ("cell", [], "cell: List should have at least 1 item"),
        ("units", -4, "greater than or equal to 1"),
        ("units", 10**15, "less than or equal to 65536"),
        ("layers", 0, "greater than or equal to 1"),
        ("layers", 10**9, "less than or equal to 256"),
        ("parameters", 0, "greater than or equal to 1"),
        ("parameters", 17, "parameters, not the 17"),
        ("cell", "hopfield", "there is no cell 'hopfield'; the cells are rnn, leaky, gru, lstm, slstm, slstm_block"),
        ("cell", "LSTM", "there is no cell 'LSTM'"),
        ("vocabulary", "aba", "names 'a' twice"),
        ("vocabulary", "", "at least 1 character"),
        ("id", "", "it is empty"),
        ("id", "a@0", "leads to a step"),
        ("id", 'a"; x="', "quoted"),
        ("id", "a\r\nSet-Cookie: b", "U+000D"),
        ("id", "a\nb", "U+000A"),
        ("id", LONG, "longer than 100 characters"),
        ("title", LONG, "at most 4000 characters"),
        ("measured_with", LONG, "at most 4000 characters"),
        ("training", {"learning_rate": [0.1, float("nan")]}, "training.learning_rate.1"),
        ("training", {"rate": {"highest": float("inf")}}, "training.rate.highest"),
        ("measured", {"validation": {**FIGURES.model_dump(), "bits_per_character": float("inf")}}, "finite number"),
        ("measured", {"validation": {**FIGURES.model_dump(), "bits_per_character": -1.0}}, "greater than or equal"),
        ("measured", {"validation": {**FIGURES.model_dump(), "characters": -1}}, "greater than or equal"),
        ("untrained", {"validation": {**FIGURES.model_dump(), "nats_per_character": float("nan")}}, "finite number"),
    ],
)
def test_a_card_that_says_what_cannot_be_is_refused(home: Path, key: str, value: object, words: str) -> None:
    facts = json.loads((home / "card.json").read_text())
    (home / "card.json").write_text(json.dumps({**facts, key: value}))  # NaN and Infinity as Python writes them
    message = refused(home, "card.json is not a model card", words)
    assert len(message) < 1000, "a card is not echoed"


@pytest.mark.parametrize("name", ["..", "../../etc", "/etc/passwd"])
def test_an_id_that_leads_out_of_its_folder_is_refused(home: Path, name: str) -> None:
    facts = json.loads((home / "card.json").read_text())
    (home / "card.json").write_text(json.dumps({**facts, "id": name}))
    with pytest.raises(CheckpointError, match="a model cannot be called"):
        read_card(home)


def test_a_byte_order_mark_before_a_card_is_passed_over(home: Path) -> None:
    plain = (home / "card.json").read_bytes()
    (home / "card.json").write_bytes(b"\xef\xbb\xbf" + plain)
    assert read_card(home).id == "tiny"


def test_a_split_that_was_never_measured_reads_as_missing(home: Path) -> None:
    facts = json.loads((home / "card.json").read_text())
    empty = {"bits_per_character": None, "nats_per_character": None, "characters": 0}
    (home / "card.json").write_text(json.dumps({**facts, "measured": {**facts["measured"], "test": empty}}))
    assert list(read_card(home).measured) == ["validation"]


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="not run: this system has no named pipes")
def test_a_pipe_in_the_place_of_a_card_is_refused_at_once(home: Path) -> None:
    (home / "card.json").unlink()
    os.mkfifo(home / "card.json")
    refused(home, "card.json is not a file")


def test_a_card_of_another_size_than_any_card_has_is_refused(home: Path) -> None:
    with (home / "card.json").open("r+b") as file:
        file.truncate(20 << 20)
    refused(home, "larger than 16 MiB")


def test_only_numbers_as_they_are_written_name_a_step(home: Path, make_model: Any) -> None:
    for name in ("step-007", "step-٣", "step-", "step--1", "step-1e3", f"step-{10**20}"):
        (home / f"{name}.safetensors").write_bytes(b"")
    assert steps(home) == [0]


@pytest.mark.parametrize("cell", FUSED)
def test_parameters_are_counted_without_making_them(make_model: Any, cell: str) -> None:
    for units, layers in ((1, 1), (5, 2), (3, 4)):
        assert (
            parameter_count(Stack.of(cell, units, layers), 3)
            == make_model(cell, units, layers, characters="abc").parameter_count
        )


def truncated(path: Path) -> None:
    path.write_bytes(path.read_bytes()[:-10])


def header_only(path: Path) -> None:
    content = path.read_bytes()
    path.write_bytes(content[: 8 + struct.unpack("<Q", content[:8])[0]])


def without_bytes(path: Path) -> None:
    path.write_bytes(b"")


def with_a_huge_header(path: Path) -> None:
    path.write_bytes(struct.pack("<Q", 2**63) + b"{}")


def with_offsets_outside(path: Path) -> None:
    header = json.dumps({"readout.bias": {"dtype": "F32", "shape": [3], "data_offsets": [0, 2**40]}}).encode()
    path.write_bytes(struct.pack("<Q", len(header)) + header + bytes(12))


class Bomb:
    def __reduce__(self) -> tuple[Callable[..., object], tuple[str]]:
        return exec, ("raise SystemExit('the pickle was run')",)


def pickled(path: Path) -> None:
    path.write_bytes(pickle.dumps(Bomb()))


def saved_by_torch(path: Path) -> None:
    torch.save(load(path.read_bytes()), path)


def as_a_folder(path: Path) -> None:
    path.unlink()
    path.mkdir()


def without_a_tensor(path: Path) -> None:
    tensors = load(path.read_bytes())
    del tensors["rnn.bias_hh_l1"]
    save_file(tensors, path)


def with_a_tensor_too_many(path: Path) -> None:
    save_file({**load(path.read_bytes()), "rnn.weight_ih_l2": torch.zeros(3)}, path)


def transposed(path: Path) -> None:
    tensors = load(path.read_bytes())
    save_file({**tensors, "rnn.weight_hh_l0": tensors["rnn.weight_hh_l0"].T.contiguous()}, path)


def complex_numbers(path: Path) -> None:
    tensors = load(path.read_bytes())
    save_file({**tensors, "readout.bias": tensors["readout.bias"].to(torch.complex64)}, path)


def not_a_number(path: Path) -> None:
    tensors = load(path.read_bytes())
    tensors["readout.bias"][1] = float("nan")
    save_file(tensors, path)


@pytest.mark.parametrize(
    "spoil",
    [
        truncated,
        header_only,
        without_bytes,
        with_a_huge_header,
        with_offsets_outside,
        pickled,
        saved_by_torch,
        as_a_folder,
        without_a_tensor,
        with_a_tensor_too_many,
        transposed,
        complex_numbers,
        not_a_number,
    ],
)
def test_spoilt_weights_are_refused(home: Path, spoil: Callable[[Path], None]) -> None:
    load_model(home)
    spoil(home / "weights.safetensors")
    refused(home, "weights.safetensors", "does not fit its card", "train anew")
    load_model(home, 0)  # the twin beside it is whole
