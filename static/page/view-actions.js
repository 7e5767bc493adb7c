// What the controls and the heads of panels change in the state.

import { joinId, splitId } from "../state/catalogue.js";
import { Text } from "../text/document.js";

/** The same with another training: from the trained network to the untrained one and back. @param {string} id */
const turned = (id, untrained = !splitId(id).untrained) => joinId({ ...splitId(id), untrained });

/** Focus what has the same class in the head of the panel at a place; without panels, the first model to choose. */
function refocus(at, name) {
  const head = document.querySelectorAll("#panels .panel-head")[at];
  const same = [...(head?.querySelectorAll("button, select") ?? [])].find(
    (one) => one.className === name && !one.hidden,
  );
  (same ?? head?.querySelector(".remove") ?? document.querySelector("#choices summary"))?.focus({
    preventScroll: true,
  });
}

/**
 * @param {{store: ReturnType<typeof import("../state/store.js").createStore>,
 *   navigation: import("./navigation.js").Navigation, catalogue: () => import("../state/catalogue.js").Catalogue,
 *   whole: (changes: any) => void, again: () => void, say: (words: string) => void, keydown: (event: KeyboardEvent,
 *   id: string) => void}} parts
 */
export function createChoices({ store, navigation, catalogue, whole, again, say, keydown }) {
  function setPanels(panels) {
    const most = catalogue().limits.panels ?? Infinity;
    if (panels.length > most) return say(`${most} panels are the most that can be open at once. Remove one first.`);
    store.set({ panels });
  }

  /** Those that exist, each once. */
  function valid(panels) {
    const seen = new Set();
    return panels.filter(({ model }) => catalogue().has(model) && !seen.has(model) && seen.add(model));
  }

  function sample(id) {
    const found = catalogue().samples.find((one) => one.id === id)?.text;
    if (found === undefined) return;
    const before = store.get().text;
    const own = before.length > 0 && !catalogue().samples.some((one) => one.text === before.string);
    const text = Text.of(found);
    navigation.caret = text.length;
    whole({ text, play: null, from: null, cursor: navigation.released() });
    if (own) say("The sample has taken the place of your text. “Undo” brings it back.");
  }

  /** What one panel's head does. @param {string} id */
  function panel(id) {
    /**
     * Do what takes this panel's head away, and leave the focus at the same place of the one that stands there then.
     */
    const kept = (act) => {
      const at = store.get().panels.findIndex((one) => one.model === id);
      const name = document.activeElement?.closest(".panel-head") ? document.activeElement.className : null;
      act();
      if (name !== null) refocus(Math.min(at, store.get().panels.length - 1), name);
    };
    const change = (patch) =>
      store.set({ panels: store.get().panels.map((one) => (one.model === id ? { ...one, ...patch } : one)) });
    return {
      twin(event) {
        const { panels } = store.get();
        const model = turned(id);
        if (panels.some((one) => one.model === model)) return;
        if (!event.shiftKey) return kept(() => change({ model }));
        const at = panels.findIndex((one) => one.model === id);
        setPanels(panels.toSpliced(at + 1, 0, { ...panels[at], model }));
      },
      remove: () => kept(() => store.set({ panels: store.get().panels.filter((one) => one.model !== id) })),
      layer: (layer) => change({ layer }),
      signal: (signal) => change({ signal }),
      /** Another signal, or that of all panels again. @param {string} signal */
      state: (signal) => change({ signal: signal === store.get().signal ? null : signal }),
      show: (show) => store.set({ show }),
      difference: () => change({ difference: !store.get().panels.find((one) => one.model === id)?.difference }),
      keydown: (event) => keydown(event, id),
    };
  }

  return {
    panel,
    valid,
    sample,
    again,
    corpus(corpus) {
      const { text, signal } = store.get();
      const panels = catalogue().plain(corpus);
      const own = text.length > 0 && !catalogue().samples.some((one) => one.text === text.string);
      const signals = catalogue().signalsOf(panels);
      store.set({
        corpus,
        panels,
        signal: signals.some((one) => one.name === signal) ? signal : (signals[0]?.name ?? signal),
      });
      if (!own) sample(catalogue().samplesOf(corpus)[0]?.id);
    },
    model(id) {
      const { panels, corpus } = store.get();
      const without = panels.filter((one) => splitId(one.model).base !== id);
      if (without.length < panels.length) return store.set({ panels: without });
      const rank = new Map(
        catalogue()
          .family(corpus)
          .map((model, k) => [model.id, k]),
      );
      const place = ({ model }) => rank.get(splitId(model).base) ?? -1;
      setPanels([...panels, { model: id, layer: null, signal: null }].sort((a, b) => place(a) - place(b)));
    },
    signal: (signal) => store.set({ signal, panels: store.get().panels.map((one) => ({ ...one, signal: null })) }),
    layer: (layer) => store.set({ layer, panels: store.get().panels.map((one) => ({ ...one, layer: null })) }),
    order: (order) => store.set({ order, sorted: null }),
    scale: (scale) => store.set({ scale }),
    contrast: (contrast) => store.set({ contrast }),
    untrained() {
      const { panels } = store.get();
      const all = panels.every(({ model }) => splitId(model).untrained);
      setPanels(valid(panels.map((one) => ({ ...one, model: turned(one.model, !all) }))));
    },
    show: (show) => store.set({ show }),
    zoom: (factor) => navigation.zoom(factor),
    whole: () => navigation.whole(),
  };
}
