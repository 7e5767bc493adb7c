// What the controls and the heads of panels change in the state.

import { joinId, splitId } from "../state/catalogue.js";
import { Text } from "../text/document.js";

/** The same with another training: from the trained network to the untrained one and back. @param {string} id */
const turned = (id, untrained = !splitId(id).untrained) => joinId({ ...splitId(id), untrained });

/**
 * Focus what has the same class in the head of the panel at a place; without panels, the first model to choose.
 * @param {number} at @param {string} name
 */
function refocus(at, name) {
  const head = document.querySelectorAll("#panels .panel-head")[at];
  /** @type {HTMLElement[]} */
  const all = [...(head?.querySelectorAll("button, select") ?? [])].filter((one) => one instanceof HTMLElement);
  /** @type {HTMLElement | null} */
  const other = head?.querySelector(".remove") ?? document.querySelector("#choices summary");
  (all.find((one) => one.className === name && !one.hidden) ?? other)?.focus({ preventScroll: true });
}

/**
 * @typedef {object} Parts
 * @property {import("../state/store.js").Store} store @property {import("./navigation.js").Navigation} navigation
 * @property {() => import("../state/catalogue.js").Catalogue | null} catalogue null before the server has answered
 * @property {(changes: Partial<import("../state/store.js").State>) => void} whole changes that bring another text
 * @property {() => void} again orders the units anew @property {(words: string) => void} say
 * @property {(event: KeyboardEvent, id: string) => void} keydown keys of a picture
 */

export class ViewActions {
  /** @param {Parts} parts */
  constructor(parts) {
    this.parts = parts;
    this.store = parts.store;
  }

  /** What there is; nothing here is done before the server has said so. */
  get catalogue() {
    const catalogue = this.parts.catalogue();
    if (catalogue === null) throw new Error("The server has not answered yet. Try again in a moment.");
    return catalogue;
  }

