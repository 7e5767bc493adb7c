// Counted things in words: shares, thresholds and what lies beyond them, stretches of steps.

/**
 * A share of counted things as it is read: nothing is rounded to none or to all.
 * @param {number} count
 * @param {number} of
 */
export function percent(count, of) {
  if (!(of > 0)) return "–";
  if (count === 0 || count === of) return count === 0 ? "0\u00a0%" : "100\u00a0%";
  const words = ((100 * count) / of).toFixed(1);
  return words === "0.0" ? "<\u00a00.1\u00a0%" : words === "100.0" ? ">\u00a099.9\u00a0%" : `${words}\u00a0%`;
}

/** A share that is stated, 0.01, in per cent. @param {number} share */
export const percentage = (share) => `${Number((100 * share).toPrecision(3))} %`;

/** A threshold as it is read. @param {number} value */
export const bound = (value) =>
  String(Number(Math.abs(value) < 1 ? value.toPrecision(4) : value.toFixed(2))).replace("-", "−");

/** What it means to be beyond the ends. @param {{kind: string}} signal @param {[number, number]} ends */
export function sidesOf(signal, [below, above]) {
  const gate = signal.kind === "gate";
  return {
    left: `below ${bound(below)}`,
    right: `above ${bound(above)}`,
    shut: gate ? "shut, " : "",
    open: gate ? "open, " : "",
  };
}

/** Steps start … stop − 1 in words. @param {{start: number, stop: number}} facts */
export const stepsOf = ({ start, stop }) =>
  stop - start === 1
    ? `step ${start.toLocaleString("en")}`
    : `steps ${start.toLocaleString("en")}–${(stop - 1).toLocaleString("en")}`;
