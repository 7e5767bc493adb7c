// One unit of one model: what it is in words, its signal as a line over the window, and below it its gates.

import { percent, sidesOf, stepsOf } from "../../format/counts.js";
import { SIGNALS } from "../../picture/colour.js";
import { Chart, keyOf } from "../../views/chart.js";
import { make, put, tell } from "../../views/dom.js";
import { keptWords, pastWords } from "./words.js";

/** @import { UnitFacts, UnitTensors } from "../../protocol/answers.js" */
/** @import { Catalogue, Resolved } from "../../state/catalogue.js" */
/** @import { Answer, PanelView, View } from "../../state/instrument.js" */

/**
 * @typedef {{signal: string, layer: number, unit: number, first: number, last: number, per: number}} Asked
 * @typedef {Answer<UnitFacts, UnitTensors, Asked>} Found
 */

const HEIGHTS = { signal: 92, gates: 84, steps: 31 }; // CSS pixels; what the numbers of steps take besides

/**
 * A signal of a finding in columns: x, y, and where a column stands for several steps how low and high it goes.
 * @param {Found} found @param {number} s
 */
function lineOf({ tensors, measure }, s) {
  const [shows, signals, columns] = tensors.lines.shape;
  /** @param {number} show */
  const part = (show) =>
    tensors.lines.data.subarray((show * signals + s) * columns, (show * signals + s + 1) * columns);
  const { first, last, per } = measure;
  const x = Float64Array.from(
    { length: columns },
    (_, k) => first + k * per + (Math.min(per, last - first - k * per) - 1) / 2,
  );
  return shows === 1 ? { x, y: part(0) } : { x, low: part(0), y: part(1), high: part(2) };
}

/**
 * The range of an axis with a little room.
 * @param {[number, number] | null} range @returns {[number, number] | undefined}
 */
const roomy = (range) => {
  if (range === null) return undefined;
  const [low, high] = range;
  const room = 0.09 * (high - low);
  return [low - room, high + room];
};

export class UnitLines {
  /**
   * @param {HTMLElement} host @param {Resolved} resolved what the panel shows
   * @param {{choose: () => void, hold: (step: number) => void}} acts
   */
  constructor(host, resolved, acts) {
    this.acts = acts;
    this.model = resolved.model;
    this.signals = resolved.declared.signals;
    this.swatch = make("i", { className: "swatch", "aria-hidden": "true" });
    this.name = make("span");
    this.title = make(
      "button",
      { type: "button", className: "unit-model-name", onclick: acts.choose },
      this.swatch,
      this.name,
    );
    this.sentence = make("p", { className: "unit-sentence" });
    this.place = make("div");
    this.legend = make("p", { className: "inst-legend unit-gates" });
    this.element = make(
      "section",
      { className: "unit-model", "data-for": resolved.id },
      this.title,
      this.place,
      this.legend,
      this.sentence,
    );
    host.append(this.element);
    this.signal = new Chart(this.place, {
      label: `${this.model.title}: the unit over the window`,
      height: HEIGHTS.signal,
    });
    /** @type {Chart | null} */
    this.gates = null;
    /** What the charts were drawn of. @type {unknown[]} */
    this.drawn = [];
  }

