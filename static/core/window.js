// The window of steps that all panels share: pure functions from one window to the next.
//
// A window is `{from, columns}`; it may reach beyond the end of the text, never before its start.

/** @typedef {{from: number, columns: number}} Window */

export const FEWEST_COLUMNS = 12;
/** Columns this wide, in CSS pixels, hold one legible character each. */
export const LEGIBLE = 8.7;

/** @param {number} columns @param {number} most */
export function clampColumns(columns, most) {
  return Math.max(FEWEST_COLUMNS, Math.min(most, Math.round(columns)));
}

/**
 * The window with its start where there is something to see.
 * @param {Window} window @param {number} length of the text
 * @returns {Window}
 */
export function clamp({ from, columns }, length) {
  return { from: Math.max(0, Math.min(Math.round(from), length - columns)), columns };
}

/** The window that ends where the text ends. @param {number} columns @param {number} length */
export function atEnd(columns, length) {
  return clamp({ from: length, columns }, length);
}

/** @param {Window} window @param {number} step @param {number} length */
export function centred({ columns }, step, length) {
  return clamp({ from: step - columns / 2, columns }, length);
}

/**
 * The same window if it shows `step`, else one moved only as far as needed.
 * @param {Window} window @param {number} step @param {number} length
 */
export function showing(window, step, length) {
  const margin = Math.min(6, Math.floor(window.columns / 8));
  if (step < window.from + margin) return clamp({ ...window, from: step - margin }, length);
  if (step >= window.from + window.columns - margin) {
    return clamp({ ...window, from: step - window.columns + 1 + margin }, length);
  }
  return window;
}

/**
 * Another number of columns, with the step under the pointer staying there.
 * @param {Window} window @param {number} share where the pointer is, 0 left … 1 right
 * @param {number} columns @param {number} length
 */
export function zoomed(window, share, columns, length) {
  return clamp({ from: window.from + share * (window.columns - columns), columns }, length);
}
