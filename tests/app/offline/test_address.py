"""`app.offline.address`: what of a view's address a page without a server shows."""

from __future__ import annotations

import base64
import zlib
from urllib.parse import parse_qs, quote

import pytest

from app.offline.address import Address, address_of, read_address
from models import RequestError


def packed(text: str) -> str:
    deflate = zlib.compressobj(wbits=-zlib.MAX_WBITS)
    data = deflate.compress(text.encode()) + deflate.flush()
    return base64.urlsafe_b64encode(data).decode().rstrip("=")


def test_models_and_look_are_taken_and_what_needs_a_server_is_left() -> None:
    words = "models=a:1:cell,b@0,a&signal=cell&echo=3:x&theme=dark&instrument=why&order=similarity"
    found = read_address(f"http://localhost:8000/explore#{words}&text=To%20be%0A")
    assert found.models == ("a", "b@0")
    assert found.text == "To be\n"
    view = parse_qs(found.view)
    assert view == {"models": ["a:1:cell,b@0,a"], "signal": ["cell"], "echo": ["3:x"], "order": ["similarity"]}


@pytest.mark.parametrize("text", ["", "é\n😀", "and " * 5000])
def test_a_packed_text_is_unpacked(text: str) -> None:
    assert read_address(f"#models=a&packed={packed(text)}").text == text


def test_a_text_that_is_given_takes_the_place_of_the_addresses() -> None:
    assert read_address("#models=a&text=one", "two").text == "two"
    assert read_address("#models=a&missing=9000", "two").text == "two"
    assert read_address("#models=a").text is None


@pytest.mark.parametrize(
    ("words", "code"),
    [
        ("", "no_models"),
        ("signal=cell", "no_models"),
        ("models=,", "no_models"),
        ("models=a&missing=9000", "no_text"),
        ("models=a&packed=!!", "no_text"),
        ("models=a&packed=abcd", "no_text"),
        (f"models=a&packed={packed('é')[:-2]}", "no_text"),
    ],
)
def test_an_address_that_lacks_something_is_refused_with_a_sentence(words: str, code: str) -> None:
    with pytest.raises(RequestError) as error:
        read_address(f"http://localhost/explore#{words}")
    assert error.value.code == code
    assert str(error.value).endswith(".")


def test_a_small_word_cannot_become_a_huge_text() -> None:
    found = read_address(f"#models=a&packed={packed('x' * 10_000_000)}").text
    assert found is not None
    assert len(found) == 100_000


def test_a_view_of_models_has_a_panel_for_each() -> None:
    names = ("a", "b+c@0")
    assert read_address(f"#{address_of(names)}") == Address(names, f"models={quote('a,b+c@0', safe='')}", None)
