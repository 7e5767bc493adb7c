// Over length: does a model get worse after it has read for long? Bits, saturation and norm by the characters since a
// reset.

import { display, norm, row, sub, words } from "../format/mathml.js";
import { answered } from "../state/instrument.js";
import { keyOf } from "../views/chart.js";
import { choose, decimal, make, put, tell } from "../views/dom.js";
import { chooser, rowOf, stackedCharts, tableOf, tickBox } from "../views/instrument-parts.js";
import { createNumber, together } from "../views/lag-curves.js";

/** @import { OverLengthFacts, OverLengthTensors } from "../protocol/answers.js" */
/** @import { Acts, Answer, Catalogue, Findings, PanelView, View } from "../state/instrument.js" */

/** @typedef {{length: number, readings: number | null, signal: string, logarithmic: boolean}} Options */
/**
 * @typedef {{panel: PanelView, found: Answer<OverLengthFacts, OverLengthTensors, {length: number}>}} One what was found
 *   of a panel
 */

const HEIGHT = 150;
const CURVES = [
  { name: "bits", title: "Surprise of the next character", unit: "bits" },
  { name: "saturation", title: "Units that are saturated", unit: "share" },
  { name: "norm", title: "Size of the state", unit: "‖·‖" },
];

/** When a model degrades, in words. @param {{degrades: number | null, length: number}} facts */
export const verdictOf = ({ degrades, length }) =>
  degrades === null ? `no, within ${length.toLocaleString("en")}` : `from ${degrades.toLocaleString("en")} on`;

function definition() {
  return [
    make("p", {
      textContent:
        "Many readings of the text begin with the state at zero, at starts that are spread evenly over it. m " +
        "is the number of characters that a reading has read since then; the curves are the median over the " +
        "readings, the band their middle half, each averaged over a quarter of an octave of m.",
    }),
    display(
      row(
        "−",
        sub(words("log"), "2"),
        "p",
        "(",
        sub("x", row("s", "+", "m")),
        "|",
        sub("x", "s"),
        "…",
        sub("x", row("s", "+", "m", "−", "1")),
        ")",
      ),
      words(",  "),
      norm(sub("h", row("s", "+", "m", "−", "1"))),
    ),
    make("p", {
      textContent:
        "A text is harder here than there, so late and early reading are compared on the same characters: " +
        "where two readings overlap, one of them reads a character late and the other early. A model " +
        "degrades at the first half octave of m that is worse than an earlier one by more than 0.01 bit and " +
        "by more than noise (Student's t over batches of neighbouring characters; 1 % for all comparisons " +
        "together). “No” means that none is; the smallest difference that would have been found is stated.",
    }),
  ];
}

/** @param {View<Options>} view @param {Findings} findings @returns {One[]} */
const measured = ({ panels, options }, findings) =>
  answered(panels, findings, ({ facts }) => facts.signal === options.signal);

/** The middles of the spans. @param {OverLengthTensors} tensors */
const middles = ({ edges: { data } }) =>
  Array.from(data.subarray(0, -1), (edge, k) => Math.sqrt(edge * Math.max(edge, data[k + 1] - 1)));

/** What was asked about, as its layer declares it. @param {One} one */
const signalOf = ({ panel: { resolved }, found: { facts } }) =>
  resolved.model.layers[facts.layer].signals.find(({ name }) => name === facts.signal);

/** Whether saturation applies to what was asked about. @param {One} one */
const saturates = (one) => (signalOf(one)?.saturated ?? null) !== null;

/** @param {One[]} all */
function report(all) {
  const said = [];
  const short = all.filter(({ found }) => found.facts.length < found.measure.length);
  if (short.length > 0) {
    said.push(
      `The text is long enough for ${short[0].found.facts.length.toLocaleString("en")} characters: half of it.`,
    );
  }
  said.push(`${all[0].found.facts.readings.toLocaleString("en")} readings.`);
  const without = all.filter((one) => !saturates(one));
  if (without.length > 0) {
    said.push(`Saturation does not apply to the ${signalOf(without[0])?.title.toLowerCase() ?? "signal"}.`);
  }
  said.push(
    ...together(
      all.map(
        ({
          panel,
          found: {
            facts,
            tensors: { classes, worse },
          },
        }) => {
          const [at, last] = [
            facts.degrades === null ? -1 : classes.data.indexOf(facts.degrades),
            worse.data[worse.data.length - 1],
          ];
          const end = Number.isNaN(last) ? "not at the end" : `${decimal(last, 2)} at the end`;
          if (facts.degrades !== null) {
            return {
              name: panel.title,
              said: [`${decimal(worse.data[at], 2)} bits worse there than before, ${end}`],
            };
          }
          return {
            name: panel.title,
            said: [
              facts.detectable === null
                ? "the text is too short to tell a loss from noise"
                : `a loss of ${decimal(facts.detectable, 3)} bits would have been found`,
            ],
          };
        },
      ),
    ),
  );
  return said;
}

/** @param {{data: ArrayLike<number>}} curve */
const lastOf = ({ data }) => data[data.length - 1];

