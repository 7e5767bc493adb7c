// One model's part of the saturation instrument: what was counted, in a sentence, and a scatter for each of its
// signals.

import { percent, sidesOf, stepsOf } from "../../format/counts.js";
import { make, put, tell } from "../../views/dom.js";
import { createScatter } from "./scatter.js";

/** Gates first: they are what it is about. @param {any[]} signals */
const inOrder = (signals) => [...signals].sort((a, b) => Number(b.kind === "gate") - Number(a.kind === "gate"));

const sum = (counts, s, units) =>
  counts.subarray(s * units, (s + 1) * units).reduce((total, count) => total + count, 0);

/**
 * What was counted of one signal.
 * @param {any} finding @param {string} name
 */
export function counted({ facts, tensors }, name) {
  const s = facts.signals.indexOf(name);
  const units = tensors.left.shape[1];
  const part = (counts) => counts.data.subarray(s * units, (s + 1) * units);
  const [left, right, numbers] = ["left", "right", "numbers"].map((which) => sum(tensors[which].data, s, units));
  return {
    s,
    units,
    ends: facts.ends[s],
    left: part(tensors.left),
    right: part(tensors.right),
    numbers: part(tensors.numbers),
    totals: { left, right, numbers },
  };
}

let versions = 0;
const known = new WeakMap();
/** A number that is another one for other counts. @param {any} tensors */
function versionOf(tensors) {
  if (!known.has(tensors)) known.set(tensors, ++versions);
  return known.get(tensors);
}

/**
 * @param {HTMLElement} host @param {any} resolved what the panel shows @param {(unit: number) => void} pick
 */
export function createUnitShares(host, resolved, pick) {
  const { model } = resolved;
  const swatch = make("i", { className: "swatch", "aria-hidden": "true" });
  const title = make("h3");
  const sentence = make("p", { className: "sat-sentence" });
  const readout = make("p", { className: "sat-readout", role: "status" });
  const gates = model.signals.some(({ kind }) => kind === "gate");
  const plots = make("div", { className: "sat-plots" });
  const element = make(
    "section",
    { className: "sat-model", "data-for": resolved.id },
    make("header", {}, swatch, title),
    sentence,
  );
  if (!gates) {
    element.append(make("p", { className: "inst-note", textContent: "This cell has no gate; its hidden state:" }));
  }
  element.append(plots, readout);
  host.append(element);
  let last = null;
  /** The unit that is pointed at, and in which signal's scatter. */
  let pointed = null;
  const scatters = inOrder(model.signals).map((signal) => [
    signal,
    createScatter(plots, {
      pick,
      point(unit, others) {
        pointed = unit === null ? null : { unit, others, signal };
        if (last !== null) show(...last);
      },
    }),
  ]);

  /** The selected or pointed unit in words. */
  function words(finding, selected, shown) {
    const { unit, others, signal } = pointed ?? { unit: selected, others: 0, signal: shown };
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

  function show(panel, finding, { selected, theme }) {
    last = [panel, finding, { selected, theme }];
    const { signal, layer } = panel.resolved;
    swatch.style.background = panel.color;
    tell(title, model.layers > 1 ? `${panel.title} · layer ${layer}` : panel.title);
    put(plots, { hidden: finding?.facts === undefined });
    put(readout, { hidden: finding?.facts === undefined });
    if (finding?.facts === undefined) return tell(sentence, "");
    const { totals, ends } = counted(finding, signal.name);
    const sides = sidesOf(signal, ends);
    const missing = totals.numbers === 0 ? " None of its values is a number." : "";
    tell(
      sentence,
      `${signal.title}: ${percent(totals.left + totals.right, totals.numbers)} of values saturated over ` +
        `${stepsOf(finding.facts)}: ${percent(totals.right, totals.numbers)} ${sides.right}, ` +
        `${percent(totals.left, totals.numbers)} ${sides.left}.${missing}`,
    );
    for (const [one, scatter] of scatters) {
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
        pointed: pointed?.unit ?? null,
      });
    }
    return tell(readout, words(finding, selected, signal));
  }

  return {
    element,
    update: show,
    destroy() {
      for (const [, scatter] of scatters) scatter.destroy();
      element.remove();
    },
  };
}
