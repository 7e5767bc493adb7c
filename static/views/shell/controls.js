// The choices for all panels.

import { splitId } from "../../state/catalogue.js";
import { CONTRASTS, SCALES } from "../../state/store.js";
import { choose, make } from "../dom.js";
import { shows, standsFor } from "../words.js";

const sentence = (name) => name.charAt(0).toUpperCase() + name.slice(1);

const field = (label, ...content) =>
  make("label", { className: "field" }, make("span", { textContent: label }), ...content);

const select = (name, act) => {
  const one = make("select", { "aria-label": name, onchange: () => act(one.value) });
  return one;
};

/** What a button of the zoom says, how it looks, what it is called where that is another word, and what it does. */
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

/** @param {any} acts @param {HTMLElement} words how wide the window is */
const zoomButtons = (acts, words) =>
  make(
    "div",
    { className: "zoom", role: "group", "aria-label": "Zoom" },
    ...ZOOMS.map(({ words: textContent, className, title, label, act }) =>
      make("button", { type: "button", className, "aria-label": label, title, textContent, onclick: () => act(acts) }),
    ),
    words,
  );

export class Controls {
  #chipOf = (model) => {
    const box = make("input", { type: "checkbox", "data-choice": model.id, onchange: () => this.acts.model(model.id) });
    const bits =
      model.bits_per_character === null
        ? ""
        : `\n${model.bits_per_character.toFixed(2)} bits per character on held-out text`;
    make("label", { className: "model-chip", title: `${model.description}${bits}` }, box, model.title);
    return box;
  };

  /**
   * @param {HTMLElement} host
   * @param {import("../../state/catalogue.js").Catalogue} catalogue
   * @param {Record<string, (value?: any) => void>} acts
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
    this.order = select("Order of units", (name) => acts.order(name));
    this.scale = select("Scale of unbounded signals", (value) =>
      acts.scale(SCALES.find((one) => String(one) === value) ?? null),
    );
    this.scaled = make("div", { className: "row" }, field("Scale of unbounded signals", this.scale));
    this.contrast = select("Colours of differences", (value) => acts.contrast(value === "" ? null : Number(value)));
    this.contrasted = make("div", { className: "row" }, field("Colours of differences", this.contrast));
    this.show = select("Wide columns show", (name) => acts.show(name));
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

    this.family = null;
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
    choose(this.sample, [["", "your own text"], ...samples.map((one) => [one.id, one.title])], current?.id ?? "");
    this.#showModels(state, colorOf);
    this.#showSignals(state);
    this.#showScales(state);
    choose(this.show, shows, state.show);
    this.several.hidden = window.per === 1;
    this.columns.textContent = `${window.span.toLocaleString("en")} steps wide`;
    this.columns.title = standsFor(window.per);
  }

  /** The models of the family, those that are open ticked. */
  #showModels(state, colorOf) {
    const shown = new Set(state.panels.map((panel) => splitId(panel.model).base));
    if (this.family !== state.corpus) {
      this.family = state.corpus;
      this.boxes = this.catalogue.family(this.family).map(this.#chipOf);
      this.chips.replaceChildren(...this.boxes.map((box) => box.parentElement), this.untrained);
    }
    for (const box of this.boxes) {
      box.checked = shown.has(box.dataset.choice);
      box.parentElement.style.setProperty("--own", box.checked ? colorOf(box.dataset.choice) : "transparent");
    }
    const all = state.panels.length > 0 && state.panels.every((panel) => splitId(panel.model).untrained);
    this.untrained.textContent = all ? "show all trained" : "show all untrained";
  }

  /** Which signal and layer are shown, and in which order. */
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

  /** Where colours end, as far as something in view has no ends of its own. */
  #showScales(state) {
    choose(
      this.scale,
      [
        ["", "logarithmic"],
        ...SCALES.map((one) => [
          String(one),
          one === "largest" ? "linear, all that was read" : `linear, ±${one}, beyond it the end colour`,
        ]),
      ],
      String(state.scale ?? ""),
    );
    this.scaled.hidden = !state.panels.some((panel) => this.catalogue.resolve(panel, state).signal.range === null);
    choose(
      this.contrast,
      [["", "all that they can be"], ...CONTRASTS.map((one) => [String(one), `±${one}, beyond it the end colour`])],
      String(state.contrast ?? ""),
    );
    this.contrasted.hidden = !state.panels.some((panel) => this.catalogue.resolve(panel, state).against !== null);
  }

  destroy() {
    return this.host.replaceChildren();
  }
}
