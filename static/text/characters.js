// Positions in a text. The browser counts UTF-16 units, the models read code points; all that leaves this
// module counts code points.

const SURROGATE = /[\ud800-\udfff]/;

/** @param {number} unit */
export const isHigh = (unit) => unit >= 0xd800 && unit < 0xdc00;
/** @param {number} unit */
export const isLow = (unit) => unit >= 0xdc00 && unit < 0xe000;

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
