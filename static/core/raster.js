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
  for (let k = 0; k < width; k++) {
    const empty = state[from + k] === ABSENT;
    const start = (from + k) * units;
    for (let row = 0, pixel = k; row < units; row++, pixel += width) {
      pixels[pixel] = empty ? 0 : table[cells[start + (order === null ? row : order[row])]];
    }
  }
}
