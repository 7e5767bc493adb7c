// An edit of a text as one value. It is made where the text changes, goes along with the new text, and says where
// everything is after it. Positions count code points.

import { isHigh, isLow, toPoints } from "./characters.js";

/**
 * @typedef {{at: number, remove: number, insert: string}} Replacement `remove` characters at `at` give way to `insert`
 */

export class Edit {
  /** @param {number} at @param {number} remove characters @param {string} insert well formed */
  constructor(at, remove, insert) {
    this.at = at;
    this.remove = remove;
    this.insert = insert;
    /** Characters of `insert`. */
    this.inserted = toPoints(insert);
  }

  /** Where what was removed ended, in the text before. */
  get end() {
    return this.at + this.remove;
  }

  /** Where what was inserted ends, in the text after. */
  get newEnd() {
    return this.at + this.inserted;
  }

  /** By how many characters the text is longer than before; below 0, shorter. */
  get grown() {
    return this.inserted - this.remove;
  }

  /**
   * Where the character of a step is after the edit.
   * @param {number} step @param {number} [removed] the answer where it is gone: without it, where it was
   */
  moved(step, removed = step) {
    if (step >= this.end) return step + this.grown;
    return step < this.at ? step : removed;
  }
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
  return new Edit(toPoints(before, head), toPoints(removed), after.slice(head, after.length - tail));
}
