// Where this memory comes from: which past steps wrote what a unit, and its layer, hold now.

import { percent } from "../../format/powers.js";
import { answered } from "../../state/instrument.js";
import { spoken } from "../../text/characters.js";
import { Chart, keyOf } from "../../views/chart.js";
import { choose, make, put, tell } from "../../views/dom.js";
import { chooser, numberCell, numberHead, rowOf, tableOf } from "../../views/instrument-parts.js";
import { DEPTHS, createNumber, decadesOf, lagsOf, together, unseen } from "../../views/lag-curves.js";
import { definition } from "./definition.js";
import { Triangle, strength } from "./triangle.js";

/** @import { ProvenanceFacts, ProvenanceTensors } from "../../protocol/answers.js" */
/** @import { Acts, Answer, Catalogue, Findings, PanelView, View } from "../../state/instrument.js" */

/** @typedef {{window: number, age: number, of: string, depth: number, model: string}} Options `of`: "head-2" of one */
/** @typedef {{panel: PanelView, found: Answer<ProvenanceFacts, ProvenanceTensors>}} One what was found of a panel */

const LEVELS = 8; // of the text's colours, on each side of none
/** @type {[string, string][]} */
const WHOSE = [
  ["unit", "the unit at the cursor"],
  ["layer", "the mean of its layer"],
];

/** The head of attention that is chosen; null: the unit or the layer. @param {string} of */
const headOf = (of) => (/^head-\d+$/.test(of) ? Number(of.slice("head-".length)) : null);

/** Whose triangle can be shown. @param {One} one @returns {[string, string][]} */
const choicesOf = ({ found: { facts } }) => [
  ...WHOSE,
  .../** @type {[string, string][]} */ (
    Array.from({ length: facts.heads }, (_, head) => [`head-${head}`, `head ${head} of its attention`])
  ),
];

/** @param {number} value @param {number} [many] */
const digits = (value, many = 4) => String(Number(value.toPrecision(many))).replace("-", "−");

/** By the number of steps back: the last step first. @param {Float32Array} data */
const backwards = (data) => Float32Array.from(data).reverse();

/** How many of the last steps wrote half of what the layer holds; null: more. @param {Float32Array} logs by step */
export function halfAge(logs) {
  let total = 0;
  for (let k = 0; k < logs.length; k++) {
    total += 10 ** logs[logs.length - 1 - k];
    if (total >= 0.5) return k + 1;
  }
  return null;
}

/** @param {One} one @param {boolean} layer */
const curveOf = ({ found: { tensors } }, layer) => backwards((layer ? tensors.layer_shares : tensors.unit_shares).data);

/**
 * The weights of a head at the cursor, as decimal logarithms, the last step first.
 * @param {One} one @param {number} head
 */
function weightsOf({ found: { tensors } }, head) {
  const steps = tensors.addends.data.length;
  return backwards(tensors.heads.data.subarray(head * steps, (head + 1) * steps)).map(Math.log10);
}

/**
 * The lines of one model: its layer, and thin the unit at the cursor, or each head of its attention.
 * @param {One} one
 */
function linesOf(one) {
  const { panel, found } = one;
  const { title, color, dashed } = panel;
  const layer = curveOf(one, true);
  /** @param {string} name */
  const hover = (name) => `${name}, k = %{x}: %{text}<extra></extra>`;
  /** @type {[string, Float32Array][]} */
  const thin =
    found.facts.heads > 0
      ? Array.from({ length: found.facts.heads }, (_, head) => [`${title}, head ${head}`, weightsOf(one, head)])
      : [[`${title}, unit ${found.facts.unit}`, curveOf(one, false)]];
  return [
    { name: title, color, dashed, x: lagsOf(layer), y: layer, hover: hover(title) },
    ...thin.map(([name, y]) => ({ name, color, dashed, thin: true, x: lagsOf(y), y, hover: hover(name) })),
  ];
}

/** @param {One} one */
function tableRow({ panel, found: { facts, tensors } }) {
  const half = halfAge(tensors.layer_shares.data);
  const held = numberCell("held", `${facts.symbol} = ${digits(facts.held)}`);
  held.append(make("small", { "data-fact": "total", textContent: `sum ${digits(facts.total)}` }));
  const usual = facts.usually_old === null ? "–" : `${percent(Math.log10(facts.usually_old))} %`;
  return make(
    "tr",
    { "data-for": panel.id },
    make("td", {}, keyOf(panel), panel.title),
    held,
    numberCell("half", half === null ? `> ${tensors.layer_shares.data.length.toLocaleString("en")}` : String(half)),
    numberCell("old", `${percent(Math.log10(facts.old))} %`),
    numberCell("usually_old", usual),
  );
}

