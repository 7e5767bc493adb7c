// The choices for all panels.

import { splitId } from "../../state/catalogue.js";
import { CONTRASTS, ORDERS, SCALES, SHOWS } from "../../state/store.js";
import { choose, make } from "../dom.js";
import { shows, standsFor } from "../words.js";

/** @import { State } from "../../state/store.js" */

/** @param {string} name */
const sentence = (name) => name.charAt(0).toUpperCase() + name.slice(1);

/** @param {string} label @param {...(Node | string)} content */
const field = (label, ...content) =>
  make("label", { className: "field" }, make("span", { textContent: label }), ...content);

/** @param {string} name @param {(value: string) => void} act */
const select = (name, act) => {
  const one = make("select", { "aria-label": name, onchange: () => act(one.value) });
  return one;
};

const ended = (/** @type {number} */ end) => `±${end}, beyond it the end colour`;

/** @type {[string, string][]} */
const SCALE_WORDS = SCALES.map((one) => [
  String(one),
  one === "largest" ? "linear, all that was read" : `linear, ${ended(Number(one))}`,
]);
/** @type {[string, string][]} */
const SCALE_CHOICES = [["", "logarithmic"], ...SCALE_WORDS];
/** @type {[string, string][]} */
const CONTRAST_WORDS = CONTRASTS.map((one) => [String(one), ended(one)]);
/** @type {[string, string][]} */
const CONTRAST_CHOICES = [["", "all that they can be"], ...CONTRAST_WORDS];

/**
 * What a button of the zoom says, how it looks, its title, what it is called, and what it does.
 * @type {{words: string, className: string, title: string, label: string, act: (acts: ControlActs) => void}[]}
 */
const ZOOMS = [
  { words: "−", className: "icon", title: "More steps (−)", label: "Zoom out", act: (acts) => acts.zoom(1.5) },
  { words: "+", className: "icon", title: "Fewer steps (+)", label: "Zoom in", act: (acts) => acts.zoom(1 / 1.5) },
  {
    words: "fit",
    className: "quiet",
    title: "As many steps as have room for their characters (0)",
    label: "fit: default zoom",
    act: (acts) => acts.zoom(0),
  },
  {
    words: "all",
    className: "quiet",
    title: "The whole text (9)",
    label: "all: the whole text",
    act: (acts) => acts.whole(),
  },
];

/** @param {ControlActs} acts @param {HTMLElement} words how wide the window is */
const zoomButtons = (acts, words) =>
  make(
    "div",
    { className: "zoom", role: "group", "aria-label": "Zoom" },
    ...ZOOMS.map(({ words: textContent, className, title, label, act }) =>
      make("button", { type: "button", className, "aria-label": label, title, textContent, onclick: () => act(acts) }),
    ),
    words,
  );

/**
 * @typedef {object} ControlActs
 * @property {(corpus: string) => void} corpus @property {(id: string) => void} sample
 * @property {(id: string) => void} model @property {(signal: string) => void} signal
 * @property {(layer: number) => void} layer @property {(order: State["order"]) => void} order
 * @property {(scale: State["scale"]) => void} scale @property {(contrast: number | null) => void} contrast
 * @property {(show: State["show"]) => void} show @property {() => void} again @property {() => void} untrained
 * @property {(factor: number) => void} zoom @property {() => void} whole
 */

export class Controls {
  /**
   * @param {HTMLElement} host
   * @param {import("../../state/catalogue.js").Catalogue} catalogue
   * @param {ControlActs} acts
   */
  constructor(host, catalogue, acts) {
    this.host = host;
    this.catalogue = catalogue;
    this.acts = acts;
    this.corpus = select("Trained on", (name) => acts.corpus(name));
    this.sample = select("Sample", (id) => {
      if (id !== "") acts.sample(id);
    });
    this.chips = make("div", { className: "model-chips", role: "group", "aria-label": "Models" });
    this.signal = select("Signal", (name) => acts.signal(name));
    this.layer = select("Layer", (value) => acts.layer(Number(value)));
    this.order = select("Order of units", (name) => acts.order(ORDERS.find((one) => one === name) ?? "auto"));
    this.scale = select("Scale of unbounded signals", (value) =>
      acts.scale(SCALES.find((one) => String(one) === value) ?? null),
    );
    this.scaled = make("div", { className: "row" }, field("Scale of unbounded signals", this.scale));
    this.contrast = select("Colours of differences", (value) => acts.contrast(value === "" ? null : Number(value)));
    this.contrasted = make("div", { className: "row" }, field("Colours of differences", this.contrast));
    this.show = select("Wide columns show", (name) => acts.show(SHOWS.find((one) => one === name) ?? "mean"));
    this.several = make("div", { className: "row" }, field("Wide columns show", this.show));
    this.again = make("button", {
      type: "button",
      className: "quiet sort",
      textContent: "sort again",
      title: "Order the units by what the window shows now",
      onclick: () => acts.again(),
    });
    this.untrained = make("button", {
      type: "button",
      className: "chips-all",
      textContent: "show all untrained",
      onclick: () => acts.untrained(),
    });
    this.columns = make("span", { className: "zoom-words" });
    const zoom = zoomButtons(acts, this.columns);
    host.append(
      make("div", { className: "row two" }, field("Trained on", this.corpus), field("Sample", this.sample)),
      this.chips,
      make("div", { className: "row two" }, field("Signal", this.signal), field("Layer", this.layer)),
      make("div", { className: "row order" }, field("Order of units", this.order), this.again),
      this.scaled,
      this.contrasted,
      zoom,
      this.several,
    );

    /** The family whose models are shown. @type {string | null} */
    this.family = null;
    /** @type {{id: string, box: HTMLInputElement, chip: HTMLElement}[]} */
    this.boxes = [];
  }

