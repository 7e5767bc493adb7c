// What is laid into the plots of a picture: pixels as images, and what lies over them, as on the page.

import { washOf } from "../../picture/colour.js";
import { contextOf, themeColours } from "../../views/dom.js";

/** @import { Window } from "../../picture/window.js" */
/** @import { Place, ShownPanel } from "./image.js" */

const PIXELS = 2; // of an image for each CSS pixel

/**
 * A heatmap with each cell as a block of whole pixels, so that nothing is blurred when it is laid in, and what lies
 * over it.
 * @param {ShownPanel} panel @param {number} width CSS pixels
 */
function composed({ canvas, covers, height }, width) {
  const wide = Math.max(1, Math.ceil((width * PIXELS) / canvas.width));
  const high = Math.max(1, Math.ceil((height * PIXELS) / canvas.height));
  const copy = document.createElement("canvas");
  copy.width = canvas.width * wide;
  copy.height = canvas.height * high;
  const context = contextOf(copy);
  context.imageSmoothingEnabled = false;
  for (const layer of [canvas, ...covers]) context.drawImage(layer, 0, 0, copy.width, copy.height);
  return copy.toDataURL("image/png");
}

/**
 * A heatmap, laid into its plot.
 * @param {ShownPanel} panel @param {Place} place @param {Window} window @param {number} width CSS pixels
 */
export const imageOf = (panel, { name }, { from, span }, width) => ({
  source: composed(panel, width),
  xref: `x${name}`,
  yref: `y${name}`,
  x: from - 0.5,
  y: -0.5,
  sizex: span,
  sizey: panel.units,
  sizing: "stretch",
  layer: "above",
});

/**
 * A canvas of the page, over the whole width of the plots.
 * @param {HTMLCanvasElement} canvas @param {number} y where it ends, as a share of all plots @param {number} sizey
 */
export const bandOf = (canvas, y, sizey) => ({
  source: canvas.toDataURL("image/png"),
  xref: "paper",
  yref: "paper",
  x: 0,
  y,
  sizex: 1,
  sizey,
  sizing: "stretch",
  layer: "above",
});

/**
 * The cursor in a plot: the column, and the row where it is held.
 * @param {ShownPanel} panel @param {Place} place @param {Window} window
 */
export function cursorOf({ cursor, units }, { name }, { from, per, columns }) {
  const [color] = themeColours("--cursor");
  const line = { color, width: 1 };
  const plot = { type: "rect", xref: `x${name}`, yref: `y${name}`, layer: "above" };
  const [left, right] = [from - 0.5, from + columns * per - 0.5];
  const x0 = left + cursor.column * per;
  const shapes = [];
  if (isIn(cursor.column, columns)) {
    shapes.push({ ...plot, line, opacity: 1, x0, x1: x0 + per, y0: -0.5, y1: units - 0.5 });
  }
  if (cursor.row >= 0) {
    const [y0, y1] = [cursor.row - 0.5, cursor.row + 0.5];
    shapes.push({ ...plot, line, opacity: 0.6, x0: left, x1: right, y0, y1 });
  }
  return shapes;
}

/** @param {number} column @param {number} columns */
const isIn = (column, columns) => column >= 0 && column < columns;

/**
 * The same among the lines of surprise.
 * @param {ShownPanel} panel @param {Place} place @param {Window} window
 */
export function washAt({ cursor: { column } }, { name, start, end }, { from, per, columns }) {
  const [fillcolor] = themeColours("--cursor-wash");
  const x0 = from - 0.5 + column * per;
  const place = { xref: `x${name}`, x0, x1: x0 + per, yref: "paper", y0: start, y1: end };
  return isIn(column, columns) ? [{ type: "rect", ...place, fillcolor, line: { width: 0 }, layer: "below" }] : [];
}

/**
 * @typedef {object} Letter
 * @property {string} words @property {boolean} here whether the cursor is there
 * @property {boolean} replaced whether its echo is shown
 * @property {boolean} strange whether a model does not know it @property {number} level its colour, −8 … 8
 */

/** The characters, each over its column. @param {Letter[]} letters @param {number} from @param {number} y */
export function lettersOf(letters, from, y) {
  const [ink, bad, badInk, accent, accentInk] = themeColours("--ink", "--bad", "--bad-ink", "--accent", "--accent-ink");
  return letters.map(({ words, here, replaced, strange, level }, c) => ({
    text: escaped(words),
    xref: "x",
    x: from + c,
    yref: "paper",
    y,
    yshift: 2,
    yanchor: "bottom",
    showarrow: false,
    borderpad: 0,
    borderwidth: 1,
    bordercolor: replaced ? accent : "rgba(0,0,0,0)",
    bgcolor: here ? accent : strange ? bad : level === 0 ? "rgba(0,0,0,0)" : comma(washOf(level)),
    font: { size: 12, family: "ui-monospace, monospace", color: here ? accentInk : strange ? badInk : ink },
  }));
}

/** Plotly reads colours only in the older spelling. @param {string} colour "rgb(r g b / a)" */
const comma = (colour) => `rgba(${(colour.match(/[\d.]+/g) ?? []).join(",")})`;

/** Plotly takes its words for HTML. @param {string} words */
export const escaped = (words) => words.replace(/[<&]/g, (sign) => (sign === "<" ? "&lt;" : "&amp;"));
