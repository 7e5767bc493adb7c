// What remembering costs: bytes of state, products and time of a step, by how much has been read.

import { display, frac, over, row, sub, words } from "../format/mathml.js";
import { answered } from "../state/instrument.js";
import { keyOf } from "../views/chart.js";
import { decimal, make, put, tell, themeColours } from "../views/dom.js";
import { numberCell, numberHead, rowOf, stackedCharts, tableOf, tickBox } from "../views/instrument-parts.js";
import { createNumber } from "../views/lag-curves.js";

/** @import { CostFacts, CostTensors } from "../protocol/answers.js" */
/** @import { Acts, Answer, Catalogue, Findings, PanelView, View } from "../state/instrument.js" */

/** @typedef {{longest: number, probe: boolean}} Options */
/** @typedef {{panel: PanelView, found: Answer<CostFacts, CostTensors, Options>}} One what was found of a panel */

const HEIGHT = 130;
const CURVES = [
  { name: "state", title: "Size of what is kept", unit: "KiB · dotted: the text itself" },
  { name: "products", title: "Work of one more step", unit: "1,000 multiply-adds" },
  { name: "step", title: "Time of one more step", unit: "µs" },
  { name: "total", title: "Time to read all so far", unit: "s" },
];
const MICRO = 1e6;
const THOUSANDTH = 1e-3;
const KIBI = 1024;
const LAGS = 100;

/** Of a tensor with three columns, one. @param {{data: ArrayLike<number>}} tensor @param {number} which */
const column = ({ data }, which) => Array.from(data).filter((_, k) => k % 3 === which);

/** @param {{data: ArrayLike<number>}} tensor @param {number} factor */
const scaled = ({ data }, factor) => Array.from(data, (value) => factor * value);

/** @param {ArrayLike<number>} values */
const lastOf = (values) => values[values.length - 1];

/** @param {number} value */
const whole = (value) => Math.round(value).toLocaleString("en");

/** A size in bytes, to three digits. @param {number} bytes */
const sizeOf = (bytes) => (bytes < 10 * KIBI ? `${whole(bytes)} B` : `${whole(bytes / KIBI)} KiB`);

/**
 * The whole decades around what is drawn: a small unevenness looks small.
 * @param {{y: ArrayLike<number>}[]} lines @returns {[number, number]}
 */
function decadesAround(lines) {
  const logs = lines.flatMap(({ y }) => Array.from(y, Math.log10)).filter(Number.isFinite);
  const [low, high] = [Math.floor(Math.min(...logs)), Math.ceil(Math.max(...logs))];
  return [10 ** low, 10 ** Math.max(high, low + 1)];
}

/** A curve of one model. @param {string} name @param {CostTensors} tensors */
function curveOf(name, tensors) {
  const { state_bytes, multiply_adds, step_seconds, total_seconds } = tensors;
  if (name === "state") return { y: scaled(state_bytes, 1 / KIBI) };
  if (name === "products") return { y: scaled(multiply_adds, THOUSANDTH) };
  if (name === "total") return { y: total_seconds.data };
  const [low, y, high] = [0, 1, 2].map((k) => column(step_seconds, k).map((value) => MICRO * value));
  return { low, y, high };
}

const definition = () => [
  make("p", {
    textContent:
      "The text is read from its start. After 1, 2, 5, 10 … characters: the bytes of the state, all that the " +
      "model carries on to the next step; the multiplications and additions in the products of the next step; the " +
      "time of that step on this machine, read alone as after a keystroke (median of 25, the band is their middle " +
      "half); and the time of reading everything up to there in one go.",
  }),
  make("p", {
    textContent:
      "A level line means: what is remembered costs the same, however long the text. The dotted line is the text " +
      "itself, one byte a character: what it would take to keep everything.",
  }),
  display(
    words("bits"),
    "=",
    over("∑", row("k", "=", "1"), String(LAGS)),
    sub(words("log"), "2"),
    frac(
      row("p", "(", sub("x", row("t", "−", "k")), "|", sub("h", "t"), ")"),
      row("p", "(", sub("x", row("t", "−", "k")), ")"),
    ),
  ),
  make("p", {
    textContent:
      "“Readable” is what the linear probe of Recoverability reads off the last layer's hidden state: for each " +
      `of the last ${LAGS} characters, the bits that its probabilities tell beyond how frequent a character is, ` +
      "added up. Neighbouring characters tell of each other, so the sum counts some of it twice.",
  }),
];

/** @param {View<Options>} view @param {Findings} findings @returns {One[]} */
const measured = ({ panels, options }, findings) =>
  answered(panels, findings, ({ measure }) => measure.longest === options.longest);

/** @param {One[]} all */
function report(all) {
  const said = ["Measured on the server's machine, while it did whatever else it does."];
  if (all.some(({ found }) => found.facts.repeated)) {
    said.push("The text is shorter than that and was read again from its start.");
  }
  for (const why of new Set(all.flatMap(({ found }) => found.facts.why ?? []))) said.push(why);
  return said.join(" ");
}

