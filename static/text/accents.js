// “é” may be one character (NFC) or a letter and an accent apart (NFD), which look the same. A model knows those of its
// training text; this finds where the other form is the only reason why it does not know a letter.

const FORMS = { NFC: "letter and accent composed into one character (NFC)", NFD: "letter and accent apart (NFD)" };
const LETTERS = /\P{M}\p{M}*/gu; // a letter with what stands on it
const SAMPLES = 3;
const MOST = 100_000; // characters that are looked at: the hint comes with the typing

/** @param {string} text @param {Set<string>} known */
const unknownOf = (text, known) =>
  Array.from(text).reduce((count, character) => count + (known.has(character) ? 0 : 1), 0);

/**
 * What converting the text would mend for the first model for which it mends something; null where it mends nothing.
 * @param {string} text @param {{name: string, known: Set<string>}[]} models
 * @returns {{form: "NFC" | "NFD", words: string} | null}
 */
export function accentsHint(text, models) {
  const seen = text.slice(0, MOST);
  for (const form of /** @type {const} */ (["NFC", "NFD"])) {
    if (seen.normalize(form) === seen) continue;
    for (const { name, known } of models) {
      const letters = new Map();
      for (const [letter] of seen.matchAll(LETTERS)) {
        const mended = unknownOf(letter, known) - unknownOf(letter.normalize(form), known);
        if (mended > 0) letters.set(letter, (letters.get(letter) ?? 0) + mended);
      }
      if (letters.size === 0) continue;
      const count = [...letters.values()].reduce((sum, one) => sum + one);
      const samples = [...letters.keys()].slice(0, SAMPLES).map((letter) => `“${letter}”`);
      const more = letters.size > SAMPLES ? " …" : "";
      const found =
        `${count.toLocaleString("en")} ${count === 1 ? "character is" : "characters are"} unknown to ${name} ` +
        `only for how accents are written (${samples.join(", ")}${more})`;
      return { form, words: `${found}: it knows ${FORMS[form]}. Convert the text to ${form}, and they are read.` };
    }
  }
  return null;
}
