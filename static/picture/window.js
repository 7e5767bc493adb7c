// The window of steps that all panels share: pure functions from one window to the next.
//
// A window starts at step `from` and is `span` steps wide: `columns` columns of `per` steps each. `per` is the
// smallest power of two with which the columns fit, and `from` a multiple of it. A window may reach beyond the
// end of the text, never before its start.

/** @typedef {{from: number, span: number, per: number, columns: number}} Window */
/** @typedef {{length: number, most: number}} Extent characters of the text, and the most columns that can be shown */

export const FEWEST_STEPS = 12;
/** Columns this wide, in CSS pixels, hold one legible character each. */
export const LEGIBLE = 8.7;

/** Steps a column, so that `span` steps fit into `most` columns. @param {number} span @param {number} most */
export function perOf(span, most) {
  let per = 1;
  while (span > per * most) per *= 2;
  return per;
}

/**
 * The window of about `span` steps that starts as near to step `from` as there is something to see.
 * @param {number} from @param {number} span @param {Extent} extent
 * @returns {Window}
 */
export function windowOf(from, span, { length, most }) {
  const wanted = Math.max(FEWEST_STEPS, Math.min(Math.round(span), Math.max(most, length)));
  const per = perOf(wanted, most);
  const columns = Math.ceil(wanted / per);
  const last = Math.ceil(length / per) - columns; // from here on the end of the text is in view
  return { from: Math.max(0, Math.min(Math.round(from / per), last)) * per, span: columns * per, per, columns };
}

/** The window that ends where the text ends. @param {number} span @param {Extent} extent */
export function atEnd(span, extent) {
  return windowOf(Infinity, span, extent);
}

/** @param {number} step @param {number} span @param {Extent} extent */
export function centred(step, span, extent) {
  return windowOf(step - span / 2, span, extent);
}

/**
 * The same window if it shows `step`, else one moved only as far as needed.
 * @param {Window} window @param {number} step @param {Extent} extent
 */
export function showing(window, step, extent) {
  const { from, span, per } = window;
  const margin = Math.min(6 * per, Math.floor(span / 8));
  if (step < from + margin) return windowOf(step - margin, span, extent);
  if (step >= from + span - margin) return windowOf(step - span + per + margin, span, extent);
  return window;
}

/**
 * Another span, with a step staying where it is.
 * @param {number} step a part of a step counts too
 * @param {number} share where it is in the window, 0 left … 1 right
 * @param {number} span @param {Extent} extent
 */
export function zoomed(step, share, span, extent) {
  const wide = windowOf(0, span, extent).span; // whole columns
  return windowOf(step - share * wide, wide, extent);
}
