// The options of an instrument: in the state only those that differ from its defaults, in the address as words.

/** @typedef {string | number | boolean | null} Option */

/** Address words of options begin with this. */
export const MARK = "o.";

/** Longer words do not go into the address. */
export const LONGEST_OPTION = 2000;

/**
 * A value of the type of its default; the default itself where the word makes no sense.
 * @param {Option} standard @param {Option | undefined} value of any origin
 */
function typed(standard, value) {
  if (value === undefined) return standard;
  if (typeof standard === "number") {
    return value !== "" && value !== null && Number.isFinite(Number(value)) ? Number(value) : standard;
  }
  if (typeof standard === "boolean") return value === true || value === "true";
  return String(value);
}

/**
 * All options of an instrument. A default of null stands for a number or nothing.
 * @param {Record<string, Option>} defaults @param {Record<string, Option>} given
 */
export function filled(defaults, given) {
  return Object.fromEntries(
    Object.entries(defaults).map(([name, standard]) => {
      if (standard !== null) return [name, typed(standard, given[name])];
      const value = given[name];
      return [
        name,
        value === undefined || value === null || value === "" || !Number.isFinite(Number(value)) ? null : Number(value),
      ];
    }),
  );
}

/** @param {Record<string, Option>} defaults @param {Record<string, Option>} options */
export function differing(defaults, options) {
  return Object.fromEntries(
    Object.entries(options).filter(([name, value]) => name in defaults && !Object.is(value, defaults[name])),
  );
}

/**
 * Options as they are where nobody has spelled them: of the types of their defaults, those that differ from these.
 * @param {Record<string, Option>} defaults @param {Record<string, Option>} given of any origin
 */
export const proper = (defaults, given) => differing(defaults, filled(defaults, given));

/** The address words of options that are too long for one. @param {Record<string, Option>} options */
export const tooLong = (options) =>
  Object.keys(options).flatMap((name) => (String(options[name]).length > LONGEST_OPTION ? [MARK + name] : []));

/**
 * Sorted, so that the same options are the same address.
 * @param {URLSearchParams} words @param {Record<string, Option>} options
 */
export function toWords(words, options) {
  for (const name of Object.keys(options).sort()) {
    const value = String(options[name]);
    if (value.length <= LONGEST_OPTION) words.set(MARK + name, value);
  }
}

/** @param {URLSearchParams} words */
export function fromWords(words) {
  return Object.fromEntries(
    [...words].filter(([name]) => name.startsWith(MARK)).map(([name, value]) => [name.slice(MARK.length), value]),
  );
}
