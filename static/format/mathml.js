// Formulas, which browsers set by themselves: a few builders of MathML.

/** @typedef {Node | string | number} Leaf what is given as a word, or made already */
const SPACE = "http://www.w3.org/1998/Math/MathML";

/** @param {string} tag @param {Record<string, string> | null} attributes @param {...(Node | string)} children */
export function element(tag, attributes, ...children) {
  const one = document.createElementNS(SPACE, tag);
  for (const [name, value] of Object.entries(attributes ?? {})) one.setAttribute(name, value);
  one.append(...children);
  return one;
}

/** What is given as a word: a number, an operator or a letter. @param {Node | string | number} part */
function leaf(part) {
  if (part instanceof Node) return part;
  const words = String(part).replace(/^-/, "−");
  if (/^−?[\d.,]/.test(words)) return element("mn", null, words);
  if (/^[\p{L}∂∞]/u.test(words)) return element("mi", words.length > 1 ? { mathvariant: "normal" } : null, words);
  // Without a font for formulas they grow ugly.
  return element("mo", /^[()[\]|]$/.test(words) ? { stretchy: "false" } : null, words);
}

/** Parts side by side. @param {...(Node | string | number)} parts */
export const row = (...parts) => element("mrow", null, ...parts.map(leaf));
/** @param {Leaf} base @param {Leaf} below */
export const sub = (base, below) => element("msub", null, leaf(base), leaf(below));
/** @param {Leaf} base @param {Leaf} above */
export const sup = (base, above) => element("msup", null, leaf(base), leaf(above));
/** @param {Leaf} base @param {Leaf} below @param {Leaf} above */
export const subsup = (base, below, above) => element("msubsup", null, leaf(base), leaf(below), leaf(above));
/** @param {Leaf} above @param {Leaf} below */
export const frac = (above, below) => element("mfrac", null, leaf(above), leaf(below));
/** @param {Leaf} inside */
export const root = (inside) => element("msqrt", null, leaf(inside));
/**
 * Something over and under an operator: a sum, a product.
 * @param {Leaf} base @param {Leaf} below @param {Leaf} above
 */
export const over = (base, below, above) => element("munderover", null, leaf(base), leaf(below), leaf(above));
/** @param {string} text */
export const words = (text) => element("mtext", null, text);
/** Between two signs: norms, brackets. @param {Node | string} inside @param {string} [left] @param {string} [right] */
export const fence = (inside, left = "(", right = ")") =>
  row(element("mo", { fence: "true" }, left), inside, element("mo", { fence: "true" }, right));
/** @param {Node | string} inside */
export const norm = (inside) => fence(inside, "‖", "‖");

/** A whole formula. @param {...(Node | string | number)} parts */
export function math(...parts) {
  return element("math", null, ...parts.map(leaf));
}

/** A formula on a line of its own. @param {...(Node | string | number)} parts */
export function display(...parts) {
  const formula = math(...parts);
  formula.setAttribute("display", "block");
  return formula;
}
