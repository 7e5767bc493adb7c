// From what a run has computed to the columns of a picture, as the server's frames have them.

/** @import { Levels } from "../picture/levels.js" */
/** @import { Signal } from "../protocol/hello.js" */
/** @import { Scale } from "../protocol/messages.js" */
/** @import { Show } from "../state/store.js" */
/** @import { Run } from "./network.js" */

/** @typedef {{low: number, high: number, scale: Scale}} Ends of the colours */
/** @typedef {{from: number, to: number, per: number}} Span of steps, in columns of `per` */
/** @typedef {{shape: number[], data: Float32Array}} Reals */

/** A row of numbers as a frame has them. @param {Float32Array} data @returns {Reals} */
export const reals = (data) => ({ shape: [data.length], data });

/** @param {Span} span */
const widthOf = ({ from, to, per }) => Math.max(0, Math.ceil((to - from) / per));

/** The next of 1, 10, 100, … @param {number} largest */
function decade(largest) {
  let high = 1;
  while (Number.isFinite(largest) && high < largest) high *= 10;
  return high;
}

/** The next of 1, 2, 5, 10, 20, 50, … @param {number} largest */
function round(largest) {
  if (!Number.isFinite(largest)) return 1;
  for (let scale = 1; ; scale *= 10) {
    for (const step of [1, 2, 5]) if (largest <= step * scale) return step * scale;
  }
}

/**
 * Where the colours of a signal end.
 * @param {Signal} signal @param {number | "largest" | null} scale that was chosen for signals without a range
 * @param {number} largest value of any such signal in view
 * @returns {Ends}
 */
export function endsOf({ range }, scale, largest) {
  if (range !== null) return { low: range[0], high: range[1], scale: "linear" };
  const high = scale === null ? decade(largest) : scale === "largest" ? round(largest) : scale;
  return { low: -high, high, scale: scale === null ? "log" : "linear" };
}

/**
 * What a column shows of the values of one unit in it.
 * @param {number[]} values @param {Show} show @param {{middle: number, level: number, saturated: [number, number]}} of
 *   the signal: the middle of its range and the width of a level, 0 where it has none
 */
function shown(values, show, { middle, level, saturated: [below, above] }) {
  if (show === "saturated") return values.filter((value) => value < below || value > above).length / values.length;
  const mean = values.reduce((sum, value) => sum + value, 0) / values.length;
  if (show === "mean") return mean;
  const [lowest, highest] = [Math.min(...values), Math.max(...values)];
  if (show !== "extreme") return show === "lowest" ? lowest : highest;
  const lead = highest - middle - (middle - lowest);
  const up = Math.abs(lead) <= level * 1.001 ? mean >= middle : lead >= 0;
  return up ? highest : lowest;
}

/**
 * A signal's values in columns, as levels (columns, H).
 * @param {Run} run @param {{layer: number, index: number, signal: Signal}} of @param {Span} span @param {Show} show
 * @param {Ends} ends @param {Levels} levels
 */
export function valueCells(run, { layer, index, signal }, { from, to, per }, show, { low, high, scale }, levels) {
  const { units, saturated } = run.network.layers[layer];
  const cells = new Uint8Array(widthOf({ from, to, per }) * units);
  const [floor, top] = signal.range ?? [0, 0];
  const how = { middle: (floor + top) / 2, level: (top - floor) / levels.top, saturated: saturated[index] };
  for (let step = from, cell = 0; step < to; step += per) {
    const rows = [];
    for (let k = step; k < Math.min(step + per, to); k++) rows.push(run.signal(layer, index, k));
    for (let unit = 0; unit < units; unit++, cell++) {
      const value = per === 1 ? rows[0][unit] : shown(rows.map((row) => row[unit]), show, how);
      cells[cell] = levels.levelOf(value, low, high, scale);
    }
  }
  return cells;
}

/** The largest absolute value of a signal so far. @param {Run} run @param {number} layer @param {number} index */
export function largestOf(run, layer, index) {
  let found = 0;
  for (let step = run.first; step < run.steps; step++) {
    for (const value of run.signal(layer, index, step)) found = Math.max(found, Math.abs(value));
  }
  return found;
}

/**
 * The surprise of each column: the mean, and the largest.
 * @param {Run} run @param {number[]} ids @param {Span} span
 */
export function surpriseColumns(run, ids, span) {
  const { from, to, per } = span;
  const mean = new Float32Array(widthOf(span)).fill(NaN);
  const peak = new Float32Array(mean.length).fill(NaN);
  for (let step = from, k = 0; step < to; step += per, k++) {
    let [sum, count] = [0, 0];
    for (let t = step; t < Math.min(step + per, to); t++) {
      const bits = run.surprise(ids, t);
      if (Number.isNaN(bits)) continue;
      sum += bits;
      count += 1;
      peak[k] = count === 1 ? bits : Math.max(peak[k], bits);
    }
    if (count > 0) mean[k] = sum / count;
  }
  return { mean, peak };
}
