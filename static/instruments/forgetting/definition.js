// What forgetting is, in words and formulas.

import { display, frac, norm, over, row, sub, subsup, words } from "../../format/mathml.js";
import { make } from "../../views/dom.js";

const after = () => row("a", "+", "k");

/** By which the state and the prediction are compared, with another character in the place of one. */
const edits = () => [
  make("p", {
    textContent:
      "a is the step of the character at the cursor, k the number of characters since. All curves show the " +
      "number itself, on a logarithmic axis; the table shows what share of the first value is left.",
  }),
  make(
    "p",
    {},
    make("b", { textContent: "Another character instead. " }),
    "The text is read once more for each character that could stand at a, and the runs are compared: the " +
      "distance of their states h, and the Kullback–Leibler divergence of their predictions in bits; the " +
      "mean over the characters tried. The dotted line is the same for a run that differs only in the last " +
      "bits of its state: a curve that has come down to it tells of rounding, not of memory.",
  ),
  display(
    norm(row(sub("h", after()), "−", sub(row("h", "′"), after()))),
    words(",  "),
    words("KL"),
    "(",
    sub("p", after()),
    "‖",
    sub(row("p", "′"), after()),
    ")",
  ),
];

/** What is kept, unit by unit. */
const gates = () => [
  make(
    "p",
    {},
    make("b", { textContent: "What the gates let through. " }),
    "For each unit the product of its keeping gate (forget gate f of the LSTM, update gate z of the GRU) " +
      "over the steps after a: the line is the median of the units, the band its middle half. A vanilla cell " +
      "has no gate; in its place stands the diagonal of its Jacobian.",
  ),
  display(
    over("∏", row("t", "=", "a", "+", "1"), after()),
    sub("f", "t"),
    words(",  vanilla:  "),
    over("∏", row("t", "=", "a", "+", "1"), after()),
    "|",
    "(",
    "1",
    "−",
    subsup("h", "t", "2"),
    ")",
    sub("W", "ii"),
    "|",
  ),
];

/** The two derivatives, and the colours of the text. */
const derivatives = () => [
  make(
    "p",
    {},
    make("b", { textContent: "Pull. " }),
    "How much the logit of the character that really came next moves, per unit of change of the one-hot " +
      "input at a. Never divided by its largest value.",
  ),
  display(norm(frac(row("∂", sub(words("logit"), row("x", "(", after(), "+", "1", ")"))), row("∂", sub("x", "a"))))),
  make(
    "p",
    {},
    make("b", { textContent: "A small nudge. " }),
    "The Frobenius norm of the derivative of the whole recurrent state s (of all layers, the LSTM’s cell " +
      "state included). It begins at √D for D numbers of state.",
  ),
  display(norm(frac(row("∂", sub("s", after())), row("∂", sub("s", "a"))))),
  make(
    "p",
    {},
    make("b", { textContent: "The colours of the text " }),
    "show the pull of each earlier character on one logit at the cursor, on a fixed scale of half decades.",
  ),
];

export const definition = () => [...edits(), ...gates(), ...derivatives()];