/**
 * The colours of the text for one model: eight levels over the decades of the triangle.
 * @param {One} one @param {boolean} signed @param {number} head that is shown, of "head"
 */
function tintOf({ found: { facts, tensors } }, signed, head) {
  const steps = tensors.addends.data.length;
  const shares = () => Float32Array.from(tensors.layer_shares.data, (log) => 10 ** log);
  const weights = () => tensors.heads.data.subarray(head * steps, (head + 1) * steps);
  const values = signed ? tensors.addends.data : facts.of === "head" ? weights() : shares();
  const most = values.reduce((largest, value) => Math.max(largest, Math.abs(value)), 0);
  const levels = Int8Array.from(values, (value) => {
    const place = strength(value, most);
    return Number.isNaN(place) ? 0 : Math.sign(place) * Math.ceil(Math.abs(place) * LEVELS);
  });
  return { from: facts.first, levels };
}

class Provenance {
  /** @param {HTMLElement} host @param {Acts} bench @param {Catalogue} catalogue */
  constructor(host, bench, catalogue) {
    this.bench = bench;
    this.place = make("p", { className: "provenance-place", role: "status" });
    this.rows = make("tbody");
    this.oldHead = numberHead("", "Of what the layer holds at the cursor, the share written earlier than that");
    this.tableElement = tableOf(
      [
        make("th", { textContent: "model" }),
        numberHead("the unit holds", "Below: the sum of all addends and of what is older than the window"),
        numberHead("half: last", "Half of what the layer holds was written in so many of the last steps"),
        this.oldHead,
        numberHead("usually", "The same as a mean over steps of the window"),
      ],
      this.rows,
    );
    this.model = chooser("The triangle and the text show", (value) => bench.set({ model: value }));
    this.of = chooser("Of", (value) => bench.set({ of: value }));
    this.depth = chooser("Axis reaches down", (value) => bench.set({ depth: Number(value) }));
    this.window = createNumber({
      label: "look back",
      name: "How many steps to look back",
      unit: "steps",
      ...catalogue.bound("provenance", "window"),
      set: (value) => bench.set({ window: value }),
    });
    this.age = createNumber({
      label: "old: more than",
      name: "How many steps back counts as old",
      unit: "steps",
      ...catalogue.bound("provenance", "age"),
      set: (value) => bench.set({ age: value }),
    });
    this.charts = make("div");
    this.pictureHost = make("div", { className: "provenance-picture" });
    this.notes = make("p", { className: "inst-note" });
    host.append(
      this.place,
      this.tableElement,
      rowOf(make("label", {}, "Show", this.model), make("label", {}, "of", this.of)),
      this.pictureHost,
      this.charts,
      rowOf(this.window.element, this.age.element, make("label", {}, "axis", this.depth)),
      this.notes,
    );
    this.triangle = new Triangle(this.pictureHost, {
      pick: (step) => this.last !== null && bench.placeCursor(step, this.last.cursor?.unit ?? 0),
    });
    this.chart = new Chart(this.charts, {
      label: "Share of what is held, by the steps since it was written; thin: the unit at the cursor, or each head",
      height: 240,
    });
    /** What was shown last. @type {View<Options> | null} */
    this.last = null;
    this.seen = -1; // the step that the editor was last scrolled to
    /** @type {{found: unknown, tint: import("../../state/instrument.js").Tint | null}} */
    this.painted = { found: null, tint: null };
  }

  /** @param {View<Options>} view */
  asks({ panels, cursor, options }) {
    if (cursor === null) return [];
    const head = headOf(options.of);
    return panels.map(({ id, resolved }) => {
      const layer = resolved.model.layers[resolved.layer];
      const whose = options.of === "unit" ? { of: "unit" } : { of: "layer" };
      return {
        model: id,
        measure: {
          name: "provenance",
          layer: resolved.layer,
          unit: Math.min(cursor.unit, layer.units - 1),
          step: cursor.step,
          window: options.window,
          age: options.age,
          ...(head !== null && layer.window !== null ? { of: "head", head } : whose),
        },
      };
    });
  }

