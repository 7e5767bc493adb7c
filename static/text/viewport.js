// A text seen through a slice of it, as the editor's <textarea> does: places and selections of the whole, in code
// points, and what of them the slice shows, in units.

import { Text } from "./document.js";

/** @typedef {{from: number, to: number, backward?: boolean}} Selection code points of the whole text */

export class Keyhole {
  constructor() {
    this.text = Text.EMPTY;
    this.slice = { from: 0, to: 0 };
    /** The slice as a string. */
    this.held = "";
    /** The selection that was shown last, and what of it could be seen; null once one has typed. */
    this.left = null;
  }

  /** Look at a slice of a text. @param {Text} text @param {import("./slice.js").Slice} slice */
  setSlice(text, slice) {
    Object.assign(this, { text, slice, held: text.slice(slice.from, slice.to) });
  }

  /**
   * The slice itself has been typed into.
   * @param {string} value what it has become @param {import("./edit.js").Edit} edit of the slice
   */
  typed(value, { at, remove, insert, grown }) {
    const { from, to } = this.slice;
    const text = this.text.edited({ at: from + at, remove, insert });
    Object.assign(this, { text, slice: { from, to: to + grown }, held: value, left: null });
  }

  /** Whether there is more of the text than the slice. */
  partial() {
    return this.slice.from > 0 || this.slice.to < this.text.length;
  }

  /** The unit of the slice at which a code point starts, or the end that is nearer to it. @param {number} point */
  unitOf(point) {
    const { text, slice, held } = this;
    return Math.max(0, Math.min(text.unitAt(point) - text.unitAt(slice.from), held.length));
  }

  /** @param {number} unit of the slice */
  pointOf(unit) {
    return this.text.pointAt(this.text.unitAt(this.slice.from) + unit);
  }

  /** @param {number} point */
  outside(point) {
    return point < this.slice.from || point > this.slice.to;
  }

  /** @param {Selection} selection */
  reachesOut({ from, to }) {
    return from < this.slice.from || to > this.slice.to;
  }

  /** What the slice can show of a selection. @param {Selection} selection */
  show({ from, to, backward = false }) {
    this.left = { from, to, backward, a: this.unitOf(from), b: this.unitOf(to) };
    return this.left;
  }

  /**
   * The selection of the whole that is meant by units `a` to `b` of the slice.
   * @param {{a: number, b: number, backward: boolean}} seen
   * @param {boolean} extending with Shift or the pointer: what reaches from end to end of the slice is not all then
   * @returns {Selection}
   */
  meant({ a, b, backward }, extending) {
    const { text, slice, held, left } = this;
    if (left?.a === a && left.b === b) return left;
    const longer = extending || (left !== null && left.from < left.to && (a === left.a || b === left.b));
    // All that can be selected is all.
    if (this.partial() && !longer && a === 0 && b === held.length) return { from: 0, to: text.length };
    const found = { from: this.pointOf(a), to: this.pointOf(b), backward };
    if (left === null) return found;
    // An end that was beyond the slice and has not moved is there still.
    const [before, after] = [left.from < slice.from && a === left.a, left.to > slice.to && b === left.b];
    if (a < b) return { from: before ? left.from : found.from, to: after ? left.to : found.to, backward };
    const caret = before ? left.from : after ? left.to : found.to;
    return { from: caret, to: caret };
  }
}
