// One unit of one model: what it is in words, its signal as a line over the window, and below it its gates.

import { percent, sidesOf, stepsOf } from "../../format/counts.js";
import { SIGNALS } from "../../picture/colour.js";
import { createChart, keyOf } from "../../views/chart.js";
import { make, put, tell } from "../../views/dom.js";
import { keptWords, pastWords } from "./words.js";

const HEIGHTS = { signal: 92, gates: 84, steps: 31 }; // CSS pixels; what the numbers of steps take besides

/** A signal of a finding in columns: x, y, and where a column stands for several steps how low and high it goes. */
function lineOf({ tensors, measure }, s) {
  const [shows, signals, columns] = tensors.lines.shape;
  const part = (show) =>
    tensors.lines.data.subarray((show * signals + s) * columns, (show * signals + s + 1) * columns);
  const { first, last, per } = measure;
  const x = Float64Array.from(
    { length: columns },
    (_, k) => first + k * per + (Math.min(per, last - first - k * per) - 1) / 2,
  );
  return shows === 1 ? { x, y: part(0) } : { x, low: part(0), y: part(1), high: part(2) };
}

/** The range of an axis with a little room. @param {[number, number] | null} range */
const roomy = (range) =>
  range === null ? undefined : [range[0] - 0.09 * (range[1] - range[0]), range[1] + 0.09 * (range[1] - range[0])];

/**
 * @param {HTMLElement} host @param {any} resolved what the panel shows
 * @param {{choose: () => void, hold: (step: number) => void}} acts
 */
export function createUnitLines(host, resolved, acts) {
  const { model } = resolved;
  const swatch = make("i", { className: "swatch", "aria-hidden": "true" });
  const name = make("span");
  const title = make("button", { type: "button", className: "unit-model-name", onclick: acts.choose }, swatch, name);
  const sentence = make("p", { className: "unit-sentence" });
  const place = make("div");
  const legend = make("p", { className: "inst-legend unit-gates" });
  const element = make("section", { className: "unit-model", "data-for": resolved.id }, title, place, legend, sentence);
  host.append(element);
  const signal = createChart(place, { label: `${model.title}: the unit over the window`, height: HEIGHTS.signal });
  let gates = null;
  /** What the charts were drawn of. */
  let drawn = [];

  /** How often it is at its ends, and its half-lives. */
  function words({ facts, measure }, catalogue) {
    const s = facts.signals.indexOf(measure.signal);
    const declared = model.signals[s];
    const [low, high] = facts.saturated[s];
    const sides = sidesOf(declared, facts.ends[s]);
    const steps = facts.stop - facts.start;
    const [over, under] = [percent(Math.round(high * steps), steps), percent(Math.round(low * steps), steps)];
    const means =
      ` A point of the lines is the mean of ${measure.per.toLocaleString("en")} characters; ` +
      "the band goes from the lowest value to the highest.";
    return (
      `${declared.title} at ${stepsOf(facts)}: ${sides.right} in ${over}, ${sides.left} in ${under}. ` +
      `Half-life: ${keptWords(facts, (one) => catalogue.titleOf(one))}; ${pastWords(facts)}.` +
      `${measure.per === 1 ? "" : means}`
    );
  }

  function drawGates(finding, { first }, common, theme) {
    const shown = model.signals
      .map((one, s) => ({ ...one, s }))
      .filter(({ kind, name: its }) => kind === "gate" && its !== finding.measure.signal);
    const visible = first && shown.length > 0;
    put(legend, { hidden: !visible });
    if (!visible) {
      gates?.destroy();
      gates = null;
      return;
    }
    gates ??= createChart(place, {
      label: `${model.title}: the gates of the unit over the window`,
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
    gates.update({ ...common, xTitle: "step", lines, yRange: roomy([0, 1]) });
    const said = JSON.stringify([lines.map((line) => [line.name, line.color])]);
    if (legend.dataset.said === said) return;
    legend.dataset.said = said;
    legend.replaceChildren(
      ...lines.map((line, k) =>
        make("span", {}, keyOf(line), `${line.name.toLowerCase()}${shown[k].keeps ? ", keeps" : ""}`),
      ),
    );
  }

  return {
    element,
    /**
     * @param {any} panel
     * @param {any} finding
     * @param {{window: any, cursor: any, first: boolean, theme: string, Plotly: any, catalogue: any}} view `first`:
     *   whether the text and the table speak of this one
     */
    update(panel, finding, { window, cursor, first, theme, Plotly, catalogue }) {
      const { layer, signal: chosen } = panel.resolved;
      swatch.style.background = panel.color;
      put(title, {
        ariaPressed: String(first),
        title: first
          ? "The table and the colours of the text speak of this model"
          : "Let the table and the colours of the text speak of this model",
      });
      tell(name, `${panel.title}${model.layers > 1 ? ` · layer ${layer}` : ""} · ${chosen.title.toLowerCase()}`);
      const known = finding?.facts !== undefined && finding.measure.signal === chosen.name;
      put(place, { hidden: !known });
      put(sentence, { hidden: !known });
      if (!known) put(legend, { hidden: true });
      if (!known) return;
      tell(sentence, words(finding, catalogue));
      const now = [finding.tensors, window.from, window.span, cursor?.step, first, theme, Plotly, panel.color];
      if (now.every((one, k) => one === drawn[k])) return;
      drawn = now;
      const common = {
        xTitle: null,
        yTitle: null,
        xRange: [window.from - 0.5, window.from + window.span - 0.5],
        theme,
        Plotly,
        verticals: cursor === null ? [] : [{ x: cursor.step }],
        onPick: (x) => acts.hold(Math.round(x)),
      };
      const s = finding.facts.signals.indexOf(chosen.name);
      const hover = `step %{x:,d}: %{y:.3f}<extra></extra>`;
      signal.update({
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
      });
      drawGates(finding, { color: panel.color, first }, common, theme);
    },
    destroy() {
      signal.destroy();
      gates?.destroy();
      element.remove();
    },
  };
}
