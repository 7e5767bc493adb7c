// The choices for all panels.

import { splitId } from "../../state/catalogue.js";
import { CONTRASTS, SCALES } from "../../state/store.js";
import { choose, make } from "../dom.js";
import { shows, standsFor } from "../words.js";

const sentence = (name) => name.charAt(0).toUpperCase() + name.slice(1);

/**
 * @param {HTMLElement} host
 * @param {import("../../state/catalogue.js").Catalogue} catalogue
 * @param {Record<string, (value?: any) => void>} acts
 */
export function createControls(host, catalogue, acts) {
  const field = (label, ...content) =>
    make("label", { className: "field" }, make("span", { textContent: label }), ...content);
  const select = (name, act) => {
    const one = make("select", { "aria-label": name, onchange: () => act(one.value) });
    return one;
  };
  const corpus = select("Trained on", acts.corpus);
  const sample = select("Sample", (id) => {
    if (id !== "") acts.sample(id);
  });
  const chips = make("div", { className: "model-chips", role: "group", "aria-label": "Models" });
  const signal = select("Signal", acts.signal);
  const layer = select("Layer", (value) => acts.layer(Number(value)));
  const order = select("Order of units", acts.order);
  const scale = select("Scale of unbounded signals", (value) =>
    acts.scale(SCALES.find((one) => String(one) === value) ?? null),
  );
  const scaled = make("div", { className: "row" }, field("Scale of unbounded signals", scale));
  const contrast = select("Colours of differences", (value) => acts.contrast(value === "" ? null : Number(value)));
  const contrasted = make("div", { className: "row" }, field("Colours of differences", contrast));
  const show = select("Wide columns show", acts.show);
  const several = make("div", { className: "row" }, field("Wide columns show", show));
  const again = make("button", {
    type: "button",
    className: "quiet sort",
    textContent: "sort again",
    title: "Order the units by what the window shows now",
    onclick: () => acts.again(),
  });
  const untrained = make("button", {
    type: "button",
    className: "chips-all",
    textContent: "show all untrained",
    onclick: () => acts.untrained(),
  });
  const columns = make("span", { className: "zoom-words" });
  const zoom = make(
    "div",
    { className: "zoom", role: "group", "aria-label": "Zoom" },
    make("button", {
      type: "button",
      className: "icon",
      "aria-label": "Zoom out",
      title: "More steps (−)",
      textContent: "−",
      onclick: () => acts.zoom(1.5),
    }),
    make("button", {
      type: "button",
      className: "icon",
      "aria-label": "Zoom in",
      title: "Fewer steps (+)",
      textContent: "+",
      onclick: () => acts.zoom(1 / 1.5),
    }),
    make("button", {
      type: "button",
      className: "quiet",
      title: "As many steps as have room for their characters (0)",
      textContent: "fit",
      "aria-label": "fit: default zoom",
      onclick: () => acts.zoom(0),
    }),
    make("button", {
      type: "button",
      className: "quiet",
      title: "The whole text (9)",
      textContent: "all",
      "aria-label": "all: the whole text",
      onclick: () => acts.whole(),
    }),
    columns,
  );
  host.append(
    make("div", { className: "row two" }, field("Trained on", corpus), field("Sample", sample)),
    chips,
    make("div", { className: "row two" }, field("Signal", signal), field("Layer", layer)),
    make("div", { className: "row order" }, field("Order of units", order), again),
    scaled,
    contrasted,
    zoom,
    several,
  );

  let family = null;
  let boxes = [];
  function chipOf(model) {
    const box = make("input", { type: "checkbox", "data-choice": model.id, onchange: () => acts.model(model.id) });
    const bits =
      model.bits_per_character === null
        ? ""
        : `\n${model.bits_per_character.toFixed(2)} bits per character on held-out text`;
    make("label", { className: "model-chip", title: `${model.description}${bits}` }, box, model.title);
    return box;
  }

  return {
    /**
     * @param {import("../../state/store.js").State} state
     * @param {import("../../picture/window.js").Window} window
     * @param {(id: string) => string} colorOf a model
     */
    update(state, window, colorOf) {
      choose(
        corpus,
        catalogue.corpora.map((name) => [name, sentence(name)]),
        state.corpus,
      );
      const samples = catalogue.samplesOf(state.corpus);
      const current = samples.find((one) => one.text === state.text.string);
      choose(sample, [["", "your own text"], ...samples.map((one) => [one.id, one.title])], current?.id ?? "");
      const shown = new Set(state.panels.map((panel) => splitId(panel.model).base));
      if (family !== state.corpus) {
        family = state.corpus;
        boxes = catalogue.family(family).map(chipOf);
        chips.replaceChildren(...boxes.map((box) => box.parentElement), untrained);
      }
      for (const box of boxes) {
        box.checked = shown.has(box.dataset.choice);
        box.parentElement.style.setProperty("--own", box.checked ? colorOf(box.dataset.choice) : "transparent");
      }
      choose(
        signal,
        catalogue.signalsOf(state.panels).map((one) => [one.name, one.keeps ? `${one.title} (keeps)` : one.title]),
        state.signal,
      );
      const layers = catalogue.layersOf(state.panels);
      choose(
        layer,
        Array.from({ length: layers }, (_, k) => [String(k), String(k)]),
        String(Math.min(state.layer, layers - 1)),
      );
      layer.disabled = layers < 2;
      choose(
        order,
        [
          ["auto", state.echo === null ? "slowest first" : "longest echo first"],
          ["index", "by number"],
          ["similarity", "by similarity"],
        ],
        state.order,
      );
      choose(
        scale,
        [
          ["", "logarithmic"],
          ...SCALES.map((one) => [
            String(one),
            one === "largest" ? "linear, all that was read" : `linear, ±${one}, beyond it the end colour`,
          ]),
        ],
        String(state.scale ?? ""),
      );
      scaled.hidden = !state.panels.some((panel) => catalogue.resolve(panel, state).signal.range === null);
      choose(
        contrast,
        [["", "all that they can be"], ...CONTRASTS.map((one) => [String(one), `±${one}, beyond it the end colour`])],
        String(state.contrast ?? ""),
      );
      contrasted.hidden = !state.panels.some((panel) => catalogue.resolve(panel, state).against !== null);
      again.hidden = state.order !== "similarity";
      const all = state.panels.length > 0 && state.panels.every((panel) => splitId(panel.model).untrained);
      untrained.textContent = all ? "show all trained" : "show all untrained";
      choose(show, shows, state.show);
      several.hidden = window.per === 1;
      columns.textContent = `${window.span.toLocaleString("en")} steps wide`;
      columns.title = standsFor(window.per);
    },
    destroy: () => host.replaceChildren(),
  };
}
