// What is marked in the text of the editor.

/**
 * @typedef {object} EditorView
 * @property {(character: string) => boolean} known
 * @property {number | null} cursor the step to mark; null: the caret marks it
 * @property {number | null} read where play has come to; null: everything is read
 * @property {{from: number, to: number} | null} found @property {{from: number, to: number}[]} written by a model
 */

/**
 * Runs of characters of the same level, as [from, to, level] in units of a string that begins at character `start`.
 * @param {string} string @param {{from: number, levels: Int8Array}} tint @param {number} start
 */
export function runs(string, { from, levels }, start) {
  /** @type {[number, number, number][]} */
  const found = [];
  let [unit, point] = [0, start - from];
  for (const character of string) {
    const level = levels[point] ?? 0;
    const last = found.at(-1);
    if (level !== 0 && last !== undefined && last[1] === unit && last[2] === level) last[1] += character.length;
    else if (level !== 0) found.push([unit, unit + character.length, level]);
    unit += character.length;
    point += 1;
  }
  return found;
}
