// The arithmetic of the server's loops (models/kernels/arithmetic.py), in float32: a number is rounded where it is
// rounded there. A product of two float32 is exact in a JavaScript number, so fround(a * b + c) is a·b + c rounded
// once, but for the rare sum that falls between two float32 only after a rounding to 53 bits.

const { fround, log, log1p } = Math;

const INVERSE_LN_2 = fround(1.44269504);
const LN_2_HIGH = fround(-0.693359375);
const LN_2_LOW = fround(2.1219444e-4);
/** The coefficients of Cephes' expf, the highest power first. */
const [C0, C1, C2, C3, C4, C5] = [
  1.98756915e-4, 1.3981999507e-3, 8.3334519073e-3, 4.1665795894e-2, 1.6666665459e-1, 5.0000001201e-1,
].map(fround);
const SMALLEST = -126;
/** 2ⁿ for n from `SMALLEST` on. */
const POWERS = Float64Array.from({ length: 254 }, (_, k) => 2 ** (k + SMALLEST));

/** Where exp neither overflows nor becomes zero. @param {number} x */
const clipped = (x) => (x < -87 ? -87 : x > 88 ? 88 : x);

/** n of exp(x) = 2ⁿ·exp(r). @param {number} x */
function exponent(x) {
  const scaled = fround(x * INVERSE_LN_2);
  return Math.trunc(fround(scaled + (scaled > 0 ? 0.5 : -0.5))) | 0;
}

/** exp(r) − 1. @param {number} x @param {number} n */
function remainder(x, n) {
  const r = fround(n * LN_2_LOW + fround(n * LN_2_HIGH + x));
  let p = fround(C0 * r + C1);
  p = fround(p * r + C2);
  p = fround(p * r + C3);
  p = fround(p * r + C4);
  p = fround(p * r + C5);
  return fround(p * fround(r * r) + r);
}

/** @param {number} x */
export function exp(x) {
  const within = clipped(x);
  const n = exponent(within);
  const s = POWERS[n - SMALLEST];
  return fround(s * remainder(within, n) + s);
}

/** 1 / (1 + e⁻ˣ). @param {number} x */
export const sigmoid = (x) => fround(1 / fround(1 + exp(-x)));

/** @param {number} x */
export function tanh(x) {
  const within = clipped(-2 * Math.abs(x));
  const n = exponent(within);
  const s = POWERS[n - SMALLEST];
  const m = fround(s * remainder(within, n) + fround(s - 1)); // exp(−2|x|) − 1
  const y = fround(-m / fround(2 + m));
  return x > 0 ? y : -y;
}

/** log σ(x). @param {number} x */
export const logSigmoid = (x) => fround(Math.min(x, 0) - fround(log1p(exp(-Math.abs(x)))));

/** Turn logits into log-probabilities in nats, in place. @param {Float32Array} row */
export function logSoftmax(row) {
  let top = row[0];
  for (const logit of row) top = logit > top ? logit : top;
  let total = 0;
  for (const logit of row) total = fround(total + exp(fround(logit - top)));
  const shift = fround(log(total));
  for (let j = 0; j < row.length; j++) row[j] = fround(row[j] - top) - shift;
}

/**
 * totals[j] += Σ inputs[k] · matrix[k, j]: each total adds its products in ascending k, rounded after each.
 * @param {Float32Array} totals @param {number} to where they begin @param {Float32Array} inputs
 * @param {number} from where they begin @param {number} count of inputs
 * @param {Float32Array} matrix (count, width) @param {number} at where it begins @param {number} width
 */
export function addProduct(totals, to, inputs, from, count, matrix, at, width) {
  let k = 0;
  let row = at;
  // Four inputs a pass: a total is fetched and put back once for all four.
  for (; k + 3 < count; k += 4, row += 4 * width) {
    const [a, b, c, d] = [inputs[from + k], inputs[from + k + 1], inputs[from + k + 2], inputs[from + k + 3]];
    for (let j = 0, p = row; j < width; j++, p++) {
      let total = fround(totals[to + j] + a * matrix[p]);
      total = fround(total + b * matrix[p + width]);
      total = fround(total + c * matrix[p + 2 * width]);
      totals[to + j] = fround(total + d * matrix[p + 3 * width]);
    }
  }
  for (; k < count; k++, row += width) {
    const a = inputs[from + k];
    for (let j = 0; j < width; j++) totals[to + j] = fround(totals[to + j] + a * matrix[row + j]);
  }
}
