// Gradients: how much of the loss of one character comes back to the states before it. Each trained model stands beside
// its untrained twin, as training can reach no further back than the gradient does.

import { display, frac, norm, row, sub, sup } from "../format/mathml.js";
import { amount } from "../format/powers.js";
import { UNTRAINED, splitId } from "../state/catalogue.js";
import { answerOf } from "../state/instrument.js";
import { Chart, keyOf } from "../views/chart.js";
import { choose, make, put, tell } from "../views/dom.js";
import { numberCell, chooser, numberHead, rowOf, tableOf } from "../views/instrument-parts.js";
import { DEPTHS, createNumber, decadesOf, lagsOf, together, unseen } from "../views/lag-curves.js";

/** @import { BandTensors, GradientsFacts } from "../protocol/answers.js" */
/** @import { Acts, Answer, Catalogue, Findings, View } from "../state/instrument.js" */

/** @typedef {{positions: number, lags: number, depth: number}} Options */
/** @typedef {{id: string, title: string, short: string, color: string, dashed: boolean, layer: number}} Network */
/** @typedef {{line: Network, found: Answer<GradientsFacts, BandTensors>}} One what was found of a network */

const LEVEL = 0.01; // a factor a step within a hundredth of 1 neither vanishes nor explodes

/** Trained and untrained of each model in view, in one colour. @param {View<Options>} view @returns {Network[]} */
function pairs({ panels, catalogue }) {
  const bases = [...new Set(panels.map(({ id }) => splitId(id).base))];
  return bases.flatMap((base) => {
    const like = panels.filter(({ id }) => splitId(id).base === base);
    const { color, resolved } = like.find(({ id }) => id === base) ?? like[0];
    const { title } = resolved.model;
    const trained = { id: base, title, short: title, color, dashed: false, layer: resolved.layer };
    const twin = {
      id: base + UNTRAINED,
      title: `${title}, untrained`,
      short: "untrained",
      color,
      dashed: true,
      layer: resolved.layer,
    };
    return catalogue.has(twin.id) ? [trained, twin] : [trained];
  });
}

/** What the factor means: whether it vanishes, and how soon. @param {number | null} factor a step */
export function meaning(factor) {
  if (factor === null) return { verdict: "–", pace: "–" };
  /** @param {number} times */
  const pace = (times) => `${amount(Math.log10(Math.log(times) / Math.log(factor)))} steps`;
  if (factor < 1 - LEVEL) return { verdict: "vanishes", pace: `½ in ${pace(0.5)}` };
  if (factor > 1 + LEVEL) return { verdict: "explodes", pace: `2× in ${pace(2)}` };
  return { verdict: "holds", pace: "< 1 % a step" };
}

/** @param {View<Options>} view @param {Findings} findings @returns {One[]} */
const measured = (view, findings) =>
  pairs(view).flatMap((line) => {
    const found = /** @type {One["found"] | null} */ (answerOf(findings, line.id));
    return found === null ? [] : [{ line, found }];
  });

/** @param {One} one */
function tableRow({ line, found: { facts } }) {
  const { verdict, pace } = meaning(facts.per_step);
  const factor = facts.per_step === null ? "–" : `× ${facts.per_step.toPrecision(3)}`;
  return make(
    "tr",
    { "data-for": line.id },
    make("td", {}, keyOf(line), line.short),
    numberCell("per_step", factor),
    numberCell("pace", pace),
    make("td", { "data-fact": "verdict", textContent: verdict }),
  );
}

/** @param {One} one */
function lineOf({ line, found }) {
  const { median, low, high } = found.tensors;
  const { title: name, color, dashed } = line;
  return { name, color, dashed, x: lagsOf(median.data), y: median.data, low: low.data, high: high.data };
}

/**
 * What there is to say of the answers, beside the curves.
 * @param {View<Options>} view @param {One[]} all @param {{name: string, y: ArrayLike<number>}[]} lines
 */
function report({ options, panels }, all, lines) {
  const { facts } = all[0].found;
  const said = [
    `The median of ${facts.positions.toLocaleString("en")} steps from ` +
      `${facts.first.toLocaleString("en")} to ${facts.last.toLocaleString("en")}; dashed: the same ` +
      "network untrained.",
  ];
  if (facts.lags < options.lags) said.push(`The text is long enough for ${facts.lags} characters back.`);
  said.push(...together(lines.map(({ name, y }) => ({ name, said: unseen(y) }))));
  if (panels.some(({ id }) => splitId(id).letters !== "")) {
    said.push("Of the networks as they are: nothing is held in them here.");
  }
  return said;
}

