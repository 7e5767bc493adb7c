// The strip below a picture of an echo: how strong it is at each step, on a logarithmic scale, and how long it is felt.

import { themeColours } from "./dom.js";

/** As the scale of the picture: seven decades below the strength at the replaced character. */
const DECADES = 7;
/** The share of that strength down to which an echo is felt; see models/echo.py. */
const FELT = 0.01;

/**
 * What an echo adds to its panel; see `Overlay` in desk.js.
 * @param {import("../core/columns.js").Columns} columns @param {string} color
 */
export function echoOverlay(columns, color) {
  return {
    words: feltWords(columns),
    lane: {
      label: "Strength of the echo: the distance of the two states, as a share of that at the replaced character; dashed: 1 %",
      top: "1",
      bottom: "10⁻⁷",
      draw: (context, place) => drawStrength(context, place, color),
    },
  };
}

function drawStrength(context, { columns, width, height }, color) {
  const { echo, strength, state } = columns;
  if (echo === null || !(echo.first > 0)) return;
  const [line] = themeColours("--frame");
  const across = width / state.length;
  const y = (share) => height * Math.min(1, Math.max(0, -Math.log10(share) / DECADES));
  context.fillStyle = color;
  for (let k = 0; k < state.length; k++) {
    if (state[k] === 0 || !(strength[k] > 0)) continue;
    const top = y(strength[k] / echo.first);
    context.fillRect(k * across, top, Math.max(across, 0.5), height - top);
  }
  context.fillStyle = line;
  for (let x = 0; x < width; x += 6) context.fillRect(x, Math.round(y(FELT)), 3, 1);
  if (echo.felt > 0) {
    const [ink] = themeColours("--ink");
    const end = columns.at(echo.step + echo.felt) + 1;
    context.fillStyle = ink;
    if (end > 0 && end <= state.length) context.fillRect(Math.round(end * across) - 1, 0, 2, height);
  }
}

const count = (number) => number.toLocaleString("en");
const characters = (number) => `${count(number)} ${number === 1 ? "character" : "characters"}`;

/** How long an echo is felt, in words; nothing while that is not known. @param {import("../core/columns.js").Columns} columns */
export function feltWords({ echo, length }) {
  if (echo === null || echo.felt === null) return "";
  if (echo.felt < 0) return "unchanged";
  if (echo.felt === 0) return "felt at its own step only";
  const end = echo.step + echo.felt >= length - 1;
  const traces = echo.above === null || echo.above <= echo.felt ? "" : `, traces for ${count(echo.above)}`;
  return `felt for ${characters(echo.felt)}${end ? ", to the end" : echo.settled ? traces : " so far"}`;
}

/** The same in full. @param {import("../core/columns.js").Columns} columns */
export function feltTitle({ echo }) {
  if (echo === null || echo.felt === null) return "";
  const above = echo.above === null ? "" : ` Traces: it is at least ten times as strong as rounding for ${characters(Math.max(0, echo.above))}.`;
  return `Felt: the two states are at least 1 % as far apart as at step ${count(echo.step)}, ‖s − s′‖ of the signal shown; the bar in the strip below.${above}`;
}
