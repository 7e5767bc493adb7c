// The text. A real <textarea> takes the typing; of a long text it holds a slice, and what one does there is done to
// the whole: the selection, the clipboard and the edits count in the text, not in the slice.

import { clean, wellFormed } from "../../text/characters.js";
import { difference } from "../../text/edit.js";
import { around, serves } from "../../text/slice.js";
import { Keyhole } from "../../text/viewport.js";
import { HighlightLayer } from "./highlight-layer.js";
import { runs } from "./marks.js";
import { createScrollbar } from "./scrollbar.js";

/** @import { Text } from "../../text/document.js" */
/** @import { Selection } from "../../text/viewport.js" */
/** @import { EditorView } from "./marks.js" */

const SLOW_MS = 60; // the marks may follow the typing a moment later
const LONG_INSERT = 4_000; // characters; more is never laid out on its way into the text
const EDGE = 2; // CSS pixels above the first line and below the last, as in the style sheet: only whole lines are seen
const PASSING = new Set(["Shift", "Control", "Alt", "Meta", "Escape", "F3"]);

/** @param {Selection} selection */
const focusOf = ({ from, to, backward }) => (backward ? from : to);

export class Editor {
  #scrolled = () => {
    this.mirrorHost.scrollTop = this.area.scrollTop;
    if (!this.hole.partial()) return;
    if (this.hole.left !== null && !this.#asLeft()) this.#moved(); // the caret has gone, and the view with it
    this.#showPlace();
    const { scrollTop, scrollHeight, clientHeight } = this.area;
    const { slice, text } = this.hole;
    const ends =
      (slice.from > 0 && scrollTop < clientHeight) ||
      (slice.to < text.length && scrollTop + 2 * clientHeight > scrollHeight);
    if (ends && !this.composing) {
      this.#shift(this.hole.pointOf(this.mirror.unitAt(this.hole.held, scrollTop)), this.selected());
    }
  };

  #moved = () => {
    if (document.activeElement !== this.area || this.composing) return;
    const selection = this.selected();
    if (!this.#asLeft() && this.hole.partial()) {
      const focus = focusOf(selection);
      const all = selection.from === 0 && selection.to === this.hole.text.length;
      if (!all && !this.#fits(focus)) this.#shift(focus, selection);
      else this.#select(selection);
    }
    this.acts.caret(selection.to);
  };

  // ── the marks ────────────────────────────────────────────────────────────────────────────────────────

