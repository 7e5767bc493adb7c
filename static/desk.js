// The panels and what goes with them, on one axis of steps: holds their data, lays them out, and paints at most
// once per animation frame.

import { Columns } from "./core/columns.js";
import { LINES } from "./core/colour.js";
import { characters } from "./core/text.js";
import { LEGIBLE, clampColumns } from "./core/window.js";
import { createCharacters } from "./views/characters.js";
import { createOverview } from "./views/overview.js";
import { createPanel, tablesOf } from "./views/panel.js";
import { forgetColours } from "./views/dom.js";
import { createSurprise } from "./views/surprise.js";

const TOGETHER_MS = 40; // how long a paint waits for the columns of all panels, so that a key is one paint
const STALE_MS = 150; // how long columns of the text before may stay, so that an edit does not flash
const HEAD = 25; // CSS pixels of a panel beside its plot
const AROUND_SURPRISE = 64; // CSS pixels of its head, step numbers and the overview
const SURPRISE = { least: 46, most: 120 };

export class Desk {
  /**
   * @param {{characters: HTMLElement, panels: HTMLElement, surprise: HTMLElement, overview: HTMLElement}} hosts
   * @param {any} acts for the panels: `panel(id)` gives those of one; `move`, `follow` for the overview
   * @param {() => void} painted after each paint
   */
  constructor(hosts, acts, painted) {
    this.hosts = hosts;
    this.acts = acts;
    this.painted = painted;
    this.panels = [];
    this.strip = createCharacters(hosts.characters);
    this.surprise = createSurprise(hosts.surprise);
    this.overview = createOverview(hosts.overview, acts);
    this.catalogue = null;
    this.tables = null;
    this.window = { from: 0, columns: 1 };
    this.text = "";
    this.length = 0;
    this.read = 0;
    this.shown = [];
    this.cursor = null;
    this.geometry = { left: 42, right: 62, width: 600 };
    this.theme = "light";
    this.frame = 0;
    this.expected = 0;
    this.late = 0;
    this.dirty = new Set();
    this.staleTimer = 0;
    this.order = "index";
  }

  /** @param {import("./core/catalogue.js").Catalogue} catalogue */
  setCatalogue(catalogue) {
    this.catalogue = catalogue;
    this.tables = tablesOf(catalogue.colours);
    this.measure();
  }

  /** How many columns there is room for: as many as are legible, and the most. */
  room() {
    const most = Math.min(this.catalogue?.limits.columns ?? 1000, Math.floor(this.geometry.width * Math.max(1, devicePixelRatio)));
    return { legible: clampColumns(this.geometry.width / LEGIBLE, most), most };
  }

  /** Take in the width of the page. Returns whether it changed. */
  measure() {
    const outer = this.hosts.panels.clientWidth;
    const [left, right] = outer < 560 ? [28, 34] : [42, 62];
    const width = Math.max(120, Math.floor(outer - left - right));
    this.hosts.panels.parentElement.style.setProperty("--plot-right", `${right}px`);
    const changed = width !== this.geometry.width;
    this.geometry = { left, right, width };
    this.#place();
    return changed;
  }

