// Forgetting from here: what is left of one character in the steps after it, and what is left of those before it.

import { percentage } from "../../format/counts.js";
import { math, norm, row, sub, words } from "../../format/mathml.js";
import { percent } from "../../format/powers.js";
import { answered } from "../../state/instrument.js";
import { spoken } from "../../text/characters.js";
import { keyOf } from "../../views/chart.js";
import { choose, make, put, tell } from "../../views/dom.js";
import { chooser, rowOf, stackedCharts, tickBox } from "../../views/instrument-parts.js";
import { DEPTHS, OTHERS, createNumber, decadesOf, lagsOf, together, unseen } from "../../views/lag-curves.js";
import { definition } from "./definition.js";
import { createPull } from "./text-colours.js";

/** @import { ForgettingFacts, ForgettingTensors } from "../../protocol/answers.js" */
/** @import { Acts, Answer, Catalogue, Findings, PanelView, View } from "../../state/instrument.js" */

/** @typedef {{lags: number, by: string, after: number, unit: boolean, depth: number, colour: string}} Options */
/** @typedef {{panel: PanelView, found: Answer<ForgettingFacts, ForgettingTensors>}} One what was found of a panel */

const HEIGHT = 112;

/** @typedef {"edit" | "kl" | "retention" | "connectivity" | "jacobian"} Curve */

/**
 * What is drawn, from what is the plainest on.
 * @type {{name: Curve, short: string, title: string, unit: string, formula: () => Element}[]}
 */
const CURVES = [
  {
    name: "edit",
    short: "state",
    title: "Another character instead: the state",
    unit: "",
    formula: () => norm(row(sub("h", row("a", "+", "k")), "−", sub(row("h", "′"), row("a", "+", "k")))),
  },
  {
    name: "kl",
    short: "prediction",
    title: "Another character instead: the prediction",
    unit: "bits",
    formula: () => row("KL", "(", "p", "‖", row("p", "′"), ")"),
  },
  {
    name: "retention",
    short: "gates",
    title: "What the gates let through",
    unit: "share",
    formula: () => row("∏", sub("f", "t")),
  },
  {
    name: "connectivity",
    short: "pull",
    title: "Pull on the character that comes",
    unit: "logits",
    formula: () => norm(row("∂", words("logit"), "/", "∂", sub("x", "a"))),
  },
  {
    name: "jacobian",
    short: "nudge",
    title: "A small nudge to the state",
    unit: "",
    formula: () => norm(row("∂", sub("s", row("a", "+", "k")), "/", "∂", sub("s", "a"))),
  },
];

/**
 * The curve of a finding: its logarithms, and the quartiles where it has them.
 * @param {Curve} name @param {ForgettingTensors} tensors
 * @returns {{y: Float32Array, low?: Float32Array, high?: Float32Array}}
 */
function curveOf(name, tensors) {
  if (name !== "retention") return { y: tensors[name].data };
  const all = tensors.retention_quartiles.data;
  const n = all.length / 3;
  return { low: all.subarray(0, n), y: all.subarray(n, 2 * n), high: all.subarray(2 * n) };
}

/**
 * Two runs of which one is off in its last bits: what differs by no more than they do is no memory.
 * @type {Partial<Record<Curve, {tensor: "rounding" | "rounding_kl", from: "rounding_from" | "rounding_kl_from"}>>}
 */
const ROUNDING = {
  edit: { tensor: "rounding", from: "rounding_from" },
  kl: { tensor: "rounding_kl", from: "rounding_kl_from" },
};

/** What is kept by one unit. @param {ForgettingTensors} tensors @param {number} unit */
function keptBy({ retention: { data, shape } }, unit) {
  const [lags, units] = shape;
  return unit < units ? Float32Array.from({ length: lags }, (_, k) => data[k * units + unit]) : null;
}

/**
 * Findings of the panels that have one of this step, in their order.
 * @param {View<Options>} view @param {Findings} findings @returns {One[]}
 */
