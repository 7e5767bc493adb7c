// Where one looks: the window of steps and the cursor, and how they follow the typing, the pointer and the keys.

import { characters, toPoints } from "./core/text.js";
import { atEnd, centred, clamp, clampColumns, showing, zoomed } from "./core/window.js";

export class Navigation {
  /**
   * @param {ReturnType<typeof import("./core/store.js").createStore>} store
   * @param {import("./desk.js").Desk} desk
   */
  constructor(store, desk) {
    this.store = store;
    this.desk = desk;
    this.hovered = null;
    /** Code points before the caret. */
    this.caret = 0;
    this.panned = 0;
  }

  length() {
    return toPoints(this.store.get().text);
  }

  /** How much of the text the models are to read. */
  read() {
    return this.store.get().play?.position ?? this.length();
  }

  /** @returns {import("./core/window.js").Window} */
  window() {
    const { columns, from } = this.store.get();
    const { legible, most } = this.desk.room();
    const width = columns === null ? legible : clampColumns(columns, most);
    return from === null ? atEnd(width, this.read()) : clamp({ from, columns: width }, this.length());
  }

  /**
   * The step and the unit that are looked at: what is pointed at, else what is held, else the character before the
   * caret. `held` is false for the last.
   */
  focus() {
    const { cursor, play } = this.store.get();
    if (this.hovered !== null) return { ...this.hovered, held: true };
    const last = this.read() - 1;
    const step = cursor.step ?? (play === null ? this.caret - 1 : last);
    return last < 0 ? null : { step: Math.max(0, Math.min(step, last)), unit: cursor.unit, held: cursor.step !== null };
  }

  /** The character at a step, and the one that came after it. @param {number} step */
  around(step) {
    const [character, next] = characters(this.store.get().text, step, step + 2);
    return { character: character ?? "", truth: next ?? null };
  }

  /** The cursor goes with the caret again. */
  released() {
    return { ...this.store.get().cursor, step: null };
  }

  /**
   * The text has been edited: typing at its end makes the window follow it, an edit elsewhere is brought into view.
   * @param {string} text @param {{at: number, insert: string}} edit @param {number} caret
   */
  edited(text, edit, caret) {
    this.caret = caret;
    this.hovered = null;
    const length = toPoints(text);
    const place = edit.at + toPoints(edit.insert);
    const window = this.window();
    const seen = place >= window.from && place < window.from + window.columns;
    const { from } = this.store.get();
    const next = place >= length ? null : !seen ? centred(window, place, length).from : from === null ? null : window.from;
    this.store.set({ text, from: next, play: null, cursor: this.released() });
  }

  /** The caret has moved without an edit. @param {number} caret */
  caretMoved(caret) {
    if (caret === this.caret) return;
    this.caret = caret;
    if (this.store.get().play !== null) return;
    const window = this.window();
    const step = Math.max(0, caret - 1);
    const length = this.length();
    const patch = { cursor: this.released() };
    if (step < window.from || step >= window.from + window.columns) {
      patch.from = caret >= length ? null : centred(window, step, length).from;
    }
    this.store.set(patch);
  }

  /** @param {import("./core/window.js").Window} window */
  move(window) {
    const next = clamp(window, this.length());
    const { legible } = this.desk.room();
    const ends = next.from + next.columns >= this.read() && next.columns <= this.read();
    this.store.set({ from: ends ? null : next.from, columns: next.columns === legible ? null : next.columns });
  }

  /** @param {number} by windows */
  page(by) {
    const window = this.window();
    this.move({ ...window, from: window.from + by * window.columns });
  }

  /** @param {number} share of a window; parts of a column add up */
  pan(share) {
    const window = this.window();
    this.panned += share * window.columns;
    const whole = Math.trunc(this.panned);
    this.panned -= whole;
    if (whole !== 0) this.move({ ...window, from: window.from + whole });
  }

  /**
   * @param {number} factor of columns, 0 for the default width
   * @param {number} [share] the place that stays, 0 left … 1 right
   */
  zoom(factor, share = 0.5) {
    const { legible, most } = this.desk.room();
    const window = this.window();
    if (factor === 0) {
      const place = ((this.focus()?.step ?? 0) - window.from + 0.5) / window.columns;
      return this.move(zoomed(window, place > 0 && place < 1 ? place : share, legible, this.length()));
    }
    const wanted = window.columns * factor;
    const least = window.columns + Math.sign(factor - 1); // a fine wheel still moves by one
    const columns = clampColumns(factor > 1 ? Math.max(wanted, least) : Math.min(wanted, least), most);
    this.move(zoomed(window, share, columns, this.length()));
  }

  /** Zoom into a stretch. @param {number} left @param {number} right shares of the window */
  box(left, right) {
    const window = this.window();
    this.hovered = null;
    this.move({ from: window.from + Math.floor(left * window.columns), columns: clampColumns(Math.ceil((right - left) * window.columns), this.desk.room().most) });
  }

  /** Hold the cursor at a step and a unit, in view. @param {number} step @param {number} unit */
  hold(step, unit) {
    const last = this.read() - 1;
    if (last < 0) return;
    const to = Math.max(0, Math.min(step, last));
    const window = this.window();
    const next = showing(window, to, this.length());
    this.hovered = null;
    this.store.set({ cursor: { step: to, unit }, from: next.from === window.from ? this.store.get().from : next.from });
  }

  #under(share, y, area) {
    const window = this.window();
    const step = window.from + Math.floor(share * window.columns);
    const panel = this.desk.panels.find(({ view }) => view.area === area);
    const unit = panel === undefined ? this.store.get().cursor.unit : panel.view.unitAt(y, this.desk.orderOf(panel));
    return step < this.read() ? { step, unit } : null;
  }

  hover(share, y, area) {
    this.hovered = this.#under(share, y, area);
    this.desk.setCursor(this.focus());
  }

  leave() {
    if (this.hovered === null) return;
    this.hovered = null;
    this.desk.setCursor(this.focus());
  }

  pick(share, y, area) {
    const place = this.#under(share, y, area);
    if (place !== null) this.hold(place.step, place.unit);
  }

  wheel(share, across, factor) {
    if (across !== 0) this.pan(across);
    else this.zoom(factor, share);
  }
}
