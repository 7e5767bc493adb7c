// Columns to pixels: one pixel a cell, units from top to bottom.

import { ABSENT, CURRENT } from "./columns.js";

/**
 * Fill `pixels` (H, T) from the columns; what is not there stays transparent.
 * @param {Uint32Array} pixels
 * @param {import("./columns.js").Columns} columns
 * @param {Uint32Array} table 256 pixels, from `lookup`
 * @param {Int32Array | null} order the unit that stands in each row, null for the order of their numbers
 */
export function raster(pixels, columns, table, order) {
  const { cells, state, units } = columns;
  const width = state.length;
  const read = columns.steps - columns.from;
  for (let k = 0; k < width; k++) {
    // A column read under the text before is shown only where no newer one says that there is none.
    const empty = state[k] === ABSENT || (state[k] === CURRENT && k >= read);
    const start = k * units;
    for (let row = 0, pixel = k; row < units; row++, pixel += width) {
      pixels[pixel] = empty ? 0 : table[cells[start + (order === null ? row : order[row])]];
    }
  }
}