const measured = ({ panels }, findings) => answered(panels, findings);

/** A step that enough characters follow: a third into what is seen. @param {View<Options>} view */
function earlier({ window, length }) {
  return Math.max(0, Math.min(window.from + Math.floor(Math.min(window.span, length - window.from) / 3), length - 2));
}

/**
 * The lines of one model in a chart: its curve, the limit of rounding, and a single unit where one is asked for.
 * @param {Curve} name @param {One} one @param {View<Options>} view @returns {import("../../views/chart.js").Line[]}
 */
function linesOf(name, { panel, found }, { options, cursor }) {
  const { title, color, dashed } = panel;
  const curve = curveOf(name, found.tensors);
  const hover = `k = %{x}: %{text}<extra>${title}</extra>`;
  const line = { name: title, color, dashed, hover, x: lagsOf(curve.y), ...curve };
  const unit = cursor?.unit ?? 0;
  const own = name === "retention" && options.unit ? keptBy(found.tensors, unit) : null;
  if (own !== null) {
    return [line, { name: `${title}, unit ${unit}`, color, thin: true, x: lagsOf(own), y: own }];
  }
  const limit = ROUNDING[name];
  if (limit === undefined) return [line];
  const { data: y } = found.tensors[limit.tensor];
  return [{ name: `${title}, rounding`, color, dotted: true, x: line.x, y }, line];
}

/** How many other characters were tried, in words. @param {ForgettingFacts} facts */
function triedWords({ by, replacements, candidates }) {
  const some = `${replacements} of ${candidates.toLocaleString("en")} other characters were tried`;
  if (by === "frequency") return `${some}, each as often as it occurs in the text.`;
  if (replacements === candidates) return `All ${candidates} other characters were tried.`;
  return `${some}, a sample spread evenly over the vocabulary.`;
}

/**
 * What there is to say of the answers, beside the curves.
 * @param {One[]} all @param {number} least the share from which an edit is felt
 */
function report(all, least) {
  const said = [];
  /** @param {(facts: ForgettingFacts) => boolean} such */
  const titlesOf = (such) => all.filter(({ found }) => such(found.facts)).map(({ panel }) => panel.title);
  const underived = titlesOf(({ derivable }) => derivable === false);
  if (underived.length > 0) {
    said.push(`${underived.join(", ")}: something is held, and through that no derivative is taken.`);
  }
  const felt = all
    .filter(({ found }) => found.facts.felt >= 0)
    .map(({ panel, found: { facts } }) => `${panel.title} ${facts.felt}${facts.felt === facts.lags ? " or more" : ""}`);
  if (felt.length > 0) {
    said.push(
      `Felt (the edit moves the state at least ${percentage(least)} as far as at the character itself) for so ` +
        `many characters: ${felt.join(", ")}.`,
    );
  }
  said.push("Dotted: what rounding alone does.");
  const gateless = titlesOf((facts) => facts.retention_is === "diagonal");
  if (gateless.length > 0) {
    said.push(`${gateless.join(", ")}: without gates, so the diagonal of the Jacobian stands for them.`);
  }
  said.push(triedWords(all[0].found.facts));
  for (const { panel, found } of all) {
    const { derivable, directions, state } = found.facts;
    if (!derivable || directions >= state) continue;
    said.push(
      `${panel.title}: a nudge to the state is followed in ${directions} random directions of ` +
        `${state.toLocaleString("en")}, a sample.`,
    );
  }
  return said;
}

