// Stretches of the text, ascending and apart, that stay on their characters while the text is edited.

/** @import { Edit } from "./edit.js" */

/** @typedef {{from: number, to: number}} Span characters from … to − 1 */

/**
 * What is left of the spans after an edit: a character that was removed is gone from them, one that was put in belongs
 * to none, and the others take their mark along.
 * @param {Span[]} spans @param {Edit} edit
 * @returns {Span[]}
 */
export function edited(spans, edit) {
  return joined(
    spans.flatMap(({ from, to }) => {
      const before = { from, to: Math.min(to, edit.at) };
      const after = { from: edit.moved(Math.max(from, edit.end)), to: edit.moved(Math.max(to, edit.end)) };
      return [before, after].filter((one) => one.from < one.to);
    }),
  );
}

/** Spans in order; those that touch become one. @param {Span[]} spans */
export function joined(spans) {
  /** @type {Span[]} */
  const out = [];
  for (const one of [...spans].sort((a, b) => a.from - b.from)) {
    const last = out.at(-1);
    if (last !== undefined && one.from <= last.to) last.to = Math.max(last.to, one.to);
    else out.push({ ...one });
  }
  return out;
}

/** As a word of the address. @param {Span[]} spans */
export const spell = (spans) => spans.map(({ from, to }) => `${from}-${to}`).join(".");

/** null where the word makes no sense. @param {string} word @returns {Span[] | null} */
export function parse(word) {
  const found = word.split(".").map((part) => /^(\d{1,9})-(\d{1,9})$/.exec(part));
  const spans = found.flatMap((one) => (one === null ? [] : [{ from: Number(one[1]), to: Number(one[2]) }]));
  if (spans.length < found.length) return null;
  return spans.every(({ from, to }, k) => from < to && (k === 0 || spans[k - 1].to < from)) ? spans : null;
}

/**
 * The runs of steps, the first `from`, whose characters are such.
 * @param {string[]} characters
 * @param {number} from
 * @param {(character: string) => boolean} such
 * @returns {[number, number][]}
 */
export function stretches(characters, from, such) {
  /** @type {[number, number][]} */
  const runs = [];
  characters.forEach((character, k) => {
    if (!such(character)) return;
    const step = from + k;
    const last = runs.at(-1);
    if (last !== undefined && last[1] === step) last[1] = step + 1;
    else runs.push([step, step + 1]);
  });
  return runs;
}
