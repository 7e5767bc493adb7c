// What provenance is, in words and formulas.

import { display, element, row, sub, words } from "../../format/mathml.js";
import { make } from "../../views/dom.js";

/** ∏ with what it runs over. @param {...(Node | string)} under */
const product = (...under) => element("munder", null, element("mo", null, "∏"), row(...under));

export const definition = () => [
  make("p", {
    textContent:
      "In every gated cell a unit has a memory (LSTM: the cell state c; GRU: the hidden state h; sLSTM: ĉ) of which " +
      "it keeps a share k in a step, and to which it adds what it writes, w. So the memory is a sum over all past " +
      "steps, and each addend is known exactly: what was written at step s, times all that was kept since.",
  }),
  display(
    sub("m", "t"),
    "=",
    row(sub("k", "t"), "·", sub("m", row("t", "−", "1"))),
    "+",
    sub("w", "t"),
    "=",
    element("munder", null, element("mo", null, "∑"), row("s", "≤", "t")),
    row("(", product("s", "<", "r", "≤", "t"), sub("k", "r"), ")"),
    "·",
    sub("w", "s"),
  ),
  make("p", {
    textContent:
      "The share of a step in a unit is the size of its addend over the sum of the sizes of all; that of a layer is " +
      "the mean over its units. The triangle has a row for each step t and a column for each step s: along the " +
      "diagonal stands what was just written, and a memory that lasts draws a vertical line downwards.",
  }),
  display(
    sub(words("share"), "s"),
    "=",
    row("|", sub(words("addend"), "s"), "|"),
    "/",
    element("munder", null, element("mo", null, "∑"), "r"),
    row("|", sub(words("addend"), "r"), "|"),
  ),
  make("p", {
    textContent:
      "This is the direct path only. What was written at s was itself computed from the state before s, so it is not " +
      "all that the character at s did: the echo of an edit shows the rest. A vanilla cell passes everything through " +
      "its weights and tanh in each step, and has no such sum.",
  }),
  make("p", {
    textContent:
      "A transformer keeps no memory, but what its attention adds at a step (u) is such a sum, too: over the steps " +
      "of its window, by weights that are positive and add up to 1. The share of a step in a layer is then its " +
      "weight, the mean over the heads; beyond the window it is zero. Each head has a thin line, and the triangle " +
      "can show one of them: a row is what that head looks at from a step.",
  }),
];