  /** @param {View<Options>} view @param {Findings} findings */
  show(view, findings) {
    this.last = view;
    const { cursor, options, text, panels } = view;
    if (cursor?.held && cursor.step !== this.seen) this.bench.reveal(cursor.step);
    this.seen = cursor?.held ? cursor.step : -1;
    this.window.update(options.window);
    this.age.update(options.age);
    choose(this.depth, DEPTHS, String(options.depth));
    const character = cursor === null ? "" : (text.characters(cursor.step, cursor.step + 1)[0] ?? "");
    tell(
      this.place,
      cursor === null
        ? "Type something first."
        : `Unit ${cursor.unit} after ${spoken(character)} at step ${cursor.step.toLocaleString("en")}`,
    );
    /** @type {One[]} */
    const all = answered(panels, findings);
    const nothing = { hidden: all.length === 0 };
    for (const one of [this.tableElement, this.charts, this.pictureHost, this.notes]) put(one, nothing);
    if (all.length === 0) return this.bench.tint(null);
    const shown = all.find(({ panel }) => panel.id === options.model) ?? all[0];
    const { of } = shown.found.facts;
    choose(
      this.model,
      all.map(({ panel }) => [panel.id, panel.title]),
      shown.panel.id,
    );
    choose(this.of, choicesOf(shown), of === "head" ? options.of : of);
    tell(this.oldHead, `older than ${options.age}`);
    this.rows.replaceChildren(...all.map(tableRow));
    this.#picture(view, shown);
    this.#curves(view, all);
  }

  /** @param {View<Options>} view @param {One} one */
  #picture({ catalogue, theme, options }, one) {
    const { facts, tensors } = one.found;
    const signed = facts.of === "unit";
    if (this.painted.found !== one.found) {
      this.painted = { found: one.found, tint: tintOf(one, signed, headOf(options.of) ?? 0) };
    }
    this.bench.tint(this.painted.tint);
    this.triangle.update({
      triangle: tensors.triangle,
      signed,
      step: facts.step,
      per: facts.per,
      first: facts.first,
      tables: catalogue.tables,
      levels: catalogue.levels,
      theme,
    });
  }

  /** @param {View<Options>} view @param {One[]} all */
  #curves({ options, theme, Plotly }, all) {
    const lines = all.flatMap(linesOf);
    const layers = all.map((one) => curveOf(one, true));
    const [bottom, top] = decadesOf(layers, options.depth);
    const longest = Math.max(1, ...layers.map((logs) => logs.length - 1));
    this.chart.update({
      lines,
      exponents: true,
      xRange: [0, longest],
      yRange: [bottom, top + 0.05 * (top - bottom)],
      verticals: options.age <= longest ? [{ x: options.age }] : [],
      xTitle: "k, steps since it was written",
      yTitle: "share of what is held",
      onPick: (x) => x > 0 && this.bench.set({ age: x }),
      theme,
      Plotly,
    });
    const { facts } = all[0].found;
    const attends = all.some(({ found }) => found.facts.heads > 0);
    const heads = attends ? ", or each head of a block's attention" : "";
    const said = [`Thick: the mean over the layer; thin: the unit at the cursor${heads}.`];
    if (facts.first > 0) said.push(`What was written before step ${facts.first.toLocaleString("en")} is one addend.`);
    if (facts.usually_old !== null) said.push(`“Usually” is the mean over ${facts.sampled} steps of the window.`);
    said.push("The direct path only: what was written at a step was computed from the state before it.");
    said.push(...together(all.map((one) => ({ name: one.panel.title, said: unseen(curveOf(one, true)) }))));
    tell(this.notes, said.join(" "));
  }

  /** @param {View<Options>} view @param {Findings} findings */
  table({ panels, catalogue: { csv } }, findings) {
    /** @type {One[]} */
    const all = answered(panels, findings);
    const record = csv.recorder("provenance");
    const rows = all.flatMap(({ panel: { title: model }, found }) =>
      lagsOf(found.tensors.addends.data).map((k) => record(found, k, { model, written_at: found.facts.first + k })),
    );
    return csv.of("provenance", "provenance", rows);
  }

  destroy() {
    return this.chart.destroy();
  }
}

/** @type {import("../../state/instrument.js").Definition} */
export const provenance = {
  name: "provenance",
  title: "Where it comes from",
  question: "Which steps wrote what a unit holds now?",
  defaults: (catalogue) => ({ ...catalogue.usual("provenance", "window", "age"), of: "layer", depth: 8, model: "" }),
  definition,
  create: (host, bench, catalogue) => new Provenance(host, bench, catalogue),
};
