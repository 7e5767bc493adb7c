// From what a run has computed to the columns of a picture, as the server's frames have them.

/** @import { Levels } from "../picture/levels.js" */
/** @import { Signal } from "../protocol/hello.js" */
/** @import { Scale } from "../protocol/messages.js" */
/** @import { Show } from "../state/store.js" */
/** @import { Run } from "./network.js" */

/** @typedef {{low: number, high: number, scale: Scale}} Ends of the colours */
/** @typedef {{from: number, to: number, per: number}} Span of steps, in columns of `per` */
/** @typedef {{shape: number[], data: Float32Array}} Reals */

/** A factor that is farther from 1 than this, either way, counts as this far: see models/equations/scale.py. */
const FARTHEST_FACTOR = 1e6;

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
 * @param {Signal} signal @param {number | "largest" | null} chosen for signals without a range
 * @param {number} largest how far any such signal in view goes
 * @returns {Ends}
 */
export function endsOf({ range, scale: form }, chosen, largest) {
  if (range !== null) return { low: range[0], high: range[1], scale: "linear" };
  if (form === "logarithmic") {
    const high = decade(Math.max(largest, 10));
    return { low: 1 / high, high, scale: "positive_log" };
  }
  if (chosen === null && form === "symmetric") {
    const high = decade(largest);
    return { low: -high, high, scale: "log" };
  }
  const high = typeof chosen === "number" ? chosen : round(largest);
  return { low: form === "half_line" ? 0 : -high, high, scale: "linear" };
}

/** A factor, no farther from 1 than counts. @param {number} value */
const clipped = (value) => Math.max(1 / FARTHEST_FACTOR, Math.min(FARTHEST_FACTOR, value));

/**
 * How much farther from the middle of its picture the highest value of a signal lies than the lowest.
 * @param {Signal} signal @param {number} lowest @param {number} highest
 */
function leadOf({ range, scale: form }, lowest, highest) {
  if (form === "logarithmic") return Math.log(clipped(highest)) + Math.log(clipped(lowest));
  const middle = range === null ? 0 : (range[0] + range[1]) / 2;
  return highest - middle - (middle - lowest);
}

/**
 * What a column shows of the values of one unit in it.
 * @param {number[]} values @param {Show} show @param {Signal} signal @param {number} top the highest level
 */
function shown(values, show, signal, top) {
  const { range, scale: form, saturated } = signal;
  if (show === "saturated" && saturated !== null) {
    return values.filter((value) => value < saturated[0] || value > saturated[1]).length / values.length;
  }
  const mean = values.reduce((sum, value) => sum + value, 0) / values.length;
  if (show === "mean") return mean;
  const [lowest, highest] = [Math.min(...values), Math.max(...values)];
  if (show === "lowest" || show === "highest") return show === "lowest" ? lowest : highest;
  const lead = leadOf(signal, lowest, highest);
  const [low, high] = range ?? [0, 0];
  const alike = Math.abs(lead) <= ((high - low) / top) * 1.001; // to a level of the picture
  const middle = form === "logarithmic" ? 1 : (low + high) / 2;
  return (alike ? mean >= middle : lead >= 0) ? highest : lowest;
}

/**
 * A signal's values in columns, as levels (columns, H).
 * @param {Run} run @param {{layer: number, index: number, signal: Signal}} of @param {Span} span @param {Show} show
 * @param {Ends} ends @param {Levels} levels
 */
export function valueCells(run, { layer, index, signal }, { from, to, per }, show, { low, high, scale }, levels) {
  const { units } = run.network.layers[layer];
  const cells = new Uint8Array(widthOf({ from, to, per }) * units);
  for (let step = from, cell = 0; step < to; step += per) {
    const rows = [];
    for (let k = step; k < Math.min(step + per, to); k++) rows.push(run.signal(layer, index, k));
    for (let unit = 0; unit < units; unit++, cell++) {
      const value = per === 1 ? rows[0][unit] : shown(rows.map((row) => row[unit]), show, signal, levels.top);
      cells[cell] = levels.levelOf(value, low, high, scale);
    }
  }
  return cells;
}

/**
 * How far a signal has gone: its largest absolute value, or the largest factor by which it lies above or below 1.
 * @param {Run} run @param {{layer: number, index: number, signal: Signal}} of
 */
export function largestOf(run, { layer, index, signal }) {
  const factor = signal.scale === "logarithmic";
  let found = 0;
  for (let step = run.first; step < run.steps; step++) {
    for (const value of run.signal(layer, index, step)) {
      found = Math.max(found, factor ? Math.max(clipped(value), 1 / clipped(value)) : Math.abs(value));
    }
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
