// What the page says of columns, of reading and of edits, in words.

/** @import { Model } from "../protocol/hello.js" */

import { SHOWS } from "../state/store.js";

/** What a column of several characters shows, by the word on the wire. @type {Record<string, string>} */
export const SHOWN = {
  extreme: "extreme",
  mean: "mean",
  lowest: "lowest",
  highest: "highest",
  saturated: "share saturated",
};

/** @type {[string, string][]} */
export const shows = SHOWS.map((show) => [show, SHOWN[show]]);

/** @param {number} number */
const count = (number) => Math.round(number).toLocaleString("en");

/** @param {number} characters */
const characterWords = (characters) => `${count(characters)} ${characters === 1 ? "character" : "characters"}`;

/** What a column stands for; nothing where it is one character. @param {number} per @param {string} [show] */
export function standsFor(per, show) {
  if (per === 1) return "";
  return `1 column = ${characterWords(per)}${show === undefined ? "" : ` · ${SHOWN[show]}`}`;
}

/** @param {number} seconds */
function timeWords(seconds) {
  if (seconds < 1) return "under a second left";
  if (seconds < 90) return `${Math.ceil(seconds)} s left`;
  return `${Math.ceil(seconds / 60)} min left`;
}

/**
 * @param {{steps: number, length: number, steps_per_second: number | null, remaining_seconds: number | null,
 *   stopped: boolean}} message `progress`
 */
export function readingWords({ steps, length, steps_per_second: rate, remaining_seconds: left, stopped }) {
  if (stopped) return `stopped at ${count(steps)} of ${count(length)}`;
  const words = [`reading ${Math.floor((100 * steps) / length)} %`];
  if (rate !== null) words.push(`${rate < 1000 ? count(rate) : `${count(rate / 1000)},000`} steps/s`);
  if (left !== null) words.push(timeWords(left));
  return words.join(" · ");
}

/**
 * Two answers: for how long the picture was another, and for how long the states were, to their last bits.
 * @param {{at: number, seen: number, to: number, exact: boolean, converged: boolean}} message `reach`
 */
export function reachWords({ at, seen, to, exact, converged }) {
  const most = exact ? "" : "at most ";
  /** @param {number} step */
  const far = (step) =>
    !converged && step === to ? `${seen === to ? most : ""}to the end` : `for ${most}${characterWords(step - at)}`;
  const visible = seen <= at ? "could not be seen" : `was seen ${far(seen)}`;
  return `the edit at ${count(at)} ${visible}${seen === to ? "" : `, in the last bits ${far(to)}`}`;
}

/**
 * How far back a model can look, where that is limited; else how far its predictions look, by its card: nothing for a
 * twin, under an intervention, or where the card does not say.
 * @param {Pick<Model, "used_context" | "layers">} model @param {{untrained: boolean, interventions: string}} resolved
 */
export function usesWords({ used_context: stated, layers }, { untrained, interventions }) {
  const window = layers.find((layer) => layer.window !== null)?.window ?? null;
  if (window !== null) return `window ${window}`;
  if (stated === null || stated === undefined || stated === "none" || untrained || interventions !== "") return "";
  return `uses ${stated.replace(/ ±.*/, "")} characters`;
}

/**
 * What those words mean.
 * @param {Pick<Model, "used_context" | "layers">} model @param {number} worth bits below which the past is unused
 */
export function usesTitle({ used_context: stated, layers }, worth) {
  const window = layers.find((layer) => layer.window !== null)?.window ?? null;
  if (window !== null) {
    return (
      `Each block attends to the last ${window} characters, the current one among them, and knows nothing of what ` +
      "lies further back. It has no state of fixed size and no gate that keeps: its memory is the window itself."
    );
  }
  return (
    `Used context, as the card states it (${stated}): what lies further back is worth less ` +
    `than ${worth} bit to the predictions. The instrument of that name measures it on your text.`
  );
}

/** How many numbers a signal has at a step, in words. @param {import("../protocol/hello.js").Signal} signal */
export const numbersOf = ({ width, each }) => `${width} ${each}${width === 1 ? "" : "s"}`;

/** Which numbers it has. @param {import("../protocol/hello.js").Signal} signal */
export const rangeOf = ({ width, each }) => `${each}s 0 to ${width - 1}`;
