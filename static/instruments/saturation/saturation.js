// Saturation: how often, and when, the units stand at an end of their range.

import { bound, percent } from "../../format/counts.js";
import { display, element, fence, frac, math, row, sub, words } from "../../format/mathml.js";
import { answerOf } from "../../state/instrument.js";
import { rampOf } from "../../picture/colour.js";
import { choose, make, put, tell } from "../../views/dom.js";
import { chooser, rowOf, tickBox } from "../../views/instrument-parts.js";
import { drawLane, drawTicks, endsOf, inkOn, inksOf, roomy } from "./marks.js";
import { counted, UnitShares } from "./shares.js";

/** @import { Draw, Overlay } from "../../picture/overlay.js" */
/** @import { Acts, Catalogue, Findings, PanelView, View } from "../../state/instrument.js" */

/** @typedef {{steps: string, marks: boolean, low: number, high: number, bound: number}} Options */
/** @typedef {import("./shares.js").Found} Found */

/**
 * The thresholds that every saturated value is counted by unless others are chosen.
 * @param {Catalogue} catalogue @returns {Pick<Options, "low" | "high" | "bound">}
 */
const usual = (catalogue) =>
  /** @type {Pick<Options, "low" | "high" | "bound">} */ (catalogue.usual("saturation", "low", "high", "bound"));

const MOST_MARKED = 700; // columns of single characters for which marks are asked
/** @type {[string, string][]} */
const SCOPES = [
  ["window", "in the window"],
  ["whole", "of the whole text"],
];

/** @param {Pick<Options, "low" | "high" | "bound">} thresholds */
const thresholdWords = ({ low, high, bound: end }) =>
  `a gate below ${low} (shut) and above ${high} (open); what lies in ±1 beyond ±${end}; the unbounded cell state ` +
  `where its tanh is, |tanh c| > ${end}, so |c| > ${Math.atanh(end).toFixed(2)}`;

/**
 * The thresholds, as they are asked for: name, words, least and most.
 * @type {["low" | "high" | "bound", string, number, number][]}
 */
const THRESHOLDS = [
  ["low", "gates below", 0, 1],
  ["high", "above", 0, 1],
  ["bound", "others ±", 0.001, 0.999],
];

/** @param {View<Options>} view */
const seenTo = ({ window, length }) => Math.min(window.from + window.span, length);

/**
 * The number of steps for which something holds.
 * @param {...(Node | string)} what
 */
const number = (...what) =>
  row("#", element("mo", { stretchy: "false" }, "{"), ...what, element("mo", { stretchy: "false" }, "}"));
/** The formula of one side. @param {string} side @param {string} relation @param {Node} threshold */
const share = (side, relation, threshold) =>
  display(
    sub(words(side), "u"),
    "=",
    frac(number("t", ":", sub("v", row("t", ",", "u")), relation, threshold), number("t")),
  );

/**
 * What is added to a panel's picture: ticks, the lane, a word in its head.
 * @param {PanelView} panel @param {Found | null} finding @param {View<Options>} view
 * @param {(revision: number) => number} cutSince @returns {Overlay}
 */
function overlayOf(panel, finding, { catalogue, options }, cutSince) {
  const { signal, layer } = panel.resolved;
  const current = finding !== null && finding.measure.signal === signal.name && finding.measure.layer === layer;
  if (!current) return { lane: { draw: () => {}, label: "", top: "", bottom: "" } };
  const { measure, tensors, revision } = finding;
  const { marks } = tensors;
  const { colours } = catalogue;
  if (signal.saturated === null) return { words: "saturation does not apply" };
  const ends = { ...endsOf(colours[rampOf(signal)]), none: colours.none };
  const [below, above] = counted(finding, signal.name).ends;
  const { totals } = counted(finding, signal.name);
  const { first, last, per } = measure;
  /** @param {Uint8Array} data @returns {Draw} */
  const ticks = (data) => (context, place) =>
    drawTicks(context, place, {
      marks: data,
      first,
      until: cutSince(revision),
      inks: inksOf(signal, ends),
    });
  return {
    ...(options.marks && marks !== undefined && panel.resolved.against === null ? { draw: ticks(marks.data) } : {}),
    lane: {
      draw: (context, place) =>
        drawLane(context, place, { lane: tensors.lane.data, first, last, per, until: cutSince(revision), ends }),
      label:
        `Share of the units that are saturated at each step: from the top those above ${bound(above)}, from ` +
        `the bottom those below ${bound(below)}.`,
      top: `> ${bound(above)}`,
      bottom: `< ${bound(below)}`,
    },
    words:
      `${percent(totals.left + totals.right, totals.numbers)} ` +
      `saturated${measure.start === first && measure.stop === last ? "" : " of the whole text"}`,
  };
}

