// From one state to the next: brings the pictures, the editor and the server up to what the state says.

import { loadPlotly } from "../picture/plotly-loader.js";
import { one } from "../views/dom.js";
import { lookOf } from "../views/heatmap/look.js";

/** @import { State } from "../state/store.js" */

/** @typedef {(...names: string[]) => boolean} Has whether one of these is another now */

const FOLLOW_MS = 90;

/** What of the state says which pictures there are, and which views of the text they show. */
const LOOKS = ["panels", "layer", "signal", "order", "scale", "contrast", "corpus"];
const VIEWS = ["text", "play", "from", "columns", "show", "echo"];
/** What instruments may depend on, beside the looks. */
const MEASURED = ["text", "play", "from", "columns", "show", "cursor", "theme", "instrument", "options"];

/**
 * @typedef {object} Parts the views, and what they share
 * @property {import("../state/store.js").Store} store @property {import("./heatmaps.js").Desk} desk
 * @property {import("./navigation.js").Navigation} navigation @property {import("./echo.js").Echoes} echo
 * @property {import("../views/heatmap/look.js").Look} look
 * @property {import("../views/editor/editor.js").Editor} editor
 * @property {import("../views/editor/find.js").Find} find
 * @property {ReturnType<typeof import("./text-actions.js").createEdits>} edits
 * @property {import("../views/shell/status.js").Status} status @property {import("./exact-values.js").Values} values
 * @property {import("./instrument-host.js").Bench} bench
 * @property {ReturnType<typeof import("../views/shell/play.js").createPlay>} play
 * @property {() => import("../state/catalogue.js").Catalogue | null} catalogue this and the next two come later
 * @property {() => import("../views/shell/controls.js").Controls | null} controls
 * @property {() => import("../wire/connection.js").Connection} connection
 * @property {() => void} theme shows the theme
 * @property {(instrument: string | null) => void} room shows whether an instrument is open
 */

export class Updates {
  /** @param {Parts} parts */
  constructor(parts) {
    this.parts = parts;
    this.store = parts.store;
    this.desk = parts.desk;
    this.following = 0;
    /** Whether axes have been asked for. */
    this.drawing = false;
    /**
     * Whether all models in view know a character; another function for other models.
     * @type {(character: string) => boolean}
     */
    this.known = () => true;
    this.store.subscribe((state, changed) => this.#update(state, changed));
  }

  /**
   * The editor goes to where the pictures are: to what is held or the caret if that is in view, else to the window's
   * start.
   */
  follow() {
    clearTimeout(this.following);
    this.following = 0;
    const { navigation, editor } = this.parts;
    const { play, cursor } = this.store.get();
    if (play !== null) return;
    const { from, span } = navigation.window();
    const step = navigation.place()?.step ?? 0;
    const seen = step >= from && step < from + span;
    const typing = editor.focused() && cursor.step === null;
    if (seen && typing) return; // the browser shows the caret by itself, and keeps its column on the way down
    editor.reveal(seen ? (cursor.step === null ? navigation.caret : step) : from);
  }

  /** Bring the desk and the server up to the state. */
  push() {
    const { desk } = this;
    const { connection, navigation, echo } = this.parts;
    const server = connection();
    const { text, show, scale, contrast } = this.store.get();
    const window = navigation.window();
    desk.setText(text, navigation.read(), window, show);
    server.panels = desk.panels.map(({ resolved }) => ({
      model: resolved.id,
      layer: resolved.layer,
      signal: resolved.signal.name,
      ...(resolved.against === null ? {} : { against: resolved.against }),
    }));
    server.scale = scale;
    server.difference = contrast;
    server.show = show;
    server.echo = echo.current();
    desk.setEcho(server.echo);
    server.overview = desk.breadth;
    server.setText(text, navigation.read(), [window.from, window.from + window.columns * window.per], window.per);
    desk.setCursor(navigation.focus());
  }

  /** Ask for the orders that are not there; `again`: for all, by what the window shows now. @param {boolean} [again] */
  arrange(again = false) {
    const { order, sorted } = this.store.get();
    if (order !== "similarity") return;
    const { from, columns, per } = this.parts.navigation.window();
    const by = again || sorted === null ? { from, columns, per } : sorted;
    if (by !== sorted) this.store.set({ sorted: by });
    for (const { resolved, order: known } of this.desk.panels) {
      if (!again && known !== null) continue;
      const { id: model, layer, signal } = resolved;
      this.parts.connection().arrange({ model, layer, signal: signal.name }, by);
    }
  }

  showChoices() {
    const { catalogue, controls, navigation } = this.parts;
    controls()?.update(this.store.get(), navigation.window(), (id) => catalogue()?.colorOf(id, this.desk.theme) ?? "");
  }

  /** What the pictures show, in words. */
  showLook() {
    const { desk } = this;
    const scales = new Set(desk.panels.map(({ resolved }) => lookOf(resolved.signal)));
    const { look, echo } = this.parts;
    look.update({ state: this.store.get(), scales, pinned: echo.pinned(), of: desk.echoed() });
  }

  showText() {
    const { catalogue, status, edits, navigation, editor, find } = this.parts;
    const { text, generated, play } = this.store.get();
    const limits = catalogue()?.limits;
    const over = limits !== undefined && text.length > limits.characters;
    one("#count").textContent = text.length.toLocaleString("en");
    one("#count").classList.toggle("over", over);
    if (!over) status.clear("text_too_long");
    const { undo, redo } = edits.can();
    one("#undo", HTMLButtonElement).disabled = !undo;
    one("#redo", HTMLButtonElement).disabled = !redo;
    const focus = navigation.focus();
    editor.update({
      known: this.known,
      cursor: focus?.held ? focus.step : null,
      read: play?.position ?? null,
      found: find.found(),
      written: generated,
    });
  }

  /** The pictures are there: now what draws axes and charts may come. It takes the browser a moment to take in. */
  #drawAxes() {
    this.drawing = true;
    requestAnimationFrame(() => setTimeout(() => this.#loadPlotly()));
  }

  async #loadPlotly() {
    const { status, bench } = this.parts;
    try {
      await loadPlotly();
    } catch (error) {
      this.drawing = false; // asked for again with the next picture
      return status.say(error instanceof Error ? error.message : String(error), "plotly");
    }
    status.clear("plotly");
    this.desk.drawAxes();
    return bench.touch();
  }

  /** The pictures show what has come: say what they show; when the first are there, let axes be drawn. */
  painted() {
    const { desk } = this;
    this.showLook();
    if (this.drawing || !desk.panels.every(({ columns }) => columns.revision > 0 || desk.read === 0)) return;
    this.#drawAxes();
  }

  #learn() {
    const panels = this.desk.panels.map((panel) => panel.known);
    this.known = (character) => panels.every((letters) => letters.has(character));
  }

