// What was done to the text, and the way back. It hears of every new text, whoever made it: typing, a paste, a file,
// a sample. What is typed without a pause is one step for each word.

import { toPoints } from "./characters.js";
import { Text } from "./document.js";
import { stepsFrom, stepsTo } from "./steps.js";

const PAUSE_MS = 1000;
const LONGEST_JOINED = 64; // characters; a larger edit is a step of its own
const MOST_STEPS = 4000;
const MOST_CHARACTERS = 24_000_000;

/** @import { Edit } from "./edit.js" */

/** @typedef {{at: number, removed: string, inserted: string}} Change an edit that can be taken back */

/** @typedef {{done: Change[], undone: Change[]}} Past what can be undone and done again, the next one last each time */

/** A copy: a piece of a string keeps the whole of it alive, and a step must not cost a book. @param {string} piece */
const own = (piece) => structuredClone(piece);

/** @param {Change} change */
const size = ({ removed, inserted }) => removed.length + inserted.length;

/**
 * Two changes, one after the other at the same place, as one; null where they lie apart.
 * @param {Change} first @param {Change} second @returns {Change | null}
 */
function joined(first, second) {
  const [from, to] = [first.at, first.at + toPoints(first.inserted)];
  const [start, end] = [second.at, second.at + toPoints(second.removed)];
  if (start === to) {
    return { ...first, removed: first.removed + second.removed, inserted: first.inserted + second.inserted };
  }
  if (end === from) {
    return { at: start, removed: second.removed + first.removed, inserted: second.inserted + first.inserted };
  }
  if (start < from || end > to) return null;
  const letters = Array.from(first.inserted);
  letters.splice(start - from, end - start, second.inserted);
  return { ...first, inserted: letters.join("") };
}

/**
 * Whether a change begins a word after the space that the one before ends with.
 * @param {Change} before
 * @param {Change} change
 */
const newWord = (before, { removed, inserted }) =>
  removed === "" && /\s$/u.test(before.inserted) && /^\S/u.test(inserted);

export class History {
  /** @param {() => number} now milliseconds */
  constructor(now) {
    this.now = now;
    /** Whether words are one step together: a model writes them. */
    this.together = false;
    this.text = Text.EMPTY;
    /** @type {Change[]} */
    this.done = [];
    /** @type {Change[]} */
    this.undone = [];
    /** In all steps, those undone too. */
    this.characters = 0;
    this.last = -Infinity;
  }

  /** Begin with a text that nothing led to. @param {Text} text */
  begin(text) {
    this.text = text;
    this.done = [];
    this.undone = [];
    this.characters = 0;
    this.last = -Infinity;
  }

  /** The text is another now. @param {Text} text @param {Edit} edit what has made it of the one before */
  note(text, edit) {
    if (text === this.text) return; // it was undone or done again here, or begun with
    const removed = this.text.slice(edit.at, edit.end);
    const change = { at: edit.at, removed: own(removed), inserted: own(edit.insert) };
    this.text = text;
    const now = this.now();
    const small = size(change) <= LONGEST_JOINED;
    const open = change.inserted.length <= LONGEST_JOINED; // typing goes on after a deletion, not after a paste
    const before = this.done.at(-1);
    const one =
      before !== undefined && small && now - this.last < PAUSE_MS && (this.together || !newWord(before, change))
        ? joined(before, change)
        : null;
    const next = one ?? change;
    const gone = [...this.undone, ...(one === null ? [] : this.done.splice(-1))];
    for (const step of gone) this.characters -= size(step);
    this.undone = [];
    this.done.push(next);
    this.characters += size(next);
    this.last = open ? now : -Infinity;
    this.#trim();
  }

  /** Let the oldest steps go where there are too many. */
  #trim() {
    while (this.done.length > MOST_STEPS || (this.characters > MOST_CHARACTERS && this.done.length > 1)) {
      for (const first of this.done.splice(0, 1)) this.characters -= size(first);
    }
  }

  /** @returns {Past & {text: Text}} */
  copy() {
    return { text: this.text, done: [...this.done], undone: [...this.undone] };
  }

  /** @param {Past & {text: Text}} past */
  restore({ text, done, undone }) {
    this.text = text;
    this.done = done;
    this.undone = undone;
    this.characters = [...done, ...undone].reduce((sum, step) => sum + size(step), 0);
    this.last = -Infinity;
    this.#trim();
  }

  /**
   * Go on with a text from elsewhere and with the steps that led to it there. One step more leads from where these
   * begin to the text that was here, and on to all that came before.
   * @param {Text} text @param {Past} past steps that do not fit the text are left out @param {boolean} [fresh] whether
   *   nothing leads back to what was here
   */
  adopt(text, past, fresh = false) {
    const { begin, steps } = stepsTo(text, past.done);
    const edit = begin.since(this.text);
    /** @type {Change[]} */
    const here =
      edit === null
        ? []
        : [{ at: edit.at, removed: own(this.text.slice(edit.at, edit.end)), inserted: own(edit.insert) }];
    const done = fresh ? steps : [...this.done, ...here, ...steps];
    this.restore({ text, done, undone: stepsFrom(text, past.undone) });
  }

  /** The last step is done: what comes next is another one. */
  close() {
    this.last = -Infinity;
  }

  /** The text before the last step, and where its change ends; null where there is no step. */
  undo() {
    return this.#go(this.done, this.undone, ({ at, removed, inserted }) => ({
      at,
      removed: inserted,
      inserted: removed,
    }));
  }

  /** The text before the last undo. */
  redo() {
    return this.#go(this.undone, this.done, (change) => change);
  }

  /** @param {Change[]} from @param {Change[]} to @param {(change: Change) => Change} way */
  #go(from, to, way) {
    const change = from.pop();
    if (change === undefined) return null;
    to.push(change);
    this.last = -Infinity;
    const { at, removed, inserted } = way(change);
    this.text = this.text.edited({ at, remove: toPoints(removed), insert: inserted });
    return { text: this.text, caret: at + toPoints(inserted) };
  }
}
