// Why this value?: the equation of the cell under the cursor with its numbers, and all that added up to it.

import { element, display, math, row, sub } from "../../format/mathml.js";
import { choose, make, put, tell } from "../../views/dom.js";
import { chooser, rowOf } from "../../views/instrument-parts.js";
import { explained, scaleOf } from "./explained.js";
import { sourceOf } from "./terms.js";
import { Trail, walkedTo } from "./trail.js";

/** @import { Symbol_, WhyFacts } from "../../protocol/answers.js" */
/** @import { Acts, Findings, PanelView, View } from "../../state/instrument.js" */

/** @typedef {{most: number, digits: string, open: string, of: string}} Options */

const SOME = 24;

/** @param {string} words */
const opened = (words) => new Set(words.split(".").filter(Boolean));
/** As many units as may be named. @param {View<Options>} view */
const everyOf = ({ catalogue }) => catalogue.bound("why", "most").max;
/** @param {View<Options>} view */
const mostOf = (view) => Math.max(0, Math.min(everyOf(view), Math.trunc(view.options.most)));

/**
 * The layer and the signal to explain in a panel.
 * @param {PanelView} panel @param {{layer: number, signal: string} | null} walked
 */
function subjectOf({ resolved: { model, layer, signal } }, walked) {
  if (walked === null) return { layer, signal };
  const there = Math.min(walked.layer, model.layers.length - 1);
  const { signals } = model.layers[there];
  return { layer: there, signal: signals.find(({ name }) => name === walked.signal) ?? signals[0] };
}

/** How many units there are to choose from. @param {PanelView} panel @param {View<Options>} view */
const unitsOf = (panel, { cursor, options }) =>
  panel.resolved.model.layers[subjectOf(panel, cursor === null ? null : walkedTo(options.of, cursor)).layer].units;

/**
 * What the page itself puts into the rows of one panel.
 * @param {PanelView} panel @param {WhyFacts} facts @param {string} character
 */
function rowsOf({ resolved: { model } }, facts, character) {
  /** @param {Symbol_} gain */
  const gainOf = ({ symbol, lag }) => {
    const named = model.layers[facts.layer].signals.find((one) => one.symbol === symbol);
    return (lag === 0 ? facts.now : facts.before)[named?.name ?? ""];
  };
  return facts.equations.flatMap(({ signal, shown: value, drive }) => {
    if (drive === null) return [{ signal, value }];
    const { terms, rest, rounding } = drive;
    /** @type {[string, number, boolean][]} */
    const summed = [
      [`${rest.count} other units`, rest.value, rest.count > 0],
      ["float32 rounding", rounding, rounding !== 0],
    ];
    return [
      ...terms.map((one) => {
        const term = sourceOf(one, character, facts.layer);
        const gain = one.gain === null ? 1 : gainOf(one.gain);
        return { signal, value, term, weight: one.weight, state: one.state, gain, adds: one.value };
      }),
      ...summed.filter(([, , is]) => is).map(([term, adds]) => ({ signal, value, term, adds })),
    ];
  });
}

const definition = () => [
  make("p", {
    textContent:
      "A value is its signal’s equation: below each symbol stands its number, signals as the network " +
      "computed them. W·x and U·h are sums of products, one for each unit that the layer hears:",
  }),
  display(
    row(sub("U", "i"), "·", sub("h", row("t", "−", "1"))),
    "=",
    element("munder", null, element("mo", null, "∑"), element("mi", null, "j")),
    sub("U", row("i", "j")),
    "·",
    sub("h", row("j", ",", "t", "−", "1")),
  ),
  make(
    "p",
    {},
    "In layer 0 ",
    math(row(sub("W", "i"), "·", sub("x", "t"))),
    " is a single weight, that of the character; in a higher layer it is a sum over the units below. A bar " +
      "is one product: to the right it raises the pre-activation, to the left it lowers it. All bars have one " +
      "scale. Click a unit to see what made it, a step before.",
  ),
  make("p", {
    textContent:
      "The products are worked out in float64 from the weights and states. The network itself adds in " +
      "float32; where that shows in the value, it stands as a term of its own. So everything adds up to the " +
      "value within 10⁻⁶ (of a cell state beyond ±1: of its size).",
  }),
  make("p", {
    textContent:
      "The largest term did not make the value alone: had it not been there, others would have been others too.",
  }),
];

/** @typedef {{key: string, facts: WhyFacts | undefined, section: HTMLElement}} Built */

/** @param {Findings} findings @param {string} id @returns {WhyFacts | undefined} */
const factsOf = (findings, id) => /** @type {WhyFacts | undefined} */ (findings.get(id)?.facts);