class Forgetting {
  /** @param {HTMLElement} host @param {Acts} bench @param {Catalogue} catalogue */
  constructor(host, bench, catalogue) {
    this.bench = bench;
    this.place = make("p", { className: "forgetting-place", role: "status" });
    this.back = make("button", {
      type: "button",
      className: "quiet",
      onclick: () => this.last !== null && bench.placeCursor(earlier(this.last), this.last.cursor?.unit ?? 0),
    });
    this.empty = make("p", { className: "inst-note" });
    this.head = make("tr");
    this.rows = make("tbody");
    this.tableElement = make(
      "table",
      { className: "inst-table forgetting-left" },
      make("thead", {}, this.head),
      this.rows,
    );
    const lags = catalogue.bound("forgetting", "lags");
    this.after = createNumber({
      label: "Left after",
      name: "Characters after which the table says what is left",
      unit: "characters, in % of what it was at first",
      ...lags,
      set: (value) => bench.set({ after: value }),
    });
    this.lags = createNumber({
      label: "look ahead",
      name: "How many characters to look ahead",
      unit: "characters",
      ...lags,
      set: (value) => bench.set({ lags: value }),
    });
    this.by = chooser("Other characters", (value) => bench.set({ by: value }));
    this.depth = chooser("Axes reach down", (value) => bench.set({ depth: Number(value) }));
    this.unit = tickBox((is) => bench.set({ unit: is }));
    this.unitWords = make("span");
    const charts = make("div", { className: "forgetting-charts" });
    this.notes = make("p", { className: "inst-note" });
    this.pull = createPull(bench);
    const controls = rowOf(
      this.lags.element,
      make("label", {}, "others", this.by),
      make("label", {}, "axes", this.depth),
      make("label", {}, this.unit, this.unitWords),
    );
    const above = rowOf(this.after.element);
    const parts = [above, this.tableElement, charts, this.notes, controls];
    this.forward = make("div", { className: "forgetting-forward" }, ...parts);
    host.append(this.place, this.empty, this.back, this.pull.element, this.forward);
    this.drawn = stackedCharts(charts, CURVES, {
      height: HEIGHT,
      against: "the number of characters later",
      unitOf: ({ formula, unit }) => make("small", {}, math(formula()), ` ${unit}`),
    });
    /** What was shown last. @type {View<Options> | null} */
    this.last = null;
    this.fresh = true;
    this.seen = -1;
  }

