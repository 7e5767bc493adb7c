// A model's surprise as a stair, one level a column, written into pixels. As strokes on a canvas, and even as
// rectangles, the lines of three models cost more than their heatmaps.

import { packed } from "./colour.js";
import { CURRENT } from "./columns.js";

export const MOST = 12; // bits; what is above is drawn at the top, thicker
const FAINT = 0.4; // of the ink: the largest value in a column that stands for several characters

/**
 * @param {{pixels: Uint32Array, wide: number, high: number, ratio: number, columns: number}} plot `pixels` (high,
 *   wide), of the device; `ratio` of them are one of the page
 * @param {import("./columns.js").Columns} line
 * @param {string} color "#rrggbb" @param {boolean} dashed
 */
export function stair({ pixels, wide, high, ratio, columns }, { surprise, peak, state, per }, color, dashed) {
  const across = wide / columns;
  const narrow = across / ratio < 4;
  const thick = Math.round(ratio * (narrow ? 1 : 2));
  const [ink, faint] = [packed(color, 1), packed(color, FAINT)];
  /** @param {number} bits */
  const levelOf = (bits) => Math.round((high - thick) * (1 - Math.min(bits, MOST) / MOST));
  /** @param {number} left @param {number} top @param {number} width @param {number} height */
  const fill = (left, top, width, height) => {
    const [right, bottom] = [Math.min(wide, left + width), Math.min(high, top + height)];
    for (let y = top; y < bottom; y++) for (let at = y * wide + left; at < y * wide + right; at++) pixels[at] = ink;
  };

  for (let k = 0; per > 1 && k < peak.length; k++) {
    if (state[k] !== CURRENT || Number.isNaN(peak[k])) continue;
    const top = levelOf(peak[k]);
    for (let y = top; y < top + thick; y++) {
      for (let x = Math.round(k * across); x < Math.round((k + 1) * across); x++) pixels[y * wide + x] ||= faint;
    }
  }
  let before = NaN;
  for (let k = 0; k < surprise.length; k++) {
    const bits = state[k] === CURRENT ? surprise[k] : NaN;
    const level = levelOf(bits); // NaN stays NaN: nothing is drawn
    if (!Number.isNaN(level)) {
      const [left, right] = [Math.round(k * across), Math.round((k + 1) * across)];
      if (!dashed) {
        fill(left, level, right - left, thick);
        if (!Number.isNaN(before) && before !== level) {
          fill(left, Math.min(before, level), thick, Math.abs(before - level) + thick);
        }
      } else if (!narrow) fill(left, level, Math.round(across / 2), thick);
      else if (left % (8 * ratio) < 4 * ratio) fill(left, level, right - left, thick);
      if (per === 1 && bits > MOST) fill(left, 0, Math.max(3 * ratio, right - left), 4 * ratio);
    }
    before = level;
  }
}
