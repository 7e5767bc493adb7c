// What intervening is, in words and formulas.

import { display, element, row, sub, words as mathWords } from "../../format/mathml.js";
import { make } from "../../views/dom.js";

export const definition = () => [
  make("p", {
    textContent:
      "The network reads the text twice: as it is, and with the interventions in force. A held signal has " +
      "its value inside the step, so all that follows in the equations follows from it: a gate at 0 lets " +
      "nothing through, a silent unit is heard neither by the next step nor by the layer above nor by the " +
      "readout. Zeroing empties the state of all layers before a step is read; in chunks, before every so " +
      "many. A chunk takes away what is near, too: its second character has only one before it. So beside " +
      "chunks of k stands what the network expects with exactly k characters before each one.",
  }),
  make("p", {
    textContent:
      "Interventions stand at steps of the text: an edit before one shifts the text under it. Bits per " +
      "character are the mean surprise of the characters after the first intervention, in both runs. The " +
      "divergence at step t is what it costs to expect p′ where the network as it is expects p:",
  }),
  display(
    mathWords("KL"),
    "(",
    sub("p", "t"),
    "‖",
    sub("p′", "t"),
    ")",
    "=",
    sub(element("mo", null, "∑"), "k"),
    sub("p", row("t", ",", "k")),
    row(
      "(",
      sub(mathWords("log"), "2"),
      sub("p", row("t", ",", "k")),
      "−",
      sub(mathWords("log"), "2"),
      sub("p′", row("t", ",", "k")),
      ")",
    ),
  ),
  make("p", {
    textContent:
      "Both then write on after the end of the text, by the same seed: where the texts part, the " +
      "intervention has changed a choice.",
  }),
];
