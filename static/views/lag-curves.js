// What instruments share that draw curves of decimal logarithms against a lag: axes, words, and fields for numbers.

import { make, put } from "./dom.js";

/**
 * How far down an axis may reach below its highest value, in decades, and in words; below it curves leave the picture.
 * @type {[string, string][]}
 */
export const DEPTHS = [
  ["4", "4 decades"],
  ["8", "8 decades"],
  ["16", "16 decades"],
  ["0", "all of it"],
];

/** 0, 1, 2 … @param {ArrayLike<number>} values */
export const lagsOf = (values) => Array.from(values, (_, k) => k);

/** The logarithms of shares of the first value. @param {ArrayLike<number>} logs */
export const relative = (logs) => Array.from(logs, (log) => log - logs[0]);

/**
 * The ends of an axis, in whole decades below and half ones above; `depth` decades at most (0: any number).
 * @param {ArrayLike<number>[]} many logarithms @param {number} depth
 * @returns {[number, number]}
 */
export function decadesOf(many, depth) {
  let [low, high] = [Infinity, -Infinity];
  for (const logs of many) {
    for (const log of Array.from(logs)) {
      if (Number.isFinite(log)) [low, high] = [Math.min(low, log), Math.max(high, log)];
    }
  }
  if (low > high) return [-1, 0];
  const top = Math.ceil(2 * (high - 1e-6)) / 2;
  const bottom = Math.floor(Math.min(low + 1e-6, top - 1));
  return [depth > 0 ? Math.max(bottom, Math.ceil(top) - depth) : bottom, top];
}

/**
 * Where a curve has no place on a logarithmic axis, in words. That it ends one lag before the others is no news.
 * @param {ArrayLike<number>} logs
 * @returns {string[]}
 */
export function unseen(logs) {
  const all = Array.from(logs);
  const [zero, none] = [all.indexOf(-Infinity), all.findIndex(Number.isNaN)];
  const said = [];
  if (zero >= 0) {
    said.push(
      all.slice(zero).every((log) => log === -Infinity)
        ? `exactly zero from k = ${zero} on`
        : `exactly zero at k = ${zero} and elsewhere`,
    );
  }
  const missing = all.filter(Number.isNaN).length;
  if (missing > 0 && missing === all.length) said.push("no number at all");
  else if (missing > 0 && (missing > 1 || none < all.length - 1)) {
    said.push(`no number at ${missing} of ${all.length} lags`);
  } // at the last one the text ends
  return said;
}

/** What is said of several, each thing once. @param {{name: string, said: string[]}[]} all */
export function together(all) {
  const by = new Map();
  for (const { name, said } of all) for (const words of said) by.set(words, [...(by.get(words) ?? []), name]);
  return [...by].map(([words, names]) => `${names.join(", ")}: ${words}.`);
}

/**
 * A number that one sets, with the words before and after it.
 * @param {{label: string, name: string, unit?: string, min: number, max: number, usual?: string, set: (value: number |
 *   null) => void}} about `usual`: what stands for no number, where none is needed
 */
export function createNumber({ label, name, unit = "", min, max, usual, set }) {
  const input = make("input", {
    type: "number",
    min: String(min),
    max: String(max),
    step: "1",
    "aria-label": name,
    placeholder: usual ?? "",
  });
  input.addEventListener("change", () => {
    const value = Math.round(Math.max(min, Math.min(max, Number(input.value))));
    if (input.value === "" && usual !== undefined) return set(null);
    const sound = input.value !== "" && Number.isFinite(value);
    input.value = sound ? String(value) : (input.dataset.value ?? "");
    return sound ? set(value) : undefined;
  });
  return {
    element: make("label", {}, label, input, unit),
    /** @param {number | null} value */
    update(value) {
      const shown = value === null ? "" : String(value);
      if (document.activeElement !== input || input.dataset.value !== shown) input.value = shown;
      put(input.dataset, { value: shown });
    },
  };
}

/** Which other characters stand in for one. @type {[string, string][]} */
export const OTHERS = [
  ["even", "evenly along the alphabet"],
  ["frequency", "as often as in the text"],
];
