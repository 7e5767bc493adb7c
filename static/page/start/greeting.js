// What the server says first: which models there are, and with it what the page begins with.

import { instrumentOf } from "../../instruments/index.js";
import { Catalogue } from "../../state/catalogue.js";
import { proper } from "../../state/options.js";
import { Text } from "../../text/document.js";
import { Controls } from "../../views/shell/controls.js";
import { one } from "../../views/dom.js";

/** @import { Panel } from "../../state/catalogue.js" */

/**
 * @typedef {object} Parts
 * @property {import("../../state/store.js").Store} store @property {import("../heatmaps.js").Desk} desk
 * @property {import("../navigation.js").Navigation} navigation @property {import("../echo.js").Echoes} echo
 * @property {import("../exact-values.js").Values} values @property {import("../instrument-host.js").Bench} bench
 * @property {import("../view-actions.js").ViewActions} actions
 * @property {ReturnType<typeof import("../text-actions.js").createEdits>} edits
 * @property {() => ReturnType<typeof import("./arrival.js").createArrival>} arrival comes later
 */

/**
 * The family of models: that of the panels, else the one that was chosen, else the first.
 * @param {Catalogue} catalogue @param {Panel[]} panels @param {string} chosen
 */
function corpusOf(catalogue, panels, chosen) {
  if (panels.length > 0) return catalogue.served(panels[0].model).corpus;
  return catalogue.corpora.includes(chosen) ? chosen : catalogue.corpora[0];
}

export class Greeting {
  /** @param {Parts} parts */
  constructor(parts) {
    this.parts = parts;
    /** @type {Catalogue | null} */
    this.catalogue = null;
    /** @type {import("../../protocol/hello.js").Hello | null} */
    this.hello = null;
    /** @type {Controls | null} */
    this.controls = null;
  }

  /** Begin, or go on after a break. @param {import("../../protocol/hello.js").Hello} hello */
  take(hello) {
    const { store, desk, navigation, echo, values, bench, actions, edits, arrival } = this.parts;
    const first = this.catalogue === null;
    const catalogue = new Catalogue(hello);
    this.catalogue = catalogue;
    this.hello = hello;
    values.setCatalogue(catalogue);
    const state = store.get();
    const known = actions.valid(state.panels).slice(0, catalogue.limits.panels ?? Infinity);
    const corpus = corpusOf(catalogue, known, state.corpus);
    const none = state.panels.length === 0 && state.corpus !== ""; // an address that means no model
    const panels = known.length === 0 && first && !none ? catalogue.plain(corpus) : known;
    const text = first ? this.#textOf(catalogue, state.text, corpus) : state.text;
    this.controls?.destroy();
    this.controls = new Controls(one("#controls"), catalogue, actions);
    desk.setCatalogue(catalogue);
    if (first) {
      navigation.caret = text.length;
      edits.begin(text);
    }
    one("#limit").textContent = `of ${catalogue.limits.characters.toLocaleString("en")}`;
    document.documentElement.style.setProperty("--no-number", catalogue.colours.none);
    // Who comes without a view of his own is shown what memory looks like.
    const begins = first && location.hash.length < 2 && text !== state.text;
    const defaults = instrumentOf(state.instrument)?.defaults(catalogue);
    const options = defaults === undefined ? state.options : proper(defaults, state.options);
    store.set({ panels, corpus, text, options, echo: catalogue.possible(state.echo) });
    if (first) arrival().begin(text);
    if (begins) echo.on();
    bench.setCatalogue(catalogue);
  }

  /** More models, that came with a session file. @param {import("../../protocol/hello.js").Model[]} models */
  learn(models) {
    if (this.hello === null) return;
    const known = new Set(this.hello.models.map(({ id }) => id));
    const more = models.filter(({ id }) => !known.has(id));
    if (more.length > 0) this.take({ ...this.hello, models: [...this.hello.models, ...more] });
  }

  /**
   * A first visit begins with a sample; an address that names an empty text means it.
   * @param {Catalogue} catalogue @param {Text} text @param {string} corpus
   */
  #textOf(catalogue, text, corpus) {
    if (text.length > 0 || location.hash.includes("text=")) return text;
    return Text.of(catalogue.samplesOf(corpus)[0]?.text ?? "");
  }
}
