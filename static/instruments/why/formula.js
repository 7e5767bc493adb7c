// An equation over its numbers, term above term: what a cell declares, as MathML. Knows no cell by name.

import { BINDS } from "../../format/equation.js";
import { element, row, sub, subsup, sup } from "../../format/mathml.js";

/** @import { Node_, Symbol_ } from "../../protocol/answers.js" */

const DIGITS = { short: 3, all: 7 };
const LEAST = 0.001; // what is smaller is written with a power of ten
const INDENT = 22; // CSS pixels, of a line that goes on

/** A power of ten in figures above the line. @param {string} words such as "5.3e-6" */
const powers = (words) =>
  words
    .replace("e-", "·10⁻")
    .replace("e+", "·10")
    .replace(/(?<=·10⁻?)\d+$/, (power) => [...power].map((one) => "⁰¹²³⁴⁵⁶⁷⁸⁹"[Number(one)]).join(""));

/** A number with a true minus, three digits of it or seven. @param {number | null} value @param {boolean} [all] */
export function digits(value, all = false) {
  if (value === null || !Number.isFinite(value)) return "no number";
  if (value === 0) return "0";
  const size = Math.abs(value);
  let many = all ? DIGITS.all : DIGITS.short;
  // A gate at 0.9998 is not at 1: what it lets through matters.
  while (size < 1 && many < DIGITS.all && Number(size.toPrecision(many)) === 1) many++;
  const words =
    size < LEAST
      ? powers(value.toExponential(many - 1))
      : size < 10 ** many
        ? value.toPrecision(many)
        : value.toFixed(0);
  return words.replaceAll("-", "−");
}

/** About how much, as a power of ten. @param {number} value */
export const roughly = (value) => (value === 0 ? "0" : powers(value.toExponential(0)));

/** A signal's symbol with its step. @param {{symbol: string, lag: number}} one */
export const symbolOf = ({ symbol, lag }) => sub(symbol, lag === 0 ? "t" : row("t", "−", String(lag)));

/** A parameter, times what it multiplies. @param {Node_} node */
function partOf({ symbol = "", mark = "", of = null }) {
  const letter = symbol.replace("′", "");
  const prime = symbol.endsWith("′");
  const bare =
    mark === "" ? (prime ? sup(letter, "′") : letter) : prime ? subsup(letter, mark, "′") : sub(letter, mark);
  return of === null ? row(bare) : row(bare, "·", of.text ?? symbolOf(of));
}

/** @param {string} one @param {boolean} [fence] */
const sign = (one, fence = false) =>
  element("mo", { stretchy: "false", ...(fence ? { fence: "true" } : { form: "infix" }) }, one);

/** @typedef {Symbol_ & {value: number | null}} Leaf a signal, with its value */

/**
 * @typedef {object} Token one column: what stands in the equation, and below it its number
 * @property {Element} above @property {string} below
 * @property {boolean} [breaks] whether a line may end before it @property {Leaf} [leaf] the signal that it is
 * @property {boolean} [own] whether it is the one that is explained
 */

/**
 * @typedef {object} Acts
 * @property {(leaf: Leaf) => string | null} paint the colour of a value in the pictures
 * @property {(leaf: Leaf) => (() => void) | null} pick what a click on a symbol does
 * @property {(leaf: Leaf) => string} title
 */

/** @param {Node_} node @param {boolean} all @returns {Token} */
function valueToken({ symbol = "", lag = 0, value }, all) {
  const leaf = { symbol, lag, value };
  return { above: symbolOf(leaf), below: digits(value, all), leaf };
}

/** @param {Node_} node @param {boolean} all whether all digits are shown @returns {Token[]} */
function tokensOf(node, all) {
  /** @param {string} one @param {string} [below] @param {Partial<Token>} [more] */
  const mark = (one, below = one, more = {}) => ({ above: sign(one, "()".includes(one)), below, ...more });
  /** @param {Node_} child @param {number} binds */
  const within = (child, binds) =>
    (BINDS[child.kind] ?? 3) < binds ? [mark("("), ...tokensOf(child, all), mark(")")] : tokensOf(child, all);
  /** @param {number | null} value */
  const number = (value) => digits(value, all);
  switch (node.kind) {
    case "value":
      return [valueToken(node, all)];
    case "part":
      return [{ above: partOf(node), below: number(node.value) }];
    case "weight":
      return [{ above: row(node.symbol ?? ""), below: number(node.value) }];
    case "max":
    case "min":
      return [
        { above: element("mi", { mathvariant: "normal" }, node.kind), below: node.kind },
        mark("("),
        ...tokensOf(node.children[0], all),
        mark(","),
        ...tokensOf(node.children[1], all),
        mark(")"),
      ];
    case "difference":
      return [...within(node.children[0], 1), mark("−", "−", { breaks: true }), ...within(node.children[1], 2)];
    case "quotient":
      return [...within(node.children[0], 2), mark("/"), ...within(node.children[1], 3)];
    case "apply":
      return [
        { above: element("mi", { mathvariant: "normal" }, node.function ?? ""), below: node.function ?? "" },
        mark("("),
        ...tokensOf(node.children[0], all),
        mark(")"),
      ];
    case "complement":
      return [{ above: element("mn", null, "1"), below: "1" }, mark("−"), ...within(node.children[0], 2)];
    case "product":
      return node.children.flatMap((child, k) => {
        const [first, ...rest] = within(child, 2);
        const negative = k > 0 && rest.length === 0 && first.below.startsWith("−");
        const factor = negative ? { ...first, below: `(${first.below})` } : first;
        return [...(k === 0 ? [] : [mark("·")]), factor, ...rest];
      });
    case "sum":
      return node.children.flatMap((child, k) => {
        const [first, ...rest] = within(child, 1);
        if (k === 0) return [first, ...rest];
        // "+ −0.7" is written "− 0.7".
        const negative = first.below.startsWith("−");
        return [
          mark("+", negative ? "−" : "+", { breaks: true }),
          negative ? { ...first, below: first.below.slice(1) } : first,
          ...rest,
        ];
      });
    default:
      throw new Error(`An equation holds something that this page does not know: ${node.kind}.`);
  }
}

