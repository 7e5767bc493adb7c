"""Texts from disk and from a server that behaves, and from servers that do not."""

from __future__ import annotations

import gc
import hashlib
import socket
import sys
import threading
from collections.abc import Iterator
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest

from models import CorpusError
from models.training import corpora
from models.training.corpora import Corpus, Remote

TEXT = "Sing, goddess, of one lamp — and of the window.\r\n" * 50
BODY = TEXT.encode()


@dataclass
class Site:
    """A server on this machine: what it was asked for, and an address for each behaviour."""

    port: int
    asked: list[str] = field(default_factory=list)

    def remote(self, behaviour: str, body: bytes = BODY) -> Remote:
        address = f"http://127.0.0.1:{self.port}/{behaviour}"
        return Remote("lamp", address, hashlib.sha256(body).hexdigest(), "a lamp", "public domain")


@pytest.fixture
def site() -> Iterator[Site]:
    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_GET(self) -> None:
            here.asked.append(self.path)
            self.close_connection = True
            match self.path:
                case "/good":
                    self.answer(BODY)
                case "/unmeasured":  # no length told: the end of the connection is the end of the file
                    self.answer(BODY, length=None)
                case "/latin":
                    self.answer("Straße".encode("latin-1"))
                case "/empty":
                    self.answer(b"")
                case "/changed":
                    self.answer(BODY.replace(b"lamp", b"lump"))
                case "/cut":
                    self.answer(BODY[: len(BODY) // 2], length=len(BODY))
                case "/cut-chunks":
                    self.answer(b"400\r\n" + BODY[:500], length=None, chunked=True)
                case "/gibberish":
                    self.wfile.write(b"\x00\x01 what?\r\n\r\n")
                case "/hang-up":
                    self.connection.shutdown(socket.SHUT_RDWR)
                case _:
                    self.send_error(404)

        def answer(self, body: bytes, length: int | None = -1, chunked: bool = False) -> None:
            self.send_response(200)
            if chunked:
                self.send_header("Transfer-Encoding", "chunked")
            if length is not None:
                self.send_header("Content-Length", str(len(body) if length < 0 else length))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *args: Any) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    here = Site(server.server_port)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    yield here
    server.shutdown()
    server.server_close()
    thread.join()


def fails(remote: Remote, folder: Path, *words: str) -> None:
    """`remote` cannot be had: one sentence or two say so, and nothing is left in `folder`."""
    with pytest.raises(CorpusError) as refused:
        corpora.fetch(remote, folder)
    message = str(refused.value)
    for word in (*words, "lamp", "Check the connection"):
        assert word in message, message
    assert message.endswith(".")
    assert "\n" not in message
    assert not folder.is_dir() or list(folder.iterdir()) == []


@pytest.mark.parametrize("behaviour", ["good", "unmeasured"])
def test_a_good_file_arrives_whole_and_alone(site: Site, tmp_path: Path, behaviour: str) -> None:
    path = corpora.fetch(site.remote(behaviour), tmp_path / "new" / "cache")
    assert path.read_bytes() == BODY
    assert [p.name for p in path.parent.iterdir()] == ["lamp.txt"]


def test_a_file_that_is_already_here_is_not_fetched_again(site: Site, tmp_path: Path) -> None:
    remote = site.remote("good")
    assert corpora.fetch(remote, tmp_path) == corpora.fetch(remote, tmp_path)
    assert site.asked == ["/good"]


@pytest.mark.parametrize("broken", [b"", BODY[:100], BODY + b"!"])
def test_a_broken_copy_is_fetched_again(site: Site, tmp_path: Path, broken: bytes) -> None:
    (tmp_path / "lamp.txt").write_bytes(broken)
    assert corpora.fetch(site.remote("good"), tmp_path).read_bytes() == BODY
    assert site.asked == ["/good"]


def test_a_wrong_checksum_is_refused(site: Site, tmp_path: Path) -> None:
    remote = site.remote("changed")
    fails(remote, tmp_path, "SHA-256", remote.sha256)


def test_an_empty_answer_is_refused(site: Site, tmp_path: Path) -> None:
    fails(site.remote("empty"), tmp_path, "SHA-256")


def test_a_connection_cut_in_the_middle_is_told_with_what_came(site: Site, tmp_path: Path) -> None:
    fails(site.remote("cut"), tmp_path, "connection broke", f"{len(BODY) // 2:,} of {len(BODY):,} bytes")


def test_a_connection_cut_between_chunks_is_told(site: Site, tmp_path: Path) -> None:
    fails(site.remote("cut-chunks"), tmp_path, "could not be fetched")


def test_a_page_that_does_not_exist_is_told(site: Site, tmp_path: Path) -> None:
    fails(site.remote("nothing"), tmp_path, "could not be fetched", "Not Found")


@pytest.mark.filterwarnings(
    "ignore::pytest.PytestUnraisableExceptionWarning"
)  # urllib leaves a socket to the collector
@pytest.mark.parametrize("behaviour", ["gibberish", "hang-up"])
def test_a_server_that_speaks_no_http_is_told(site: Site, tmp_path: Path, behaviour: str) -> None:
    fails(site.remote(behaviour), tmp_path, "could not be fetched")
    gc.collect()  # so that the socket is complained about here and in no later test


def test_a_server_that_is_not_there_is_told(tmp_path: Path) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))  # bound, not listening: nobody answers
        fails(Site(taken.getsockname()[1]).remote("good"), tmp_path, "could not be fetched", "refused")


