// Where an instrument stands, and how one goes from there: a step or a unit on, to what made a value, and back.

import { visible } from "../../text/characters.js";
import { make, put } from "../../views/dom.js";

/** @import { Acts, View } from "../../state/instrument.js" */
/** @import { Options } from "./why.js" */

/** @typedef {{step: number, unit: number, of: string}} Stop */

export class Trail {
  /**
   * @param {Acts} bench its option `of` says what is looked at where one has walked to
   * @param {() => View<Options> | null} see what the instrument has seen last
   */
  constructor(bench, see) {
    this.bench = bench;
    this.see = see;
    this.place = make("p", { className: "why-place" });
    this.first = this.#button("‹", "the step before (← on a picture)", [-1, 0]);
    const steps = make("span", {}, this.first, this.place, this.#button("›", "the next step (→ on a picture)", [1, 0]));
    const units = make(
      "span",
      {},
      this.#button("˄", "the unit with the next lower number", [0, -1]),
      this.#button("˅", "the unit with the next higher number", [0, 1]),
    );
    this.back = make("button", {
      type: "button",
      className: "why-back",
      textContent: "↩ back",
      onclick: () => this.#goBack(),
    });
    this.element = make("div", { className: "why-trail" }, steps, units, this.back);
    /** Where one has walked from, the last at the end. @type {Stop[]} */
    this.trail = [];
  }

  /** @param {string} words @param {string} label @param {[number, number]} by */
  #button(words, label, by) {
    return make("button", {
      type: "button",
      textContent: words,
      "aria-label": label,
      title: label,
      onclick: () => this.#move(...by),
    });
  }

  /** @param {number} step @param {number} unit */
  #move(step, unit) {
    const seen = this.see();
    if (seen === null || seen.cursor === null) return;
    const { cursor, panels } = seen;
    const highest = Math.max(0, ...panels.map(({ resolved }) => resolved.declared.units - 1));
    this.bench.placeCursor(cursor.step + step, Math.max(0, Math.min(highest, cursor.unit + unit)));
  }

  /** @param {Stop} to */
  #arrive({ step, unit, of }) {
    this.bench.set({ of });
    this.bench.placeCursor(step, unit);
    // Now: what was clicked is about to go, and takes the focus along.
    put(this.back, { disabled: this.trail.length === 0 });
    (this.trail.length > 0 ? this.back : this.first).focus({ preventScroll: true });
  }

  #goBack() {
    const to = this.trail.pop();
    if (to !== undefined) this.#arrive(to);
  }

  /**
   * Go to what made a value.
   * @param {number} step
   * @param {number} unit
   * @param {number} layer
   * @param {string} signal
   */
  to(step, unit, layer, signal) {
    const { cursor = null, options } = this.see() ?? {};
    if (cursor === null || options === undefined) return;
    this.trail.push({ step: cursor.step, unit: cursor.unit, of: options.of });
    this.#arrive({ step, unit, of: `${layer}.${signal}@${step}.${unit}` });
  }

  /** @param {View<Options>} view */
  show({ cursor, text }) {
    if (cursor === null) this.place.textContent = "no step yet";
    else {
      const [character = ""] = text.characters(cursor.step, cursor.step + 1);
      this.place.replaceChildren(
        "step ",
        make("b", { textContent: cursor.step.toLocaleString("en") }),
        " · ",
        make("kbd", { textContent: visible(character) }),
        " · unit ",
        make("b", { textContent: String(cursor.unit) }),
      );
    }
    const from = this.trail.at(-1);
    const title =
      from === undefined
        ? "the way back, once you have followed a term"
        : `to step ${from.step.toLocaleString("en")}, unit ${from.unit}`;
    put(this.back, { disabled: from === undefined, title });
  }
}

const PLACE = /^(\d+)\.([a-z_]+)@(\d+)\.(\d+)$/;

/**
 * What is looked at where one has walked to: a signal of a layer, as long as the cursor stays there.
 * @param {string} of @param {{step: number, unit: number} | null} cursor
 */
export function walkedTo(of, cursor) {
  const [, layer, signal, step, unit] = PLACE.exec(of) ?? [];
  return cursor !== null && Number(step) === cursor.step && Number(unit) === cursor.unit
    ? { layer: Number(layer), signal }
    : null;
}
