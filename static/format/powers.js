// Numbers of any size, given by their decimal logarithm: so 10⁻⁴⁰⁰ is a number, −Infinity is zero, and NaN is none.

const DIGITS = "⁰¹²³⁴⁵⁶⁷⁸⁹";
/** @type {[string, string][]} */
const PAIRS = [...DIGITS].map((raised, k) => [String(k), raised]);
const RAISED = new Map([["-", "⁻"], ...PAIRS]);

/** 10⁻⁶, as it is printed. @param {number} exponent whole */
export const power = (exponent) => `10${String(exponent).replace(/./g, (sign) => RAISED.get(sign) ?? sign)}`;

/** With thousands apart and a true minus sign. @param {number} value @param {number} digits significant ones */
function plainly(value, digits) {
  const words = Number(value.toPrecision(digits)).toString().replace("-", "−");
  return words.replace(/^(−?\d+)(?=\.|$)/, (whole) =>
    whole.length > 3 ? whole.replace(/\B(?=(\d{3})+$)/g, ",") : whole,
  );
}

/** @param {number} log the decimal logarithm @param {number} [digits] significant ones */
export function amount(log, digits = 2) {
  if (Number.isNaN(log)) return "no number";
  if (log === -Infinity) return "0";
  if (log === Infinity) return "∞";
  if (log >= -3 && log < 5) return plainly(10 ** log, digits);
  let exponent = Math.floor(log);
  let factor = Number((10 ** (log - exponent)).toPrecision(digits));
  if (factor === 10) [factor, exponent] = [1, exponent + 1];
  return factor === 1 ? power(exponent) : `${factor}·${power(exponent)}`;
}

/** A share, as a number of per cent; what is less than a ten-thousandth says so. @param {number} log of the share */
export function percent(log) {
  if (Number.isNaN(log)) return "–";
  if (log > -Infinity && log < -4) return "< 0.01";
  return amount(log + 2, log >= 0 ? 3 : 2);
}

/** For a table of numbers: what a program reads, exact to the digits that were sent. @param {number} log */
export function exactly(log) {
  if (Number.isNaN(log)) return NaN;
  if (log > -300 && log < 300) return Number((10 ** log).toPrecision(6));
  if (!Number.isFinite(log)) return log < 0 ? 0 : Infinity;
  const exponent = Math.floor(log);
  return `${Number((10 ** (log - exponent)).toPrecision(5))}e${exponent}`;
}