class CostInstrument {
  /** @param {HTMLElement} host @param {Acts} bench @param {Catalogue} catalogue */
  constructor(host, bench, catalogue) {
    this.longest = createNumber({
      label: "up to",
      name: "Characters read",
      unit: "characters",
      ...catalogue.bound("cost", "longest"),
      set: (value) => bench.set({ longest: value ?? catalogue.bound("cost", "longest").max }),
    });
    this.probe = tickBox((is) => bench.set({ probe: is }));
    this.rows = make("tbody");
    const [state, step, bits, share] = [
      numberHead("state", "bytes carried from the last step to the next"),
      numberHead("a step", "time of one more step, median"),
      numberHead("readable", "bits that a linear probe reads off the last layer's hidden state"),
      numberHead("per KiB", "readable bits for each KiB of the state"),
    ];
    this.ofProbe = [bits, share];
    this.tableElement = tableOf(
      [make("th", { textContent: "model" }), state, numberHead("products"), step, bits, share],
      this.rows,
    );
    this.charts = make("div", { className: "forgetting-charts" });
    this.notes = make("p", { className: "inst-note" });
    host.append(
      this.tableElement,
      this.charts,
      rowOf(
        this.longest.element,
        make("label", {}, this.probe, "with the probe, which takes a while"),
      ),
      this.notes,
    );
    this.drawn = stackedCharts(this.charts, CURVES, {
      height: HEIGHT,
      against: "the number of characters read",
      unitOf: ({ unit }) => make("small", { textContent: unit }),
    });
  }

  /** @param {One[]} all @param {boolean} probe whether it was asked for */
  #showTable(all, probe) {
    for (const head of this.ofProbe) put(head, { hidden: !probe });
    this.rows.replaceChildren(
      ...all.map(({ panel, found: { facts, tensors } }) => {
        const state = lastOf(tensors.state_bytes.data);
        const readable =
          facts.bits === null
            ? ["–", "–"]
            : [`${decimal(facts.bits, 1)} bits`, decimal((KIBI * facts.bits) / state, 1)];
        return make(
          "tr",
          { "data-for": panel.id },
          make("td", {}, keyOf(panel), panel.title),
          numberCell("state", sizeOf(state)),
          numberCell("products", whole(lastOf(tensors.multiply_adds.data))),
          numberCell("step", `${decimal(MICRO * lastOf(column(tensors.step_seconds, 1)), 1)} µs`),
          ...(probe ? [numberCell("bits", readable[0]), numberCell("share", readable[1])] : []),
        );
      }),
    );
  }

  /** @param {View<Options>} view @param {One[]} all */
  #draw({ options, theme, Plotly }, all) {
    const [muted] = themeColours("--muted");
    const lengths = all[0].found.tensors.lengths.data;
    const size = Array.from(lengths, (length) => length / KIBI);
    const text = { name: "the text itself", color: muted, dotted: true, x: lengths, y: size };
    for (const { name, final, chart } of this.drawn) {
      const models = all.map(({ panel, found: { tensors } }) => ({
        name: panel.title,
        color: panel.color,
        dashed: panel.dashed,
        x: tensors.lengths.data,
        ...curveOf(name, tensors),
      }));
      const lines = name === "state" ? [text, ...models] : models;
      chart.update({
        lines,
        yRange: decadesAround(lines),
        logX: true,
        logY: true,
        xRange: [1, options.longest],
        xTitle: final ? "characters read" : null,
        yTitle: null,
        theme,
        Plotly,
      });
    }
  }

  /** @param {View<Options>} view */
  asks({ panels, options: { longest, probe } }) {
    return panels.map(({ id }) => ({ model: id, measure: { name: "cost", longest, probe } }));
  }

  /** @param {View<Options>} view @param {Findings} findings */
  show(view, findings) {
    const { options } = view;
    this.longest.update(options.longest);
    put(this.probe, { checked: options.probe });
    const all = measured(view, findings);
    for (const one of [this.tableElement, this.charts, this.notes]) put(one, { hidden: all.length === 0 });
    if (all.length === 0) return;
    this.#showTable(all, options.probe);
    this.#draw(view, all);
    tell(this.notes, report(all));
  }

  /** @param {View<Options>} view @param {Findings} findings */
  table(view, findings) {
    const { csv } = view.catalogue;
    const record = csv.recorder("cost");
    const rows = measured(view, findings).flatMap(({ panel: { title }, found }) =>
      Array.from(found.tensors.lengths.data, (_, k) => record(found, k, { model: title })),
    );
    return csv.of("cost", "cost", rows);
  }

  destroy() {
    for (const { chart } of this.drawn) chart.destroy();
  }
}

/** @type {import("../state/instrument.js").Definition} */
export const cost = {
  name: "cost",
  title: "What remembering costs",
  question: "How much memory and work does a step take as the text grows?",
  defaults: (catalogue) => catalogue.usual("cost", "longest", "probe"),
  definition,
  create: (host, bench, catalogue) => new CostInstrument(host, bench, catalogue),
};
