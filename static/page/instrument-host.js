// The instrument that is open: asks its questions when what it depends on has changed, and shows the answers.

import { INSTRUMENTS, grouped, instrumentOf } from "../instruments/index.js";
import { differing, filled } from "../state/options.js";
import { Questions } from "../state/questions.js";
import { InstrumentFrame } from "../views/shell/instrument-frame.js";
import { downloadTable } from "./download.js";

const REST_MS = 120; // how long what is typed or turned must rest before it is asked about

export class Bench {
  /**
   * @param {{store: import("../state/store.js").Store, desk: import("./heatmaps.js").Desk,
   *   navigation: import("./navigation.js").Navigation, connection: () => import("../wire/connection.js").Connection,
   *   editor: () => import("../views/editor/editor.js").Editor, host: HTMLElement,
   *   choose: (name: string | null) => void, say: (words: string) => void, edits: () => any,
   *   player: ReturnType<typeof import("./player.js").createPlayer>}} parts
   */
  constructor({ store, desk, navigation, connection, editor, host, choose, say, edits, player }) {
    Object.assign(this, { store, desk, navigation, connection, editor, edits });
    this.catalogue = null;
    this.definition = null;
    this.part = null;
    /** The options that an instrument had when it was last open. */
    this.kept = new Map();
    this.timer = 0;
    this.frame = 0;
    this.stopped = false;
    this.questions = new Questions({
      send: (id, model, measure) => connection().measure(id, model, measure),
      dismiss: (id) => connection().dismiss(id),
    });
    this.view = new InstrumentFrame(host, {
      close: () => choose(null),
      stop: () => this.stop(),
      table: () => this.#download(),
    });
    this.acts = {
      set: (patch) => this.set(patch),
      again: () => this.changed(),
      hold: (step, unit) => navigation.hold(step, unit),
      reveal: (step) => editor().reveal(step),
      say,
      tint: (tint) => this.tint(tint),
      overlay: (overlays) => desk.setOverlay(overlays),
      cutSince: (revision) => connection().cutSince(revision),
      store,
      navigation,
      edits,
      player,
    };
  }

  /** @param {import("../state/catalogue.js").Catalogue} catalogue */
  setCatalogue(catalogue) {
    this.catalogue = catalogue;
    this.changed();
  }

  options() {
    return filled(this.definition.defaults, this.store.get().options);
  }

  /** Change options of the open instrument. @param {Record<string, any>} patch */
  set(patch) {
    if (this.definition === null) return;
    this.stopped = false;
    this.store.set({ options: differing(this.definition.defaults, { ...this.options(), ...patch }) });
  }

  /** The options with which an instrument opens: those it had, unless others are named. @param {string | null} name */
  optionsOf(name) {
    return this.kept.get(name) ?? {};
  }

  /** Something has changed that instruments may depend on. */
  changed() {
    const { instrument, options } = this.store.get();
    const definition = this.catalogue === null ? null : instrumentOf(instrument);
    if (definition !== this.definition) this.#open(definition);
    if (definition === null) return;
    this.kept.set(definition.name, options);
    this.stopped = false;
    clearTimeout(this.timer);
    this.timer = setTimeout(() => this.#ask(), REST_MS);
    this.view.busy(this.#busy());
    this.touch();
  }

  #open(definition) {
    clearTimeout(this.timer);
    this.questions.end();
    this.part?.destroy();
    this.tint(null);
    this.desk.setOverlay(null);
    this.definition = definition;
    const body = this.view.open(definition);
    this.part = definition === null ? null : definition.create(body, this.acts);
  }

  /** What instruments see of the page. */
  see() {
    const { navigation, desk, store, catalogue } = this;
    const panels = desk.panels.map(({ id, resolved, color, known, columns }) => ({
      id,
      resolved,
      color,
      known,
      columns,
      title: resolved.name,
      dashed: resolved.untrained,
    }));
    const { text, theme } = store.get();
    return {
      text,
      panels,
      catalogue,
      plotWidth: desk.geometry.width,
      theme: desk.theme,
      chosenTheme: theme,
      length: navigation.read(),
      window: navigation.window(),
      cursor: navigation.place(),
      options: this.options(),
      Plotly: globalThis.Plotly,
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
    if (this.definition === null || !connection.ready || this.stopped) return;
    const about = `${connection.revision}`;
    this.questions.ask(this.part.asks(this.see()), about);
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

  /** An answer, or how far one is. @param {any} message @param {any} [tensors] */
  take(message, tensors) {
    const takes = { measuring: "progress", measured: "take", unmeasured: "fail" };
    if (this.questions[takes[message.type]](message, tensors)) this.touch();
  }

  /** Draw at the next frame. */
  touch() {
    this.frame ||= requestAnimationFrame(() => {
      this.frame = 0;
      if (this.definition === null) return;
      const seen = this.see();
      const findings = this.questions.consistent();
      this.view.update({ panels: seen.panels, findings, stopped: this.stopped, catalogue: this.catalogue });
      this.view.busy(this.#busy());
      this.part.show(seen, findings);
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
    const table = this.part?.table(this.see(), this.questions.consistent()) ?? null;
    if (table === null || table.rows.length === 0) {
      return this.acts.say("There are no numbers yet: wait until the instrument has measured something.");
    }
    downloadTable(table);
    return undefined;
  }
}

export const MENU = grouped(INSTRUMENTS);
