// A guess against the truth.

/**
 * @typedef {object} Question
 * @property {string} id @property {string} question @property {string} unit
 * @property {number | null} tolerance @property {number | null} ratio @property {string[] | null} choices
 * @property {boolean} own whether it is about the pupil's text
 */

/** A guess as a number: with a comma or a point; null where it is none. @param {string} guess */
export function numberOf(guess) {
  const words = guess.trim().replace("−", "-").replace(/^(-?\d+),(\d{1,2})$/, "$1.$2").replaceAll(",", "");
  return /^-?(\d+\.?\d*|\.\d+)(e-?\d+)?$/i.test(words) ? Number(words) : null;
}

/**
 * Whether a guess is right; null where none was made.
 * @param {Question} question @param {string | null} guess a number, or which choice
 * @param {{value: number, choice: number | null}} answer
 */
export function isRight({ tolerance, ratio, choices }, guess, { value, choice }) {
  if (guess === null) return null;
  if (choices !== null) return Number(guess) === choice;
  const found = numberOf(guess);
  if (found === null) return null;
  if (tolerance !== null) return Math.abs(found - value) <= tolerance;
  if (found === value) return true;
  return found / value > 0 && Math.max(found / value, value / found) <= (ratio ?? 1);
}

/** How far a guess is off, in words. @param {number} guess @param {number} value */
export function off(guess, value) {
  if (guess === value) return "exactly";
  const side = guess > value ? "high" : "low";
  const times = guess / value > 1 ? guess / value : value / guess;
  if (times >= 2 && Number.isFinite(times)) return `${times.toFixed(times < 10 ? 1 : 0)} times too ${side}`;
  return `too ${side}`;
}
