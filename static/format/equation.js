// An equation with its numbers: hₜ = oₜ·tanh(cₜ) becomes "0.826 = 0.910·tanh(1.52)".

/** @import { Tree } from "../protocol/hello.js" */

const LEAST = 0.001; // what is smaller is written with a power of ten

/**
 * How tightly an expression holds together: 1 a sum, 2 a product, 3 what needs no brackets anywhere. As on the server
 * (models/equations/equation.py).
 * @type {Record<string, number>}
 */
export const BINDS = { sum: 1, difference: 1, complement: 1, product: 2, quotient: 2 };

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
const rounded = (value) => brief(value, (one) => (Math.abs(one) < 1000 ? one.toPrecision(3) : one.toFixed(0)));

/**
 * @param {{symbol: string, formula: Tree}} signal
 * @param {Map<string, number>} now symbol → value at this step
 * @param {Map<string, number> | null} before symbol → value at the step before; null if not known
 * @returns {string | null} null where something would stay a letter, as weights do
 */
export function substitute({ symbol, formula }, now, before) {
  const words = written(formula, ({ symbol: of = "", lag = 0 }) => (lag > 0 ? before?.get(of) : now.get(of)));
  return words === null ? null : `${rounded(now.get(symbol) ?? NaN)} = ${words}`;
}

/**
 * An expression as text, a number in place of each signal; null where one is not known, or a parameter stands.
 * @param {Tree} tree
 * @param {(leaf: Tree) => number | undefined} valueOf
 * @param {number} [binds] how tightly what stands around it binds
 * @returns {string | null}
 */
function written(tree, valueOf, binds = 0) {
  if (tree.kind === "value") {
    const value = valueOf(tree);
    if (value === undefined) return null;
    return value < 0 && binds > 0 ? `(${rounded(value)})` : rounded(value);
  }
  if (tree.children.length === 0) return null;
  const own = BINDS[tree.kind] ?? 3;
  /** @type {string[]} */
  const inside = [];
  for (const [k, child] of tree.children.entries()) {
    const words = written(child, valueOf, asked(tree.kind, k));
    if (words === null) return null;
    inside.push(words);
  }
  const words = joined(tree, inside);
  return own < binds ? `(${words})` : words;
}

/** How tightly a child must hold together. @param {string} kind @param {number} place */
function asked(kind, place) {
  if (kind === "quotient") return place === 0 ? 2 : 3;
  if (kind === "difference") return place === 0 ? 1 : 2;
  if (kind === "complement") return 2;
  return BINDS[kind] ?? 0;
}

/** @param {Tree} tree @param {string[]} inside the texts of its children */
function joined({ kind, function: name }, inside) {
  switch (kind) {
    case "sum":
      return inside.join(" + ");
    case "product":
      return inside.join("·");
    case "difference":
      return inside.join(" − ");
    case "quotient":
      return inside.join(" / ");
    case "complement":
      return `1 − ${inside[0]}`;
    default:
      return `${name ?? kind}(${inside.join(", ")})`;
  }
}