class OverLength {
  /** @param {HTMLElement} host @param {Acts} bench @param {Catalogue} catalogue */
  constructor(host, bench, catalogue) {
    this.length = createNumber({
      label: "up to",
      name: "Characters since the reset",
      unit: "characters",
      ...catalogue.bound("overlength", "length"),
      set: (value) => bench.set({ length: value }),
    });
    this.readings = createNumber({
      label: "in",
      name: "Readings",
      unit: "readings",
      ...catalogue.bound("overlength", "readings"),
      usual: "usual",
      set: (value) => bench.set({ readings: value }),
    });
    this.signal = chooser("State", (value) => bench.set({ signal: value }));
    this.logarithmic = tickBox((is) => bench.set({ logarithmic: is }));
    this.rows = make("tbody");
    this.tableElement = tableOf(
      [
        make("th", { textContent: "model" }),
        make("th", { textContent: "gets worse" }),
        ...["bits at end", "saturated"].map((textContent) => make("th", { className: "number", textContent })),
      ],
      this.rows,
    );
    this.charts = make("div", { className: "forgetting-charts" });
    this.notes = make("p", { className: "inst-note" });
    host.append(
      this.tableElement,
      this.charts,
      rowOf(
        this.length.element,
        this.readings.element,
        make("label", {}, "of", this.signal),
        make("label", {}, this.logarithmic, "log axis"),
      ),
      this.notes,
    );
    this.drawn = stackedCharts(this.charts, CURVES, {
      height: HEIGHT,
      against: "the number of characters since the reset",
      unitOf: ({ unit }) => make("small", { textContent: unit }),
    });
  }

  /** @param {One[]} all */
  #showTable(all) {
    this.rows.replaceChildren(
      ...all.map((one) => {
        const { panel, found } = one;
        const { facts, tensors } = found;
        /** @param {string} name @param {string} content @param {string} [className] */
        const cell = (name, content, className = "number") =>
          make("td", { className, "data-fact": name, textContent: content });
        return make(
          "tr",
          { "data-for": panel.id },
          make("td", {}, keyOf(panel), panel.title),
          cell("degrades", verdictOf(facts), ""),
          cell("bits", decimal(lastOf(tensors.bits_mean), 3)),
          cell("saturation", saturates(one) ? `${decimal(100 * lastOf(tensors.saturation_mean), 0)} %` : "–"),
        );
      }),
    );
  }

  /** @param {View<Options>} view @param {One[]} all */
  #draw({ options, theme, Plotly }, all) {
    const longest = Math.max(2, ...all.map(({ found }) => found.facts.length));
    for (const { name, final, chart } of this.drawn) {
      chart.update({
        lines: (name === "saturation" ? all.filter(saturates) : all).map(({ panel, found: { tensors } }) => ({
          name: panel.title,
          color: panel.color,
          dashed: panel.dashed,
          x: middles(tensors),
          y: tensors[`${name}_median`].data,
          low: tensors[`${name}_low`].data,
          high: tensors[`${name}_high`].data,
        })),
        logX: options.logarithmic,
        xRange: [options.logarithmic ? 1 : 0, longest],
        verticals: all.flatMap(({ panel: { color }, found: { facts } }) =>
          facts.degrades === null ? [] : [{ x: facts.degrades, color }],
        ),
        xTitle: final ? "m, characters since the reset" : null,
        yTitle: null,
        theme,
        Plotly,
      });
    }
  }

  /** @param {View<Options>} view */
  asks({ panels, options }) {
    return panels.map(({ id, resolved }) => ({
      model: id,
      measure: {
        name: "overlength",
        length: Math.max(32, options.length),
        readings: options.readings,
        layer: resolved.layer,
        signal: options.signal,
      },
    }));
  }

  /** @param {View<Options>} view @param {Findings} findings */
  show(view, findings) {
    const { options, panels, catalogue } = view;
    const states = new Map([["hidden", "hidden state"]]);
    for (const { id } of panels) {
      for (const one of catalogue?.model(id)?.layers.at(-1)?.signals ?? []) {
        if (one.kind === "state") states.set(one.name, one.title.toLowerCase());
      }
    }
    if (!states.has(options.signal)) states.set(options.signal, options.signal);
    choose(this.signal, [...states], options.signal);
    this.length.update(options.length);
    this.readings.update(options.readings);
    put(this.logarithmic, { checked: options.logarithmic });
    const all = measured(view, findings);
    for (const one of [this.tableElement, this.charts, this.notes]) put(one, { hidden: all.length === 0 });
    if (all.length === 0) return;
    this.#showTable(all);
    this.#draw(view, all);
    tell(this.notes, report(all).join(" "));
  }

  /** @param {View<Options>} view @param {Findings} findings */
  table(view, findings) {
    const quartiles = ["low", "median", "high", "mean"];
    const names = CURVES.flatMap(({ name }) => quartiles.map((quartile) => `${name}_${quartile}`));
    const columns = [
      "model",
      "layer",
      "signal",
      "from",
      "to",
      ...names,
      "bits_worse_than_before",
      "gets_worse_from",
      "readings",
    ];
    const rows_ = measured(view, findings).flatMap(({ panel, found: { facts, tensors } }) => {
      const {
        edges: { data: edges },
        classes: { data: classes },
        worse: { data: worse },
      } = tensors;
      return Array.from({ length: edges.length - 1 }, (_, k) => {
        const of = classes.findLastIndex((first) => first <= edges[k]);
        return [
          panel.title,
          facts.layer,
          facts.signal,
          edges[k],
          edges[k + 1] - 1,
          ...names.map((name) => tensors[name].data[k]),
          of < 0 ? null : worse[of],
          facts.degrades,
          facts.readings,
        ];
      });
    });
    return { name: `over-length-${view.options.signal}`, columns, rows: rows_ };
  }

  destroy() {
    return this.drawn.forEach(({ chart }) => chart.destroy());
  }
}

/** @type {import("../state/instrument.js").Definition} */
export const overlength = {
  name: "overlength",
  title: "Over length",
  question: "Does it get worse after it has read for long?",
  defaults: { length: 1000, readings: null, signal: "hidden", logarithmic: true },
  definition,
  create: (host, bench, catalogue) => new OverLength(host, bench, catalogue),
};
