// Used context: the bits that a prediction owes to what lies more than k characters back.

import { display, row, sub, words } from "../format/mathml.js";
import { answered } from "../state/instrument.js";
import { Chart, keyOf } from "../views/chart.js";
import { choose, decimal, make, put, tell } from "../views/dom.js";
import { chooser, numberHead, rowOf, tableOf, tickBox } from "../views/instrument-parts.js";
import { DEPTHS, createNumber, decadesOf, lagsOf, together } from "../views/lag-curves.js";

/** @import { ContextFacts, ContextTensors } from "../protocol/answers.js" */
/** @import { Acts, Answer, Catalogue, Findings, PanelView, View } from "../state/instrument.js" */

/** @typedef {{past: string, positions: number, lags: number, median: boolean, depth: number}} Options */
/**
 * @typedef {{panel: PanelView, found: Answer<ContextFacts, ContextTensors, {lags: number}>}} One what was found of a
 *   panel
 */

/** @type {Record<string, string>} */
const PASTS = {
  another: "the past of another position",
  zero: "no past at all (state zero)",
  shuffled: "the same letters in random order",
};
const SHOWN = [5, 10, 20, 50];

/** @param {ArrayLike<number>} values */
const logs = (values) => Array.from(values, (value) => (value > 0 ? Math.log10(value) : value <= 0 ? -Infinity : NaN));

/**
 * How many characters are used, in words.
 * @param {{uses: number | null, uses_error: number | null, lags: number}} facts
 */
export function usedWords({ uses, uses_error: error, lags }) {
  if (uses === null) return "none";
  if (uses === lags) return `${lags} or more`;
  return error === null
    ? String(uses)
    : `${uses} ± ${error < 10 ? Math.max(error, 0.1).toFixed(1).replace(/\.0$/, "") : Math.round(error)}`;
}

/** @param {Catalogue} catalogue */
function definition({ thresholds }) {
  /** @param {string} past */
  const surprise = (past) =>
    row(
      "−",
      sub(words("log"), "2"),
      "p",
      "(",
      sub("x", "t"),
      "|",
      sub("x", row("t", "−", "k")),
      "…",
      sub("x", row("t", "−", "1")),
      ",",
      words(past),
      ")",
    );
  return [
    make("p", {
      textContent:
        "k characters before a position another past takes the place of the true one: the state that the " +
        "model had at another position of the text. It then reads the k true characters, and the bits that " +
        "this costs at the next character are counted; the mean over many positions.",
    }),
    display(surprise("other past"), "−", "(", surprise("true past"), ")"),
    make("p", {
      textContent:
        `The number is the largest k at which the mean loss is above ${thresholds.used_context} bit: what lies ` +
        "further back is worth less than that. ± is the standard error, by drawing stretches of the text anew. " +
        "The band is the mean ± its standard error.",
    }),
    make("p", {
      textContent:
        "It sees what the prediction owes to the past. The memory horizon sees how long a state differs " +
        "after one character was changed, whether or not that helps to predict: a network may carry a " +
        "difference along that it never uses, or use what one character alone hardly changes.",
    }),
  ];
}

/** @param {View<Options>} view @param {Findings} findings @returns {One[]} */
const measured = ({ panels, options }, findings) =>
  answered(panels, findings, ({ facts }) => facts.past === options.past);

/** @param {One[]} all */
function report(all) {
  const { facts } = all[0].found;
  const said = [
    "Columns: bits lost by another past beyond 5, 10, 20, 50 characters.",
    `${facts.positions.toLocaleString("en")} positions` +
      `${facts.positions < facts.asked ? `; the text has no more for ${facts.lags} characters each` : ""}.`,
  ];
  if (facts.lags < all[0].found.measure.lags) said.push(`It is long enough for k up to ${facts.lags}.`);
  const rough = all
    .filter(
      ({
        found: {
          tensors: { error },
          facts: { threshold },
        },
      }) => !(error.data[error.data.length - 1] < threshold / 2),
    )
    .map(({ panel }) => panel.title);
  if (rough.length > 0) {
    said.push(
      `${rough.join(", ")}: the standard error at the last k is not small against the threshold; a ` +
        "longer text or more positions would tell better.",
    );
  }
  said.push(
    ...together(
      all.map(({ panel, found }) => ({
        name: panel.title,
        said: found.facts.uses === null ? ["no k at which the other past costs more than the threshold"] : [],
      })),
    ),
  );
  said.push(
    `Measured up to k = ${facts.lags}, drawn as far as the threshold asks for; the CSV has all. Where a ` +
      "line breaks, nothing is lost, or the other past helped by chance.",
  );
  return said;
}

