// What the first minute shows, as one value: the step of the tour, the first letter, the text, the gate. Its form in
// the address.

/** @typedef {import("../protocol/hello.js").FirstMinute} Facts */

/**
 * @typedef {object} Minute
 * @property {number} step of the tour, from 1
 * @property {string} letter the first one
 * @property {number} length characters of the text, the first letter and the mark included
 * @property {string | null} between what is typed between them, repeated or cut to the length; null: the page's own
 *   text
 * @property {boolean} closed whether the gate that keeps is closed from the middle of the text on
 */

export const STEPS = 5;

/** @param {Facts} facts @returns {Minute} */
export const beginning = (facts) => ({
  step: 1,
  letter: facts.letters[0],
  length: facts.length,
  between: null,
  closed: false,
});

/**
 * What of a typed text the networks can read: small letters, as many as there is room for.
 * @param {string} typed
 * @param {Facts} facts
 */
export function readable(typed, { noise, most }) {
  return Array.from(typed.toLowerCase())
    .filter((character) => noise.includes(character))
    .slice(0, most - 2)
    .join("");
}

/** The letters between the first one and the mark. @param {Minute} minute @param {Facts} facts */
export function betweenOf({ between, length }, facts) {
  const source = between || facts.between;
  const wanted = length - 2;
  return source.repeat(Math.ceil(wanted / source.length)).slice(0, wanted);
}

/** @param {Minute} minute @param {Facts} facts */
export const textOf = (minute, facts) => minute.letter + betweenOf(minute, facts) + facts.mark;

/** The letter that the first one is compared with. @param {Minute} minute @param {Facts} facts */
export const insteadOf = ({ letter }, { letters }) => letters.find((other) => other !== letter) ?? letter;

/** From which column on the gate is closed: the middle of the text. @param {Minute} minute */
export const closedFrom = ({ length }) => Math.floor(length / 2);

/**
 * As the part of an address after "#": `first=2&letter=C&length=120&between=sea&gate=closed`, each as far as it is
 * another than at the beginning.
 * @param {Minute} minute @param {Facts} facts
 */
export function toAddress(minute, facts) {
  const { step, letter, length, between, closed } = minute;
  const words = new URLSearchParams({ first: String(step) });
  if (letter !== facts.letters[0]) words.set("letter", letter);
  if (between !== null) words.set("between", between);
  if (length !== (between === null ? facts.length : between.length + 2)) words.set("length", String(length));
  if (closed) words.set("gate", "closed");
  return words.toString();
}

/**
 * What an address says; what is missing or makes no sense is as at the beginning.
 * @param {string} address with or without its "#" @param {Facts} facts @returns {Minute}
 */
export function fromAddress(address, facts) {
  const words = new URLSearchParams(address.replace(/^#/, ""));
  /** @param {string} name @param {number} least @param {number} most @param {number} or */
  const number = (name, least, most, or) => {
    const word = words.get(name) ?? "";
    return /^\d{1,4}$/.test(word) && Number(word) >= least && Number(word) <= most ? Number(word) : or;
  };
  const typed = words.get("between");
  const between = typed === null ? null : readable(typed, facts);
  return {
    step: number("first", 1, STEPS, 1),
    letter: facts.letters.find((one) => one === words.get("letter")) ?? facts.letters[0],
    between,
    length: number("length", 2, facts.most, between === null ? facts.length : between.length + 2),
    closed: words.get("gate") === "closed",
  };
}
