// An equation with its numbers: "hₜ = oₜ·tanh(cₜ)" becomes "0.83 = 0.91·tanh(1.52)".

const words = (value) => (value < 0 ? `(−${Math.abs(value).toFixed(2)})` : value.toFixed(2));

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
    if (before !== null) text = text.replaceAll(`${symbol}ₜ₋₁`, words(before.get(symbol)));
    text = text.replace(new RegExp(`${symbol}ₜ(?!₋)`, "g"), words(now.get(symbol)));
  }
  if (/[ₜ₋]|[A-ZΑ-Ωσ]/.test(text)) return null;
  return text.replace(/^\(([^)]*)\)/, "$1").replace(/\(\((−[\d.]+)\)\)/g, "($1)");
}
