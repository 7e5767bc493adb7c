// Columns to pixels: one pixel a cell, units from top to bottom.

import { ABSENT } from "./columns.js";

/**
 * Fill `pixels` (H, to − from) from columns `from` to before `to`; what is not there stays transparent.
 * @param {Uint32Array} pixels
 * @param {import("./columns.js").Columns} columns
 * @param {Uint32Array} table 256 pixels, from `lookup`
 * @param {Int32Array | null} order the unit that stands in each row, null for the order of their numbers
 * @param {number} from @param {number} to
 */
export function raster(pixels, columns, table, order, from = 0, to = columns.state.length) {
  const { cells, state, units } = columns;
  const width = to - from;
  for (let row = 0, pixel = 0; row < units; row++) {
    let cell = from * units + (order === null ? row : order[row]);
    for (const end = pixel + width; pixel < end; pixel++, cell += units) pixels[pixel] = table[cells[cell]];
  }
  for (let k = 0; k < width; k++) {
    if (state[from + k] !== ABSENT) continue;
    for (let pixel = k; pixel < units * width; pixel += width) pixels[pixel] = 0;
  }
}
