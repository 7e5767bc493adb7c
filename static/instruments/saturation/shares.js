// One model's part of the saturation instrument: what was counted, in a sentence, and a scatter for each of its
// signals.

import { percent, sidesOf, stepsOf } from "../../format/counts.js";
import { make, put, tell } from "../../views/dom.js";
import { Scatter } from "./scatter.js";

/** @import { Signal } from "../../protocol/hello.js" */
/** @import { SaturationFacts, SaturationTensors } from "../../protocol/answers.js" */
/** @import { Whole } from "../../protocol/messages.js" */
/** @import { Resolved } from "../../state/catalogue.js" */
/** @import { Answer, PanelView } from "../../state/instrument.js" */

/**
 * @typedef {{signal: string, layer: number, start: number, stop: number, first: number, last: number, per: number}}
 *   Asked
 * @typedef {Answer<SaturationFacts, SaturationTensors, Asked>} Found
 */

/** Gates first: they are what it is about. @param {Signal[]} signals */
const inOrder = (signals) => [...signals].sort((a, b) => Number(b.kind === "gate") - Number(a.kind === "gate"));

/** @param {Int32Array} counts */
const sum = (counts) => counts.reduce((total, count) => total + count, 0);

/**
 * What was counted of one signal: `first` is where its numbers begin in the tensors.
 * @param {Found} finding @param {string} name
 */
export function counted({ facts, tensors }, name) {
  const s = facts.signals.indexOf(name);
  const units = facts.widths[s];
  const first = s * tensors.left.shape[1];
  /** @param {Whole} counts */
  const part = (counts) => counts.data.subarray(first, first + units);
  const [left, right, numbers] = [tensors.left, tensors.right, tensors.numbers].map((one) => sum(part(one)));
  return {
    first,
    units,
    ends: facts.ends[s],
    left: part(tensors.left),
    right: part(tensors.right),
    numbers: part(tensors.numbers),
    totals: { left, right, numbers },
  };
}

/** How much of a signal is saturated, in words. @param {Found} finding @param {Signal} signal */
function sentenceOf(finding, signal) {
  if (signal.saturated === null) return `${signal.title}: saturation does not apply to it.`;
  const { totals, ends } = counted(finding, signal.name);
  const sides = sidesOf(signal, ends);
  const missing = totals.numbers === 0 ? " None of its values is a number." : "";
  return (
    `${signal.title}: ${percent(totals.left + totals.right, totals.numbers)} of values saturated over ` +
    `${stepsOf(finding.facts)}: ${percent(totals.right, totals.numbers)} ${sides.right}, ` +
    `${percent(totals.left, totals.numbers)} ${sides.left}.${missing}`
  );
}

let versions = 0;
/** @type {WeakMap<object, number>} */
const known = new WeakMap();
/** A number that is another one for other counts. @param {object} tensors */
function versionOf(tensors) {
  const version = known.get(tensors) ?? ++versions;
  known.set(tensors, version);
  return version;
}

export class UnitShares {
  /**
   * @param {HTMLElement} host @param {Resolved} resolved what the panel shows @param {(unit: number) => void} pick
   */
  constructor(host, resolved, pick) {
    this.model = resolved.model;
    const { signals } = resolved.declared;
    this.swatch = make("i", { className: "swatch", "aria-hidden": "true" });
    this.title = make("h3");
    this.sentence = make("p", { className: "sat-sentence" });
    this.readout = make("p", { className: "sat-readout", role: "status" });
    const gates = signals.some(({ kind }) => kind === "gate");
    this.plots = make("div", { className: "sat-plots" });
    const without = signals.filter(({ saturated }) => saturated === null).map(({ title }) => title.toLowerCase());
    const said = without.length > 0 ? `Saturation does not apply to: ${without.join(", ")}.` : "";
    this.others = make("p", { className: "inst-note sat-others", hidden: said === "", textContent: said });
    this.element = make(
      "section",
      { className: "sat-model", "data-for": resolved.id },
      make("header", {}, this.swatch, this.title),
      this.sentence,
    );
    if (!gates) {
      this.element.append(
        make("p", { className: "inst-note", textContent: "This cell has no gate; its hidden state:" }),
      );
    }
    this.element.append(this.plots, this.others, this.readout);
    host.append(this.element);
    /** What was shown last. @type {[PanelView, Found | null, {selected: number | null, theme: string}] | null} */
    this.last = null;
    /**
     * The unit that is pointed at, and in which signal's scatter.
     * @type {{unit: number, others: number, signal: Signal} | null}
     */
    this.pointed = null;
    const able = inOrder(signals).filter(({ saturated }) => saturated !== null);
    this.scatters = able.map((signal) => ({
      signal,
      scatter: new Scatter(this.plots, {
        pick,
        point: (unit, others) => {
          this.pointed = unit === null ? null : { unit, others, signal };
          if (this.last !== null) this.update(...this.last);
        },
      }),
    }));
  }

  /**
   * The selected or pointed unit in words.
   * @param {Found} finding @param {number | null} selected @param {Signal} shown
   */
  #words(finding, selected, shown) {
    const { unit, others, signal } = this.pointed ?? { unit: selected, others: 0, signal: shown };
    if (signal.saturated === null) return "Point at a dot: each is one unit. A click holds it.";
    const found = counted(finding, signal.name);
    if (unit === null || unit >= found.units) return "Point at a dot: each is one unit. A click holds it.";
    const sides = sidesOf(signal, found.ends);
    const [left, right, steps] = [found.left[unit], found.right[unit], found.numbers[unit]];
    const more = others > 0 ? ` (${others} more here)` : "";
    return (
      `Unit ${unit}${more}, ${signal.title.toLowerCase()}: ${sides.open}${sides.right}, in ` +
      `${percent(right, steps)}; ${sides.shut}${sides.left}, in ${percent(left, steps)} of ` +
      `${steps.toLocaleString("en")} steps.`
    );
  }

  /** @param {PanelView} panel @param {Found | null} finding @param {{selected: number | null, theme: string}} how */
  update(panel, finding, { selected, theme }) {
    this.last = [panel, finding, { selected, theme }];
    const { signal, layer } = panel.resolved;
    this.swatch.style.background = panel.color;
    tell(this.title, this.model.layers.length > 1 ? `${panel.title} · layer ${layer}` : panel.title);
    put(this.plots, { hidden: finding === null });
    put(this.readout, { hidden: finding === null });
    if (finding === null) return tell(this.sentence, "");
    tell(this.sentence, sentenceOf(finding, signal));
    for (const { signal: one, scatter } of this.scatters) {
      const { left, right, numbers, units, totals: all, ends: its } = counted(finding, one.name);
      const beyond = sidesOf(one, its);
      const share = percent(all.left + all.right, all.numbers);
      scatter.update({
        name: one.title,
        share,
        left,
        right,
        numbers,
        version: versionOf(finding.tensors),
        color: panel.color,
        theme,
        xTitle: beyond.right,
        yTitle: beyond.left,
        label:
          `${panel.title}, ${one.title.toLowerCase()}: ${units} units by their share of steps ${beyond.right} ` +
          `and ${beyond.left}; ${share} of all values. Arrow keys go from unit to unit, Enter holds one.`,
        selected,
        pointed: this.pointed?.unit ?? null,
      });
    }
    return tell(this.readout, this.#words(finding, selected, signal));
  }

  destroy() {
    for (const { scatter } of this.scatters) scatter.destroy();
    this.element.remove();
  }
}
