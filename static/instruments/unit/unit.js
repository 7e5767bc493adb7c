// One unit over time: its line and its gates, the text coloured by it, and what of the text it follows.

import { display, frac, over, row, sub, subsup, words } from "../../format/mathml.js";
import { answerOf } from "../../state/instrument.js";
import { choose, make, put, tell } from "../../views/dom.js";
import { chooser, rowOf, tickBox } from "../../views/instrument-parts.js";
import { Features } from "./features.js";
import { UnitLines } from "./lines.js";
import { levelsOf, rowsOf, spanOf } from "./words.js";

/** @import { Acts, Findings, PanelView, Tint, View } from "../../state/instrument.js" */

/** @typedef {{model: string, steps: string, colour: boolean, pattern: string, feature: string}} Options */
/** @import { Found } from "./lines.js" */

/** @param {number} most @returns {[string, string][]} */
const scopes = (most) => [
  ["text", `of the text, ${most.toLocaleString("en")} at most`],
  ["window", "of the window"],
];

/** @param {View<Options>} view */
const seenTo = ({ window, length }) => Math.min(window.from + window.span, length);

/**
 * The steps over which it is found what the unit follows: around the window, as many as can be.
 * @param {View<Options>} view @returns {[number, number]}
 */
function scopeOf(view) {
  const last = seenTo(view);
  if (view.options.steps === "window") return [view.window.from, last];
  const { unit_steps: most } = view.catalogue.limits;
  const stop = Math.max(last, Math.min(view.length, most));
  return [Math.max(0, stop - most), stop];
}

/** The panel of which the table and the colours speak. @param {View<Options>} view */
const firstOf = ({ panels, options }) => panels.find(({ id }) => id === options.model) ?? panels[0] ?? null;

/** @param {View<Options>} view */
const units = ({ panels }) => Math.max(1, ...panels.map(({ resolved }) => resolved.signal.width));

/** @param {Findings} findings @param {string} id @returns {Found | null} */
const foundOf = (findings, id) => answerOf(findings, id);

