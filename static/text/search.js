// Where some words stand in a string of any length, counted in UTF-16 units.

const STRETCH = 16384; // units searched at a time where one looks backwards: an expression only goes forwards

/** @param {string} words */
const literally = (words) => words.replace(/[\\^$.*+?()[\]{}|/]/g, "\\$&");

/**
 * What finds the words without regard to case; every match has as many characters as the words.
 * @param {string} words
 */
const expression = (words) => new RegExp(literally(words), "giu");

/**
 * The first unit of the first match that begins at `from` or after it; −1 where there is none.
 * @param {string} string @param {string} words @param {number} from @param {boolean} matchCase
 */
export function following(string, words, from, matchCase) {
  if (matchCase) return string.indexOf(words, from);
  const looks = expression(words);
  looks.lastIndex = from;
  return looks.exec(string)?.index ?? -1;
}

/**
 * The first unit of the last match that begins before `before`; −1 where there is none.
 * @param {string} string @param {string} words @param {number} before @param {boolean} matchCase
 */
export function preceding(string, words, before, matchCase) {
  if (before <= 0) return -1;
  if (matchCase) return string.lastIndexOf(words, before - 1);
  const overlap = 2 * words.length; // a match may begin in one stretch and end in the next
  for (let to = Math.min(before, string.length); to > 0; to -= STRETCH) {
    const from = Math.max(0, to - STRETCH);
    const stretch = string.slice(from, to + overlap);
    const looks = expression(words);
    let last = -1;
    for (let found = looks.exec(stretch); found !== null && from + found.index < to; found = looks.exec(stretch)) {
      last = from + found.index;
      looks.lastIndex = found.index + ((stretch.codePointAt(found.index) ?? 0) > 0xffff ? 2 : 1); // matches may overlap
    }
    if (last >= 0) return last;
  }
  return -1;
}

/**
 * How many matches there are that do not overlap, counted no further than `most`.
 * @param {string} string @param {string} words @param {boolean} matchCase @param {number} most
 */
export function count(string, words, matchCase, most) {
  let matches = 0;
  const looks = matchCase ? null : expression(words);
  for (let at = 0; matches < most;) {
    if (looks === null) {
      at = string.indexOf(words, at);
      if (at < 0) break;
      at += words.length;
    } else if (looks.exec(string) === null) break;
    matches += 1;
  }
  return matches;
}
