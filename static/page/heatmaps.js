// The panels and what goes with them, on one axis of steps: holds their data, lays them out, and paints at most
// once per animation frame.

import { isOf } from "../picture/columns.js";
import { layoutOf } from "../picture/layout.js";
import { loadedPlotly } from "../picture/plotly-loader.js";
import { LEGIBLE, perOf, FEWEST_STEPS } from "../picture/window.js";
import { Text } from "../text/document.js";
import { stretches } from "../text/spans.js";
import { forgetColours } from "../views/dom.js";
import { Characters, LENS } from "../views/heatmap/characters.js";
import { echoOverlay, feltTitle } from "../views/heatmap/echo-lane.js";
import { LANE, THIN_LANE } from "../views/heatmap/lane.js";
import { Overview } from "../views/heatmap/overview.js";
import { Panel } from "../views/heatmap/panel.js";
import { Surprise } from "../views/heatmap/surprise.js";
import { echoedBy, linesOf, nextPanel, rowsOf } from "./desk-panel.js";
import { PaintSchedule } from "./paint-schedule.js";

/** @import { ColumnsMessage, ColumnsTensors, OrderMessage } from "../protocol/messages.js" */
/** @import { OverviewMessage, Progress, Reach, Whole } from "../protocol/messages.js" */
/** @import { Overlay, Overlays } from "../picture/overlay.js" */
/** @import { Window } from "../picture/window.js" */
/** @import { Catalogue, Resolved } from "../state/catalogue.js" */
/** @import { Cursor, Theme } from "../state/instrument.js" */
/** @import { State } from "../state/store.js" */
/** @import { DeskPanel } from "./desk-panel.js" */

const STALE_MS = 150; // how long columns of the text before may stay, so that an edit does not flash

export class Desk {
  /**
   * @param {{characters: HTMLElement, panels: HTMLElement, surprise: HTMLElement, overview: HTMLElement}} hosts
   * @param {import("./desk-panel.js").DeskActs} acts
   * @param {() => void} painted after each paint
   */
  constructor(hosts, acts, painted) {
    this.hosts = hosts;
    this.acts = acts;
    this.painted = painted;
    /** @type {DeskPanel[]} */
    this.panels = [];
    this.strip = new Characters(hosts.characters, acts.strip);
    this.surprise = new Surprise(hosts.surprise);
    this.overview = new Overview(hosts.overview, acts.overview);
    /** @type {Catalogue | null} */
    this.catalogue = null;
    /** @type {import("../picture/window.js").Window} */
    this.window = { from: 0, span: 1, per: 1, columns: 1 };
    this.text = Text.EMPTY;
    this.read = 0;
    /** The characters of the window, if a column is one. @type {string[]} */
    this.shown = [];
    /** @type {Cursor | null} */
    this.cursor = null;
    /** The colours of the characters, from an instrument. @type {{from: number, levels: Int8Array} | null} */
    this.tint = null;
    /**
     * What an instrument adds to the pictures, by panel.
     * @type {Overlays | null}
     */
    this.overlays = null;
    this.geometry = { left: 42, right: 62, width: 600 };
    /** @type {Theme} */
    this.theme = "light";
    /** @type {State["order"]} */
    this.order = "auto";
    /**
     * The echo that is asked for; null: the panels show values.
     * @type {import("../protocol/messages.js").EchoAsk | null}
     */
    this.echo = null;
    /** @type {State["show"]} */
    this.look = "mean";
    this.schedule = new PaintSchedule(
      () => this.paint(),
      () => this.caughtUp(),
    );
    this.staleTimer = 0;
  }

  /** @param {import("../state/catalogue.js").Catalogue} catalogue */
  setCatalogue(catalogue) {
    this.catalogue = catalogue;
    this.measure();
  }

  /** How many columns there is room for: as many as are legible, and the most. */
  columnCapacity() {
    const most = Math.max(
      FEWEST_STEPS,
      Math.min(this.catalogue?.limits.columns ?? 1000, Math.floor(this.geometry.width * Math.max(1, devicePixelRatio))),
    );
    return { legible: Math.max(FEWEST_STEPS, Math.min(most, Math.round(this.geometry.width / LEGIBLE))), most };
  }

  /** For how many columns the overview has room. */
  get breadth() {
    return this.geometry.width;
  }

  /** Take in the width of the page. Returns whether it changed. */
  measure() {
    const outer = this.hosts.panels.clientWidth;
    const [left, right] = outer < 560 ? [32, 42] : [44, 62];
    const width = Math.max(120, Math.floor(outer - left - right));
    this.hosts.panels.parentElement?.style.setProperty("--plot-right", `${right}px`);
    const changed = width !== this.geometry.width;
    this.geometry = { left, right, width };
    this.#place();
    return changed;
  }