class UnitInstrument {
  /** Look at another unit, at the step where one is. @param {number} which */
  #pick = (which) => {
    if (this.seen === null || this.seen.cursor === null || !Number.isInteger(which) || which < 0) return;
    this.bench.placeCursor(this.seen.cursor.step, Math.min(which, units(this.seen) - 1));
  };

  /** Whose picture one goes to, of that the table speaks. @param {FocusEvent} event */
  #entered = ({ target }) => {
    const area = target instanceof Element ? target.closest(".area") : null;
    const id = area?.closest("[data-model]")?.getAttribute("data-model");
    if (
      id !== undefined &&
      id !== null &&
      this.seen !== null &&
      firstOf(this.seen)?.id !== id &&
      this.seen.panels.some((panel) => panel.id === id)
    ) {
      this.bench.set({ model: id });
    }
  };

  /** @param {HTMLElement} host @param {Acts} bench */
  constructor(host, bench) {
    this.bench = bench;
    this.number = make("input", {
      type: "number",
      min: 0,
      step: 1,
      "aria-label": "Unit",
      oninput: () => this.number.value !== "" && this.#pick(Number(this.number.value)),
    });
    this.model = chooser("Model of which the table and the colours speak", (value) => bench.set({ model: value }));
    this.colour = tickBox((is) => bench.set({ colour: is }));
    this.scale = make("span", { className: "unit-scale" });
    this.scope = chooser("Steps that are looked at", (value) => bench.set({ steps: value }));
    this.pattern = make("input", {
      type: "text",
      spellcheck: false,
      autocomplete: "off",
      maxLength: 500,
      placeholder: "e.g. \\b[Tt]h",
      "aria-label": "Regular expression",
      oninput: () => bench.set({ pattern: this.pattern.value, feature: this.pattern.value === "" ? "" : "pattern" }),
    });
    this.fault = make("p", { className: "unit-fault", role: "status" });
    this.models = make("div", { className: "unit-models" });
    host.append(
      rowOf(make("label", {}, "unit", this.number), make("label", {}, "of", this.model)),
      rowOf(make("label", {}, this.colour, "colour the text"), this.scale),
      this.models,
    );
    const looked = rowOf(make("label", {}, "steps", this.scope), make("label", {}, "expression", this.pattern));
    this.features = new Features([looked, this.fault], {
      hold: this.#pick,
      focus: (feature) => bench.set({ feature }),
    });
    this.rest = make("h3", { textContent: "The unit of that number in the other models" });
    /** What was shown last. @type {View<Options> | null} */
    this.seen = null;
    /** What is shown of each panel. @type {Map<string, UnitLines>} */
    this.parts = new Map();
    /**
     * The colours of the text, and what they were made of.
     * @type {{tensors: object | null, good: number, span: ReturnType<typeof spanOf> | null, tint: Tint | null}}
     */
    this.painted = { tensors: null, good: 0, span: null, tint: null };
    document.addEventListener("focusin", this.#entered);
  }

  /**
   * The colours of the text as far as it is what was measured, and between which values they go.
   * @param {View<Options>} view @param {PanelView | null} panel @param {Found | null} finding
   */
  #tintOf(view, panel, finding) {
    if (
      !view.options.colour ||
      panel === null ||
      finding === null ||
      finding.measure.signal !== panel.resolved.signal.name
    ) {
      return { tint: null, span: null };
    }
    const { facts, tensors, revision } = finding;
    const values = tensors.values.data;
    const good = Math.max(0, Math.min(values.length, this.bench.cutSince(revision) - facts.start));
    if (this.painted.tensors !== tensors || this.painted.good !== good) {
      const span = spanOf(panel.resolved.signal, values);
      this.painted = {
        tensors,
        good,
        span,
        tint: { from: facts.start, levels: levelsOf(values.subarray(0, good), span) },
      };
    }
    return this.painted;
  }

  /** @param {View<Options>} view @param {PanelView | null} panel @param {Found | null} finding */
  #paint(view, panel, finding) {
    const { tint, span } = this.#tintOf(view, panel, finding);
    this.bench.tint(tint);
    put(this.scale, { hidden: span === null });
    if (span === null) return;
    const ends = [span.middle - span.half, span.middle, span.middle + span.half].map((end) =>
      String(Number((span.log ? Math.exp(end) : end).toPrecision(3))).replace("-", "−"),
    );
    const said = ends.join();
    if (this.scale.dataset.said === said) return;
    this.scale.dataset.said = said;
    this.scale.replaceChildren(
      make("small", { textContent: ends[0] }),
      make("i", { "aria-hidden": "true" }),
      make("small", { textContent: ends[2] }),
    );
    this.scale.title = `Blue: towards ${ends[0]}. No colour: ${ends[1]}. Orange: towards ${ends[2]}.`;
  }

  /**
   * The one that the table speaks of, the table, and then the others.
   * @param {HTMLElement[]} sections
   * @param {number} first
   */
  #arrange(sections, first) {
    const [chosen, others] = [sections.filter((_, k) => k === first), sections.filter((_, k) => k !== first)];
    const wanted = [...chosen, this.features.element, ...(others.length > 0 ? [this.rest, ...others] : [])];
    if (wanted.length === this.models.children.length && wanted.every((one, k) => this.models.children[k] === one)) {
      return;
    }
    const focused = document.activeElement;
    this.models.replaceChildren(...wanted);
    if (focused instanceof HTMLElement && this.models.contains(focused)) focused.focus({ preventScroll: true });
  }

  /** @param {View<Options>} view @param {Findings} findings @param {PanelView | null} first */
  #showModels(view, findings, first) {
    const next = new Map();
    for (const panel of view.panels) {
      const key = `${panel.id}/${panel.resolved.layer}`;
      const part =
        this.parts.get(key) ??
        new UnitLines(this.models, panel.resolved, {
          choose: () => this.bench.set({ model: panel.id }),
          hold: (step) => this.bench.placeCursor(step, this.seen?.cursor?.unit ?? 0),
        });
      this.parts.delete(key);
      next.set(key, part);
      part.update(panel, foundOf(findings, panel.id), { ...view, first: panel.id === first?.id });
    }
    for (const part of this.parts.values()) part.destroy();
    this.parts = next;
    this.#arrange(
      [...next.values()].map(({ element }) => element),
      view.panels.findIndex((panel) => panel === first),
    );
  }

  /** @param {View<Options>} view */
  asks(view) {
    const { panels, window, options, cursor } = view;
    if (cursor === null) return [];
    const [start, stop] = scopeOf(view);
    return panels.map(({ id, resolved }) => ({
      model: id,
      measure: {
        name: "unit",
        layer: resolved.layer,
        signal: resolved.signal.name,
        unit: cursor.unit,
        start,
        stop,
        first: window.from,
        last: seenTo(view),
        per: window.per,
        pattern: options.pattern,
        feature: options.feature,
      },
    }));
  }

  /** @param {View<Options>} view @param {Findings} findings */
  show(view, findings) {
    this.seen = view;
    const { panels, options, cursor } = view;
    const first = firstOf(view);
    const finding = first === null ? null : foundOf(findings, first.id);
    put(this.number, { max: units(view) - 1 });
    if (document.activeElement !== this.number) this.number.value = String(cursor?.unit ?? 0);
    choose(
      this.model,
      panels.map(({ id, title }) => [id, title]),
      first?.id ?? "",
    );
    this.colour.checked = options.colour;
    choose(this.scope, scopes(view.catalogue.limits.unit_steps), options.steps === "window" ? "window" : "text");
    if (document.activeElement !== this.pattern) this.pattern.value = options.pattern;
    const wrong = finding?.facts.rows.find(({ name, why }) => name === "pattern" && why !== null)?.why ?? "";
    tell(this.fault, options.pattern === "" ? "" : wrong);
    this.pattern.setAttribute("aria-invalid", String(options.pattern !== "" && wrong !== ""));
    this.#showModels(view, findings, first);
    this.features.update(first, finding, cursor?.unit ?? 0, view.catalogue.thresholds.chance_steps);
    this.#paint(view, first, finding);
  }

  /** @param {View<Options>} view @param {Findings} findings */
  table(view, findings) {
    const { csv } = view.catalogue;
    const rows = view.panels.flatMap((panel) => {
      const found = foundOf(findings, panel.id);
      return found === null ? [] : rowsOf(panel, found, csv.recorder("unit"));
    });
    return csv.of("unit", `unit-${view.cursor?.unit ?? 0}`, rows);
  }

  destroy() {
    document.removeEventListener("focusin", this.#entered);
    for (const part of this.parts.values()) part.destroy();
  }
}