/** Why there are no ticks in the pictures; nothing where there are. @param {View<Options>} view */
function ticksNote({ window, options, plotWidth, panels }) {
  if (!options.marks) return "";
  if (panels.some(({ resolved }) => resolved.against !== null)) {
    return "A picture of a difference has no ticks: they are about the values themselves.";
  }
  if (window.per > 1) {
    return (
      `A column stands for ${window.per.toLocaleString("en")} characters: zoom in to one a column for ticks in ` +
      "the cells."
    );
  }
  return roomy(plotWidth, window.columns) ? "" : "The columns are too narrow for ticks: zoom in.";
}

/** What the ticks look like, for each kind of scale in view. @param {View<Options>} view */
function keyOf({ panels, catalogue: { colours } }) {
  const seen = panels.filter(({ resolved }) => resolved.signal.saturated !== null);
  const kinds = new Set(seen.map(({ resolved }) => rampOf(resolved.signal)));
  /** @param {string} color @param {string} side */
  const cell = (color, side) => {
    const tick = make("i", { className: side });
    tick.style.background = inkOn(color);
    const one = make("span", { className: "sat-cell" }, tick);
    one.style.background = color;
    return one;
  };
  return [...kinds].flatMap((kind) => {
    const { low, high } = endsOf(colours[kind]);
    const [less, more] = kind === "gate" ? ["shut", "open"] : ["low", "high"];
    return [
      make("span", {}, cell(low, "left"), ` ${less}: tick at its left`),
      make("span", {}, cell(high, "right"), ` ${more}: at its right`),
    ];
  });
}

/** @param {Findings} findings @param {string} id @returns {Found | null} */
const foundOf = (findings, id) => answerOf(findings, id);

class Saturation {
  /** @param {HTMLElement} host @param {Acts} bench @param {Catalogue} catalogue */
  constructor(host, bench, catalogue) {
    this.bench = bench;
    this.scope = chooser("Steps that are counted", (value) => bench.set({ steps: value }));
    this.marks = tickBox((is) => bench.set({ marks: is }));
    this.inputs = THRESHOLDS.map(([name, label, least, most]) => {
      const input = make("input", {
        type: "number",
        step: 0.01,
        min: least,
        max: most,
        oninput: () => this.#set(name, input, least, most),
      });
      return { name, input, label: make("label", {}, label, input) };
    });
    this.standard = make("button", {
      type: "button",
      className: "quiet",
      textContent: "reset",
      title: "The usual thresholds",
      onclick: () => bench.set(usual(catalogue)),
    });
    this.key = make("p", { className: "sat-key" });
    this.note = make("p", { className: "inst-note" });
    const strips = make("p", {
      className: "inst-note",
      textContent:
        "Each dot is one unit; both axes run from none of the steps (0) to all of them (1), and beyond the " +
        "diagonal no unit can be. The strip below each picture: the share of its units that are above (from " +
        "the top) and below (from the bottom) at each step.",
    });
    this.models = make("div", { className: "sat-models" });
    host.append(
      rowOf(make("label", {}, "steps", this.scope), make("label", {}, this.marks, "ticks in the pictures")),
      make("div", { className: "inst-row sat-thresholds" }, ...this.inputs.map(({ label }) => label), this.standard),
      this.key,
      this.note,
      this.models,
      strips,
    );
    /** What is shown of each model. @type {Map<string, UnitShares>} */
    this.parts = new Map();
    this.overlaid = "";
    /** @type {Map<string, object | undefined>} */
    this.before = new Map();
    /** What was shown last. @type {View<Options> | null} */
    this.seen = null;
  }