class Context {
  /** @param {HTMLElement} host @param {Acts} bench @param {Catalogue} catalogue */
  constructor(host, bench, catalogue) {
    this.past = chooser("Other past", (value) => bench.set({ past: value }));
    this.positions = createNumber({
      label: "over",
      name: "Positions",
      unit: "positions",
      ...catalogue.bound("context", "positions"),
      set: (value) => bench.set({ positions: value }),
    });
    this.lags = createNumber({
      label: "up to",
      name: "The largest k",
      unit: "characters",
      ...catalogue.bound("context", "lags"),
      set: (value) => bench.set({ lags: value }),
    });
    this.median = tickBox((is) => bench.set({ median: is }));
    this.depth = chooser("Axis reaches down", (value) => bench.set({ depth: Number(value) }));
    this.charts = make("div");
    this.rows = make("tbody");
    const heads = SHOWN.map((k) => numberHead(`> ${k}`, `Bits lost by another past beyond ${k} characters`));
    this.tableElement = tableOf([make("th", { textContent: "model" }), numberHead("uses"), ...heads], this.rows);
    this.notes = make("p", { className: "inst-note" });
    host.append(
      rowOf(make("label", {}, "instead:", this.past)),
      this.tableElement,
      this.charts,
      rowOf(
        this.positions.element,
        this.lags.element,
        make("label", {}, this.median, "median"),
        make("label", {}, "axis", this.depth),
      ),
      this.notes,
    );
    this.chart = new Chart(this.charts, {
      label: "Bits lost against the number of true characters, by model",
      height: 270,
    });
  }

  /** @param {One[]} all */
  #showTable(all) {
    this.rows.replaceChildren(
      ...all.map(
        ({
          panel,
          found: {
            facts,
            tensors: { mean },
          },
        }) => {
          /** @param {string} name @param {string} content */
          const cell = (name, content) => make("td", { className: "number", "data-fact": name, textContent: content });
          return make(
            "tr",
            { "data-for": panel.id },
            make("td", {}, keyOf(panel), panel.title),
            cell("uses", usedWords(facts)),
            ...SHOWN.map((k) => cell(`beyond_${k}`, k < mean.data.length ? decimal(mean.data[k], 3) : "–")),
          );
        },
      ),
    );
  }

  /** @param {View<Options>} view @param {One[]} all */
  #draw({ options, theme, Plotly }, all) {
    const lines = all.flatMap(({ panel, found: { tensors } }) => {
      /** @type {import("../views/chart.js").Line[]} */
      const own = [];
      const { color, dashed, title: name } = panel;
      const [mean, error] = [tensors.mean.data, tensors.error.data];
      /** @param {number} sign */
      const around = (sign) => logs(Float64Array.from(mean, (value, k) => value + sign * (error[k] || 0)));
      own.push({
        name,
        color,
        dashed,
        x: lagsOf(mean),
        y: logs(mean),
        low: around(-1).map((log) => Math.max(log, -300)),
        high: around(1),
      });
      if (options.median) {
        own.push({ name: `${name}, median`, color, thin: true, dashed, x: lagsOf(mean), y: logs(tensors.median.data) });
      }
      return own;
    });
    const threshold = Math.log10(all[0].found.facts.threshold);
    const [lowest, top] = decadesOf(
      [[threshold], ...lines.filter(({ thin }) => !thin).map(({ y }) => y)],
      options.depth,
    );
    const bottom = Math.min(lowest, threshold - 1);
    const last = Math.max(1, ...all.map(({ found }) => found.facts.lags));
    const most = Math.max(...all.map(({ found }) => found.facts.uses ?? found.facts.lags));
    this.chart.update({
      lines,
      exponents: true,
      xRange: [0, Math.min(last, Math.max(20, 2 * most))],
      yRange: [bottom, top + 0.05],
      horizontals: [{ y: threshold, text: `${all[0].found.facts.threshold} bit` }],
      verticals: all.flatMap(({ panel: { color }, found: { facts } }) =>
        facts.uses === null ? [] : [{ x: facts.uses, color }],
      ),
      xTitle: "k, true characters read",
      yTitle: "bits lost at the next character",
      theme,
      Plotly,
    });
  }

  /** @param {View<Options>} view */
  asks({ panels, options }) {
    return panels.map(({ id }) => ({
      model: id,
      measure: {
        name: "context",
        past: options.past in PASTS ? options.past : "another",
        positions: options.positions,
        lags: options.lags,
      },
    }));
  }

  /** @param {View<Options>} view @param {Findings} findings */
  show(view, findings) {
    const { options } = view;
    choose(this.past, Object.entries(PASTS), options.past);
    choose(this.depth, DEPTHS, String(options.depth));
    this.positions.update(options.positions);
    this.lags.update(options.lags);
    put(this.median, { checked: options.median });
    const all = measured(view, findings);
    for (const one of [this.tableElement, this.charts, this.notes]) put(one, { hidden: all.length === 0 });
    if (all.length === 0) return;
    this.#showTable(all);
    this.#draw(view, all);
    tell(this.notes, report(all).join(" "));
  }

  /** @param {View<Options>} view @param {Findings} findings */
  table(view, findings) {
    const { csv } = view.catalogue;
    const record = csv.recorder("context");
    const rows = measured(view, findings).flatMap(({ panel: { title }, found }) =>
      lagsOf(found.tensors.mean.data).map((k) => record(found, k, { model: title })),
    );
    return csv.of("context", `context-${view.options.past}`, rows);
  }

  destroy() {
    return this.chart.destroy();
  }
}

/** @type {import("../state/instrument.js").Definition} */
export const context = {
  name: "context",
  title: "Used context",
  question: "How many characters back do the predictions look?",
  defaults: (catalogue) => ({ ...catalogue.usual("context", "past", "positions", "lags"), median: false, depth: 4 }),
  definition,
  create: (host, bench, catalogue) => new Context(host, bench, catalogue),
};
