// The memory horizon: the lag at which the median of a curve, over many positions of the text, has fallen to 1/e and to
// 1 %.

import { display, frac, norm, row, sub, words } from "../format/mathml.js";
import { amount, exactly } from "../format/powers.js";
import { answered } from "../state/instrument.js";
import { Chart, keyOf } from "../views/chart.js";
import { choose, make, put, tell } from "../views/dom.js";
import { chooser, numberHead, rowOf, tableOf, tickBox } from "../views/instrument-parts.js";
import { DEPTHS, OTHERS, createNumber, decadesOf, lagsOf, relative, together, unseen } from "../views/lag-curves.js";

/** @import { BandTensors, HorizonFacts } from "../protocol/answers.js" */
/** @import { Acts, Answer, Catalogue, Findings, PanelView, View } from "../state/instrument.js" */

/** @typedef {keyof typeof CURVES} Curve */
/**
 * @typedef {{curve: Curve, positions: number | null, lags: number, by: string, relative: boolean, depth: number}}
 *   Options
 */
/**
 * @typedef {{panel: PanelView, found: Answer<HorizonFacts, BandTensors, {lags: number}>}} One what was found of a panel
 */

const CURVES = {
  edit: { words: "another character instead: the state", unit: "‖h − h′‖" },
  kl: { words: "another character instead: the prediction", unit: "KL divergence, bits" },
  connectivity: { words: "pull on the character that comes", unit: "‖∂logit/∂x‖, logits" },
  retention: { words: "what the gates let through", unit: "share of the units’ memory" },
  jacobian: { words: "a small nudge to the state", unit: "‖∂s/∂s‖" },
};
/** @type {[string, string][]} */
const CURVE_CHOICES = Object.entries(CURVES).map(([name, curve]) => [name, curve.words]);
const E = -Math.log10(Math.E);
/** The two lags of the table, and where they lie in other drawings. */
const LAGS = /** @type {const} */ ([
  ["lag_e", "range_e"],
  ["lag_percent", "range_percent"],
]);

/** @param {number | null} lag @param {number} lags */
const within = (lag, lags) => (lag === null ? `not within ${lags}` : lag.toLocaleString("en"));
/**
 * Where the lag lies in 68 of 100 drawings of the positions, for the tip of a cell.
 * @param {[number | null, number | null] | null} range @param {number} lags
 */
const spreadWords = (range, lags) =>
  range === null
    ? "one position has no spread"
    : `${within(range[0], lags)} to ${within(range[1], lags)} in 68 of 100 drawings of the positions`;

function definition() {
  /** @param {string} k */
  const median = (k) => row(words("median"), "C", "(", k, ")");
  return [
    make("p", {
      textContent:
        "One curve C is taken from many positions, evenly spread over the text, and at each lag k their " +
        "median: half of the positions lie above it. The horizon is the first lag at which the median is " +
        "down to 1/e (37 %) of its value at lag 0; another one is where it is down to 1 %.",
    }),
    display(
      row(sub("k", words("1/e"))),
      "=",
      words("min "),
      "{",
      "k",
      ":",
      frac(median("k"), median("0")),
      "≤",
      frac("1", "e"),
      "}",
    ),
    make("p", {
      textContent:
        "The band holds the middle half of the positions. What each curve is, “Forgetting from here” " +
        "defines; the pull looks back from a prediction, the others look ahead from a character.",
    }),
    make("p", {
      textContent:
        "It sees how long a difference lasts after one character was changed. How far back the predictions " +
        "look is another question, which “Used context” answers: a difference may last and never be used, " +
        "and what no single character changes much may be used for long.",
    }),
    display(
      row(
        sub("C", words("state")),
        "=",
        norm(row(sub("h", row("a", "+", "k")), "−", sub(row("h", "′"), row("a", "+", "k")))),
      ),
    ),
  ];
}

/** @param {View<Options>} view @param {Findings} findings @returns {One[]} */
const measured = ({ panels, options }, findings) =>
  answered(panels, findings, ({ facts }) => facts.curve === options.curve);

