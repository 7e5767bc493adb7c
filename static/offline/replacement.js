// Which other character stands in the place of one whose echo is looked at, when nobody has chosen it: the rule of
// models/echo/replacement.py.

/**
 * The first of its kind that every alphabet has; else the first that all have; else the first that differs.
 * @param {string} character @param {string[][]} alphabets what each model knows, in the order of its ids
 * @param {string[]} kinds the characters of each kind, in the order in which they are tried
 */
export function defaultReplacement(character, alphabets, kinds) {
  const known = alphabets.map((alphabet) => new Set(alphabet));
  const kind = character === "" ? "" : (kinds.find((one) => one.includes(character)) ?? "");
  /** @param {string} other */
  const fits = (other) => other !== character && known.every((one) => one.has(other));
  const candidates = [...kind, ...(alphabets[0] ?? [])];
  return candidates.find(fits) ?? alphabets.flat().find((other) => other !== character) ?? "";
}
