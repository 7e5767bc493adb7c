"""The picture as a file: its words stand beside each other, as Plotly lays them out."""

from __future__ import annotations

import itertools

import pytest

from tests.support.browser.explore_page import address

TEXT = "To be, or not to be, that is the question: whether tis nobler in the mind to suffer the slings of fortune."

CATCH = """async () => {
  const make = Plotly.toImage;
  globalThis.caught = null;
  Plotly.toImage = (figure, options) => {
    caught = { figure, options };
    return make(figure, options);
  };
}"""

WORDS = """async () => {
  const { figure: { data, layout } } = globalThis.caught;
  const host = document.createElement("div");
  host.style.cssText = `position: absolute; left: 0; top: 0; width: ${layout.width}px; height: ${layout.height}px`;
  document.body.append(host);
  await Plotly.newPlot(host, data, layout, { staticPlot: true });
  const frame = host.getBoundingClientRect();
  const axes = "text[class$=title], g[class$=tick] > text";
  const found = [...host.querySelectorAll(`.annotation-text, .legendtext, ${axes}`)]
    .filter((one) => one.textContent.trim() !== "")
    .map((one) => {
      const { left, right, top, bottom } = one.getBoundingClientRect();
      const [x, y] = [frame.left, frame.top];
      return [one.textContent, one.getAttribute("class") ?? "", left - x, right - x, top - y, bottom - y];
    });
  Plotly.purge(host);
  host.remove();
  return { found, width: layout.width, height: layout.height };
}"""


@pytest.mark.parametrize(
    "words",
    [
        {"models": "shakespeare-rnn,shakespeare-gru,shakespeare-lstm", "echo": "30:<"},
        {"models": "shakespeare-rnn,shakespeare-rnn@0,shakespeare-gru,shakespeare-gru@0,shakespeare-lstm@0"},
        {"models": "shakespeare-lstm", "signal": "cell", "columns": 20},
    ],
    ids=["echo", "five", "cell"],
)
@pytest.mark.parametrize("width", [1440, 390])
def test_no_words_lie_over_each_other_or_run_out_of_the_picture(words, width, open_page):
    explore = open_page(address(text=TEXT, **words), size=(width, 900))
    explore.settle()
    explore.page.evaluate(CATCH)
    with explore.page.expect_download() as download:
        explore.take("Picture as PNG")
    assert download.value.path().stat().st_size > 20_000
    picture = explore.page.evaluate(WORDS)
    found = picture["found"]
    texts = {one for one, *_ in found}
    assert {"step", "bits", "surprise, bits per character; above 12 it is cut"} <= texts
    assert sum(kind == "legendtext" for _, kind, *_ in found) == len(words["models"].split(","))
    for said, _, left, right, top, bottom in found:
        assert min(left, top) >= -1, f"{said!r} runs out of the picture"
        assert right <= picture["width"] + 1, f"{said!r} runs out of the picture"
        assert bottom <= picture["height"] + 1, f"{said!r} runs out of the picture"
    for (one, _, *a), (other, _, *b) in itertools.combinations(found, 2):
        across = min(a[1], b[1]) - max(a[0], b[0])
        down = min(a[3], b[3]) - max(a[2], b[2])
        assert min(across, down) <= 4, f"{one!r} lies over {other!r}"