/**
 * How wide each column is in CSS pixels, with the fonts that are here.
 * @param {Token[]} tokens
 * @param {HTMLElement} host
 */
function widthsOf(tokens, host) {
  const cells = tokens.map(({ above }) => element("mtd", null, above.cloneNode(true)));
  const under = tokens.map((token) => element("mtd", null, numberOf(token)));
  const sheet = wrap(
    "",
    element(
      "math",
      { display: "block" },
      element("mtable", null, element("mtr", null, ...cells), element("mtr", null, ...under)),
    ),
  );
  sheet.classList.add("visually-hidden");
  host.append(sheet);
  const widths = cells.map((cell) => cell.getBoundingClientRect().width);
  sheet.remove();
  return widths;
}

/**
 * Lines no wider than there is room for, broken before a sign.
 * @param {Token[]} tokens
 * @param {number[]} widths
 * @param {number} room
 */
function linesOf(tokens, widths, room) {
  /** @type {Token[]} */
  let line = [];
  const lines = [line];
  let width = 0;
  for (let from = 0; from < tokens.length;) {
    let to = from + 1;
    while (to < tokens.length && !tokens[to].breaks) to++;
    const more = widths.slice(from, to).reduce((sum, one) => sum + one, 0);
    if (width > 0 && width + more > room) {
      line = [];
      lines.push(line);
      width = INDENT;
    }
    line.push(...tokens.slice(from, to));
    width += more;
    from = to;
  }
  return lines;
}

/** @param {string} label what is read out @param {...Node} lines */
function wrap(label, ...lines) {
  const whole = document.createElement("div");
  whole.className = "formula";
  whole.setAttribute("role", "math");
  whole.setAttribute("aria-label", label);
  whole.append(...lines);
  return whole;
}

/**
 * @param {{symbol: string}} signal @param {Node_} tree with its numbers @param {number} shown the signal's value
 * @param {Acts & {all: boolean, room: number, host: HTMLElement, spoken: string}} how `room` in CSS pixels, measured
 *   within `host`; `spoken`: the equation in a line
 */
export function formula(signal, tree, shown, { all, room, host, paint, pick, title, spoken }) {
  const own = { symbol: signal.symbol, lag: 0, value: shown };
  /** @type {Token[]} */
  const tokens = [
    { above: symbolOf(own), below: digits(shown, all), leaf: own, own: true },
    { above: sign("="), below: "=" },
    ...tokensOf(tree, all),
  ];
  const numbers = tokens
    .map(({ below }) => below)
    .join(" ")
    .replace(/ ?([()]) ?/g, "$1");
  const lines = linesOf(tokens, widthsOf(tokens, host), room).map((line, k) => {
    const columns = line.map((token) => columnOf(token, { paint, pick, title }));
    const indent = () => (k === 0 ? [] : [element("mtd", null, element("mspace", { width: `${INDENT}px` }))]);
    const rows = [0, 1].map((which) => element("mtr", null, ...indent(), ...columns.map((pair) => pair[which])));
    return element("math", { display: "block" }, element("mtable", null, ...rows));
  });
  return wrap(`${spoken}: ${numbers}`, ...lines);
}

/** What stands above and below in one column. @param {Token} token @param {Acts} acts */
function columnOf(token, { paint, pick, title }) {
  const pair = [element("mtd", null, token.above), element("mtd", null, numberOf(token))];
  const { leaf } = token;
  if (leaf === undefined) return pair;
  const color = paint(leaf);
  if (color !== null) {
    pair[1].style.setProperty("--value", color);
    pair[1].classList.add("painted");
  }
  pair[1].dataset.value = String(leaf.value);
  const act = token.own ? null : pick(leaf);
  if (act === null) return pair;
  for (const cell of pair) {
    cell.classList.add("goes");
    cell.addEventListener("click", act);
    cell.setAttribute("title", title(leaf));
  }
  return pair;
}

/** What stands below: the number, or the same sign again. @param {Token} token */
function numberOf({ below, above }) {
  if (/^[()+−·=]$/.test(below)) return sign(below, "()".includes(below));
  return element(
    /^[−(]?[\d.]/.test(below) ? "mn" : above.localName === "mi" ? "mi" : "mtext",
    above.localName === "mi" ? { mathvariant: "normal" } : null,
    below,
  );
}