  /**
   * @param {"low" | "high" | "bound"} name @param {HTMLInputElement} input @param {number} least @param {number} most
   */
  #set(name, input, least, most) {
    const value = Number(input.value);
    const fits = input.value !== "" && value >= least && value <= most;
    input.setAttribute("aria-invalid", String(!fits));
    if (fits) this.bench.set({ [name]: value });
  }

  /**
   * Keep the cursor's step where it is in view, else take the last one that is.
   * @param {View<Options>} view @param {number} unit
   */
  #pick(view, unit) {
    const { cursor, window } = view;
    const last = seenTo(view) - 1;
    const seen = cursor !== null && cursor.step >= window.from && cursor.step <= last;
    this.bench.placeCursor(seen ? cursor.step : last, unit);
  }

  /** @param {View<Options>} view @param {Findings} findings */
  #showModels(view, findings) {
    const selected = view.cursor?.held ? view.cursor.unit : null;
    const next = new Map();
    for (const panel of view.panels) {
      const key = `${panel.id}/${panel.resolved.layer}`;
      const part =
        this.parts.get(key) ??
        new UnitShares(this.models, panel.resolved, (unit) => this.seen !== null && this.#pick(this.seen, unit));
      this.parts.delete(key);
      next.set(key, part);
      part.update(panel, foundOf(findings, panel.id), { selected, theme: view.theme });
    }
    for (const part of this.parts.values()) part.destroy();
    this.parts = next;
    if ([...next.values()].some((part, k) => this.models.children[k] !== part.element)) {
      this.models.append(...[...next.values()].map((part) => part.element));
    }
  }

  /**
   * New overlays only where something is another: they have the pictures painted.
   * @param {View<Options>} view @param {Findings} findings
   */
  #overlay(view, findings) {
    const said = JSON.stringify([
      view.theme,
      view.options.marks,
      view.panels.map(({ id, resolved }) => [id, resolved.key]),
    ]);
    const same =
      said === this.overlaid && view.panels.every(({ id }) => this.before.get(id) === findings.get(id)?.tensors);
    if (same) return;
    this.overlaid = said;
    this.before = new Map(view.panels.map(({ id }) => [id, findings.get(id)?.tensors]));
    this.bench.overlay(
      Object.fromEntries(
        view.panels.map((panel) => [
          panel.id,
          overlayOf(panel, foundOf(findings, panel.id), view, this.bench.cutSince),
        ]),
      ),
    );
  }

  /** @param {View<Options>} view */
  asks(view) {
    const { panels, window, options, length } = view;
    const last = seenTo(view);
    const [start, stop] = options.steps === "whole" ? [0, length] : [window.from, last];
    const { low, high, bound: beyond } = options;
    const marked = options.marks && window.per === 1 && window.columns <= MOST_MARKED;
    return panels.map(({ id, resolved }) => ({
      model: id,
      measure: {
        name: "saturation",
        layer: resolved.layer,
        signal: resolved.signal.name,
        start,
        stop,
        first: window.from,
        last,
        per: window.per,
        marks: marked,
        low,
        high,
        bound: beyond,
      },
    }));
  }

  /** @param {View<Options>} view @param {Findings} findings */
  show(view, findings) {
    this.seen = view;
    const { options } = view;
    const standard = usual(view.catalogue);
    choose(this.scope, SCOPES, options.steps === "whole" ? "whole" : "window");
    this.marks.checked = options.marks;
    for (const { name, input } of this.inputs) {
      if (document.activeElement !== input) input.value = String(options[name]);
    }
    put(this.standard, { hidden: THRESHOLDS.every(([name]) => options[name] === standard[name]) });
    this.#showModels(view, findings);
    this.#overlay(view, findings);
    const missing = ticksNote(view);
    tell(this.note, missing);
    put(this.note, { hidden: missing === "" });
    put(this.key, { hidden: missing !== "" || !options.marks });
    const kinds = view.panels.map(({ resolved: { signal } }) => signal.saturated && rampOf(signal)).join();
    if (this.key.dataset.kinds !== kinds) {
      this.key.dataset.kinds = kinds;
      this.key.replaceChildren(...keyOf(view));
    }
  }

  /** @param {View<Options>} view @param {Findings} findings */
  table(view, findings) {
    const { csv } = view.catalogue;
    const record = csv.recorder("saturation");
    const rows = view.panels.flatMap(({ id }) => {
      const finding = foundOf(findings, id);
      if (finding === null) return [];
      const last_step = finding.facts.stop - 1;
      return finding.facts.signals.flatMap((signal) => {
        const { first, left, right, numbers, units, ends } = counted(finding, signal);
        const [below, above] = ends;
        return Array.from({ length: units }, (_, unit) => {
          const [share_below, share_above] = [left[unit] / numbers[unit], right[unit] / numbers[unit]];
          const own = { model: id, signal, unit, last_step, below, above, share_below, share_above };
          return record(finding, first + unit, own);
        });
      });
    });
    return csv.of("saturation", "saturation", rows);
  }

  destroy() {
    this.bench.overlay(null);
    for (const part of this.parts.values()) part.destroy();
  }
}

/** @type {import("../../state/instrument.js").Definition} */
export const saturation = {
  name: "saturation",
  title: "Saturation",
  question: "Which units stand at an end of their range, and when?",
  defaults: (catalogue) => ({ ...usual(catalogue), steps: "window", marks: true }),
  definition: (catalogue) => [
    make("p", {
      textContent:
        "A unit's value v is left-saturated below one threshold and right-saturated above another: " +
        `${thresholdWords(usual(catalogue))}. A signal to which it does not apply is not counted. For each unit u, ` +
        "over exactly the steps t that are stated:",
    }),
    share("left", "<", words("below")),
    share("right", ">", words("above")),
    make("p", {
      textContent:
        "The values themselves are compared, not the colours. A value that is no number is on neither side, " +
        "and not among those counted.",
    }),
    make(
      "p",
      {},
      "Each dot is a unit at ",
      math(fence(row(sub(words("right"), "u"), ",", sub(words("left"), "u")))),
      ". On the diagonal it is always at one end or the other: a gate there acts as a switch. At the origin " +
        "it never is. After Karpathy, Johnson and Fei-Fei, “Visualizing and Understanding Recurrent Networks” " +
        "(2015).",
    ),
  ],
  create: (host, bench, catalogue) => new Saturation(host, bench, catalogue),
};
