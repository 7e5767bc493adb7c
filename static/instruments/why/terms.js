// What added up to a pre-activation: one line a term, with a bar to the left or to the right, and the sum.

import { visible, spoken } from "../../text/characters.js";
import { make } from "../../views/dom.js";
import { digits } from "./formula.js";

const signed = (value, all) => (value > 0 ? `+${digits(value, all)}` : digits(value, all));

/** What a term comes from, in words. @param {any} term @param {string} character @param {number} layer */
export function sourceOf({ source, index, role, text }, character, layer) {
  if (source === "character") return `“${visible(character)}”`;
  if (source === "own") return text;
  if (source === "below") return `layer ${layer - 1}, unit ${index}`;
  return source === "unit" ? `unit ${index}` : role === "bias" ? "bias b" : "bias b′";
}

/**
 * The largest terms in a few words, whatever they come from.
 * @param {any} drive
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
 * @param {any} drive as the server tells it
 * @param {{character: string, layer: number, most: number, all: boolean, scale: number, gains: (gain: any) => number,
 *   go: (term: any) => void, more: (() => void) | null, signal: string}} how `scale` is the value of the longest bar
 */
export function terms(drive, { character, layer, all, scale, gains, go, more, signal }) {
  const line = (label, made, value, { title = "", className = "", goes = null, key = "", bar = true } = {}) => {
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
  };
  const items = drive.terms.map((term) => {
    const { source, index, state, weight, gain, value, text } = term;
    const label = sourceOf(term, character, layer);
    if (source === "bias") {
      return line(label, gain === null ? "" : `${digits(weight, all)} × ${digits(gains(gain), all)}`, value, {
        title: "what is added whatever is read",
        className: "bias",
      });
    }
    if (source === "own") {
      return line(label, "", value, { title: "of the unit itself, as the equation has it", className: "own" });
    }
    if (source === "character") {
      return line(label, "", value, {
        title: `${spoken(character)}: the weight of the character that was read`,
        className: "character",
      });
    }
    const product = [
      digits(state, all),
      digits(weight, all),
      ...(gain === null ? [] : [digits(gains(gain), all)]),
    ].join(" × ");
    const where =
      source === "unit" ? `unit ${index} a step before` : `unit ${index} of layer ${layer - 1} at this step`;
    const factors =
      `its ${text ?? "hidden state"} ${digits(state, all)} times the weight ` +
      `${digits(weight, all)}${gain === null ? "" : ` times ${gain.symbol} ${digits(gains(gain), all)}`}`;
    return line(label, product, value, {
      title: `${where}: ${factors}. Go there`,
      goes: () => go(term),
      key: `${signal}/${source}/${index}`,
      className: "unit",
    });
  });
  const { rest, rounding } = drive;
  if (rest.count > 0) {
    const label = `${rest.count} other unit${rest.count > 1 ? "s" : ""}`;
    items.push(
      line(label, "", rest.value, {
        title: "the sum of all other units; click to see each",
        className: "rest",
        bar: false,
        goes: more,
        key: `${signal}/rest`,
      }),
    );
  }
  if (rounding !== 0) {
    items.push(
      line("float32", "rounding", rounding, {
        title: "the network adds in float32: so much came of rounding",
        className: "rounding",
        bar: false,
      }),
    );
  }
  const gate = drive.terms.find(({ gain }) => gain !== null)?.gain.symbol ?? null;
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
    make("ul", { "aria-label": `What adds up to the ${signal}` }, ...items),
  );
}

/** All terms added up. @param {any} drive */
export const total = ({ terms: known, rest, rounding }) =>
  known.reduce((sum, { value }) => sum + value, 0) + rest.value + rounding;
