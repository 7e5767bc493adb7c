// Colours of a signed echo on a linear scale. It arrives on the logarithmic one, whose seven decades show what rounding
// leaves; here colour is for differences that a network can make something of, and one of a hundredth is as good as
// none.

import { NO_NUMBER, lookup } from "../picture/colour.js";

/** Where the colours end, ±. The arriving scale ends there, too. */
export const END = 1;
const MIDDLE = 127;

/**
 * The difference that a byte stands for.
 * @param {number} byte
 * @param {number} low where the logarithmic scale begins
 */
export function differenceOf(byte, low) {
  const share = Math.abs(byte - MIDDLE) / MIDDLE;
  return share === 0 ? 0 : Math.sign(byte - MIDDLE) * END * (low / END) ** (1 - share);
}

/**
 * The stops of signed values with white in the middle: what is forgotten has no colour, as in the laboratory's echo.
 * @param {{signed: [number, string][], echo: [number, string][]}} colours of `hello` @returns {[number, string][]}
 */
export const stopsOf = ({ signed, echo }) =>
  signed.map(([position, colour]) => [position, position === 0.5 ? echo[0][1] : colour]);

/**
 * A table from byte to pixel, as `lookup` makes them.
 * @param {[number, string][]} stops @param {string} none @param {number} low
 */
export function linearTable(stops, none, low) {
  const colours = lookup(stops, none);
  return colours.map((colour, byte) => {
    if (byte === NO_NUMBER) return colour;
    return colours[Math.round(((differenceOf(byte, low) / END + 1) / 2) * (NO_NUMBER - 1))];
  });
}

/** The scale as a background. @param {[number, string][]} stops */
export const gradient = (stops) =>
  `linear-gradient(to right, ${stops.map(([position, colour]) => `${colour} ${100 * position}%`).join(", ")})`;
