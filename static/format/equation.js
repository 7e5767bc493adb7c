// An equation with its numbers: "hₜ = oₜ·tanh(cₜ)" becomes "0.826 = 0.910·tanh(1.52)".

const LEAST = 0.001; // what is smaller is written with a power of ten

/**
 * A number in `plain` writing, or, where that would leave nothing of it, as 2.1e−4.
 * @param {number} value
 * @param {(value: number) => string} plain
 */
export function brief(value, plain) {
  const tiny = value !== 0 && Math.abs(value) < LEAST;
  return (tiny ? value.toExponential(1) : plain(value)).replaceAll("-", "−");
}

/** @param {number} value */
function words(value) {
  const number = brief(value, (one) => (Math.abs(one) < 1000 ? one.toPrecision(3) : one.toFixed(0)));
  return value < 0 ? `(${number})` : number;
}

/**
 * @param {string} equation as the cell declares it
 * @param {Map<string, number>} now symbol → value at this step
 * @param {Map<string, number> | null} before symbol → value at the step before; null if not known
 * @returns {string | null} null where something would stay a letter, as weights do
 */
export function substitute(equation, now, before) {
  let text = equation.split(",")[0];
  const symbols = [...now.keys()].sort((a, b) => b.length - a.length);
  for (const symbol of symbols) {
    if (before !== null) text = text.replaceAll(`${symbol}ₜ₋₁`, words(before.get(symbol) ?? NaN));
    text = text.replace(new RegExp(`${symbol}ₜ(?!₋)`, "g"), words(now.get(symbol) ?? NaN));
  }
  if (/[ₜ₋]|[A-ZΑ-Ωσ]/.test(text)) return null;
  return text.replace(/^\(([^)]*)\)/, "$1").replace(/\(\((−[\d.e−]+)\)\)/g, "($1)");
}
