// The echo of a character: the run as it is, minus runs in which another character stands at one step. See
// models/echo/echo.py, which defines it.

import { Run } from "./network.js";

/** @import { Levels } from "../picture/levels.js" */
/** @import { Span } from "./columns.js" */

export const LOWEST = 1e-7; // where the logarithmic scale of differences begins
export const HIGHEST = 1;

/**
 * The characters to put in the place of one where the mean over several is asked for: as far apart in the vocabulary as
 * they can be.
 * @param {number} symbols @param {number} id @param {number} count
 */
export function othersOf(symbols, id, count) {
  const rest = Array.from({ length: symbols }, (_, k) => k).filter((k) => k !== id);
  if (count >= rest.length) return rest;
  return Array.from({ length: count }, (_, k) => rest[Math.floor((k * rest.length) / count)]);
}

export class Echo {
  /**
   * @param {Run} run that has read the step @param {number} at the step @param {number[]} others ids in its place
   */
  constructor(run, at, others) {
    this.run = run;
    this.at = at;
    this.others = others;
    const before = run.statesBefore(at);
    this.runs = others.map(() => new Run(run.network, at, before));
  }

  /** Steps before this one have been compared. */
  get steps() {
    return Math.min(this.run.steps, ...this.runs.map((other) => other.steps));
  }

  /** The text is another from a later step on. @param {number} at */
  cut(at) {
    for (const other of this.runs) other.cut(at);
  }

  /** Compare all that has been read, or till the time is over. @param {number[]} ids @param {() => boolean} over */
  advance(ids, over) {
    return this.runs.every((other, k) => {
      const text = ids.slice();
      text[this.at] = this.others[k];
      return other.advance(text, this.run.steps, over);
    });
  }

  /**
   * The differences of a signal at a step, (H,): with a sign, or their mean size over several replacements.
   * @param {number} layer @param {number} signal @param {number} step
   */
  differences(layer, signal, step) {
    const ours = this.run.signal(layer, signal, step);
    if (step < this.at) return new Float32Array(ours.length);
    const theirs = this.runs.map((other) => other.signal(layer, signal, step));
    if (theirs.length === 1) return ours.map((value, unit) => value - theirs[0][unit]);
    return ours.map((value, unit) => theirs.reduce((sum, one) => sum + Math.abs(value - one[unit]), 0) / theirs.length);
  }

  /** ‖s − s′‖ at each step, as a mean over the replacements, from step `at` on. @param {number} layer
   * @param {number} signal */
  strengths(layer, signal) {
    const found = new Float32Array(Math.max(0, this.steps - this.at));
    for (let k = 0; k < found.length; k++) {
      const ours = this.run.signal(layer, signal, this.at + k);
      let total = 0;
      for (const other of this.runs) {
        const theirs = other.signal(layer, signal, this.at + k);
        total += Math.sqrt(ours.reduce((sum, value, unit) => sum + (value - theirs[unit]) ** 2, 0));
      }
      found[k] = total / this.runs.length;
    }
    return found;
  }
}

/**
 * The last lag at which an echo is at least a share as strong as at first; −1: nothing changes.
 * @param {Float32Array} strengths @param {number} share
 */
export function feltFor(strengths, share) {
  const [first = 0] = strengths;
  if (!(first > 0)) return -1;
  let lag = strengths.length - 1;
  while (strengths[lag] < share * first) lag--;
  return lag;
}

/**
 * The level of a difference on the logarithmic scale.
 * @param {number} difference @param {{signed: boolean, levels: Levels, decades: number}} how
 */
function levelOf(difference, { signed, levels: { top, middle, noNumber }, decades }) {
  if (Number.isNaN(difference)) return noNumber;
  const share = (Math.log10(Math.abs(difference)) + decades) / decades;
  const level = Math.round(top * Math.max(0, Math.min(HIGHEST, share)));
  return signed ? middle + Math.sign(difference) * Math.floor((level + 1) / 2) : level;
}

/**
 * An echo in columns: of each the largest difference as a level (columns, H), and the largest strength.
 * @param {Echo | null} echo null: its character has not been read yet
 * @param {{layer: number, index: number, units: number}} of @param {Span} span
 * @param {{signed: boolean, levels: Levels, decades: number}} how @param {Float32Array} strengths from the replaced
 *   character on
 */
export function echoColumns(echo, { layer, index, units }, { from, to, per }, how, strengths) {
  const width = Math.max(0, Math.ceil((to - from) / per));
  const cells = new Uint8Array(width * units).fill(how.signed ? how.levels.middle : 0);
  const strength = new Float32Array(width);
  if (echo === null) return { cells, strength };
  const largest = new Float32Array(units);
  for (let step = from, k = 0; step < to; step += per, k++) {
    if (step + per <= echo.at) continue;
    largest.fill(0);
    for (let t = Math.max(step, echo.at); t < Math.min(step + per, to); t++) {
      echo.differences(layer, index, t).forEach((value, unit) => {
        if (!(Math.abs(value) <= Math.abs(largest[unit]))) largest[unit] = value;
      });
      strength[k] = Math.max(strength[k], strengths[t - echo.at] ?? 0);
    }
    largest.forEach((value, unit) => {
      cells[k * units + unit] = levelOf(value, how);
    });
  }
  return { cells, strength };
}