class Why {
  /** @param {string} name @param {boolean} is */
  #open = (name, is) => {
    const names = opened(this.last?.options.open ?? "");
    if (names.has(name) === is) return;
    if (is) names.add(name);
    else names.delete(name);
    this.bench.set({ open: [...names].join(".") });
  };

  /** @param {HTMLElement} host @param {Acts} bench */
  constructor(host, bench) {
    this.host = host;
    this.bench = bench;
    /** What was shown last. @type {View<Options> | null} */
    this.last = null;
    this.trail = new Trail(bench, () => this.last);
    this.all = make("input", {
      type: "checkbox",
      onchange: () => bench.set({ digits: this.all.checked ? "all" : "short" }),
    });
    this.most = chooser("Units named", (value) => bench.set({ most: Number(value) }));
    const settings = rowOf(make("label", {}, "units named", this.most), make("label", {}, this.all, "all digits"));
    this.note = make("p", { className: "inst-note" });
    this.panels = make("div", { className: "why-models" });
    host.append(this.trail.element, this.note, this.panels, settings);
    /** The section of each panel, and what it was made of. @type {Map<string, Built>} */
    this.built = new Map();
  }

  /**
   * @param {View<Options>} view
   * @returns {import("./explained.js").Scene["acts"]}
   */
  #acts(view) {
    const { options } = view;
    const every = everyOf(view);
    return {
      open: this.#open,
      go: (step, unit, layer, signal) => this.trail.to(step, unit, layer, signal),
      opened: opened(options.open),
      more: mostOf(view) < every ? () => this.bench.set({ most: every }) : null,
      picture: () => this.bench.set({ of: "" }),
    };
  }

  /**
   * A panel's part; the one that is there, where nothing has changed.
   * @param {PanelView} panel @param {View<Options>} view @param {WhyFacts | undefined} facts @param {number} scale
   */
  #sectionOf(panel, view, facts, scale) {
    const lacks = view.cursor !== null && view.cursor.unit >= unitsOf(panel, view);
    const here = [facts?.step === view.cursor?.step, facts?.unit === view.cursor?.unit];
    const key = JSON.stringify([
      here,
      lacks,
      panel.title,
      panel.color,
      panel.resolved.key,
      panel.columns.high,
      scale,
      view.options,
      view.theme,
      this.host.clientWidth,
    ]);
    const before = this.built.get(panel.id);
    if (before !== undefined && before.facts === facts && before.key === key) return before.section;
    const few = lacks
      ? [
          make("p", {
            className: "inst-note",
            textContent: `${panel.title} has units 0 to ${unitsOf(panel, view) - 1} only.`,
          }),
        ]
      : [];
    const section =
      facts === undefined || lacks
        ? make("section", { className: "why-model" }, ...few)
        : explained(panel, view, facts, { scale, host: this.host, acts: this.#acts(view) });
    this.built.set(panel.id, { key, facts, section });
    return section;
  }

  /** @param {View<Options>} view */
  #showSettings(view) {
    const { options, cursor, window, catalogue } = view;
    const [few, every] = [catalogue.defaults.why.most, everyOf(view)];
    put(this.all, { checked: options.digits === "all" });
    this.panels.classList.toggle("exactly", options.digits === "all");
    const counts = [...new Set([Number(few), SOME, mostOf(view), every])].sort((a, b) => a - b);
    choose(
      this.most,
      counts.map((one) => [String(one), one === every ? "all" : String(one)]),
      String(mostOf(view)),
    );
    const wide =
      window.per > 1
        ? `A column of the pictures stands for ${window.per.toLocaleString("en")} steps; this is one of them.`
        : "";
    tell(this.note, cursor === null ? "Type something, then click a cell of a picture." : wide);
  }

  /** @param {View<Options>} view */
  asks(view) {
    const { panels: shown, cursor, length, options } = view;
    if (cursor === null || cursor.step >= length) return [];
    const walked = walkedTo(options.of, cursor);
    return shown
      .map((panel) => ({ panel, subject: subjectOf(panel, walked) }))
      .filter(({ panel, subject }) => cursor.unit < panel.resolved.model.layers[subject.layer].units)
      .map(({ panel, subject: { layer, signal } }) => {
        return {
          model: panel.id,
          measure: {
            name: "why",
            layer,
            signal: signal.name,
            step: cursor.step,
            unit: cursor.unit,
            most: mostOf(view),
          },
        };
      });
  }

  /** @param {View<Options>} view @param {Findings} findings */
  show(view, findings) {
    this.last = view;
    this.trail.show(view);
    this.#showSettings(view);
    const facts = view.panels.map(({ id }) => factsOf(findings, id));
    const scale = scaleOf(facts.filter((one) => one !== undefined));
    const focus = document.activeElement?.getAttribute("data-key") ?? null;
    const sections = view.panels.map((panel, k) => this.#sectionOf(panel, view, facts[k], scale));
    if (
      this.panels.children.length === sections.length &&
      sections.every((one, k) => this.panels.children[k] === one)
    ) {
      return;
    }
    this.panels.replaceChildren(...sections);
    /** @type {HTMLElement | null} */
    const again = focus === null ? null : this.panels.querySelector(`[data-key="${CSS.escape(focus)}"]`);
    again?.focus({ preventScroll: true });
  }

  /** @param {View<Options>} view @param {Findings} findings */
  table({ panels: shown, text, catalogue: { csv } }, findings) {
    const rows = shown.flatMap((panel) => {
      const facts = factsOf(findings, panel.id);
      if (facts === undefined) return [];
      const record = csv.recorder("why");
      const character = text.characters(facts.step, facts.step + 1)[0] ?? "";
      return rowsOf(panel, facts, character).map((own) => record({ facts }, 0, { model: panel.title, ...own }));
    });
    return csv.of("why", "why", rows);
  }

  destroy() {
    return this.built.clear();
  }
}

/** @type {import("../../state/instrument.js").Definition} */
export const why = {
  name: "why",
  title: "Why this value?",
  question: "What made this number, term by term?",
  defaults: (catalogue) => ({ ...catalogue.usual("why", "most"), digits: "short", open: "", of: "" }),
  definition,
  create: (host, bench) => new Why(host, bench),
};
