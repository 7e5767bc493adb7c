"""`static/views/editor/files.js`: what a file may hold, and what is said of one that is no text."""

from __future__ import annotations

import random

import pytest

from tests.support.browser.edited_texts import words

READ = """async ([files, most]) => {
  const { readText } = await import("/static/views/editor/files.js");
  return Promise.all(files.map(async (bytes) => {
    const result = await readText(new File([new Uint8Array(bytes)], "book.txt"), most);
    return result.fault ?? { text: result.text.string };
  }));
}"""


def test_a_file_of_text_is_its_characters(bare):
    texts = ["Now is the winter", "é漢🙂\n", "\ufeffmarked", "one\r\ntwo\rthree\n"]
    found = bare.evaluate(READ, [[list(text.encode()) for text in texts], 17])
    assert [one["text"] for one in found] == ["Now is the winter", "é漢🙂\n", "marked", "one\ntwo\nthree\n"]


@pytest.mark.parametrize(
    ("data", "told"),
    [
        (b"", ["is empty"]),
        (b"\xef\xbb\xbf", ["is empty"]),
        (b"\x7fELF\x00\x01", ["byte 4, counted from 0, is zero", "plain text"]),
        ("é漢🙂".encode()[:-1], ["is cut off within a character", "byte 5, counted from 0,", "the whole of it"]),
        (b"caf\xe9 au lait", ["not UTF-8", "byte 3, counted from 0, is 0xe9", "no character goes on"]),
        (b"ab\xff", ["not UTF-8", "byte 2, counted from 0, is 0xff", "no character begins so"]),
        ("words".encode("utf-16"), ["is UTF-16", "Save it as UTF-8"]),
        ("words".encode("utf-32"), ["is UTF-32", "Save it as UTF-8"]),
        (b"x" * 18, ["18 characters", "at most 17 characters", "stays"]),
        (b"x" * 1000, ["1,000 bytes", "at most 17 characters", "stays"]),
    ],
)
def test_what_is_no_text_or_too_long_is_told(data, told, bare):
    (words,) = bare.evaluate(READ, [[list(data)], 17])
    assert isinstance(words, str)
    assert words.startswith("“book.txt” ")
    for part in told:
        assert part in words


def start_of_fault(data: bytes) -> int | None:
    try:
        data.decode()
    except UnicodeDecodeError as error:
        return error.start
    return None


def test_the_first_byte_that_is_not_utf_8_is_found(bare):
    draw = random.Random(3)
    samples = [
        b"caf\xe9 au lait",
        b"\x80",
        b"a\xc3(",
        b"\xe2\x82",
        b"ab\xed\xa0\x80",
        b"\xf4\x90\x80\x80",
        b"\xc0\xaf",
        b"z\xff",
    ]
    for _ in range(400):
        data = bytearray(words(draw, 12).encode())
        for _ in range(draw.randrange(3)):
            if data:
                data[draw.randrange(len(data))] = draw.choice([0x80, 0xBF, 0xC3, 0xE2, 0xED, 0xF0, 0xF4, 0xFF, 0x41])
        samples.append(bytes(data[: draw.randrange(len(data) + 1)]))
    samples.append("é".encode() * 50_000 + b"\xe9" + b"tail" * 9)
    found = bare.evaluate(
        """async (samples) => {
          const { firstFault } = await import("/static/views/editor/files.js");
          return samples.map((bytes) => firstFault(new Uint8Array(bytes)));
        }""",
        [list(one) for one in samples],
    )
    for data, at in zip(samples, found, strict=True):
        assert at == start_of_fault(data), data
