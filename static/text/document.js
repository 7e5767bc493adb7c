// The text of the page, of any length: an immutable value that knows its length in characters, the way between
// characters and the browser's UTF-16 units, and of which text it was made by which edit. An edit costs a flat copy
// of the string and no loop over it.
//
// Positions count code points, as the models do, unless they are called units.

import { clean } from "./characters.js";
import { Edit, difference } from "./edit.js";
import { count, following, preceding } from "./search.js";

/** @typedef {{of: number, edit: Edit | null}} Origin an edit, and the number of the text that it was made to */

const SURROGATE = /[\ud800-\udfff]/;
const NONE = new Uint32Array(0);

let made = 0;

/**
 * How many of the ascending numbers `key(values[k], k)` are below `bound`.
 * @param {Uint32Array} values @param {number} bound @param {(value: number, k: number) => number} key
 */
function below(values, bound, key) {
  let [low, high] = [0, values.length];
  while (low < high) {
    const middle = (low + high) >> 1;
    if (key(values[middle], middle) < bound) low = middle + 1;
    else high = middle;
  }
  return low;
}

/** @param {number} value */
const point = (value) => value;
/** @param {number} value @param {number} k */
const endUnit = (value, k) => value + k + 2;

/** The code points, by number, that take two units. @param {string} string well formed */
function pairsOf(string) {
  if (!SURROGATE.test(string)) return NONE;
  const found = [];
  for (let unit = 0; unit < string.length; unit++) {
    if ((string.charCodeAt(unit) & 0xfc00) !== 0xd800) continue;
    found.push(unit - found.length);
    unit += 1;
  }
  return Uint32Array.from(found);
}

export class Text {
  static EMPTY = new Text("", NONE, null);

  /**
   * @param {string} string clean @param {Uint32Array} pairs ascending
   * @param {Origin | null} origin by the number of the text before: a reference would keep every text alive that ever
   *   was
   */
  constructor(string, pairs, origin) {
    this.string = string;
    this.pairs = pairs;
    this.origin = origin;
    /** What comparison with another text has found last. @type {Origin | null} */
    this.compared = null;
    this.number = made++;
    /** In code points. */
    this.length = string.length - pairs.length;
  }

  /** A text of one's own of any string; see `clean`. @param {string} string */
  static of(string) {
    const cleaned = clean(string);
    return cleaned === "" ? Text.EMPTY : new Text(cleaned, pairsOf(cleaned), null);
  }

  /**
   * The text in which `remove` characters at `at` have given way to `insert`.
   * @param {import("./edit.js").Replacement} edit
   */
  edited(edit) {
    const at = Math.max(0, Math.min(edit.at, this.length));
    const remove = Math.max(0, Math.min(edit.remove, this.length - at));
    const insert = clean(edit.insert);
    if (remove === 0 && insert === "") return this;
    const string = this.string.slice(0, this.unitAt(at)) + insert + this.string.slice(this.unitAt(at + remove));
    return new Text(string, this.#pairsAfter(at, remove, insert), {
      of: this.number,
      edit: new Edit(at, remove, insert),
    });
  }

  /** @param {number} at @param {number} remove @param {string} insert */
  #pairsAfter(at, remove, insert) {
    const inserted = pairsOf(insert);
    if (inserted.length === 0 && this.pairs.length === 0) return NONE;
    const [head, tail] = [below(this.pairs, at, point), below(this.pairs, at + remove, point)];
    const pairs = new Uint32Array(head + inserted.length + this.pairs.length - tail);
    pairs.set(this.pairs.subarray(0, head));
    for (let k = 0; k < inserted.length; k++) pairs[head + k] = inserted[k] + at;
    const further = insert.length - inserted.length - remove;
    for (let k = tail; k < this.pairs.length; k++) pairs[head + inserted.length + k - tail] = this.pairs[k] + further;
    return pairs;
  }

  /**
   * The edit that makes this text out of `before`, or null where they are equal: the very one that has made it, else
   * what a comparison finds.
   * @param {Text} before
   * @returns {Edit | null}
   */
  since(before) {
    if (before === this) return null;
    if (this.origin?.of === before.number) return this.origin.edit;
    if (this.compared?.of !== before.number) {
      this.compared = { of: before.number, edit: difference(before.string, this.string) };
    }
    return this.compared.edit;
  }

  /** @param {number} from @param {number} to */
  slice(from, to) {
    return this.string.slice(this.unitAt(from), this.unitAt(to));
  }

  /** One string each. @param {number} from @param {number} to @returns {string[]} */
  characters(from, to) {
    return Array.from(this.slice(from, to));
  }

  /** Where a code point starts. @param {number} at */
  unitAt(at) {
    const inside = Math.max(0, Math.min(at, this.length));
    return this.pairs.length === 0 ? inside : inside + below(this.pairs, inside, point);
  }

  /** How many code points stand in the first units; half of one counts. @param {number} unit */
  pointAt(unit) {
    const inside = Math.max(0, Math.min(unit, this.string.length));
    return this.pairs.length === 0 ? inside : inside - below(this.pairs, inside + 1, endUnit);
  }

  /**
   * Where the next match begins, at `from` or after it; backwards, before it. The search goes on at the other end.
   * @param {string} needle @param {number} from
   * @param {{backwards?: boolean, matchCase?: boolean}} [how]
   * @returns {number | null}
   */
  find(needle, from, { backwards = false, matchCase = false } = {}) {
    if (needle === "") return null;
    const start = this.unitAt(from);
    const look = backwards ? preceding : following;
    let unit = look(this.string, needle, start, matchCase);
    if (unit < 0) unit = look(this.string, needle, backwards ? this.string.length : 0, matchCase);
    return unit < 0 ? null : this.pointAt(unit);
  }

  /**
   * How many matches there are, counted no further than `most`.
   * @param {string} needle
   * @param {boolean} matchCase
   * @param {number} most
   */
  count(needle, matchCase, most) {
    return needle === "" ? 0 : count(this.string, needle, matchCase, most);
  }
}
