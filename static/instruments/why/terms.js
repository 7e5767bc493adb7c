// What added up to a pre-activation: one line a term, with a bar to the left or to the right, and the sum.

import { visible, spoken } from "../../text/characters.js";
import { make } from "../../views/dom.js";
import { digits } from "./formula.js";

/** @import { Drive, Symbol_, Term } from "../../protocol/answers.js" */

/** @param {number | null} value @param {boolean} all */
const signed = (value, all) => ((value ?? NaN) > 0 ? `+${digits(value, all)}` : digits(value, all));

/** What a term comes from, in words. @param {Term} term @param {string} character @param {number} layer */
export function sourceOf({ source, index, role, text = "" }, character, layer) {
  if (source === "character") return `“${visible(character)}”`;
  if (source === "own") return text;
  if (source === "below") return `layer ${layer - 1}, unit ${index}`;
  return source === "unit" ? `unit ${index}` : role === "bias" ? "bias b" : "bias b′";
}

/**
 * The largest terms in a few words, whatever they come from.
 * @param {Drive} drive
 * @param {string} character
 * @param {number} layer
 */
export function summary(drive, character, layer) {
  return drive.terms
    .slice(0, layer === 0 ? 3 : 2)
    .map((term) => `${sourceOf(term, character, layer)} ${signed(term.value, false)}`)
    .join(" · ");
}

/** A bar from the middle; `share` −1 … 1, null for a number that is no single term. @param {number | null} share */
function barOf(share) {
  if (share === null) return make("span", { className: "why-bar none" });
  const bar = make("i", { className: share < 0 ? "minus" : "plus" });
  bar.style.width = `${(50 * Math.min(1, Math.abs(share))).toFixed(2)}%`;
  return make("span", { className: "why-bar", "aria-hidden": "true" }, bar);
}

/**
 * @typedef {object} How
 * @property {string} character that was read @property {number} layer
 * @property {boolean} all whether all digits are shown
 * @property {number} scale the value of the longest bar
 * @property {(gain: Symbol_) => number} gains the value of a gate that multiplies a term
 * @property {(term: Term) => void} go to what made a term @property {(() => void) | null} more names all units
 * @property {string} signal whose terms they are, in words
 */

/**
 * A line of the list.
 * @param {string} label where it comes from @param {string} made of which product @param {number} value
 * @param {How} how
 * @param {{title?: string, className?: string, goes?: (() => void) | null, key?: string, bar?: boolean}} more
 */
function lineOf(label, made, value, { all, scale }, { title = "", className = "", goes = null, key = "", bar = true }) {
  const words =
    goes === null
      ? make("span", { className: "why-from", title })
      : make("button", { type: "button", className: "why-from", title, onclick: goes, "data-key": key });
  words.append(label);
  const number = make("span", {
    className: "why-number",
    textContent: signed(value, all),
    title: String(value).replace("-", "−"),
    "data-value": String(value),
  });
  return make(
    "li",
    { className },
    words,
    make("small", { textContent: made }),
    barOf(bar ? value / scale : null),
    number,
  );
}

/** The line of a term. @param {Term} term @param {How} how */
function termLine(term, how) {
  const { source, index, state, weight, gain, value, text } = term;
  const { character, layer, all, gains } = how;
  const label = sourceOf(term, character, layer);
  if (source === "bias") {
    return lineOf(label, gain === null ? "" : `${digits(weight, all)} × ${digits(gains(gain), all)}`, value, how, {
      title: "what is added whatever is read",
      className: "bias",
    });
  }
  if (source === "own") {
    return lineOf(label, "", value, how, { title: "of the unit itself, as the equation has it", className: "own" });
  }
  if (source === "character") {
    return lineOf(label, "", value, how, {
      title: `${spoken(character)}: the weight of the character that was read`,
      className: "character",
    });
  }
  const product = [digits(state, all), digits(weight, all), ...(gain === null ? [] : [digits(gains(gain), all)])].join(
    " × ",
  );
  const where = source === "unit" ? `unit ${index} a step before` : `unit ${index} of layer ${layer - 1} at this step`;
  const factors =
    `its ${text ?? "hidden state"} ${digits(state, all)} times the weight ` +
    `${digits(weight, all)}${gain === null ? "" : ` times ${gain.symbol} ${digits(gains(gain), all)}`}`;
  return lineOf(label, product, value, how, {
    title: `${where}: ${factors}. Go there`,
    goes: () => how.go(term),
    key: `${how.signal}/${source}/${index}`,
    className: "unit",
  });
}

/** The lines of what is no single term: the other units, and rounding. @param {Drive} drive @param {How} how */
function restLines({ rest, rounding }, how) {
  const lines = [];
  if (rest.count > 0) {
    lines.push(
      lineOf(`${rest.count} other unit${rest.count > 1 ? "s" : ""}`, "", rest.value, how, {
        title: "the sum of all other units; click to see each",
        className: "rest",
        bar: false,
        goes: how.more,
        key: `${how.signal}/rest`,
      }),
    );
  }
  if (rounding !== 0) {
    lines.push(
      lineOf("float32", "rounding", rounding, how, {
        title: "the network adds in float32: so much came of rounding",
        className: "rounding",
        bar: false,
      }),
    );
  }
  return lines;
}

/** @param {Drive} drive as the server tells it @param {How} how */
export function terms(drive, how) {
  const items = [...drive.terms.map((term) => termLine(term, how)), ...restLines(drive, how)];
  const gate = drive.terms.find((term) => term.gain !== null)?.gain?.symbol ?? null;
  const head = make(
    "div",
    { className: "why-terms-head", "aria-hidden": "true" },
    make("span", { textContent: "from" }),
    make("small", { textContent: gate === null ? "state × weight" : `state × weight × ${gate}` }),
    barOf(null),
    make("span", { textContent: "adds" }),
  );
  return make(
    "div",
    { className: gate === null ? "why-terms" : "why-terms gated" },
    head,
    make("ul", { "aria-label": `What adds up to the ${how.signal}` }, ...items),
  );
}

/** All terms added up. @param {Drive} drive */
export const total = ({ terms: known, rest, rounding }) =>
  known.reduce((sum, { value }) => sum + value, 0) + rest.value + rounding;