  /**
   * @param {import("../../state/store.js").State} state
   * @param {import("../../picture/window.js").Window} window
   * @param {(id: string) => string} colorOf a model
   */
  update(state, window, colorOf) {
    const { catalogue } = this;
    choose(
      this.corpus,
      catalogue.corpora.map((name) => [name, sentence(name)]),
      state.corpus,
    );
    const samples = catalogue.samplesOf(state.corpus);
    const current = samples.find((one) => one.text === state.text.string);
    /** @type {[string, string][]} */
    const titles = samples.map((one) => [one.id, one.title]);
    choose(this.sample, [["", "your own text"], ...titles], current?.id ?? "");
    this.#showModels(state, colorOf);
    this.#showSignals(state);
    this.#showScales(state);
    choose(this.show, shows, state.show);
    this.several.hidden = window.per === 1;
    this.columns.textContent = `${window.span.toLocaleString("en")} steps wide`;
    this.columns.title = standsFor(window.per);
  }

  /** @param {import("../../protocol/hello.js").Model} model */
  #chipOf({ id, title, description, bits_per_character: mean }) {
    const box = make("input", { type: "checkbox", "data-choice": id, onchange: () => this.acts.model(id) });
    const bits = mean === null ? "" : `\n${mean.toFixed(2)} bits per character on held-out text`;
    const chip = make("label", { className: "model-chip", title: `${description}${bits}` }, box, title);
    return { id, box, chip };
  }

  /**
   * The models of the family, those that are open ticked.
   * @param {State} state @param {(id: string) => string} colorOf
   */
  #showModels(state, colorOf) {
    const shown = new Set(state.panels.map((panel) => splitId(panel.model).base));
    if (this.family !== state.corpus) {
      this.family = state.corpus;
      this.boxes = this.catalogue.family(this.family).map((model) => this.#chipOf(model));
      this.chips.replaceChildren(...this.boxes.map(({ chip }) => chip), this.untrained);
    }
    for (const { id, box, chip } of this.boxes) {
      box.checked = shown.has(id);
      chip.style.setProperty("--own", box.checked ? colorOf(id) : "transparent");
    }
    const all = state.panels.length > 0 && state.panels.every((panel) => splitId(panel.model).untrained);
    this.untrained.hidden = !this.catalogue.models.some(({ steps }) => steps.includes(0));
    this.untrained.textContent = all ? "show all trained" : "show all untrained";
  }

  /** Which signal and layer are shown, and in which order. @param {State} state */
  #showSignals(state) {
    choose(
      this.signal,
      this.catalogue.signalsOf(state.panels).map((one) => [one.name, one.keeps ? `${one.title} (keeps)` : one.title]),
      state.signal,
    );
    const layers = this.catalogue.layersOf(state.panels);
    choose(
      this.layer,
      Array.from({ length: layers }, (_, k) => [String(k), String(k)]),
      String(Math.min(state.layer, layers - 1)),
    );
    this.layer.disabled = layers < 2;
    choose(
      this.order,
      [
        ["auto", state.echo === null ? "slowest first" : "longest echo first"],
        ["index", "by number"],
        ["similarity", "by similarity"],
      ],
      state.order,
    );
    this.again.hidden = state.order !== "similarity";
  }

  /** Where colours end, as far as something in view has no ends of its own. @param {State} state */
  #showScales(state) {
    choose(this.scale, SCALE_CHOICES, String(state.scale ?? ""));
    const scales = state.panels.map((panel) => this.catalogue.resolve(panel, state).signal.scale);
    this.scaled.hidden = !scales.some((scale) => scale === "symmetric" || scale === "half_line");
    choose(this.contrast, CONTRAST_CHOICES, String(state.contrast ?? ""));
    this.contrasted.hidden = !state.panels.some((panel) => this.catalogue.resolve(panel, state).against !== null);
  }

  destroy() {
    return this.host.replaceChildren();
  }
}
