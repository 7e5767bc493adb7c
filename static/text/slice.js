// Which part of a text the editor holds. A <textarea> lays out all that is in it, so of a long text it is given a
// slice about the place that one looks at. A slice is `{from, to}`, in code points.

/** Texts up to this length are held whole. */
export const WHOLE = 20_000;
/**
 * In pages: how far the slice reaches to each side, and how near a caret or a view comes to an end of it that is not
 * one of the text.
 */
const HALF = 5;
const MARGIN = 2;
const LEAST_PAGE = 400;
const LINE = 400; // characters; so far back one looks for the start of a line

/** @typedef {{from: number, to: number}} Slice */

/**
 * The slice about a place. Every key paints all of it anew, so it is no larger than it need be.
 * @param {import("./document.js").Text} text @param {number} place
 * @param {number} page how many characters can be seen at once @returns {Slice}
 */
export function around(text, place, page) {
  if (text.length <= WHOLE) return { from: 0, to: text.length };
  const half = Math.round(HALF * Math.max(LEAST_PAGE, page));
  const start = Math.max(0, Math.min(place, text.length) - half);
  // It begins where a line does, if one does nearby: then its lines break as they do in the whole.
  const [first, last] = [text.unitAt(start - LINE), text.unitAt(start)];
  const line = text.string.slice(first, last).lastIndexOf("\n");
  return { from: line < 0 ? start : text.pointAt(first + line + 1), to: Math.min(text.length, place + half) };
}

/**
 * Whether the slice still serves one who is at `place`.
 * @param {Slice} slice @param {import("./document.js").Text} text @param {number} place @param {number} page
 */
export function serves({ from, to }, text, place, page) {
  if (text.length <= WHOLE) return from === 0 && to === text.length;
  if (to - from > WHOLE) return false;
  const margin = MARGIN * Math.max(LEAST_PAGE, page);
  return (from === 0 || place - from >= margin) && (to === text.length || to - place >= margin);
}