/** @param {One[]} all */
function summaries(all) {
  const { facts } = all[0].found;
  const short = facts.asked !== null && facts.positions < facts.asked;
  const said = [
    `Positions from step ${facts.first.toLocaleString("en")} to ${facts.last.toLocaleString("en")}` +
      `${short ? `; the text has room for ${facts.positions} of the ${facts.asked} asked for` : ""}.`,
  ];
  if (facts.lags < all[0].found.measure.lags) said.push(`It is long enough for ${facts.lags} characters ahead.`);
  const drowned = all
    .filter(({ found }) => (found.facts.rounding_from ?? null) !== null)
    .map(({ panel, found }) => `${panel.title} from k = ${found.facts.rounding_from} on`);
  if (drowned.length > 0) said.push(`No more than rounding (the dotted line): ${drowned.join(", ")}.`);
  if (facts.replacements !== null) {
    said.push(
      `${facts.replacements} other character${facts.replacements === 1 ? "" : "s"} tried at each` +
        `${facts.by === "frequency" ? ", as often as they occur in the text" : ""}.`,
    );
  }
  const ranges = all.flatMap(({ panel, found: { facts: one } }) => {
    if (one.range_percent === null || one.start === 0) return [];
    const [low, high] = one.range_percent;
    return [`${panel.title} ${within(low, one.lags)} to ${within(high, one.lags)}`];
  });
  if (ranges.length > 0) {
    said.push(`To 1 %, in 68 of 100 drawings of the positions: ${ranges.join(", ")}.`);
  }
  for (const { panel, found } of all) {
    const { moving, lags: limit } = found.facts;
    if (moving === null || moving === undefined || moving.units >= moving.of) continue;
    const none = moving.units === 0;
    said.push(
      `${panel.title}: ${moving.of - moving.units} of ${moving.of} units rest at one value here, and ` +
        "keep nothing but that. Over the others: to 1/e " +
        `${none ? "–" : within(moving.lag_e, limit)}, to 1 % ` +
        `${none ? "–" : within(moving.lag_percent, limit)}.`,
    );
  }
  const gateless = all.filter(({ found }) => found.facts.retention_is === "diagonal").map(({ panel }) => panel.title);
  const nothing = all.filter(({ found }) => found.facts.start === 0).map(({ panel }) => panel.title);
  if (nothing.length > 0) said.push(`${nothing.join(", ")}: zero at lag 0, so there is nothing to forget.`);
  if (gateless.length > 0) {
    said.push(`${gateless.join(", ")}: no gate keeps the past; the diagonal of the Jacobian stands for it.`);
  }
  return said;
}

class Horizon {
  /** @param {HTMLElement} host @param {Acts} bench @param {Catalogue} catalogue */
  constructor(host, bench, catalogue) {
    this.curve = chooser("Curve", (value) => bench.set({ curve: value }));
    this.positions = createNumber({
      label: "over",
      name: "Positions",
      unit: "positions",
      ...catalogue.bound("horizon", "positions"),
      usual: "usual",
      set: (value) => bench.set({ positions: value }),
    });
    this.lags = createNumber({
      label: "look",
      name: "How many characters to look ahead",
      unit: "characters ahead",
      ...catalogue.bound("horizon", "lags"),
      set: (value) => bench.set({ lags: value }),
    });
    this.share = tickBox((is) => bench.set({ relative: is }));
    this.depth = chooser("Axis reaches down", (value) => bench.set({ depth: Number(value) }));
    this.by = chooser("Other characters", (value) => bench.set({ by: value }));
    this.byLabel = make("label", {}, "others", this.by);
    this.charts = make("div");
    this.rows = make("tbody");
    this.start = numberHead("at lag 0");
    this.tableElement = tableOf(
      [
        make("th", { textContent: "model" }),
        numberHead("to 1/e"),
        numberHead("to 1 %"),
        this.start,
        numberHead("positions"),
      ],
      this.rows,
    );
    this.notes = make("p", { className: "inst-note" });
    host.append(
      rowOf(make("label", {}, "of", this.curve)),
      this.tableElement,
      this.charts,
      rowOf(
        this.positions.element,
        this.lags.element,
        this.byLabel,
        make("label", {}, this.share, "as a share of lag 0"),
        make("label", {}, "axis", this.depth),
      ),
      this.notes,
    );
    this.chart = new Chart(this.charts, { label: "The median of the curve against the lag, by model", height: 270 });
  }

