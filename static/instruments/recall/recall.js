// Recall: how far trained networks carry a key, as measured; and the same played with the networks that ship.

import { display, frac, row, sub, words } from "../../format/mathml.js";
import { make } from "../../views/dom.js";
import { RecallCurves } from "./curves.js";
import { Episode } from "./episode.js";

const ABOUT = "/api/recall";

/** @typedef {import("../../state/instrument.js").View<import("./episode.js").Options>} View */
/** @typedef {import("../../state/instrument.js").Findings} Findings */

/**
 * What the project's own trainings came to, fetched once.
 * @type {import("../../protocol/answers.js").RecallCurvesAnswer | null}
 */
let shipped = null;
/** @type {Promise<unknown> | null} */
let waiting = null;

async function fetched() {
  const answer = await fetch(ABOUT);
  const found = await answer.json();
  if (!answer.ok) throw new Error(found.message ?? answer.statusText);
  return found;
}

class Recall {
  /**
   * @param {HTMLElement} host @param {import("../../state/instrument.js").Acts} bench
   * @param {import("../../state/catalogue.js").Catalogue} catalogue
   */
  constructor(host, bench, { recall: task }) {
    this.asking = new RegExp(`[${task.keys}].*[${task.mark}]`);
    this.fault = make("p", { className: "inst-note", hidden: true });
    this.episode = new Episode(bench, task);
    this.curves = new RecallCurves(bench);
    host.append(this.curves.element, this.episode.element, this.fault);
    /** What was shown last. @type {[View, Findings] | null} */
    this.last = null;
  }

  #ask() {
    if (shipped !== null || waiting !== null) return;
    waiting = fetched()
      .then(
        (found) => (shipped = found),
        (error) => {
          this.fault.textContent = `The curves could not be fetched: ${error.message} Load the page again.`;
          this.fault.hidden = false;
        },
      )
      .finally(() => this.last !== null && this.show(...this.last));
  }

  /**
   * What prose asks with a “?” is no key: nobody is asked before the text asks.
   * @param {View} view
   */
  asks({ panels, text }) {
    if (!this.asking.test(text.string)) return [];
    return panels.map(({ id }) => ({ model: id, measure: { name: "recall" } }));
  }

  /** @param {View} view @param {Findings} findings */
  show(view, findings) {
    this.last = [view, findings];
    this.#ask();
    this.curves.show(view, shipped);
    this.episode.show(view, findings);
  }

  /** @param {View} view @param {Findings} findings */
  table(view, findings) {
    return shipped === null ? this.episode.table(view, findings) : this.curves.table(view, shipped);
  }

  destroy() {
    this.last = null;
    this.curves.destroy();
    this.episode.destroy();
  }
}

/** @type {import("../../state/instrument.js").Definition} */
export const recall = {
  name: "recall",
  title: "Recall",
  question: "Over how many characters can a key be carried?",
  defaults: ({ recall: { longest } }) => ({ teaching: "mixed", longest, key: "C", delay: 20, seed: 1 }),
  definition: () => [
    make("p", {
      textContent:
        "An episode is a key (one of A to H), noise (lower-case letters), a mark “?”, and the key again. " +
        "Both are drawn at random, so nothing but memory helps. The delay k is the number of steps from the " +
        "state that has read the key to the one that has read the mark and must predict the key.",
    }),
    display(
      words("recalled:  "),
      sub("argmax", row("c", "∈", "{", "A", "…", "H", "}")),
      "p",
      "(",
      "c",
      "|",
      sub("h", "k"),
      ")",
      "=",
      words("the key"),
    ),
    make("p", {
      textContent:
        "The accuracy at a delay is the share of test episodes, which no training saw, in which of the eight " +
        "keys the right one is the most probable. Guessing gives 1/8. A network recalls up to the longest " +
        "delay through which its accuracy stays half-way between guessing and 1, or above:",
    }),
    display(frac("1", "2"), "(", frac("1", "8"), "+", "1", ")", "=", "0.5625"),
    make("p", {
      textContent:
        "Every architecture was tuned over the same learning rates and trained with the same budget, several " +
        "times from different seeds: the line is the median of them at each delay, the band reaches from the " +
        "worst to the best.",
    }),
  ],
  create: (host, bench, catalogue) => new Recall(host, bench, catalogue),
};