  /** @param {View<Options>} view */
  #showPlace(view) {
    const { cursor, text, length } = view;
    const alone = cursor !== null && cursor.step >= length - 1;
    const character = cursor === null ? "" : (text.characters(cursor.step, cursor.step + 1)[0] ?? "");
    tell(
      this.place,
      cursor === null ? "Type something first." : `${spoken(character)} at step ${cursor.step.toLocaleString("en")}`,
    );
    put(this.forward, { hidden: cursor === null || alone });
    put(this.empty, {
      hidden: !alone,
      textContent:
        "It is the last character, and nothing follows it yet. Click an earlier one, in the text or on a " +
        "picture, to see what becomes of it.",
    });
    put(this.back, { hidden: !alone || length < 2 });
    if (!this.back.hidden) tell(this.back, `Take step ${earlier(view).toLocaleString("en")}`);
  }

  /** @param {One[]} all @param {Options} options */
  #showTable(all, { after: k }) {
    this.head.replaceChildren(
      make("th", { textContent: "model" }),
      ...CURVES.map(({ short }) => make("th", { className: "number", textContent: short })),
    );
    this.rows.replaceChildren(
      ...all.map(({ panel, found }) => {
        const cells = CURVES.map(({ name }) => {
          const { y } = curveOf(name, found.tensors);
          const limit = ROUNDING[name];
          const from = limit === undefined ? null : found.facts[limit.from];
          if (from !== null && k >= from) {
            return make("td", { className: "number drowned", "data-curve": name, textContent: "rounding" });
          }
          return make("td", {
            className: "number",
            "data-curve": name,
            textContent: k < y.length ? percent(y[k] - y[0]) : "–",
          });
        });
        return make("tr", { "data-for": panel.id }, make("td", {}, keyOf(panel), panel.title), ...cells);
      }),
    );
  }

  /** @param {View<Options>} view @param {One[]} all */
  #draw(view, all) {
    const { options, theme, Plotly } = view;
    const longest = Math.max(1, ...all.map(({ found }) => found.facts.lags));
    const missing = [];
    for (const { name, title, final, chart } of this.drawn) {
      const lines = all.flatMap((one) => linesOf(name, one, view));
      const curves = lines.filter(({ dotted, thin }) => !dotted && !thin);
      const [bottom, top] = decadesOf(
        curves.flatMap(({ y, low }) => [y, low ?? []]),
        options.depth,
      );
      chart.update({
        lines,
        exponents: true,
        xRange: [0, longest],
        yRange: [bottom, top + 0.05 * (top - bottom)],
        verticals: options.after <= longest ? [{ x: options.after }] : [],
        xTitle: final ? "k, characters later" : null,
        yTitle: null,
        onPick: (x) => x > 0 && this.bench.set({ after: x }),
        theme,
        Plotly,
      });
      const unplaced = together(curves.map((line) => ({ name: line.name, said: unseen(line.y) })));
      if (unplaced.length > 0) missing.push(`${title}: ${unplaced.join(" ")}`);
    }
    tell(this.notes, [...missing, ...report(all, view.catalogue.echo.felt)].join(" "));
  }

  /** @param {View<Options>} view */
  asks({ panels, cursor, options }) {
    return cursor === null
      ? []
      : panels.map(({ id, resolved }) => ({
          model: id,
          measure: {
            name: "forgetting",
            step: cursor.step,
            lags: options.lags,
            layer: resolved.layer,
            by: options.by === "frequency" ? "frequency" : "even",
          },
        }));
  }

  /** @param {View<Options>} view @param {Findings} findings */
  show(view, findings) {
    this.last = view;
    const { cursor, options } = view;
    // At the end of the text there is nothing to see: who opens this is shown a character that something follows.
    if (this.fresh && cursor !== null && !cursor.held && cursor.step >= view.length - 1 && view.length > 1) {
      this.bench.placeCursor(earlier(view), cursor.unit);
    }
    this.fresh = false;
    if (cursor?.held && cursor.step !== this.seen) this.bench.reveal(cursor.step);
    this.seen = cursor?.held ? cursor.step : -1;
    this.#showPlace(view);
    this.after.update(options.after);
    this.lags.update(options.lags);
    choose(this.by, OTHERS, options.by);
    choose(this.depth, DEPTHS, String(options.depth));
    put(this.unit, { checked: options.unit });
    tell(this.unitWords, `unit ${cursor?.unit ?? 0} beside the median`);
    const all = measured(view, findings);
    this.pull.show(view, all);
    const ahead = all.filter(({ found }) => found.facts.lags > 0);
    put(this.tableElement, { hidden: ahead.length === 0 });
    if (ahead.length === 0 || this.forward.hidden) return;
    this.#showTable(ahead, options);
    this.#draw(view, ahead);
  }

  /** @param {View<Options>} view @param {Findings} findings */
  table(view, findings) {
    const { csv } = view.catalogue;
    const record = csv.recorder("forgetting");
    const rows = measured(view, findings).flatMap(({ panel: { title }, found }) => {
      const { lags, back } = found.facts;
      return Array.from({ length: Math.max(lags, back) + 1 }, (_, k) => record(found, k, { model: title }));
    });
    return csv.of("forgetting", `forgetting-step-${view.cursor?.step ?? 0}`, rows);
  }

  destroy() {
    return this.drawn.forEach(({ chart }) => chart.destroy());
  }
}

/** @type {import("../../state/instrument.js").Definition} */
export const forgetting = {
  name: "forgetting",
  title: "Forgetting from here",
  question: "What is left of a character after so many others?",
  defaults: (catalogue) => ({
    ...catalogue.usual("forgetting", "lags", "by"),
    after: 20,
    unit: false,
    depth: 8,
    colour: "first",
  }),
  definition,
  create: (host, bench, catalogue) => new Forgetting(host, bench, catalogue),
};
