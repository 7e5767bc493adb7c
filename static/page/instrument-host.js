// The instrument that is open: asks its questions when what it depends on has changed, and shows the answers.

import { INSTRUMENTS, grouped, instrumentOf } from "../instruments/index.js";
import { loadedPlotly } from "../picture/plotly-loader.js";
import { differing, filled } from "../state/options.js";
import { Questions } from "../state/questions.js";
import { InstrumentFrame } from "../views/shell/instrument-frame.js";
import { copyScript, downloadTable } from "./download.js";

/** @import { Measured, Measuring, Tensor, Unmeasured } from "../protocol/messages.js" */
/** @import { Acts, Definition, Instrument, View } from "../state/instrument.js" */

const NOTHING = "There are no numbers yet: wait until the instrument has measured something.";
const REST_MS = 120; // how long what is typed or turned must rest before it is asked about

/**
 * @typedef {object} Parts
 * @property {import("../state/store.js").Store} store @property {import("./heatmaps.js").Desk} desk
 * @property {import("./navigation.js").Navigation} navigation
 * @property {() => import("../wire/connection.js").Connection} connection
 * @property {() => import("../views/editor/editor.js").Editor} editor @property {HTMLElement} host
 * @property {(name: string | null) => void} choose @property {(words: string) => void} say
 * @property {() => ReturnType<typeof import("./text-actions.js").createEdits>} edits
 * @property {import("./player.js").Player} player
 * @property {(message: Measured) => void} answered hears of every answer to what is asked now
 */

/** @typedef {import("../state/store.js").Option} Option */

export class Bench {
  /** @param {Parts} parts */
  constructor({ store, desk, navigation, connection, editor, host, choose, say, edits, player, answered }) {
    this.answered = answered;
    this.store = store;
    this.desk = desk;
    this.navigation = navigation;
    this.connection = connection;
    this.editor = editor;
    /** @type {import("../state/catalogue.js").Catalogue | null} */
    this.catalogue = null;
    /** @type {Definition | null} */
    this.definition = null;
    /** The instrument that is open. @type {Instrument | null} */
    this.instrument = null;
    /** The options that an instrument had when it was last open. @type {Map<string, Record<string, Option>>} */
    this.kept = new Map();
    this.timer = 0;
    this.frame = 0;
    this.stopped = false;
    this.questions = new Questions({
      send: (id, model, measure) => connection().measure(id, model, measure),
      dismiss: (id) => connection().dismiss(id),
      refusal: (model, name) => this.catalogue?.inapplicable(model, name) ?? null,
    });
    this.view = new InstrumentFrame(host, {
      close: () => choose(null),
      stop: () => this.stop(),
      table: () => this.#download(),
      python: () => this.#copy(),
    });
    this.acts = this.#actsOf({ store, desk, navigation, connection, editor, say, edits, player });
  }

