// Which part of a text the editor holds. A <textarea> lays out all that is in it, so of a long text it is given a
// slice about the place that one looks at. A slice is `{from, to}`, in code points.

/** Texts up to this length are held whole. */
export const WHOLE = 20_000;
const HALF = 6_000;
/** No caret and no view comes nearer than this to an end of the slice that is not one of the text: more than a page. */
const MARGIN = 3_000;
const LINE = 1_000;

/** @typedef {{from: number, to: number}} Slice */

/**
 * The slice about a place.
 * @param {import("./document.js").Text} text @param {number} place @returns {Slice}
 */
export function around(text, place) {
  if (text.length <= WHOLE) return { from: 0, to: text.length };
  const start = Math.max(0, Math.min(place, text.length) - HALF);
  // It begins where a line does, if one does nearby: then its lines break as they do in the whole.
  const [first, last] = [text.unitAt(start - LINE), text.unitAt(start)];
  const line = text.string.slice(first, last).lastIndexOf("\n");
  return { from: line < 0 ? start : text.pointAt(first + line + 1), to: Math.min(text.length, place + HALF) };
}

/**
 * Whether the slice still serves one who is at `place`.
 * @param {Slice} slice @param {import("./document.js").Text} text @param {number} place
 */
export function serves({ from, to }, text, place) {
  if (text.length <= WHOLE) return from === 0 && to === text.length;
  if (to - from > WHOLE) return false;
  return (from === 0 || place - from >= MARGIN) && (to === text.length || to - place >= MARGIN);
}
