"""`app.session_file.content`: what is written comes back, and whatever is wrong with a file is said in a sentence."""

from __future__ import annotations

import json
import zipfile
from collections.abc import Callable
from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.session_file import content
from app.session_file.archive import MOST_MEMBERS
from app.session_file.content import HISTORY, SESSION, TEXT, History, Session, Step, View, read_session, write_session
from models import RequestError
from models.text.lines import unix_lines
from tests.support.session_file.zips import changed, members, zipped

MOST = 1_000_000

letters = st.text(st.characters(codec="utf-8") | st.sampled_from("\r\n\0🙂é\u2028"), max_size=200)
steps = st.lists(st.builds(Step, at=st.integers(0, 10**9), removed=letters, inserted=letters), max_size=5)
options = st.dictionaries(
    letters, st.none() | st.booleans() | letters | st.integers() | st.floats(allow_nan=False, allow_infinity=False)
)


def session(text: str = "To be", **view: object) -> Session:
    return Session(View(**{"view": "models=tiny-gru&layer=0", **view}), text)  # type: ignore[arg-type]


def refusal(data: bytes, most: int = MOST) -> RequestError:
    with pytest.raises(RequestError) as error:
        read_session(data, most)
    assert str(error.value)[-1] == "."
    return error.value


@given(letters, options, steps, steps, letters)
def test_what_is_written_comes_back(text: str, chosen: dict[str, str], done: list[Step], undone: list[Step], by: str):
    written = Session(View(view="a=b", options=chosen, author=by), text, History(done=done, undone=undone))
    found = read_session(write_session(written), MOST)
    assert found.text == unix_lines(text)
    assert (found.view, found.history) == (written.view, written.history)
    assert write_session(found) == write_session(written)


def test_a_long_text_comes_back_and_takes_less_room_than_it_has_characters() -> None:
    text = "".join(f"{k} 🙂 now is the winter\0\n" for k in range(13_000))
    assert len(text) > 300_000
    data = write_session(session(text))
    assert read_session(data, MOST).text == text
    assert len(data) < len(text)


@pytest.mark.parametrize("share", [0.0, 0.01, 0.3, 0.6, 0.9, 0.99, 0.9999])
def test_a_file_that_is_cut_off_is_broken(share: float) -> None:
    data = write_session(session("To be, or not to be. " * 50))
    assert refusal(data[: int(share * len(data))]).code == "session_broken"


def test_no_flipped_byte_is_a_crash_or_another_text() -> None:
    data = write_session(session("To be, or not to be."))
    for at in range(len(data)):
        harmed = data[:at] + bytes([data[at] ^ 0x5A]) + data[at + 1 :]
        with suppress(RequestError):  # anything else is a crash
            found = read_session(harmed, MOST)
            assert (found.text, found.view) == ("To be, or not to be.", session().view)


def test_a_newer_version_is_told_from_a_broken_file() -> None:
    newer = changed(write_session(session()), version=2, made_by="9.1", more={"than": "this one knows"})
    error = refusal(newer)
    assert error.code == "session_newer"
    assert "from a newer Hidden State (9.1)" in str(error)
    assert "version 2 of the format, and this one reads version 1" in str(error)
    assert refusal(changed(newer, version="2")).code == "session_broken"
    assert refusal(changed(newer, version=0)).code == "session_broken"


def test_a_text_over_the_limit_is_refused_before_it_is_unpacked(monkeypatch: pytest.MonkeyPatch) -> None:
    data = write_session(session("x" * 101))
    monkeypatch.setattr(content.Archive, "read", _only(SESSION, content.Archive.read))
    error = refusal(data, 100)
    assert (error.code, error.status) == ("text_too_long", 413)
    assert "101 characters; this server reads at most 100" in str(error)


def _only(allowed: str, read: Callable[..., bytes]) -> Callable[..., bytes]:
    def reads(self: object, name: str, most: int) -> bytes:
        assert name == allowed
        return read(self, name, most)

    return reads


@pytest.mark.parametrize(
    ("name", "inside", "told"),
    [
        (SESSION, b"{", "is not JSON"),
        (SESSION, b"[" * 100_000, "is not JSON"),
        (SESSION, b"[]", "not that of a session"),
        (SESSION, b'{"format": "hidden-state session", "version": 1}', "Field required"),
        (TEXT, b"caf\xe9!", "is not UTF-8"),
        (TEXT, b"Two", "is not the text that"),
        (TEXT, b"To\rbe", "is not the text that"),
        (TEXT, b"To be " * 4, "is larger than 20 bytes"),
        (HISTORY, b'{"done": [{"at": -1, "removed": "", "inserted": ""}]}', "done.0.at"),
        (HISTORY, b'{"done": [{"at": 0, "removed": "\\ud800", "inserted": ""}]}', "history.json"),
    ],
)
def test_what_stands_in_it_is_checked(name: str, inside: bytes, told: str) -> None:
    found = members(write_session(session("To be")))
    found[name] = inside
    error = refusal(zipped(found))
    assert error.code == "session_broken"
    assert told in str(error)


