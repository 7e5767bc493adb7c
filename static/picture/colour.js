// Levels to colours. The stops come from the server.

/** @import { Colours } from "../protocol/hello.js" */
/** @import { Levels } from "./levels.js" */

/** @param {string} hex @returns {[number, number, number]} */
const channels = (hex) => {
  const at = (/** @type {number} */ k) => parseInt(hex.slice(k, k + 2), 16);
  return [at(1), at(3), at(5)];
};
/** @param {number[]} channels */
const pack = ([red, green, blue]) => ((255 << 24) | (blue << 16) | (green << 8) | red) >>> 0; // little-endian RGBA

/** A colour as a pixel. @param {string} hex "#rrggbb" @param {number} alpha */
export const packed = (hex, alpha) => ((Math.round(255 * alpha) << 24) | (pack(channels(hex)) & 0xffffff)) >>> 0;

/** A pixel as a style sheet writes it. @param {number} pixel */
export const inStyle = (pixel) => `rgb(${pixel & 255} ${(pixel >> 8) & 255} ${(pixel >> 16) & 255})`;

/**
 * A table from byte to pixel: the levels run through the stops, and there is the colour of no number.
 * @param {[number, string][]} stops positions from 0 to 1, rising, each with "#rrggbb"
 * @param {string} none @param {Levels} levels
 * @returns {Uint32Array} 256 pixels
 */
export function lookup(stops, none, { top, noNumber }) {
  const table = new Uint32Array(256);
  let k = 0;
  for (let level = 0; level <= top; level++) {
    const position = level / top;
    while (k < stops.length - 2 && position > stops[k + 1][0]) k++;
    const [[left, first], [right, second]] = [stops[k], stops[k + 1]];
    const share = Math.min(1, Math.max(0, (position - left) / (right - left)));
    const end = channels(second);
    table[level] = pack(channels(first).map((value, c) => Math.round(value + share * (end[c] - value))));
  }
  table[noNumber] = pack(channels(none));
  return table;
}

/**
 * The colours of the kinds of cell, told apart with and without colour vision; by theme.
 * @type {Record<string, string[]>}
 */
export const LINES = {
  light: ["#0060a8", "#c2500a", "#00795a", "#9a3f86", "#7a6400", "#3d4b57"],
  dark: ["#6db6f2", "#f59b57", "#4fd0a8", "#e79ad2", "#e3cb5a", "#b4c1cc"],
};

/**
 * The colours of several signals of one model, which are no kinds of cell.
 * @type {Record<string, string[]>}
 */
export const SIGNALS = {
  light: ["#3d4b57", "#8a6a00", "#a8324a", "#5f7d95"],
  dark: ["#c3ccd4", "#d8b64a", "#ee8ba0", "#8fb0c9"],
};

/** How far the shades of a colour lie from it towards black and white, in the light theme. */
const SHADES = [
  [0, 255],
  [0.42, 0],
  [0.24, 255],
  [0.68, 0],
];

/**
 * A variant of a colour for another model of the same kind of cell: 0 is the colour itself.
 * @param {string} hex @param {number} k @param {string} theme @returns {string} "#rrggbb"
 */
export function shade(hex, k, theme) {
  const [share, towards] = SHADES[k % SHADES.length];
  const end = theme === "dark" ? 255 - towards : towards;
  return `#${channels(hex)
    .map((value) =>
      Math.round(value + share * (end - value))
        .toString(16)
        .padStart(2, "0"),
    )
    .join("")}`;
}

const WASH = [0, 0.1, 0.2, 0.3, 0.4, 0.5, 0.62, 0.75, 0.9]; // as the style sheet has them for the text

/** The colour behind a character of a level −8 … 8, as the editor has it. @param {number} level */
export function washOf(level) {
  return level < 0 ? `rgb(43 113 178 / ${WASH[-level]})` : `rgb(214 96 27 / ${WASH[level]})`;
}

/**
 * Which colours a signal has: one-sided from the lowest value, or to either side of a middle.
 * @param {import("../protocol/hello.js").Signal} signal @returns {"gate" | "signed"}
 */
export const rampOf = ({ scale, range }) => (scale === "half_line" || range?.[0] === 0 ? "gate" : "signed");

/** Pixel tables of all scales. @param {Colours} colours from `hello` @param {Levels} levels */
export function tablesOf({ signed, gate, echo, none }, levels) {
  return { signed: lookup(signed, none, levels), gate: lookup(gate, none, levels), echo: lookup(echo, none, levels) };
}