  #place() {
    const lane = this.#laned();
    const { heights, lines } = layoutOf({
      rows: this.panels.map(({ columns }) => columns.units),
      top: this.hosts.panels.getBoundingClientRect().top + scrollY,
      width: innerWidth,
      height: innerHeight,
      ratio: Math.max(1, devicePixelRatio),
      strip: lane?.all ?? 0,
      yields: lane === THIN_LANE,
    });
    this.panels.forEach((panel, k) => panel.view.place({ ...this.geometry, lane, height: heights[k] }));
    this.strip.place(this.geometry);
    this.overview.place(this.geometry);
    this.surprise.place({ ...this.geometry, height: lines }, loadedPlotly(), this.theme);
    this.touch("all");
  }

  /** Plotly is there: draw what has waited for it. */
  drawAxes() {
    this.#place();
  }

  /** @param {State} state */
  setPanels(state) {
    const { catalogue, hosts, acts, theme } = this;
    if (catalogue === null) return;
    this.order = state.order;
    const before = new Map(this.panels.map((panel) => [panel.id, panel]));
    const next = state.panels.map((panel) => {
      const old = before.get(panel.model);
      before.delete(panel.model);
      /** @param {import("../state/catalogue.js").Resolved} resolved */
      const made = (resolved) => new Panel(hosts.panels, catalogue.colours, acts.panel(panel.model), resolved);
      return nextPanel(panel, { state, catalogue, theme, old, made });
    });
    for (const panel of before.values()) panel.view.destroy();
    const moved = next.some((panel, k) => hosts.panels.children[k] !== panel.view.element);
    if (moved) hosts.panels.append(...next.map((panel) => panel.view.element));
    this.panels = next;
    if (state.echo === null) this.echo = null;
    this.#frameColumns();
    for (const panel of next) panel.view.update(panel.resolved, panel);
    this.surprise.legend(linesOf(this.panels));
    this.#place();
  }

  /** @param {Theme} theme */
  setTheme(theme) {
    forgetColours();
    this.theme = theme;
    for (const panel of this.panels) {
      panel.color = this.catalogue?.colorOf(panel.id, theme) ?? panel.color;
      panel.view.update(panel.resolved, panel);
    }
    this.surprise.legend(linesOf(this.panels));
    this.#place();
  }

  /**
   * @param {Text} text @param {number} read characters that the models are to read
   * @param {import("../picture/window.js").Window} window
   * @param {string} look what a column of several characters shows
   */
  setText(text, read, window, look) {
    Object.assign(this, { text, read, window, look });
    this.#frameColumns();
    const { from, per, columns } = window;
    this.shown = per === 1 ? text.characters(from, Math.min(from + columns, text.length)) : [];
    this.touch("all");
  }

  /** Give every panel's columns the window; where one will mean something else, the picture so far stands in for it. */
  #frameColumns() {
    const { from, per, columns: width } = this.window;
    const wide = perOf(this.read, this.breadth);
    for (const { view, columns, whole, resolved } of this.panels) {
      if (per !== columns.per) view.keep(columns);
      // Saturation applies to no difference, and not to every signal; an echo always shows its largest.
      const none = resolved.against !== null || resolved.signal.saturated === null;
      const look = resolved.echo || (this.look === "saturated" && none) ? "extreme" : this.look;
      columns.setWindow(from, from + width * per, per, look);
      whole.setWindow(0, Math.ceil(this.read / wide) * wide, wide);
    }
  }

  /** @param {Cursor | null} cursor */
  setCursor(cursor) {
    this.cursor = cursor;
    this.touch("cursor");
  }

  /** Colour characters; null: none. @param {{from: number, levels: Int8Array} | null} tint */
  setTint(tint) {
    if (tint === this.tint) return;
    this.tint = tint;
    this.touch("cursor");
  }

  /** Another echo is asked for. @param {import("../protocol/messages.js").EchoAsk | null} echo */
  setEcho(echo) {
    if (echo?.step === this.echo?.step && JSON.stringify(echo) === JSON.stringify(this.echo)) return;
    this.echo = echo;
    if (echo !== null) this.expect();
    this.touch("cursor");
  }

  /**
   * Add something to the pictures; null: nothing.
   * @param {Overlays | null} overlays by panel
   */
  setOverlay(overlays) {
    if (overlays === this.overlays) return;
    const before = this.#laned();
    this.overlays = overlays;
    if (this.#laned() !== before) this.#place();
    this.touch("all");
  }

  /** The strips that the pictures have below them; null: none. */
  #laned() {
    if (Object.values(this.overlays ?? {}).some(({ lane }) => lane !== undefined)) return LANE;
    return this.panels.some(({ resolved }) => resolved.echo) ? THIN_LANE : null;
  }

  /** The text has changed from step `at` on. @param {number} at */
  cut(at) {
    for (const panel of this.panels) {
      panel.columns.cut(at);
      panel.whole.cut(at);
      panel.whole.dropStale();
      panel.view.claim(panel.columns);
      panel.reach = null;
      panel.view.reach(null);
    }
    clearTimeout(this.staleTimer);
    this.staleTimer = setTimeout(() => {
      const dropped = this.panels.map((panel) => panel.columns.dropStale());
      if (dropped.some(Boolean)) this.touch("all");
    }, STALE_MS);
  }

  /** @param {ColumnsMessage} message */
  find({ model, layer, signal, against, echo }) {
    const other = echo !== undefined ? "/echo" : against === undefined ? "" : `/${against}`;
    const key = `${model}/${layer}/${signal}${other}`;
    return this.panels.find((panel) => panel.resolved.key === key);
  }

  /** @param {{model: string}} message */
  #of({ model }) {
    return this.panels.find((panel) => panel.id === model);
  }

  /** A `columns` frame. @param {ColumnsMessage} message @param {ColumnsTensors} tensors @param {number} cut */
  columns(message, tensors, cut) {
    const panel = this.find(message);
    if (panel === undefined) return; // asked for before another choice was made
    panel.columns.apply(message, tensors, cut);
    this.orderOf(panel); // while other models' columns are on their way
    this.touch(panel.id, true);
  }

  /** @param {OverviewMessage} message @param {ColumnsTensors} tensors @param {number} cut */
  along(message, tensors, cut) {
    this.#of(message)?.whole.apply(message, tensors, cut);
    this.touch("overview");
  }

  /** An `order` frame. @param {OrderMessage} message @param {{order: Whole}} tensors */
  ordered(message, tensors) {
    const { model, layer, signal } = message;
    const panel = this.panels.find(({ resolved }) => resolved.place === `${model}/${layer}/${signal}`);
    if (panel === undefined) return;
    panel.order = tensors.order.data;
    this.touch(panel.id);
  }

  /** How far a model has come; see views/heatmap/panel.js. @param {Progress} message */
  progress(message) {
    this.#of(message)?.view.progress(message);
  }

  /** Nobody says any more how far the models are. */
  rest() {
    for (const { view } of this.panels) view.rest();
  }

  /** How far the last edit was felt. @param {Reach} message @param {number} cut */
  reach(message, cut) {
    const panel = this.#of(message);
    if (panel === undefined || cut < Infinity) return; // another edit has been made since
    panel.reach = message;
    panel.view.reach(message);
    this.touch("overview");
  }

  /** The unit in each row; null: by number. @param {DeskPanel} panel */
  orderOf(panel) {
    return rowsOf(panel, this.order);
  }

  /** New columns are on their way: the paintings until they are here can be one. */
  expect() {
    this.schedule.expect();
  }

  /** Whether all that there will be is here. */
  caughtUp() {
    return this.panels.every(
      ({ columns, resolved }) =>
        columns.steps >= this.read && columns.complete() && (!resolved.echo || isOf(columns.echo, this.echo)),
    );
  }

  /**
   * Something is to be painted: "all", "cursor", "overview" or a panel's id; `news`: columns that have come.
   * @param {string} what @param {boolean} [news]
   */
  touch(what, news = false) {
    this.schedule.touch(what, news);
  }

  paint() {
    const { window, cursor, read, theme } = this;
    const dirty = this.schedule.take();
    const { catalogue } = this;
    if (catalogue === null) return;
    this.schedule.painted();
    const all = dirty.has("all");
    for (const panel of this.panels) {
      const { view, columns, id } = panel;
      const order = this.orderOf(panel);
      if (all || dirty.has(id)) {
        const unknown = stretches(this.shown, window.from, (character) => !panel.known.has(character));
        view.paint(columns, catalogue.tables, order, unknown);
        view.axes(loadedPlotly(), columns, order, theme);
        view.overlay(this.#overlay(panel, catalogue), { columns, order, window });
        view.echo(columns.echo, panel.resolved.echo ? feltTitle(columns, catalogue.echo) : "");
      }
      view.cursor(cursor, columns, order);
    }
    // An echo's frames name its other character.
    if (all || dirty.has("cursor") || this.echo !== null) this.#paintStrip();
    const step = cursor?.step ?? null;
    this.overview.update({ window, length: this.text.length, read, cursor: step, theme, panels: this.panels });
    this.surprise.cursor(step, window);
    this.surprise.update({ window, lines: linesOf(this.panels), theme });
    this.painted();
  }

  /**
   * What an instrument adds to a picture, and what its echo does.
   * @param {DeskPanel} panel @param {Catalogue} catalogue @returns {Overlay | null}
   */
  #overlay({ id, resolved, columns, color }, catalogue) {
    const own = this.overlays?.[id] ?? null;
    return resolved.echo ? { ...echoOverlay(columns, color, catalogue.echo), ...own } : own;
  }

  /** The echo whose columns are here: what stands in the place of which character; null: none. */
  echoed() {
    return echoedBy(this.panels, this.echo, this.text);
  }

  #paintStrip() {
    const { text, cursor, window, shown, read, tint, theme } = this;
    const { width } = this.geometry;
    const echo = this.echoed();
    /** @param {string} character */
    const unknown = (character) => this.panels.some((panel) => !panel.known.has(character));
    const step = cursor?.step ?? null;
    const first = Math.max(0, (step ?? 0) - LENS);
    const lens = step === null ? null : { step, first, characters: text.characters(first, step + LENS + 1) };
    this.strip.update({ window, shown, lens, unknown, read, tint, echo, width, theme });
  }

  /** Whether columns are missing though all models have read to the end. */
  lacks() {
    return this.panels.every(({ columns }) => columns.steps >= this.read) && !this.caughtUp();
  }
}