  /** What instruments may do. @param {Omit<Parts, "host" | "choose" | "answered">} parts @returns {Acts} */
  #actsOf({ store, desk, navigation, connection, editor, say, edits, player }) {
    return {
      set: (patch) => this.set(patch),
      again: () => this.changed(),
      placeCursor: (step, unit) => navigation.placeCursor(step, unit),
      reveal: (step) => editor().reveal(step),
      say,
      tint: (tint) => this.tint(tint),
      overlay: (overlays) => desk.setOverlay(overlays),
      cutSince: (revision) => connection().cutSince(revision),
      panels: { get: () => store.get().panels, set: (patch) => store.set(patch) },
      text: {
        get: () => store.get().text,
        put: (text) => edits().put(text),
        caret: () => navigation.caret,
        generate: (at, letters) => edits().generate(at, letters),
        apart: () => edits().apart(),
        elsewhere: (place) => edits().elsewhere(place),
        written: () => {
          const { author, generated } = store.get();
          return { author, characters: generated.reduce((sum, { from, to }) => sum + to - from, 0) };
        },
        sign: (author) => store.set({ author }),
      },
      play: {
        toggle: () => player.toggle(),
        step: (by) => player.step(by),
        stop: () => player.stop(),
        position: () => store.get().play?.position ?? null,
      },
    };
  }

  /** @param {import("../state/catalogue.js").Catalogue} catalogue */
  setCatalogue(catalogue) {
    this.catalogue = catalogue;
    this.changed();
  }

  #defaults() {
    const { definition, catalogue } = this;
    return definition === null || catalogue === null ? {} : definition.defaults(catalogue);
  }

  /** @returns {Record<string, Option>} */
  options() {
    return filled(this.#defaults(), this.store.get().options);
  }

  /** Change options of the open instrument. @param {Record<string, Option>} patch */
  set(patch) {
    if (this.definition === null) return;
    this.stopped = false;
    this.store.set({ options: differing(this.#defaults(), { ...this.options(), ...patch }) });
  }

  /** The options with which an instrument opens: those it had, unless others are named. @param {string | null} name */
  optionsOf(name) {
    return (name === null ? undefined : this.kept.get(name)) ?? {};
  }

  /** Why an instrument applies to none of the models in view; null where it does to one. @param {string} name */
  inapplicable(name) {
    const about = instrumentOf(name)?.about;
    const said = this.store
      .get()
      .panels.map(({ model }) => this.catalogue?.inapplicable(about?.(model) ?? model, name) ?? null);
    return said.length > 0 && !said.includes(null) ? [...new Set(said)].join(" ") : null;
  }

  /** Something has changed that instruments may depend on. */
  changed() {
    const { instrument, options } = this.store.get();
    const { catalogue } = this;
    const definition = catalogue === null ? null : instrumentOf(instrument);
    if (definition !== this.definition) this.#open(definition, catalogue);
    if (definition === null) return;
    this.kept.set(definition.name, options);
    this.stopped = false;
    clearTimeout(this.timer);
    this.timer = setTimeout(() => this.#ask(), REST_MS);
    this.view.busy(this.#busy());
    this.touch();
  }

  /** @param {Definition | null} definition @param {import("../state/catalogue.js").Catalogue | null} catalogue */
  #open(definition, catalogue) {
    clearTimeout(this.timer);
    this.questions.end();
    this.instrument?.destroy();
    this.tint(null);
    this.desk.setOverlay(null);
    this.definition = definition;
    const body = this.view.open(definition, catalogue);
    this.instrument = definition === null || catalogue === null ? null : definition.create(body, this.acts, catalogue);
  }

  /**
   * What instruments see of the page. Which options an instrument has, it knows itself.
   * @param {import("../state/catalogue.js").Catalogue} catalogue
   * @returns {View<never>}
   */
  see(catalogue) {
    const { navigation, desk, store } = this;
    const options = /** @type {never} */ (/** @type {unknown} */ (this.options()));
    const panels = desk.panels.map(({ id, resolved, color, known, columns }) => ({
      id,
      resolved,
      color,
      known,
      columns,
      title: resolved.name,
      dashed: resolved.untrained,
    }));
    return {
      text: store.get().text,
      panels,
      catalogue,
      plotWidth: desk.geometry.width,
      theme: desk.theme,
      length: navigation.read(),
      window: navigation.window(),
      cursor: navigation.place(),
      options,
      Plotly: loadedPlotly(),
    };
  }

  /** Whether what is shown is not yet the answer to what is asked. */
  #busy() {
    const waits = this.timer !== 0 || !this.connection().ready;
    return !this.stopped && (waits || [...this.questions.findings.values()].some(({ share }) => share < 1));
  }

  #ask() {
    this.timer = 0;
    const connection = this.connection();
    const { instrument, catalogue } = this;
    if (instrument === null || catalogue === null || !connection.ready || this.stopped) return;
    this.questions.ask(instrument.asks(this.see(catalogue)), String(connection.revision));
    this.touch();
  }

  /** The work under way is wanted no more, until something changes. */
  stop() {
    this.stopped = true;
    this.questions.end();
    this.touch();
  }

  /** The connection is up, or another one. */
  live() {
    this.questions.forget();
    if (this.definition !== null) this.#ask();
  }

  /** How far an answer is, or why there is none. @param {Measuring | Unmeasured} message */
  take(message) {
    const news = message.type === "measuring" ? this.questions.progress(message) : this.questions.fail(message);
    if (news) this.touch();
  }

  /** An answer. @param {Measured} message @param {Record<string, Tensor>} tensors */
  answer(message, tensors) {
    if (!this.questions.take(message, tensors)) return;
    this.touch();
    this.answered(message);
  }

  /** Draw at the next frame. */
  touch() {
    this.frame ||= requestAnimationFrame(() => {
      this.frame = 0;
      const { instrument, catalogue } = this;
      if (instrument === null || catalogue === null) return;
      const seen = this.see(catalogue);
      const findings = this.questions.consistent();
      this.view.update({ panels: seen.panels, findings, stopped: this.stopped, catalogue });
      this.view.busy(this.#busy());
      instrument.show(seen, findings);
    });
  }

  /**
   * Colour the text: `levels` from the character `from` on, −8 … 8.
   * @param {{from: number, levels: Int8Array} | null} tint
   */
  tint(tint) {
    this.editor().tint(tint);
    this.desk.setTint(tint);
  }

  #download() {
    const { instrument, catalogue } = this;
    const known = instrument !== null && catalogue !== null;
    const table = known ? instrument.table(this.see(catalogue), this.questions.consistent()) : null;
    if (table === null || table.rows.length === 0) {
      return this.acts.say(NOTHING);
    }
    downloadTable(table);
    return undefined;
  }

  /** Copy lines of Python that give what is shown. */
  async #copy() {
    const questions = [...this.questions.consistent()].flatMap(([model, { facts, measure }]) =>
      facts === undefined || measure === undefined ? [] : [{ model, measure }],
    );
    const { say } = this.acts;
    if (questions.length === 0) return say(NOTHING);
    const text = this.store.get().text.slice(0, this.navigation.read());
    try {
      await copyScript("/api/python/instruments", { text, questions }, say);
    } catch (error) {
      say(error instanceof Error ? error.message : String(error));
    }
    return undefined;
  }
}

export const MENU = grouped(INSTRUMENTS);
