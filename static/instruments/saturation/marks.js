// What saturation draws on a picture: a tick in each saturated cell, and the lane of shares below it.

const NARROWEST = 3; // CSS pixels of a column that has room for ticks
const TICK = { share: 0.22, most: 3 }; // of a column's width, and CSS pixels
const INSET = 0.1;

/** @param {string} color #rrggbb @returns {[number, number, number]} */
const channels = (color) => {
  const at = (/** @type {number} */ k) => Number.parseInt(color.slice(k, k + 2), 16);
  return [at(1), at(3), at(5)];
};

/**
 * A green that is seen on a colour: no scale has it, so that a tick is never taken for a value.
 * @param {string} color #rrggbb
 */
export function inkOn(color) {
  const [red, green, blue] = channels(color);
  return 0.299 * red + 0.587 * green + 0.114 * blue < 140 ? "#84ffa8" : "#00692e";
}

/** On cells of any colour: a saturated value of an unbounded signal may lie near the middle of its scale. */
const ANYWHERE = "#00a352";

/**
 * The colours of the ticks at the left and at the right.
 * @param {import("../../protocol/hello.js").Signal} signal
 * @param {{low: string, high: string}} ends
 */
export function inksOf({ range }, { low, high }) {
  return range === null ? [ANYWHERE, ANYWHERE] : [inkOn(low), inkOn(high)];
}

/** The colours at the ends and in the middle of a scale. @param {[number, string][]} stops */
export function endsOf(stops) {
  const middle = stops.reduce((best, stop) => (Math.abs(stop[0] - 0.5) < Math.abs(best[0] - 0.5) ? stop : best));
  return { low: stops[0][1], middle: middle[1], high: stops[stops.length - 1][1] };
}

/** Whether columns are wide enough for ticks. @param {number} width CSS pixels of a picture @param {number} columns */
export const roomy = (width, columns) => width / columns >= NARROWEST;

/** A pixel as it stands in an image. @param {string} color */
function pixelOf(color) {
  const [red, green, blue] = channels(color);
  return ((255 << 24) | (blue << 16) | (green << 8) | red) >>> 0;
}

/**
 * Ticks: at the left of a cell that is left-saturated, at the right of one that is right-saturated.
 * @param {CanvasRenderingContext2D} context
 * @param {{width: number, units: number, order: Int32Array | null,
 *   columns: import("../../picture/columns.js").Columns}} place
 * @param {{marks: Uint8Array, first: number, until: number, inks: string[]}} what `marks` (T, H) from step `first` on:
 *   0 neither, 1 left, 2 right; those from step `until` on are of another text
 */
export function drawTicks(context, { width, units, order, columns }, { marks, first, until, inks }) {
  const across = columns.state.length;
  if (columns.per !== 1 || !roomy(width, across)) return;
  const { width: wide, height: high } = context.canvas;
  const { a: ratio } = context.getTransform();
  const image = context.createImageData(wide, high);
  const pixels = new Uint32Array(image.data.buffer);
  const fill = [0, ...inks.map(pixelOf)];
  const to = Math.min(columns.end(), until, first + marks.length / units);
  const edges = Array.from({ length: units + 1 }, (_, row) => Math.round((row * high) / units));
  for (let step = Math.max(first, columns.from); step < to; step++) {
    const left = ((step - columns.from) * wide) / across;
    const cell = wide / across;
    const size = Math.max(1, Math.round(Math.min(cell * TICK.share, TICK.most * ratio)));
    const starts = [0, Math.round(left + cell * INSET), Math.round(left + cell * (1 - INSET)) - size];
    const base = (step - first) * units;
    for (let row = 0; row < units; row++) {
      const mark = marks[base + (order === null ? row : order[row])];
      if (mark === 0) continue;
      const gap = edges[row + 1] - edges[row] > 3 ? 1 : 0;
      for (let y = edges[row] + gap; y < edges[row + 1] - gap; y++) {
        pixels.fill(fill[mark], y * wide + starts[mark], y * wide + starts[mark] + size);
      }
    }
  }
  context.putImageData(image, 0, 0);
}

/**
 * The lane: in each column, from the bottom the share of left-saturated values, from the top that of right-saturated
 * ones, in the colours of the ends of the scale; what is neither, between them, in that of its middle.
 * @param {CanvasRenderingContext2D} context in CSS pixels
 * @param {{width: number, height: number, columns: import("../../picture/columns.js").Columns}} place
 * @param {{lane: Float32Array, first: number, last: number, per: number, until: number,
 *   ends: {low: string, middle: string, high: string, none: string}}} what `lane` (2, C): left and right
 */
export function drawLane(context, { width, height, columns }, { lane, first, last, per, until, ends }) {
  const count = lane.length / 2;
  const span = columns.per * columns.state.length;
  const { a: ratio } = context.getTransform();
  /** @param {number} step */
  const place = (step) => Math.round(((Math.min(step, last) - columns.from) / span) * width * ratio) / ratio;
  for (let k = 0; k < count; k++) {
    const step = first + k * per;
    if (Math.min(step + per, last) > until) break;
    const [x, end] = [Math.max(0, place(step)), Math.min(width, place(step + per))];
    if (end <= x) continue;
    const [left, right] = [lane[k], lane[count + k]];
    context.fillStyle = Number.isNaN(left) ? ends.none : ends.middle;
    context.fillRect(x, 0, end - x, height);
    if (Number.isNaN(left)) continue;
    context.fillStyle = ends.low;
    context.fillRect(x, height * (1 - left), end - x, height * left);
    context.fillStyle = ends.high;
    context.fillRect(x, 0, end - x, height * right);
  }
}
