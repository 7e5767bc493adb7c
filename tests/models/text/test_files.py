"""`models.text.files` and `corpora.joined`: encodings, several files, folders."""

from __future__ import annotations

import codecs
from pathlib import Path

import pytest

from models import CorpusError
from models.text.files import decoded, files_in, known_encoding
from models.training.corpora import joined, load, read_text

RUSSIAN = "Мама мыла раму.\nЁж.\n"


@pytest.mark.parametrize(
    ("encoding", "stored"),
    [
        ("utf-8", RUSSIAN.encode()),
        ("UTF8", codecs.BOM_UTF8 + RUSSIAN.encode()),
        ("utf-8-sig", RUSSIAN.encode()),
        ("cp1251", RUSSIAN.encode("cp1251")),
        ("koi8-r", RUSSIAN.encode("koi8-r")),
        ("utf-16", RUSSIAN.encode("utf-16")),
        ("utf-16-le", codecs.BOM_UTF16_LE + RUSSIAN.encode("utf-16-le")),
        ("utf-16-be", RUSSIAN.encode("utf-16-be")),
        ("utf-32", RUSSIAN.encode("utf-32")),
    ],
)
def test_a_file_is_read_in_the_encoding_that_is_named(tmp_path: Path, encoding: str, stored: bytes) -> None:
    path = tmp_path / "a.txt"
    path.write_bytes(stored)
    assert decoded(path, encoding) == RUSSIAN
    assert load(str(path), encoding=encoding).text == RUSSIAN


def test_line_ends_are_found_behind_any_encoding(tmp_path: Path) -> None:
    (tmp_path / "a.txt").write_bytes("ж\r\nж\r".encode("utf-16"))
    notes: list[str] = []
    assert read_text(tmp_path / "a.txt", notes.append, encoding="utf-16") == "ж\nж\n"
    assert len(notes) == 1


@pytest.mark.parametrize("kind", ["utf-16", "utf-32"])
@pytest.mark.parametrize("order", ["le", "be"])
def test_what_begins_like_another_unicode_is_called_by_its_name(tmp_path: Path, kind: str, order: str) -> None:
    path = tmp_path / "a.txt"
    path.write_bytes(f"\ufeff{RUSSIAN}".encode(f"{kind}-{order}"))
    with pytest.raises(CorpusError) as error:
        read_text(path)
    assert f"begins as {kind.upper()} does: give --encoding {kind}" in str(error.value)
    assert decoded(path, kind) == RUSSIAN


@pytest.mark.parametrize("name", ["base64", "rot13", "utf-17", "", "zip", "a b", "идиш"])
def test_an_encoding_that_there_is_not_is_a_sentence(name: str) -> None:
    with pytest.raises(CorpusError, match="no encoding of texts"):
        known_encoding(name)


def test_bytes_that_do_not_fit_are_named_with_the_encoding(tmp_path: Path) -> None:
    (tmp_path / "a.txt").write_bytes(b"abc\x98\xff")
    with pytest.raises(CorpusError, match="not UTF-8 text: byte 3 "):
        decoded(tmp_path / "a.txt")
    with pytest.raises(CorpusError, match="not CP1251 text: byte 3 "):
        decoded(tmp_path / "a.txt", "cp1251")


@pytest.fixture
def books(tmp_path: Path) -> Path:
    folder = tmp_path / "books"
    for name, text in {"b.txt": "two\n", "a/z.md": "one", ".hidden": "no", "a/.git/x": "no", "c": "three"}.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(text)
    return folder


def test_a_folder_is_all_its_files_in_order_and_hidden_ones_are_not_of_it(books: Path) -> None:
    assert [one.relative_to(books).as_posix() for one in files_in(books)] == ["a/z.md", "b.txt", "c"]
    for corpus in (load(str(books)), joined([str(books)])):
        assert corpus.text == "one\ntwo\nthree\n", "each ends with a line"
        assert (corpus.name, corpus.source, corpus.words) == ("books", "books", ("books",))
        assert "3 texts" in corpus.description


def test_several_texts_are_one_in_the_order_given(books: Path, tmp_path: Path) -> None:
    (tmp_path / "last.txt").write_bytes("ж".encode("cp1251"))
    found = joined([str(tmp_path / "last.txt"), str(books), str(books / "b.txt")], encoding="cp1251")
    assert found.text == "ж\none\ntwo\nthree\ntwo\n"
    assert found.name == "last and 2 more"
    assert found.words == ("last.txt", "books", "b.txt", "--encoding", "cp1251")
    with_known = joined(["recall", str(books / "c")])
    assert with_known.text.endswith("three\n")
    assert with_known.words == ("recall", "c")


def test_one_text_is_what_it_is_alone(books: Path) -> None:
    assert joined([str(books / "a" / "z.md")]) == load(str(books / "a" / "z.md"))
    assert joined([str(books / "a" / "z.md")]).text == "one", "nothing is added"


def test_a_file_of_a_folder_that_is_no_text_is_named(books: Path) -> None:
    (books / "picture.png").write_bytes(b"\x89PNG\xff")
    with pytest.raises(CorpusError, match=r"picture\.png is not UTF-8"):
        load(str(books))


def test_a_folder_without_a_file_is_a_sentence(tmp_path: Path) -> None:
    with pytest.raises(CorpusError, match="holds no file"):
        load(str(tmp_path))
