// The strip below a picture of an echo: how strong it is at each step, on a logarithmic scale, and how long it is felt.

import { power } from "../../format/powers.js";
import { packed } from "../../picture/colour.js";
import { themeColours } from "../dom.js";

/** @import { Place } from "../../picture/overlay.js" */
/** @import { EchoFormat } from "../../protocol/hello.js" */

/** The share down to which an echo is felt, in words. @param {EchoFormat} format */
const percentFelt = ({ felt }) => `${100 * felt} %`;

/**
 * What an echo adds to its panel: its strength as a share of that at the replaced character, on as many decades as the
 * picture.
 * @param {import("../../picture/columns.js").Columns} columns @param {string} color @param {EchoFormat} format
 * @returns {import("../../picture/overlay.js").Overlay}
 */
export function echoOverlay(columns, color, format) {
  return {
    words: feltWords(columns),
    lane: {
      label:
        "Strength of the echo: the distance of the two states, as a share of that at the replaced character; " +
        `dashed: ${percentFelt(format)}`,
      top: "1",
      bottom: power(-format.decades),
      draw: (context, place) => drawStrength(context, place, color, format),
    },
  };
}

/** @param {CanvasRenderingContext2D} context @param {Place} place @param {string} color @param {EchoFormat} format */
function drawStrength(context, { columns, width, height }, color, format) {
  const { echo, strength, state } = columns;
  const { first = null, felt = null } = echo ?? {};
  if (echo === null || first === null || !(first > 0)) return;
  const [line] = themeColours("--frame");
  const across = width / state.length; // a column's CSS pixels
  /** @param {number} share */
  const y = (share) => height * Math.min(1, Math.max(0, -Math.log10(share) / format.decades));
  bars(context, state.length, (k) => (state[k] === 0 || !(strength[k] > 0) ? height : y(strength[k] / first)), color);
  context.strokeStyle = line;
  context.setLineDash([3, 3]);
  context.beginPath();
  context.moveTo(0, Math.round(y(format.felt)) + 0.5);
  context.lineTo(width, Math.round(y(format.felt)) + 0.5);
  context.stroke();
  if (felt !== null && felt > 0) {
    const [ink] = themeColours("--ink");
    const end = columns.at(echo.step + felt) + 1;
    context.fillStyle = ink;
    if (end > 0 && end <= state.length) context.fillRect(Math.round(end * across) - 1, 0, 2, height);
  }
}

/**
 * Bars that reach the bottom, written as pixels: a rectangle for each would cost more than the picture above.
 * @param {CanvasRenderingContext2D} context @param {number} count of bars
 * @param {(k: number) => number} topOf in CSS pixels @param {string} color "#rrggbb"
 */
function bars(context, count, topOf, color) {
  const { width: wide, height: high } = context.canvas;
  const image = context.createImageData(wide, high);
  const pixels = new Uint32Array(image.data.buffer);
  const [ink, ratio] = [packed(color, 1), devicePixelRatio];
  for (let k = 0, x = 0; k < count; k++) {
    const top = Math.round(topOf(k) * ratio) * wide;
    for (const end = Math.round(((k + 1) * wide) / count); x < end; x++) {
      for (let pixel = top + x; pixel < pixels.length; pixel += wide) pixels[pixel] = ink;
    }
  }
  context.putImageData(image, 0, 0);
}

const { format: count } = new Intl.NumberFormat("en");
/** @param {number} number */
const characters = (number) => `${count(number)} ${number === 1 ? "character" : "characters"}`;

/**
 * How long an echo is felt, in words; nothing while that is not known.
 * @param {import("../../picture/columns.js").Columns} columns
 */
export function feltWords({ echo, length }) {
  if (echo === null || echo.felt === null) return "";
  if (echo.felt < 0) return "unchanged";
  if (echo.felt === 0) return "felt at its own step only";
  /** @param {number} lasts */
  const toEnd = (lasts) => echo.step + lasts >= length - 1;
  const traces =
    echo.above === null || echo.above <= echo.felt
      ? ""
      : toEnd(echo.above)
        ? ", traces to the end"
        : `, traces for ${count(echo.above)}`;
  return `felt for ${characters(echo.felt)}${toEnd(echo.felt) ? ", to the end" : echo.settled ? traces : " so far"}`;
}

/**
 * The same in full.
 * @param {import("../../picture/columns.js").Columns} columns @param {EchoFormat} format
 */
export function feltTitle({ echo }, format) {
  if (echo === null || echo.felt === null) return "";
  const above =
    echo.above === null
      ? ""
      : ` Traces: it is at least ten times as strong as rounding for ${characters(Math.max(0, echo.above))}.`;
  return (
    `Felt: the two states are at least ${percentFelt(format)} as far apart as at step ${count(echo.step)}, ` +
    `‖s − s′‖ of the signal shown; the bar in the strip below.${above}`
  );
}