class Gradients {
  /** @param {HTMLElement} host @param {Acts} bench @param {Catalogue} catalogue */
  constructor(host, bench, catalogue) {
    this.positions = createNumber({
      label: "over",
      name: "Positions",
      unit: "positions",
      ...catalogue.bound("gradients", "positions"),
      set: (value) => bench.set({ positions: value }),
    });
    this.lags = createNumber({
      label: "look",
      name: "How many characters to look back",
      unit: "characters back",
      ...catalogue.bound("gradients", "lags"),
      set: (value) => bench.set({ lags: value }),
    });
    this.depth = chooser("Axis reaches down", (value) => bench.set({ depth: Number(value) }));
    this.charts = make("div");
    this.rows = make("tbody");
    this.tableElement = tableOf(
      [
        make("th", { textContent: "model" }),
        numberHead("a step"),
        numberHead("that is"),
        make("th", { textContent: "so it" }),
      ],
      this.rows,
    );
    this.notes = make("p", { className: "inst-note" });
    host.append(
      this.tableElement,
      this.charts,
      rowOf(this.positions.element, this.lags.element, make("label", {}, "axis", this.depth)),
      this.notes,
    );
    this.chart = new Chart(this.charts, {
      label: "Length of the gradient against the number of steps back, by model, trained and untrained",
      height: 290,
    });
  }

  /** @param {View<Options>} view */
  asks(view) {
    return pairs(view).map(({ id, layer }) => ({
      model: id,
      measure: { name: "gradients", positions: view.options.positions, lags: view.options.lags, layer },
    }));
  }

  /** @param {View<Options>} view @param {Findings} findings */
  show(view, findings) {
    const { options, theme, Plotly } = view;
    choose(this.depth, DEPTHS, String(options.depth));
    this.positions.update(options.positions);
    this.lags.update(options.lags);
    const all = measured(view, findings);
    for (const one of [this.tableElement, this.charts, this.notes]) put(one, { hidden: all.length === 0 });
    if (all.length === 0) return;
    this.rows.replaceChildren(...all.map(tableRow));
    const lines = all.map(lineOf);
    const [bottom, top] = decadesOf(
      lines.flatMap(({ y, low, high }) => [y, low, high]),
      options.depth,
    );
    this.chart.update({
      lines,
      exponents: true,
      xRange: [0, Math.max(1, ...all.map(({ found }) => found.facts.lags))],
      yRange: [bottom, top + 0.05],
      xTitle: "k, steps back",
      yTitle: "‖∂loss/∂h‖, nats",
      theme,
      Plotly,
    });
    tell(this.notes, report(view, all, lines).join(" "));
  }

  /** @param {View<Options>} view @param {Findings} findings */
  table(view, findings) {
    const { csv } = view.catalogue;
    const record = csv.recorder("gradients");
    const rows = measured(view, findings).flatMap(({ line: { title }, found }) =>
      lagsOf(found.tensors.median.data).map((k) => record(found, k, { model: title })),
    );
    return csv.of("gradients", "gradients", rows);
  }

  destroy() {
    return this.chart.destroy();
  }
}

/** @type {import("../state/instrument.js").Definition} */
export const gradients = {
  name: "gradients",
  title: "Gradients",
  question: "How far back does an error teach?",
  defaults: (catalogue) => ({ ...catalogue.usual("gradients", "positions", "lags"), depth: 8 }),
  about: (id) => splitId(id).base,
  definition: () => [
    make("p", {
      textContent:
        "The loss at step t is −ln of the probability given to the character that came. Its derivative by " +
        "the hidden state k steps before says how much a change there would have helped; learning by " +
        "gradients can use nothing else. Shown is its length, the median over many steps t, with the middle " +
        "half of them as a band.",
    }),
    display(
      sub("g", "k"),
      "=",
      norm(frac(row("∂", sub("loss", "t")), row("∂", sub("h", row("t", "−", "k"))))),
      ",  ",
      sub("loss", "t"),
      "=",
      "−",
      "ln",
      "p",
      "(",
      sub("x", row("t", "+", "1")),
      "|",
      sub("h", "t"),
      ")",
    ),
    make("p", {
      textContent:
        "The factor a step is the one by which the median would shrink or grow evenly from k = 0 to the last " +
        "lag. It vanishes below 0.99, explodes above 1.01.",
    }),
    display("r", "=", sup(row("(", sub("g", "K"), "/", sub("g", "0"), ")"), row("1", "/", "K"))),
  ],
  create: (host, bench, catalogue) => new Gradients(host, bench, catalogue),
};
