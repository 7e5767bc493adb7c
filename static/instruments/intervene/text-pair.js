// Two texts that begin alike, one under the other; from the character on at which they part they are marked.

import { make } from "../../views/dom.js";

/** @param {string[]} first @param {string[]} second characters */
function parting(first, second) {
  const k = first.findIndex((character, at) => character !== second[at]);
  return k < 0 ? first.length : k;
}

/** @param {[string, string]} first its name and the text @param {[string, string]} second */
export function textPair([nameA, a], [nameB, b]) {
  const [ours, theirs] = [Array.from(a), Array.from(b)];
  const at = parting(ours, theirs);
  /** @param {string} name @param {string[]} characters */
  const line = (name, characters) => {
    const rest = characters.slice(at).join("");
    const text = make(
      "pre",
      {},
      characters.slice(0, at).join(""),
      ...(rest === "" ? [] : [make("mark", { textContent: rest })]),
    );
    return [make("dt", { textContent: name }), make("dd", {}, text)];
  };
  const alike = at === ours.length && at === theirs.length;
  return make(
    "dl",
    { className: "text-pair" },
    ...line(nameA, ours),
    ...line(nameB, theirs),
    ...(alike ? [make("dt"), make("dd", { className: "inst-note", textContent: "Both write the same." })] : []),
  );
}
