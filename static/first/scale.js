// Colours of a signed echo on a linear scale. It arrives on the logarithmic one, whose seven decades show what rounding
// leaves; here colour is for differences that a network can make something of, and one of a hundredth is as good as
// none.

import { lookup } from "../picture/colour.js";

/** @import { Levels } from "../picture/levels.js" */

/**
 * The stops of signed values with white in the middle: what is forgotten has no colour, as in the laboratory's echo.
 * @param {{signed: [number, string][], echo: [number, string][]}} colours of `hello` @returns {[number, string][]}
 */
export const stopsOf = ({ signed, echo }) =>
  signed.map(([position, colour]) => [position, position === 0.5 ? echo[0][1] : colour]);

/**
 * A table from byte to pixel, as `lookup` makes them: the colours end where the arriving scale does.
 * @param {[number, string][]} stops @param {string} none @param {Levels} levels
 * @param {{low: number, high: number}} ends of the logarithmic scale
 */
export function linearTable(stops, none, levels, ends) {
  const colours = lookup(stops, none, levels);
  const { high } = ends;
  return colours.map((_, level) => colours[levels.levelOf(levels.differenceOf(level, true, ends), -high, high)]);
}

/** The scale as a background. @param {[number, string][]} stops */
export const gradient = (stops) =>
  `linear-gradient(to right, ${stops.map(([position, colour]) => `${colour} ${100 * position}%`).join(", ")})`;