  #mark = () => {
    this.timer = 0;
    this.#showPlace();
    if (this.wanted === null) return;
    const { known, cursor, read, found, written } = this.wanted;
    const { from: start, to: end } = this.hole.slice;
    /** @param {number} from @param {number} to @returns {[number, number] | null} */
    const span = (from, to) => (to <= start || from >= end ? null : [this.hole.unitOf(from), this.hole.unitOf(to)]);
    this.mirror.mark(this.hole.held, {
      known,
      here: cursor === null ? null : span(cursor, cursor + 1),
      unread: read === null ? null : this.hole.unitOf(read),
      found: found === null ? null : span(found.from, found.to),
      written: written.map(({ from, to }) => span(from, to)).filter((one) => one !== null),
      tinted: this.tinted === null ? [] : runs(this.hole.held, this.tinted, start),
    });
  };

  /**
   * @param {HTMLTextAreaElement} area @param {HTMLElement} mirrorHost
   * @param {{input: (text: import("../../text/document.js").Text, caret: number) => void,
   *   caret: (point: number) => void, undo: () => void, redo: () => void}} acts
   */
  constructor(area, mirrorHost, acts) {
    this.area = area;
    this.mirrorHost = mirrorHost;
    this.acts = acts;
    this.frame = /** @type {HTMLElement} */ (area.parentElement);
    this.mirror = new HighlightLayer(mirrorHost, area);
    this.scrollbar = createScrollbar(this.frame, (share) => this.#look(Math.round(share * this.hole.text.length)));
    this.hole = new Keyhole();
    /** @type {(Selection & {a: number, b: number}) | null} */
    this.replaced = null; // the selection beyond the slice that the input under way replaces
    this.composing = false;
    // With Shift or the pointer: what then reaches from end to end of the slice is not meant to be all.
    this.extending = false;
    this.timer = 0;
    /** What is to be marked. @type {EditorView | null} */
    this.wanted = null;
    /** @type {{from: number, levels: Int8Array} | null} */
    this.tinted = null;
    this.page = 1000; // about how many characters are seen at once
    this.#listenToInput();
    this.#listenToKeys();
  }

  // ── what is done in the area ─────────────────────────────────────────────────────────────────────────

  #listenToInput() {
    const { area } = this;
    area.addEventListener("beforeinput", (event) => this.#beforeInput(event));
    area.addEventListener("compositionstart", () => {
      this.composing = true;
      this.#expect(this.selected());
    });
    area.addEventListener("compositionend", () => {
      this.composing = false;
      this.#changed(false);
    });
    area.addEventListener("input", (event) => this.#changed(!event.isTrusted));
    area.addEventListener("paste", (event) => this.#paste(event));
    area.addEventListener("copy", (event) => this.#copy(event));
    area.addEventListener("cut", (event) => this.#copy(event, true));
  }

  #listenToKeys() {
    const { area } = this;
    for (const kind of /** @type {const} */ (["keydown", "keyup"])) {
      area.addEventListener(kind, (event) => (this.extending = event.shiftKey));
    }
    area.addEventListener("pointerdown", () => (this.extending = true));
    for (const kind of ["pointerup", "pointercancel"]) addEventListener(kind, () => (this.extending = false));
    area.addEventListener("keydown", (event) => this.#keydown(event));
    document.addEventListener("selectionchange", this.#moved);
    area.addEventListener("scroll", () => this.#scrolled());
  }

  /** @param {InputEvent} event */
  #beforeInput(event) {
    if (event.inputType === "historyUndo" || event.inputType === "historyRedo") {
      event.preventDefault();
      return event.inputType === "historyUndo" ? this.acts.undo() : this.acts.redo();
    }
    const selection = this.selected();
    const insert = event.data ?? event.dataTransfer?.getData("text/plain") ?? "";
    if (insert.length > LONG_INSERT && event.cancelable) {
      event.preventDefault();
      return this.#replace(selection, clean(insert));
    }
    if (this.hole.reachesOut(selection) && /Drag|Drop/.test(event.inputType)) return event.preventDefault();
    if (!this.composing) this.#expect(selection);
  }

  /** @param {ClipboardEvent} event */
  #paste(event) {
    const insert = event.clipboardData?.getData("text/plain") ?? "";
    const selection = this.selected();
    if (insert.length <= LONG_INSERT && !this.hole.reachesOut(selection)) return;
    event.preventDefault();
    this.#replace(selection, clean(insert));
  }

  /** @param {ClipboardEvent} event @param {boolean} [cuts] whether what is copied goes from the text */
  #copy(event, cuts = false) {
    const selection = this.selected();
    if (!this.hole.reachesOut(selection)) return;
    event.preventDefault();
    event.clipboardData?.setData("text/plain", this.hole.text.slice(selection.from, selection.to));
    if (cuts) this.#replace(selection, "");
  }

  /** Keys that lead further than the slice. @param {KeyboardEvent} event */
  #keydown(event) {
    if (!this.hole.partial() || event.isComposing || PASSING.has(event.key)) return;
    const control = event.ctrlKey || event.metaKey;
    // A key that repeats may come before the last one's move is known here: it must not run into the end of the slice.
    if (this.hole.left !== null && !this.#asLeft()) this.#moved();
    const selection = this.selected();
    if (control && event.key.toLowerCase() === "a" && !event.shiftKey) {
      event.preventDefault();
      this.#select({ from: 0, to: this.hole.text.length });
      this.acts.caret(this.hole.text.length);
    } else if (control && (event.key === "Home" || event.key === "End")) {
      event.preventDefault();
      this.#toEnd(event.key === "Home" ? 0 : this.hole.text.length, selection, event.shiftKey);
    } else if (!control || /^(Arrow|Page|Backspace|Delete)/.test(event.key)) {
      // One has scrolled away from the caret: what is typed belongs where it is.
      const focus = focusOf(selection);
      if (this.hole.outside(focus) && this.area.selectionStart === this.area.selectionEnd) this.reveal(focus);
    }
  }

  /**
   * To an end of the text; with Shift, select all the way there.
   * @param {number} to @param {import("../../text/viewport.js").Selection} selection @param {boolean} shift
   */
  #toEnd(to, selection, shift) {
    const anchor = !shift ? to : selection.backward ? selection.to : selection.from;
    this.#select({ from: Math.min(anchor, to), to: Math.max(anchor, to), backward: to < anchor });
    this.reveal(to);
    this.acts.caret(to);
  }

  /** @param {number} place */
  #fits(place) {
    return serves(this.hole.slice, this.hole.text, place, this.page);
  }

  #seen() {
    return {
      a: this.area.selectionStart,
      b: this.area.selectionEnd,
      backward: this.area.selectionDirection === "backward",
    };
  }

  selected() {
    return this.hole.meant(this.#seen(), this.extending);
  }

  /** Whether nobody has moved the caret since it was put where it is. */
  #asLeft() {
    return this.hole.left?.a === this.area.selectionStart && this.hole.left.b === this.area.selectionEnd;
  }

  /** @param {import("../../text/viewport.js").Selection} selection */
  #select(selection) {
    const { a, b, backward } = this.hole.show(selection);
    if (this.area.selectionStart === a && this.area.selectionEnd === b) return;
    this.area.setSelectionRange(a, b, a === b ? "none" : backward ? "backward" : "forward");
  }

  // ── the slice ────────────────────────────────────────────────────────────────────────────────────────

  /** Show the slice of a text about `place`. @param {Text} text @param {number} place */
  #setSlice(text, place) {
    this.hole.setSlice(text, around(text, place, this.page));
    this.frame.classList.toggle("long", this.hole.partial());
    if (this.area.value !== this.hole.held) this.area.value = this.hole.held;
  }

  /** Where on the paper the line of a place is. @param {number} place */
  #line(place) {
    return this.mirror.line(this.hole.held, this.hole.unitOf(place));
  }

  /** Another slice about `place`, if need be. @param {number} place */
  #bring(place) {
    if (this.#fits(place)) return;
    const selection = this.selected();
    this.#setSlice(this.hole.text, place);
    this.#select(selection);
  }

  /**
   * Another slice about `place`; the line of `place` stays where it is on the screen, if it is on it.
   * @param {number} place @param {Selection} selection
   */
  #shift(place, selection) {
    if (this.hole.outside(place)) {
      this.#select(selection);
      return this.reveal(place);
    }
    const before = this.#line(place).top - this.area.scrollTop;
    this.#setSlice(this.hole.text, place);
    this.#select(selection);
    this.area.scrollTop = this.#line(place).top - before;
    this.#soon();
  }

  /** Show the text from `place` on, wherever the caret is. @param {number} place */
  #look(place) {
    this.#bring(place);
    this.area.scrollTop = this.#line(place).top - EDGE;
    this.#soon();
  }

  /** Scroll as little as needed to see `place`. @param {number} place */
  reveal(place) {
    this.#bring(place);
    const { top, bottom } = this.#line(place);
    const height = this.area.clientHeight;
    const lines = Math.min(3, Math.floor(height / Math.max(1, bottom - top) / 3)) * (bottom - top); // seen around it
    if (top - lines < this.area.scrollTop) this.area.scrollTop = top - lines - EDGE;
    else if (bottom + lines > this.area.scrollTop + height) this.area.scrollTop = bottom + lines - height + EDGE;
    this.#soon();
  }

  #showPlace() {
    if (!this.hole.partial()) return this.scrollbar.update(null);
    const { slice, text } = this.hole;
    const dense = (slice.to - slice.from) / Math.max(1, this.area.scrollHeight);
    this.page = dense * this.area.clientHeight;
    this.scrollbar.update({
      start: (slice.from + dense * this.area.scrollTop) / text.length,
      size: this.page / text.length,
    });
  }

  // ── edits ────────────────────────────────────────────────────────────────────────────────────────────

  /**
   * The text after an edit that the area has not taken itself.
   * @param {import("../../text/document.js").Text} next
   * @param {number} caret
   */
  #take(next, caret) {
    this.#setSlice(next, caret);
    this.#select({ from: caret, to: caret });
    if (next.length > 0) this.reveal(caret);
    this.acts.input(next, caret);
  }

  /** @param {import("../../text/viewport.js").Selection} selection @param {string} insert */
  #replace({ from, to }, insert) {
    const { text } = this.hole;
    const next = text.edited({ at: from, remove: to - from, insert });
    this.#take(next, to + (next.since(text)?.grown ?? 0));
  }

  /** @param {boolean} scripted a script has put in a value, and means the whole text */
  #changed(scripted) {
    if (this.composing) return;
    const value = wellFormed(this.area.value);
    const out = this.replaced;
    this.replaced = null;
    if (scripted && this.hole.partial()) return this.#replace({ from: 0, to: this.hole.text.length }, value);
    if (out !== null) return this.#replace(out, value.slice(out.a, value.length - (this.hole.held.length - out.b)));
    const edit = difference(this.hole.held, value, this.area.selectionEnd);
    if (edit === null) return;
    this.hole.typed(value, edit);
    const caret = this.hole.pointOf(this.area.selectionEnd);
    if (!this.#fits(caret)) this.#shift(caret, { from: caret, to: caret });
    this.acts.input(this.hole.text, caret);
  }

  /** An input is under way that takes the place of the selection. @param {Selection} selection */
  #expect(selection) {
    this.replaced = this.hole.reachesOut(selection) ? { ...selection, ...this.#seen() } : null;
  }

  #soon() {
    return (this.timer ||= setTimeout(this.#mark, SLOW_MS));
  }

  /**
   * Another text than the one that was typed here.
   * @param {import("../../text/document.js").Text} next
   * @param {number} caret
   */
  setText(next, caret) {
    if (this.composing || next === this.hole.text) return;
    this.#setSlice(next, caret);
    this.#select({ from: caret, to: caret });
    this.area.scrollTop = caret === 0 ? 0 : this.area.scrollTop;
    this.#soon();
  }

  /** @param {EditorView} view */
  update(view) {
    this.wanted = view;
    this.frame.classList.toggle("playing", view.read !== null);
    if (view.read === null) return this.#soon();
    clearTimeout(this.timer);
    this.reveal(view.read);
    this.#mark();
  }

  /** @param {number} from @param {number} to */
  select(from, to) {
    if (!this.#fits(to)) this.#setSlice(this.hole.text, to);
    this.#select({ from, to });
    this.reveal(to);
    this.#soon();
  }

  /**
   * Colour characters: `levels` from `from` on, −8 … 8; null: none.
   * @param {{from: number, levels: Int8Array} | null} next
   */
  tint(next) {
    if (next === this.tinted) return;
    this.tinted = next;
    this.#soon();
  }

  focus() {
    return this.area.focus();
  }

  focused() {
    return document.activeElement === this.area;
  }

  destroy() {
    clearTimeout(this.timer);
    document.removeEventListener("selectionchange", this.#moved);
    this.mirror.destroy();
  }
}