  /** How often it is at its ends, and its half-lives. @param {Found} found @param {Catalogue} catalogue */
  #words({ facts, measure }, catalogue) {
    const s = facts.signals.indexOf(measure.signal);
    const declared = this.signals[s];
    const [shares, ends] = [facts.saturated[s], facts.ends[s]];
    const steps = facts.stop - facts.start;
    /** @param {number} share */
    const part = (share) => percent(Math.round(share * steps), steps);
    const sides = ends === null ? null : sidesOf(declared, ends);
    const saturated =
      sides === null || shares === null
        ? "saturation does not apply"
        : `${sides.right} in ${part(shares[1])}, ${sides.left} in ${part(shares[0])}`;
    const means =
      ` A point of the lines is the mean of ${measure.per.toLocaleString("en")} characters; ` +
      "the band goes from the lowest value to the highest.";
    return (
      `${declared.title} at ${stepsOf(facts)}: ${saturated}. ` +
      `Half-life: ${keptWords(facts, (one) => catalogue.titleOf(one))}; ${pastWords(facts)}.` +
      `${measure.per === 1 ? "" : means}`
    );
  }

  /**
   * @param {Found} finding @param {{first: boolean}} how
   * @param {Omit<import("../../views/chart.js").ChartView, "lines">} common
   * @param {import("../../state/instrument.js").Theme} theme
   */
  #drawGates(finding, { first }, common, theme) {
    const shown = this.signals
      .map((one, s) => ({ ...one, s }))
      .filter(({ kind, scale }) => kind === "gate" && scale === "interval") // the others have no common axis
      .filter(({ name: its }) => its !== finding.measure.signal);
    const visible = first && shown.length > 0;
    put(this.legend, { hidden: !visible });
    if (!visible) {
      this.gates?.destroy();
      this.gates = null;
      return;
    }
    this.gates ??= new Chart(this.place, {
      label: `${this.model.title}: the gates of the unit over the window`,
      height: HEIGHTS.gates + HEIGHTS.steps,
    });
    const colours = SIGNALS[theme];
    const lines = shown.map(({ title: its, s }, k) => ({
      name: its,
      color: colours[k % colours.length],
      thin: true,
      hover: `%{y:.3f}<extra>${its.toLowerCase()}</extra>`,
      ...lineOf(finding, s),
      low: undefined,
      high: undefined,
    }));
    this.gates.update({ ...common, xTitle: "step", lines, yRange: roomy([0, 1]) });
    const said = JSON.stringify([lines.map((line) => [line.name, line.color])]);
    if (this.legend.dataset.said === said) return;
    this.legend.dataset.said = said;
    this.legend.replaceChildren(
      ...lines.map((line, k) =>
        make("span", {}, keyOf(line), `${line.name.toLowerCase()}${shown[k].keeps ? ", keeps" : ""}`),
      ),
    );
  }

  /**
   * @param {PanelView} panel @param {Found | null} finding
   * @param {Pick<View, "window" | "cursor" | "theme" | "Plotly" | "catalogue"> & {first: boolean}} view `first`:
   *   whether the text and the table speak of this one
   */
  update(panel, finding, { window, cursor, first, theme, Plotly, catalogue }) {
    const { layer, signal: chosen } = panel.resolved;
    this.swatch.style.background = panel.color;
    put(this.title, {
      ariaPressed: String(first),
      title: first
        ? "The table and the colours of the text speak of this model"
        : "Let the table and the colours of the text speak of this model",
    });
    tell(
      this.name,
      `${panel.title}${this.model.layers.length > 1 ? ` · layer ${layer}` : ""} · ${chosen.title.toLowerCase()}`,
    );
    const known = finding !== null && finding.measure.signal === chosen.name;
    put(this.place, { hidden: !known });
    put(this.sentence, { hidden: !known });
    if (!known) put(this.legend, { hidden: true });
    if (!known) return;
    tell(this.sentence, this.#words(finding, catalogue));
    const now = [finding.tensors, window.from, window.span, cursor?.step, first, theme, Plotly, panel.color];
    if (now.every((one, k) => one === this.drawn[k])) return;
    this.drawn = now;
    /** @type {Omit<import("../../views/chart.js").ChartView, "lines">} */
    const common = {
      xTitle: null,
      yTitle: null,
      xRange: [window.from - 0.5, window.from + window.span - 0.5],
      theme,
      Plotly,
      verticals: cursor === null ? [] : [{ x: cursor.step }],
      onPick: (x) => this.acts.hold(Math.round(x)),
    };
    const s = finding.facts.signals.indexOf(chosen.name);
    const hover = `step %{x:,d}: %{y:.3f}<extra></extra>`;
    this.signal.update({
      ...common,
      lines: [
        {
          name: chosen.title,
          color: panel.color,
          dashed: panel.dashed,
          thin: window.span > 300,
          hover,
          ...lineOf(finding, s),
        },
      ],
      yRange: roomy(chosen.range),
      logY: chosen.scale === "logarithmic",
    });
    this.#drawGates(finding, { first }, common, theme);
  }

  destroy() {
    this.signal.destroy();
    this.gates?.destroy();
    this.element.remove();
  }
}
