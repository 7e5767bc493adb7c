// Where one looks: the window of steps and the cursor, and how they follow the typing, the pointer and the keys.

import { atEnd, centred, showing, windowOf, zoomed } from "../picture/window.js";

/** @import { Window } from "../picture/window.js" */
/** @import { Edit } from "../text/edit.js" */

/** @typedef {{step: number, span: number}} Grip what two fingers hold: a step, to a part of one, and the span then */

export class Navigation {
  /**
   * @param {import("../state/store.js").Store} store
   * @param {import("./heatmaps.js").Desk} desk
   */
  constructor(store, desk) {
    this.store = store;
    this.desk = desk;
    /** What is pointed at. @type {{step: number, unit: number} | null} */
    this.hovered = null;
    /** Code points before the caret. */
    this.caret = 0;
    this.panned = 0;
    /**
     * The step that a run of zooms leaves under the pointer, to a part of a step.
     * @type {{window: string | null, share: number, step: number}}
     */
    this.anchor = { window: null, share: 0, step: 0 };
  }

  length() {
    return this.store.get().text.length;
  }

  /** How much of the text the models are to read. */
  read() {
    return this.store.get().play?.position ?? this.length();
  }

  /** @param {number} [length] */
  #extent(length = this.length()) {
    return { length, most: this.desk.columnCapacity().most };
  }

  /** @returns {import("../picture/window.js").Window} */
  window() {
    const { columns, from } = this.store.get();
    const span = columns ?? this.desk.columnCapacity().legible;
    return from === null ? atEnd(span, this.#extent(this.read())) : windowOf(from, span, this.#extent());
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

  /** What is held, else the character before the caret: as `focus`, whatever is pointed at. */
  place() {
    const { hovered } = this;
    this.hovered = null;
    const place = this.focus();
    this.hovered = hovered;
    return place;
  }

  /** The character at a step, and the one that came after it. @param {number} step */
  around(step) {
    const [character, next] = this.store.get().text.characters(step, step + 2);
    return { character: character ?? "", truth: next ?? null };
  }

  /** The cursor goes with the caret again. */
  released() {
    return { ...this.store.get().cursor, step: null };
  }

  /**
   * The text has been edited: typing at its end makes the window follow it, an edit elsewhere is brought into view. Of
   * what is longer than the window the start is shown, which is read first.
   * @param {import("../text/document.js").Text} text @param {number} caret
   * @returns {Edit | null} the edit; null where the text says the same as before
   */
  edited(text, caret) {
    const edit = text.since(this.store.get().text);
    if (edit !== null) this.#takeEdit(text, edit, caret);
    return edit;
  }

  /** @param {import("../text/document.js").Text} text @param {Edit} edit @param {number} caret */
  #takeEdit(text, edit, caret) {
    this.caret = caret;
    this.hovered = null;
    const { inserted, newEnd: place } = edit;
    const window = this.window();
    const seen = place >= window.from && place < window.from + window.span;
    const { from } = this.store.get();
    if (window.per > 1 && window.from === 0 && window.span >= this.length()) {
      // Who looks at the whole of a long text goes on to do so.
      const wide = text.length > this.desk.columnCapacity().most;
      const look = wide ? { from: 0, columns: text.length } : { from: null, columns: null };
      return this.store.set({ text, ...look, play: null, cursor: this.released() });
    }
    let next = from === null ? null : window.from;
    if (inserted > window.span) next = edit.at;
    else if (place >= text.length) next = null;
    else if (!seen) next = centred(place, window.span, this.#extent(text.length)).from;
    return this.store.set({ text, from: next, play: null, cursor: this.released() });
  }

  /** The caret has moved without an edit. @param {number} caret */
  caretMoved(caret) {
    if (caret === this.caret) return;
    this.caret = caret;
    if (this.store.get().play !== null) return;
    const window = this.window();
    const step = Math.max(0, caret - 1);
    const cursor = this.released();
    if (step >= window.from && step < window.from + window.span) this.store.set({ cursor });
    else {
      const from = caret >= this.length() ? null : centred(step, window.span, this.#extent()).from;
      this.store.set({ cursor, from });
    }
  }

  /** Look at about `span` steps from step `from` on. @param {number} from @param {number} [span] */
  move(from, span = this.window().span) {
    this.#show(windowOf(from, span, this.#extent()));
  }

  /** @param {Window} window */
  #show(window) {
    const ends =
      window.from + window.span >= this.read() && window.span <= this.read() && (window.from > 0 || window.per === 1);
    this.store.set({
      from: ends ? null : window.from,
      columns: window.span === this.desk.columnCapacity().legible ? null : window.span,
    });
  }

  /** The window goes along with the end of the text again. */
  follow() {
    this.store.set({ from: null });
  }

  whole() {
    this.hovered = null;
    this.move(0, this.length());
  }

  /** @param {number} by windows */
  page(by) {
    const { from, span } = this.window();
    this.move(from + by * span);
  }

  /** @param {number} share of a window; parts of a column add up */
  pan(share) {
    const { from, per, columns } = this.window();
    this.panned += share * columns;
    const whole = Math.trunc(this.panned);
    this.panned -= whole;
    if (whole !== 0) this.move(from + whole * per);
  }

  /** Where in the window the cursor is, 0 left … 1 right; the middle if it is not in view. */
  #aim() {
    const { from, span, per } = this.window();
    const focus = this.focus();
    const share = focus?.held ? (focus.step - from + per / 2) / span : 0.5;
    return share > 0 && share < 1 ? share : 0.5;
  }

  /**
   * @param {number} factor of the span, 0 for the default
   * @param {number} [share] the place that stays, 0 left … 1 right
   */
  zoom(factor, share = this.#aim()) {
    const { legible } = this.desk.columnCapacity();
    const window = this.window();
    const { from, span, per } = window;
    if (factor === 0) {
      const place = ((this.focus()?.step ?? 0) - from + 0.5) / span;
      const stays = place > 0 && place < 1 ? place : share;
      return this.#show(zoomed(from + stays * span, stays, legible, this.#extent()));
    }
    // Columns begin at multiples of their width: without the anchor each notch of a wheel would round anew.
    const again = this.anchor.share === share && JSON.stringify(window) === this.anchor.window;
    const step = again ? this.anchor.step : from + share * span;
    const least = span + Math.sign(factor - 1) * per; // a fine wheel still moves by a column
    const wanted = factor > 1 ? Math.max(span * factor, least) : Math.min(span * factor, least);
    this.#show(zoomed(step, share, wanted, this.#extent()));
    this.anchor = { window: JSON.stringify(this.window()), share, step };
  }

  /** Zoom into a stretch. @param {number} left @param {number} right shares of the window */
  box(left, right) {
    const { from, span } = this.window();
    this.hovered = null;
    this.move(from + Math.floor(left * span), Math.ceil((right - left) * span));
  }

  /** Put the cursor at a step and a unit, and bring it into view. @param {number} step @param {number} unit */
  placeCursor(step, unit) {
    const last = this.read() - 1;
    if (last < 0) return;
    const to = Math.max(0, Math.min(step, last));
    const window = this.window();
    const next = showing(window, to, this.#extent());
    this.hovered = null;
    this.store.set({ cursor: { step: to, unit }, from: next.from === window.from ? this.store.get().from : next.from });
  }

  /** @param {number} share @param {number} y @param {HTMLElement} area */
  #under(share, y, area) {
    const { from, span } = this.window();
    const step = from + Math.floor(share * span);
    const panel = this.desk.panels.find(({ view }) => view.area === area);
    const unit = panel === undefined ? this.store.get().cursor.unit : panel.view.unitAt(y, this.desk.orderOf(panel));
    return step < this.read() ? { step, unit } : null;
  }

  /** @param {number} share @param {number} y @param {HTMLElement} area */
  hover(share, y, area) {
    this.hovered = this.#under(share, y, area);
    this.desk.setCursor(this.focus());
  }

  leave() {
    if (this.hovered === null) return;
    this.hovered = null;
    this.desk.setCursor(this.focus());
  }

  /** @param {number} share @param {number} y @param {HTMLElement} area */
  pick(share, y, area) {
    const place = this.#under(share, y, area);
    if (place !== null) this.placeCursor(place.step, place.unit);
  }

  /**
   * The step, to a part of one, at a share of the window, and the window's span: what two fingers hold.
   * @param {number} share @returns {Grip}
   */
  grip(share) {
    const { from, span } = this.window();
    return { step: from + share * span, span };
  }

  /**
   * Two fingers: the step that they hold comes to `share`, and the span is `factor` times what it was then.
   * @param {Grip} grip @param {number} share @param {number} factor
   */
  stretch(grip, share, factor) {
    this.#show(zoomed(grip.step, share, grip.span * factor, this.#extent()));
    this.#follow(share);
  }

  /**
   * A wheel or one finger: `across` shares of the window, then the span times `factor`.
   * @param {number} share @param {number} across @param {number} factor
   */
  glide(share, across, factor) {
    if (across !== 0) this.pan(across);
    if (factor !== 1) this.zoom(factor, share);
    this.#follow(share);
  }

  /** Another step has come under the pointer. @param {number} share */
  #follow(share) {
    if (this.hovered === null) return;
    const { from, span } = this.window();
    const step = from + Math.floor(share * span);
    if (step < this.read()) this.hovered.step = step;
    this.desk.setCursor(this.focus());
  }
}
