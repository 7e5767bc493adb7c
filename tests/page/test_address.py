"""`static/state/store.js`: a view and its address are the same thing, as long as there is room for it."""

from __future__ import annotations

import random

import pytest

from tests.support.browser.random_views import random_view

ROUND = """async (views) => {
  const { INITIAL, isLong, toAddress } = await import("/static/state/store.js");
  const { opened } = await import("/static/page/persistence.js");
  const { pack } = await import("/static/state/packed-text.js");
  const { Text } = await import("/static/text/document.js");
  return Promise.all(views.map(async (view) => {
    const state = { ...INITIAL, ...view, text: Text.of(view.text) };
    const packed = isLong(state.text) ? await pack(view.text) : null;
    const address = toAddress(state, packed);
    const found = await opened(`#${address}`);
    const text = Text.of(found.text ?? "");
    // Which type an option has, the instrument says.
    const typed = Object.fromEntries(Object.entries(found.options ?? {}).map(([name, value]) =>
      [name, typeof view.options[name] === "string" ? value : JSON.parse(value)]));
    const back = { ...INITIAL, ...found, text, options: typed };
    const again = toAddress(back, packed);
    const { text: one, corpus, play, ...rest } = back;
    return { address, again, back: { ...rest, text: one.string } };
  }));
}"""

TYPED = """async ([defaults, given]) => {
  const { fromWords, proper, toWords } = await import("/static/state/options.js");
  const words = new URLSearchParams();
  toWords(words, given);
  return proper(defaults, fromWords(new URLSearchParams(words.toString())));
}"""


def test_views_drawn_at_random_come_back_from_their_addresses(bare):
    draw = random.Random(20)
    views = [random_view(draw) for _ in range(400)]
    for view, found in zip(views, bare.evaluate(ROUND, views), strict=True):
        assert found["back"] == view, found["address"]
        assert found["again"] == found["address"]


def test_options_have_the_types_of_their_defaults_and_those_that_are_defaults_are_not_named(bare):
    defaults = {"count": 200, "share": 0.5, "on": True, "off": False, "name": "", "lags": None, "same": 3}
    given = {"count": 25, "share": 0.25, "on": False, "off": True, "name": "1e3 & é=", "lags": 40, "same": 3}
    found = bare.evaluate(TYPED, [defaults, {**given, "unknown": 1}])
    assert found == {name: value for name, value in given.items() if name != "same"}


ADDRESS = """async (view) => {
  const { INITIAL, fromAddress, toAddress } = await import("/static/state/store.js");
  const { Text } = await import("/static/text/document.js");
  const address = toAddress({ ...INITIAL, ...view, text: Text.of(view.text ?? "") });
  return [Object.fromEntries(new URLSearchParams(address)), fromAddress(address)];
}"""


def test_of_a_text_without_room_the_start_is_there_and_how_long_it_was(bare):
    text = "🙂é" * 1500
    words, found = bare.evaluate(ADDRESS, {"text": text})
    assert words["text"] == found["text"] == text[:2000]
    assert (words["missing"], found["missing"]) == ("3000", 3000)


def test_what_there_is_no_room_for_is_named(bare):
    spans = [{"from": 3 * k, "to": 3 * k + 1} for k in range(400)]
    view = {"instrument": "texts", "options": {"other": "x" * 2001, "look": "signed"}, "generated": spans}
    words, found = bare.evaluate(ADDRESS, view)
    assert words["lacks"] == "o.other,generated"
    assert found["options"] == {"look": "signed"}
    assert "generated" not in found
    assert "lacks" not in bare.evaluate(ADDRESS, {**view, "options": {}, "generated": []})[0]


def test_a_view_without_models_says_so(bare):
    words, found = bare.evaluate(ADDRESS, {"panels": [], "corpus": "python"})
    assert (words["models"], words["corpus"]) == ("", "python")
    assert (found["panels"], found["corpus"]) == ([], "python")
    assert "corpus" not in bare.evaluate(ADDRESS, {"panels": [{"model": "a", "layer": None, "signal": None}]})[0]


@pytest.mark.parametrize(
    ("start", "missing", "text", "completes"),
    [
        ("ab", 4, "abcd", True),
        ("ab", 4, "abcde", False),
        ("ab", 4, "bacd", False),
        ("🙂", 3, "🙂cd", True),
        (None, 4, "abcd", False),
        ("abcd", None, "abcd", False),
    ],
)
def test_a_text_that_is_here_already_completes_an_address_that_has_its_start(start, missing, text, completes, bare):
    found = bare.evaluate(
        """async ([start, missing, text]) => {
          const { completes } = await import("/static/state/store.js");
          const { Text } = await import("/static/text/document.js");
          return completes({ text: start ?? undefined, missing: missing ?? undefined }, Text.of(text));
        }""",
        [start, missing, text],
    )
    assert found is completes
