"""Lines of Python: what is written is what is meant, and lines stay short."""

from __future__ import annotations

import pytest

from app.contract.python import WIDE, Snippet, called, drained, literal, measured, of, quoted

TEXTS = [
    "",
    "a",
    "It's",
    'say "no"',
    "both ' and \"",
    "back\\slash\\",
    "\n\n",
    "\x00\t\x7f",
    "€\U0001f600\ud800",
    "\u2028\x0b",
]


@pytest.mark.parametrize("text", [*TEXTS, "x" * 500, "a line\n" * 60 + "and\n\n" + "w" * 300])
def test_a_text_is_read_as_it_was(text: str) -> None:
    written = literal("text", text)
    left: dict[str, str] = {}
    exec(written, left)
    assert left["text"] == text
    assert eval(quoted(text)) == text
    assert all(len(line) <= WIDE + 20 for line in written.splitlines())  # but for escapes, which are longer


def test_quotes_are_double_where_they_can_be() -> None:
    assert quoted("a") == '"a"'
    assert quoted("it's") == '"it\'s"'
    assert quoted('"') == "'\"'"


def test_options_that_are_left_to_their_defaults_are_not_written() -> None:
    assert called("x", "f", "lm", "3", by="even", layer=None) == 'x = f(lm, 3, by="even")'
    assert drained("x", "f", "lm") == "x = drain(f(lm))"
    wide = drained("x", "f", *["argument"] * 9)
    assert wide.splitlines()[0] == "x = drain(f("
    assert max(map(len, wide.splitlines())) <= WIDE + 20


def test_the_usual_form_runs_a_measure_and_prints_what_it_found() -> None:
    snippet = measured("f", "lm", module="a.b", facts=of("uses"), tensors=of(mean="band.median"), note="In bits.", k=2)
    assert snippet.imports == {
        "hidden_state.models.measures": ("drain", "record"),
        "hidden_state.models.measures.a.b": ("f",),
    }
    assert snippet.body().splitlines() == [
        "found = drain(f(lm, k=2))",
        "# In bits.",
        'print("uses", found.uses)',
        'print("mean", found.band.median)',
    ]
    assert Snippet({}, ("a = 1",), further={"a": "a"}).body() == 'a = 1\nprint("a", a)'