  /** Each unit gets the same whole number of device pixels, as many as fit the height of the page, at least one CSS pixel's. */
  #place() {
    const ratio = Math.max(1, devicePixelRatio);
    const units = this.panels.reduce((sum, panel) => sum + panel.columns.units, 0);
    const top = this.hosts.panels.getBoundingClientRect().top + scrollY;
    const free = innerHeight - top - AROUND_SURPRISE - this.panels.length * HEAD;
    const pixels = Math.max(Math.round(ratio), Math.min(4 * ratio, Math.floor(((free - SURPRISE.least) * ratio) / Math.max(1, units))));
    const rest = Math.floor(free - (units * pixels) / ratio);
    const lines = Math.max(SURPRISE.least, Math.min(SURPRISE.most, rest));
    for (const panel of this.panels) panel.view.place({ ...this.geometry, height: (panel.columns.units * pixels) / ratio });
    this.strip.place(this.geometry);
    this.overview.place(this.geometry);
    this.surprise.place({ ...this.geometry, height: lines }, globalThis.Plotly, this.theme);
    this.touch("all");
  }

  /** @param {import("./core/store.js").State} state */
  setPanels(state) {
    const before = new Map(this.panels.map((panel) => [panel.id, panel]));
    this.order = state.order;
    const next = state.panels.map((panel, k) => {
      const resolved = this.catalogue.resolve(panel, state);
      const old = before.get(panel.model);
      before.delete(panel.model);
      const view = old?.view ?? createPanel(this.hosts.panels, this.catalogue.colours, this.acts.panel(panel.model));
      const kept = old?.resolved.key === resolved.key;
      const columns = kept ? old.columns : this.#fresh(resolved.model.units);
      if (!kept) view.claim(columns);
      return { id: panel.model, resolved, view, columns, order: kept ? old.order : null, clipped: state.scale !== null, panel, color: this.colorOf(k), known: this.catalogue.known.get(resolved.model.id) };
    });
    for (const panel of before.values()) panel.view.destroy();
    const moved = next.some((panel, k) => this.hosts.panels.children[k] !== panel.view.element);
    if (moved) this.hosts.panels.append(...next.map((panel) => panel.view.element));
    this.panels = next;
    for (const panel of next) panel.view.update(panel.resolved, panel);
    this.surprise.legend(this.#lines());
    this.#place();
  }

  #fresh(units) {
    const columns = new Columns(units);
    columns.setWindow(this.window.from, this.window.from + this.window.columns);
    return columns;
  }

  colorOf(k) {
    return LINES[this.theme][k % LINES[this.theme].length];
  }

  setTheme(theme) {
    forgetColours();
    this.theme = theme;
    this.panels.forEach((panel, k) => {
      panel.color = this.colorOf(k);
      panel.view.update(panel.resolved, panel);
    });
    this.surprise.legend(this.#lines());
    this.#place();
  }

  /** @param {string} text @param {number} length @param {number} read @param {{from: number, columns: number}} window */
  setText(text, length, read, window) {
    Object.assign(this, { text, length, read, window });
    const to = window.from + window.columns;
    for (const panel of this.panels) panel.columns.setWindow(window.from, to);
    this.shown = characters(text, window.from, Math.min(to, length));
    this.touch("all");
  }

  /** @param {{step: number, unit: number} | null} cursor */
  setCursor(cursor) {
    this.cursor = cursor;
    this.touch("cursor");
  }

  /** The text has changed from step `at` on. @param {number} at */
  cut(at) {
    for (const panel of this.panels) {
      panel.columns.cut(at);
      panel.view.claim(panel.columns);
    }
    clearTimeout(this.staleTimer);
    this.staleTimer = setTimeout(() => {
      const dropped = this.panels.map((panel) => panel.columns.dropStale());
      if (dropped.some(Boolean)) this.touch("all");
    }, STALE_MS);
  }

  find({ model, layer, signal }) {
    return this.panels.find((panel) => panel.resolved.key === `${model}/${layer}/${signal}`);
  }

  /** A `columns` frame. @param {any} message @param {any} tensors @param {number} cut */
  columns(message, tensors, cut) {
    const panel = this.find(message);
    if (panel === undefined) return; // asked for before another choice was made
    panel.columns.apply(message, tensors, cut);
    this.touch(panel.id);
  }

  /** An `order` frame. @param {any} message @param {any} tensors */
  ordered(message, tensors) {
    const panel = this.find(message);
    if (panel === undefined) return;
    panel.order = tensors.order.data;
    this.touch(panel.id);
  }

  orderOf(panel) {
    return this.order === "similarity" ? panel.order : null;
  }

  /** New columns are on their way: the paintings until they are here can be one. */
  expect() {
    this.expected = performance.now() + TOGETHER_MS;
  }

  #waits() {
    return performance.now() < this.expected && !this.panels.every(({ columns }) => columns.steps >= this.read && columns.complete());
  }

  /** Paint at the next animation frame, or a moment later if what is expected may come. @param {string} what "all", "cursor" or a panel's id */
  touch(what) {
    this.dirty.add(what);
    if (this.#waits()) {
      this.late ||= setTimeout(() => {
        this.late = 0;
        if (this.dirty.size > 0) this.#schedule();
      }, TOGETHER_MS);
    } else this.#schedule();
  }

  #schedule() {
    this.frame ||= requestAnimationFrame(() => this.paint());
  }

  paint() {
    const { dirty, window, shown } = this;
    this.frame = 0;
    this.dirty = new Set();
    if (this.catalogue === null) return;
    const all = dirty.has("all");
    const column = this.cursor === null ? null : this.cursor.step - window.from;
    for (const panel of this.panels) {
      const { view, columns, id } = panel;
      const order = this.orderOf(panel);
      if (all || dirty.has(id)) {
        view.paint(columns, this.tables, order, this.#unknown(panel));
        view.axes(globalThis.Plotly, columns, order, this.theme);
      }
      view.cursor(this.cursor, columns, order);
    }
    const strange = (character) => this.panels.some((panel) => !panel.known.has(character));
    if (all || dirty.has("cursor")) {
      this.strip.update({ characters: { shown, width: window.columns }, unknown: strange, cursor: column, width: this.geometry.width, unread: (k) => window.from + k >= this.read });
      this.overview.update({ from: window.from, width: window.columns, length: this.length, read: this.read, cursor: this.cursor?.step ?? null });
    }
    this.surprise.cursor(column, window.columns);
    if (all || dirty.size > (dirty.has("cursor") ? 1 : 0)) this.surprise.update({ from: window.from, width: window.columns, lines: this.#lines() });
    this.painted();
  }

  #lines() {
    return this.panels.map(({ columns, color, resolved }) => ({ columns, color, dashed: resolved.untrained, title: resolved.model.title }));
  }

  /** Runs of steps in the window whose character the panel's model does not know. */
  #unknown({ known }) {
    const runs = [];
    this.shown.forEach((character, k) => {
      if (known.has(character)) return;
      const step = this.window.from + k;
      const last = runs.at(-1);
      if (last !== undefined && last[1] === step) last[1] = step + 1;
      else runs.push([step, step + 1]);
    });
    return runs;
  }

  /** Whether everything that should have come has come. */
  settled() {
    return this.panels.every(({ columns }) => columns.complete());
  }

  /** What `picture` needs. */
  figure(visible) {
    return {
      from: this.window.from,
      width: this.window.columns,
      plotWidth: this.geometry.width,
      characters: this.shown.map(visible),
      panels: this.panels.map((panel) => {
        const { resolved, columns, view, color } = panel;
        const name = `${resolved.model.title}${resolved.untrained ? ", untrained" : ""}`;
        const layer = resolved.model.layers > 1 ? `, layer ${resolved.layer}` : "";
        const bits = columns.bitsPerCharacter === null ? "" : ` · ${columns.bitsPerCharacter.toFixed(2)} bits/char`;
        return { canvas: view.canvas, name, title: `${name} · ${resolved.signal.title.toLowerCase()}${layer}${bits}`, units: columns.units, height: view.area.clientHeight, low: columns.low, high: columns.high, stops: resolved.signal.kind === "gate" ? this.catalogue.colours.gate : this.catalogue.colours.signed, surprise: columns.surprise, color, dashed: resolved.untrained, order: this.orderOf(panel) };
      }),
    };
  }
}