def test_a_failed_fetch_leaves_the_older_copy_as_it_was(site: Site, tmp_path: Path) -> None:
    (tmp_path / "lamp.txt").write_bytes(b"older")
    with pytest.raises(CorpusError):
        corpora.fetch(site.remote("cut"), tmp_path)
    assert [(p.name, p.read_bytes()) for p in tmp_path.iterdir()] == [("lamp.txt", b"older")]


def test_a_cache_folder_that_cannot_be_made_is_told(site: Site, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("not a folder")
    with pytest.raises(CorpusError, match="lamp could not be fetched"):
        corpora.fetch(site.remote("good"), tmp_path / "file" / "cache")


def test_a_known_corpus_comes_by_name_through_the_cache(
    site: Site, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(corpora.REMOTES, "lamp", site.remote("good"))
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    corpus = corpora.load("lamp")
    assert corpus == Corpus("lamp", TEXT, "a lamp", "public domain")
    assert (tmp_path / "hidden-state" / "lamp.txt").exists()
    again = corpora.load(str(tmp_path / "hidden-state" / "lamp.txt"))
    assert again == corpus  # known by its checksum, wherever it lies


def test_a_fetched_file_that_is_not_utf8_is_refused(
    site: Site, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(corpora.REMOTES, "lamp", site.remote("latin", "Straße".encode("latin-1")))
    with pytest.raises(CorpusError, match="not UTF-8 text: byte 4"):
        corpora.load("lamp", folder=tmp_path)


def test_any_utf8_file_is_a_corpus(tmp_path: Path) -> None:
    path = tmp_path / "notes.txt"
    path.write_bytes(b"\xef\xbb\xbf" + "naïve\r\n😀".encode())
    corpus = corpora.load(str(path))
    assert (corpus.name, corpus.text) == ("notes", "naïve\n😀")
    assert corpus.sha256 == hashlib.sha256(corpus.text.encode()).hexdigest()


@pytest.mark.parametrize(
    ("content", "fault"), [(b"", "is empty"), (b"abc\xff", "byte 3 does not fit"), (None, "cannot be read")]
)
def test_a_file_that_is_no_text_is_refused_by_name(tmp_path: Path, content: bytes | None, fault: str) -> None:
    path = tmp_path / "notes.txt"
    if content is not None:
        path.write_bytes(content)
    with pytest.raises(CorpusError, match=fault) as refused:
        corpora.load(str(path))
    assert str(path) in str(refused.value)
    assert str(refused.value).endswith(".")


@pytest.mark.parametrize("length", [1, 19, 20, 1001])
def test_the_splits_follow_one_another_and_leave_nothing_out(length: int) -> None:
    text = "".join(chr(0x4E00 + k) for k in range(length))
    corpus = Corpus("numbers", text, "numbered")
    assert corpus.split("train") + corpus.split("validation") + corpus.split("test") == corpus.split("all") == text
    assert len(corpus.split("train")) == round(0.9 * length)
    assert abs(len(corpus.split("validation")) - len(corpus.split("test"))) <= 1


def test_an_unknown_split_is_refused_with_those_there_are() -> None:
    with pytest.raises(CorpusError, match="no split called 'dev'; choose train, validation, test or all"):
        Corpus("a", "b", "c").split("dev")


def test_the_standard_library_is_a_corpus_that_stays_the_same() -> None:
    corpus = corpora.load("python")
    assert corpus == corpora.python_source()
    assert len(corpus.text) > 1_000_000
    assert "\r\n" not in corpus.text
    assert f"Python {'.'.join(map(str, sys.version_info[:3]))}" in corpus.description
    assert "class OrderedDict" in corpus.text