  /** @param {import("../state/catalogue.js").Panel[]} panels */
  #setPanels(panels) {
    const most = this.catalogue.limits.panels ?? Infinity;
    if (panels.length <= most) this.store.set({ panels });
    else this.parts.say(`${most} panels are the most that can be open at once. Remove one first.`);
  }

  /** Those that exist, each once. @param {import("../state/catalogue.js").Panel[]} panels */
  valid(panels) {
    const seen = new Set();
    return panels.filter(({ model }) => {
      if (seen.has(model) || !this.catalogue.has(model)) return false;
      seen.add(model);
      return true;
    });
  }

  /** Whether a text is somebody's own: neither empty nor a sample. @param {Text} text */
  #isOwn(text) {
    return text.length > 0 && !this.catalogue.samples.some((one) => one.text === text.string);
  }

  /** @param {string | undefined} id */
  sample(id) {
    const found = this.catalogue.samples.find((one) => one.id === id)?.text;
    if (found === undefined) return;
    const own = this.#isOwn(this.store.get().text);
    const text = Text.of(found);
    const { navigation, whole, say } = this.parts;
    navigation.caret = text.length;
    whole({ text, play: null, from: null, cursor: navigation.released() });
    if (own) say("The sample has taken the place of your text. “Undo” brings it back.");
  }

  /** What one panel's head does. @param {string} id */
  panel(id) {
    const { store } = this;
    /** @param {Partial<import("../state/catalogue.js").Panel>} patch */
    const change = (patch) =>
      store.set({ panels: store.get().panels.map((one) => (one.model === id ? { ...one, ...patch } : one)) });
    return {
      /** @param {MouseEvent} event */
      twin: (event) => this.#twin(id, event.shiftKey),
      remove: () =>
        this.#keepFocus(id, () => store.set({ panels: store.get().panels.filter((one) => one.model !== id) })),
      /** @param {number | null} layer */
      layer: (layer) => change({ layer }),
      /** @param {string | null} signal */
      signal: (signal) => change({ signal }),
      /** Another signal, or that of all panels again. @param {string} signal */
      state: (signal) => change({ signal: signal === store.get().signal ? null : signal }),
      /** @param {import("../state/store.js").Show} show */
      show: (show) => store.set({ show }),
      difference: () => change({ difference: !store.get().panels.find((one) => one.model === id)?.difference }),
      /** @param {KeyboardEvent} event */
      keydown: (event) => this.parts.keydown(event, id),
    };
  }

  /**
   * Do what takes a panel's head away, and leave the focus at the same place of the one that stands there then.
   * @param {string} id @param {() => void} act
   */
  #keepFocus(id, act) {
    const at = this.store.get().panels.findIndex((one) => one.model === id);
    const focused = document.activeElement;
    const name = focused?.closest(".panel-head") ? focused.className : null;
    act();
    if (name !== null) refocus(Math.min(at, this.store.get().panels.length - 1), name);
  }

  /** The other training in a panel's place, or beside it. @param {string} id @param {boolean} beside */
  #twin(id, beside) {
    const { panels } = this.store.get();
    const model = turned(id);
    if (panels.some((one) => one.model === model)) return;
    const at = panels.findIndex((one) => one.model === id);
    const twin = { ...panels[at], model };
    if (beside) this.#setPanels(panels.toSpliced(at + 1, 0, twin));
    else this.#keepFocus(id, () => this.store.set({ panels: panels.with(at, twin) }));
  }

  again() {
    this.parts.again();
  }

  /** @param {string} corpus */
  corpus(corpus) {
    const { text, signal } = this.store.get();
    const { catalogue } = this;
    const panels = catalogue.plain(corpus);
    const own = this.#isOwn(text);
    const signals = catalogue.signalsOf(panels);
    const kept = signals.some((one) => one.name === signal) ? signal : (signals[0]?.name ?? signal);
    this.store.set({ corpus, panels, signal: kept });
    if (!own) this.sample(catalogue.samplesOf(corpus)[0]?.id);
  }

  /** Open a model, or close it with all its twins. @param {string} id */
  model(id) {
    const { panels, corpus } = this.store.get();
    const without = panels.filter((one) => splitId(one.model).base !== id);
    if (without.length < panels.length) return this.store.set({ panels: without });
    const family = this.catalogue.family(corpus);
    const rank = new Map(family.map((model, k) => [model.id, k]));
    /** @param {import("../state/catalogue.js").Panel} panel */
    const place = ({ model }) => rank.get(splitId(model).base) ?? -1;
    const added = { model: id, layer: null, signal: null };
    return this.#setPanels([...panels, added].sort((a, b) => place(a) - place(b)));
  }

  /** @param {string} signal */
  signal(signal) {
    this.store.set({ signal, panels: this.store.get().panels.map((one) => ({ ...one, signal: null })) });
  }

  /** @param {number} layer */
  layer(layer) {
    this.store.set({ layer, panels: this.store.get().panels.map((one) => ({ ...one, layer: null })) });
  }

  /** @param {import("../state/store.js").State["order"]} order */
  order(order) {
    this.store.set({ order, sorted: null });
  }

  /** @param {import("../state/store.js").State["scale"]} scale */
  scale(scale) {
    this.store.set({ scale });
  }

  /** @param {number | null} contrast */
  contrast(contrast) {
    this.store.set({ contrast });
  }

  /** @param {import("../state/store.js").Show} show */
  show(show) {
    this.store.set({ show });
  }

  untrained() {
    const { panels } = this.store.get();
    const all = panels.every(({ model }) => splitId(model).untrained);
    this.#setPanels(this.valid(panels.map((one) => ({ ...one, model: turned(one.model, !all) }))));
  }

  /** @param {number} factor */
  zoom(factor) {
    this.parts.navigation.zoom(factor);
  }

  whole() {
    this.parts.navigation.whole();
  }
}