/** @type {import("../../state/instrument.js").Definition} */
export const unit = {
  name: "unit",
  title: "Unit",
  question: "What does one unit do over time, and what of the text does it follow?",
  defaults: (catalogue) => ({
    ...catalogue.usual("unit", "pattern", "feature"),
    model: "",
    steps: "text",
    colour: true,
  }),
  definition: () => [
    make("p", {
      textContent:
        "A unit follows a feature of the text as closely as their correlation over the steps says: Pearson's " +
        "r. A feature that is true or false counts as 1 or 0, as it stands after the character has been " +
        "read; d tells the same in standard deviations within the two groups. For features that count, ρ is " +
        "the correlation of the ranks.",
    }),
    display(
      "r",
      "=",
      frac(
        row(over("∑", "t", ""), row("(", sub("v", "t"), "−", "v̄", ")", "(", sub("y", "t"), "−", "ȳ", ")")),
        row("T", sub("s", "v"), sub("s", "y")),
      ),
    ),
    display("d", "=", frac(row(sub("v̄", "1"), "−", sub("v̄", "0")), sub("s", words("within")))),
    make("p", {
      textContent:
        "Chance: both change slowly, so that they agree now and then by luck alone. The text is shifted " +
        "against the unit by every number of steps, 50 at least, its end put in front: each keeps its " +
        "rhythm, and what the one has to do with the other is lost. The tick on a bar is the |r| below which " +
        "95 in 100 of these shifts stay. Among many features, or many units, the best is often beyond its " +
        "own tick by luck; what the best of all gets is given beside it.",
    }),
    make("p", {
      textContent:
        "Half-life by the gate: the number of steps in which the product of the gate that keeps falls to one " +
        "half, the median over starts in the first half of the steps. A cell without such a gate: the " +
        "product of the absolute diagonal of the Jacobian. By its own past: the lag at which the signal's " +
        "autocorrelation falls to one half; it says how slowly the unit changes on this text.",
    }),
    display(
      words("half-life"),
      "=",
      words("least\u00a0"),
      "k",
      words(":\u00a0"),
      subsup("∏", row("j", "=", "1"), "k"),
      sub("f", row("t", "+", "j")),
      "≤",
      frac("1", "2"),
    ),
    make("p", {
      textContent:
        'Quotations: "…" up to the next " or an empty line, “…”, three marks in a row up to the same ' +
        "three, and '…' within a line if no letter stands before the first ' and none after the last: the " +
        "apostrophes of gav'st and 'tis do not count. Brackets are counted outside quotations and comments; " +
        "an empty line closes all. The other features say what they mean where one points at them.",
    }),
  ],
  create: (host, bench) => new UnitInstrument(host, bench),
};