  /**
   * The state is another. The order counts: pictures first, then what is read off them.
   * @param {State} state @param {Set<string>} changed
   */
  #update(state, changed) {
    const { catalogue, theme, navigation, bench, room, values } = this.parts;
    const ready = catalogue() !== null;
    /** @param {...string} names */
    const has = (...names) => names.some((name) => changed.has(name));
    const looks =
      has(...LOOKS) ||
      (has("echo") && (state.echo === null) === this.desk.panels.some(({ resolved }) => resolved.echo));
    if (ready) this.#updatePictures(state, has, looks);
    if (has("theme")) theme();
    if (has("cursor", "play")) this.desk.setCursor(navigation.focus());
    if (has("text")) this.#takeText(state);
    if (has("generated") && state.generated.length === 0) this.store.set({ author: "" });
    if (ready && !has("text", "play")) this.#bring(state, has);
    if (has("text", "cursor", "play", "panels", "generated")) this.showText();
    if (has("instrument")) {
      room(state.instrument);
      values.refresh();
    }
    if (ready && (looks || has(...MEASURED))) bench.changed();
    if (has("text", "play", "speed")) this.parts.play.update(state.play, state.speed, state.text.length);
  }

  /** @param {State} state @param {Has} has @param {boolean} looks */
  #updatePictures(state, has, looks) {
    if (looks) {
      this.desk.setPanels(state);
      this.#learn();
    }
    one("#no-panels").hidden = state.panels.length > 0;
    const follows = state.echo !== null && state.echo.step === null && has("cursor");
    if (looks || has(...VIEWS) || follows) this.push();
    if (has("echo")) this.showLook();
    if (looks) this.arrange();
    if (looks || has("columns", "theme", "show")) this.showChoices();
  }

  /** @param {State} state */
  #takeText(state) {
    const { find, editor, navigation, status } = this.parts;
    find.forget();
    editor.setText(state.text, navigation.caret);
    status.clear("opened");
  }

  /** The editor goes along with the pictures. @param {State} state @param {Has} has */
  #bring(state, has) {
    if (has("cursor") && state.cursor.step !== null) this.follow();
    else if (has("from", "columns")) this.following ||= setTimeout(() => this.follow(), FOLLOW_MS);
  }
}
