// Positions in a text. The browser counts UTF-16 units, the models read code points; all that leaves this
// module counts code points.

const SURROGATE = /[\ud800-\udfff]/;

/** @param {number} unit */
const isHigh = (unit) => unit >= 0xd800 && unit < 0xdc00;
/** @param {number} unit */
const isLow = (unit) => unit >= 0xdc00 && unit < 0xe000;

/**
 * The text as it can be sent: halves of surrogate pairs that stand alone become U+FFFD, one for one.
 * @param {string} text
 */
export function wellFormed(text) {
  return SURROGATE.test(text) ? text.toWellFormed() : text;
}

/**
 * A text as the page holds it: well formed, and with the line ends of a <textarea>, which knows only "\n".
 * @param {string} text
 */
export function clean(text) {
  return wellFormed(text.includes("\r") ? text.replace(/\r\n?/g, "\n") : text);
}

/**
 * How many code points stand in the first `units` UTF-16 units.
 * @param {string} text @param {number} [units]
 */
export function toPoints(text, units = text.length) {
  if (!SURROGATE.test(text)) return Math.min(units, text.length);
  let pairs = 0;
  for (let k = 1; k < units; k++) if (isLow(text.charCodeAt(k)) && isHigh(text.charCodeAt(k - 1))) pairs++;
  return Math.min(units, text.length) - pairs;
}

/**
 * How many units at the ends of two texts are equal, from `tail` on and no more than `most`; no character is cut.
 * @param {string} before @param {string} after @param {number} tail @param {number} most
 */
function commonTail(before, after, tail, most) {
  const [b, a] = [before.length - 1, after.length - 1];
  while (tail < most && before.charCodeAt(b - tail) === after.charCodeAt(a - tail)) tail++;
  return tail > 0 && isLow(before.charCodeAt(before.length - tail)) ? tail - 1 : tail;
}

/**
 * The one replacement that makes `after` out of `before`, or null where they are equal. Both must be well formed.
 * @param {string} before @param {string} after
 * @param {number} [end] where in `after` the change ends, in units: of two equal letters it tells which is the new one
 * @returns {{at: number, remove: number, insert: string} | null}
 */
export function difference(before, after, end = after.length) {
  if (before === after) return null;
  const shorter = Math.min(before.length, after.length);
  const known = commonTail(before, after, 0, Math.min(shorter, after.length - end));
  let head = 0;
  while (head < shorter - known && before.charCodeAt(head) === after.charCodeAt(head)) head++;
  if (head > 0 && isHigh(before.charCodeAt(head - 1))) head--; // never between the halves of one character
  const tail = commonTail(before, after, known, shorter - head);
  const removed = before.slice(head, before.length - tail);
  return { at: toPoints(before, head), remove: toPoints(removed), insert: after.slice(head, after.length - tail) };
}

/** @type {Record<string, string>} */
const VISIBLE = { " ": "·", "\n": "↵", "\t": "⇥", "\r": "␍", "\u00a0": "⍽" };

/**
 * What leaves no ink: controls, formats, variation selectors, other spaces, fillers, marks without a letter, what is no
 * character.
 */
const INVISIBLE = /^[\p{C}\p{Z}\p{Default_Ignorable_Code_Point}\u2800]$/u;

/** A code point as Unicode writes it, without its prefix: 200D, FE0F. @param {string} character */
const codeOf = (character) => (character.codePointAt(0) ?? 0).toString(16).toUpperCase().padStart(4, "0");

/**
 * A character as it can be seen where white space would be invisible.
 * @param {string} character
 */
export function visible(character) {
  return VISIBLE[character] ?? (INVISIBLE.test(character) ? codeOf(character) : character);
}

/** @type {Record<string, string>} */
const NAMES = { " ": "space", "\n": "new line", "\t": "tab", "\r": "carriage return", "\u00a0": "no-break space" };

/**
 * A character as it can be said.
 * @param {string} character
 */
export function spoken(character) {
  return NAMES[character] ?? (INVISIBLE.test(character) ? `U+${codeOf(character)}` : `“${character}”`);
}