  /** @param {One[]} all */
  #showTable(all) {
    this.rows.replaceChildren(
      ...all.map(({ panel, found: { facts } }) => {
        /** @param {string} name @param {string} content */
        const cell = (name, content) => make("td", { className: "number", "data-fact": name, textContent: content });
        return make(
          "tr",
          { "data-for": panel.id },
          make("td", {}, keyOf(panel), panel.title),
          ...LAGS.map(([name, range]) => {
            const one = cell(name, facts.start === 0 ? "–" : within(facts[name], facts.lags));
            one.title = spreadWords(facts[range], facts.lags);
            return one;
          }),
          cell("start", facts.start === null ? "–" : amount(Math.log10(facts.start), 3)),
          cell("positions", facts.positions.toLocaleString("en")),
        );
      }),
    );
  }

  /** @param {View<Options>} view @param {One[]} all */
  #draw({ options, theme, Plotly }, all) {
    /** @param {ArrayLike<number>} logs @param {ArrayLike<number>} median */
    const shown = (logs, median) => (options.relative ? Array.from(logs, (log) => log - median[0]) : logs);
    const lines = all.map(
      ({
        panel,
        found: {
          tensors: { median, low, high },
        },
      }) => ({
        name: panel.title,
        color: panel.color,
        dashed: panel.dashed,
        x: lagsOf(median.data),
        y: shown(median.data, median.data),
        low: shown(low.data, median.data),
        high: shown(high.data, median.data),
      }),
    );
    const limits = all.flatMap(({ panel, found: { tensors } }) => {
      const { median, rounding } = tensors;
      if (rounding === undefined) return [];
      const y = shown(rounding.data, median.data);
      return [{ name: `${panel.title}, rounding`, color: panel.color, dotted: true, x: lagsOf(rounding.data), y }];
    });
    const [bottom, top] = decadesOf(
      lines.flatMap(({ y, low, high }) => [y, low, high]),
      options.depth,
    );
    const verticals = all.flatMap(({ panel: { color }, found: { facts } }) =>
      [facts.lag_e, facts.lag_percent].filter((lag) => lag !== null).map((x) => ({ x, color })),
    );
    this.chart.update({
      lines: [...limits, ...lines],
      exponents: true,
      verticals,
      xRange: [0, Math.max(1, ...all.map(({ found }) => found.facts.lags))],
      yRange: [bottom, top + 0.05],
      horizontals: options.relative
        ? [
            { y: E, text: "1/e" },
            { y: -2, text: "1 %" },
          ].filter(({ y }) => y > bottom)
        : [],
      xTitle: "lag k, characters",
      yTitle: options.relative ? "share of lag 0" : CURVES[options.curve].unit,
      theme,
      Plotly,
    });
    return together(lines.map(({ name, y }) => ({ name, said: unseen(y) })));
  }

  /** @param {View<Options>} view */
  asks({ panels, options }) {
    return panels.map(({ id, resolved }) => ({
      model: id,
      measure: {
        name: "horizon",
        curve: options.curve in CURVES ? options.curve : "edit",
        positions: options.positions,
        lags: options.lags,
        layer: resolved.layer,
        by: options.by === "frequency" ? "frequency" : "even",
      },
    }));
  }

  /** @param {View<Options>} view @param {Findings} findings */
  show(view, findings) {
    const { options } = view;
    choose(this.curve, CURVE_CHOICES, options.curve);
    choose(this.depth, DEPTHS, String(options.depth));
    choose(this.by, OTHERS, options.by);
    put(this.byLabel, { hidden: !["edit", "kl"].includes(options.curve) });
    this.positions.update(options.positions);
    this.lags.update(options.lags);
    put(this.share, { checked: options.relative });
    const all = measured(view, findings);
    for (const one of [this.tableElement, this.charts, this.notes]) put(one, { hidden: all.length === 0 });
    if (all.length === 0) return;
    this.#showTable(all);
    tell(
      this.start,
      `at lag 0${options.curve === "kl" ? ", bits" : options.curve === "connectivity" ? ", logits" : ""}`,
    );
    const missing = this.#draw(view, all);
    tell(this.notes, [...summaries(all), ...missing].join(" "));
  }

  /** @param {View<Options>} view @param {Findings} findings */
  table(view, findings) {
    const { csv } = view.catalogue;
    const record = csv.recorder("horizon");
    const rows = measured(view, findings).flatMap(({ panel: { title }, found }) => {
      const shares = relative(found.tensors.median.data);
      return shares.map((share, k) => record(found, k, { model: title, median_share_of_lag_0: exactly(share) }));
    });
    return csv.of("horizon", `horizon-${view.options.curve}`, rows);
  }

  destroy() {
    return this.chart.destroy();
  }
}

/** @type {import("../state/instrument.js").Definition} */
export const horizon = {
  name: "horizon",
  title: "Memory horizon",
  question: "After how many characters has most been forgotten?",
  defaults: (catalogue) => ({
    ...catalogue.usual("horizon", "curve", "positions", "lags", "by"),
    relative: true,
    depth: 4,
  }),
  definition,
  create: (host, bench, catalogue) => new Horizon(host, bench, catalogue),
};