@pytest.mark.parametrize(
    "patch",
    [
        {"generated": [[0, 6]]},
        {"generated": [[3, 3]]},
        {"generated": [[1]]},
        {"characters": 4},
        {"characters": 6},
        {"view": 7},
        {"options": {"a": [1]}},
        {"secret": True},
        {"models": [{"id": "a", "sha256": {}, "folder": None}]},
        {"models": [{"id": "a", "sha256": {"weights.safetensors": "0"}, "folder": None}]},
        {"models": [{"id": "a", "sha256": {"weights.safetensors": "0" * 64}, "folder": "../a"}]},
        {"models": [{"id": "a", "sha256": {"weights.safetensors": "0" * 64}, "folder": "models/0"}]},
        {"models": [{"id": "a", "sha256": {"weights.safetensors": "0" * 64, "../x": "0" * 64}, "folder": None}]},
    ],
)
def test_a_session_that_cannot_be_is_broken(patch: dict[str, object]) -> None:
    assert refusal(changed(write_session(session()), **patch)).code == "session_broken"


def test_members_of_other_names_are_never_unpacked() -> None:
    found = members(write_session(session()))
    found |= {"../../etc/passwd": b"root", "/tmp/x": b"x", "__MACOSX/._session.json": b"x", "a\\b": b"x"}
    assert read_session(zipped(found), MOST).text == "To be"


def test_a_member_that_unpacks_to_more_than_it_may_is_not_unpacked() -> None:
    found = members(write_session(session()))
    for name in (SESSION, HISTORY):
        bomb = zipped({**found, name: b" " * (80 << 20)})
        assert len(bomb) < 200_000
        assert "larger than" in str(refusal(bomb))
    assert "larger than 20 bytes" in str(refusal(zipped({**found, TEXT: b"To be" * 10_000_000})))


def test_a_member_that_lies_about_its_size_is_not_unpacked_further() -> None:
    """Both records of the size say five bytes, and ten million follow."""
    data = bytearray(zipped({**members(write_session(session())), TEXT: b"y" * 10_000_000}))
    real, told = (10_000_000).to_bytes(4, "little"), (5).to_bytes(4, "little")
    assert data.count(real) == 2
    assert "text.txt is damaged" in str(refusal(bytes(data.replace(real, told))))


def test_a_directory_of_thousands_is_refused_before_it_is_read(monkeypatch: pytest.MonkeyPatch) -> None:
    many = zipped({f"{k}": b"" for k in range(MOST_MEMBERS + 1)}, zipfile.ZIP_STORED)
    monkeypatch.setattr(zipfile, "ZipFile", None)
    assert "more members than a session has" in str(refusal(many))


def test_other_zip_files_and_other_files_are_told() -> None:
    assert "no session" in str(refusal(zipped({"word/document.xml": b"<w/>"})))
    for data in (b"", b"PK", b"PK\x03\x04", b"To be, or not to be", b"PK\x05\x06" + bytes(18), b"\0" * 100):
        assert refusal(data).code == "session_broken"


@pytest.mark.filterwarnings("ignore:Duplicate name")
def test_a_name_twice_a_password_and_another_compression_are_refused() -> None:
    found = members(write_session(session()))
    assert "compressed in a way" in str(refusal(zipped(found, zipfile.ZIP_LZMA)))
    data = bytearray(zipped(found))
    for mark, at in ((b"PK\x03\x04", 6), (b"PK\x01\x02", 8)):
        data[data.index(mark) + at] |= 1
    assert "is encrypted" in str(refusal(bytes(data)))
    twice = zipped({**found, "text.tx_": b"To be"}).replace(b"text.tx_", b"text.txt")
    assert "twice" in str(refusal(twice))


def test_what_the_file_says_of_itself_are_these_fields() -> None:
    found = json.loads(members(write_session(session(author="me")))[SESSION])
    assert {"format", "version", "made_by", "view", "options", "generated", "author", "characters", "models"} == set(
        found
    )


@pytest.mark.parametrize(
    ("name", "inside"),
    [
        (HISTORY, b'{"done":[' + b",".join([b'{"at":0,"removed":"","inserted":""}'] * 90_000) + b"]}"),
        (HISTORY, b'{"done":[' + b"[]," * 250_000 + b"[]]}"),
        (SESSION, b'{"a":"' + b'\\"' * 1000 + b'","b":[' + b"{}," * 250_000 + b"{}]}"),
    ],
)
def test_json_that_would_become_millions_of_objects_is_not_parsed(
    monkeypatch: pytest.MonkeyPatch, name: str, inside: bytes
) -> None:
    kind = History if name == HISTORY else content.Document
    monkeypatch.setattr(kind, "model_validate_json", lambda *asked: pytest.fail("it was parsed"))
    data = zipped({**members(write_session(session())), name: inside})
    assert "has more entries than a session has" in str(refusal(data))


def test_commas_and_brackets_in_a_text_are_no_entries() -> None:
    written = Session(View(view="a=b"), "x", History(done=[Step(at=0, removed="[{," * 100_000, inserted='\\",')]))
    assert read_session(write_session(written), MOST).history == written.history


def test_a_newer_version_by_a_maker_that_is_no_text_is_a_sentence_too() -> None:
    inside = b'{"format": "hidden-state session", "version": 2, "made_by": "\\ud800"}'
    error = refusal(zipped({**members(write_session(session())), SESSION: inside}))
    assert error.code == "session_newer"
    str(error).encode("utf-8")


def test_a_zip_of_the_larger_kind_is_refused() -> None:
    data = write_session(session())
    end = data.rfind(b"PK\x05\x06")
    locator = b"PK\x06\x07" + bytes(16)
    assert "more members" in str(refusal(data[:end] + locator + data[end:]))
