// The picture as a file: one Plotly figure with true axes, the heatmaps laid in as images.

import { contextOf, themeColours } from "../../views/dom.js";
import { colourTicks } from "../../views/heatmap/axes.js";

/** @import { Window } from "../../picture/window.js" */
/** @import { Plotly } from "../../picture/plotly-loader.js" */

const LEAST = 760; // CSS pixels of a plot, also where the page is narrow: the titles need them
const GAP = 42; // CSS pixels between the plots, for the titles
const LINES = 90; // CSS pixels of the lines of surprise

/**
 * A canvas with each cell as a block of whole pixels, so that nothing is blurred when it is laid in.
 * @param {HTMLCanvasElement} canvas @param {number} width @param {number} height
 */
function enlarged(canvas, width, height) {
  const [across, down] = [Math.max(1, Math.ceil(width / canvas.width)), Math.max(1, Math.ceil(height / canvas.height))];
  const copy = document.createElement("canvas");
  copy.width = canvas.width * across;
  copy.height = canvas.height * down;
  const context = contextOf(copy);
  context.imageSmoothingEnabled = false;
  context.drawImage(canvas, 0, 0, copy.width, copy.height);
  return copy.toDataURL("image/png");
}

/** Plotly takes its words for HTML. @param {string} words */
const escaped = (words) => words.replace(/[<&]/g, (sign) => (sign === "<" ? "&lt;" : "&amp;"));

/** Where the colours of a panel end: a scale that is not linear runs from 0 to 1. @param {ShownPanel} panel */
const ends = ({ scale, low, high }) =>
  scale === "linear" ? { color: [low], cmin: low, cmax: high } : { color: [0], cmin: 0, cmax: 1 };

/** @param {ShownPanel} panel */
function ticks(panel) {
  const { values, words } = colourTicks(panel);
  return { tickvals: values, ticktext: words };
}

/**
 * @typedef {object} ShownPanel
 * @property {HTMLCanvasElement} canvas @property {string} name @property {string} title @property {number} units
 * @property {number} height in CSS pixels @property {number} low @property {number} high @property {string} scale
 * @property {import("../../picture/levels.js").Levels} levels
 * @property {[number, string][]} stops @property {Float32Array} surprise @property {string} color
 * @property {boolean} dashed @property {string} rows what its rows are @property {boolean} numbered
 */

/**
 * @typedef {object} Shown what the pictures show; see figure.js
 * @property {import("../../picture/window.js").Window} window @property {number} plotWidth
 * @property {string[]} characters @property {ShownPanel[]} panels
 */

/** @typedef {{name: string, start: number, end: number}} Place a plot's number and where it is, 0 bottom … 1 top */

/** Where the plots are, one below the other. @param {number[]} heights @param {number} total @returns {Place[]} */
function placesOf(heights, total) {
  let top = 1;
  return heights.map((height, k) => {
    const end = top - GAP / total;
    const start = end - height / total;
    top = start;
    return { name: k === 0 ? "" : String(k + 1), start, end };
  });
}

/**
 * The two axes of a plot; `panel` null: of the lines of surprise.
 * @param {ShownPanel | null} panel @param {Place} place @param {Window} window @param {string} frame
 */
function axesOf(panel, { name, start, end }, { from, span }, frame) {
  const last = panel === null;
  const line = { zeroline: false, linecolor: frame, mirror: true };
  const rows = last
    ? { range: [0, 12], dtick: 5, title: { text: "bits" } }
    : { range: [panel.units - 0.5, -0.5], title: { text: panel.rows }, showticklabels: panel.numbered };
  return {
    [`xaxis${name}`]: {
      domain: [0, 1],
      anchor: `y${name}`,
      range: [from - 0.5, from + span - 0.5],
      showgrid: false,
      showticklabels: last,
      title: { text: last ? "step" : "" },
      ...line,
    },
    [`yaxis${name}`]: { domain: [Math.max(0, start), end], anchor: `x${name}`, showgrid: last, ...line, ...rows },
  };
}

/** The words above a plot. @param {string} text @param {number} y @param {number} yshift */
const headingOf = (text, y, yshift) => ({
  text,
  xref: "paper",
  yref: "paper",
  x: 0,
  y,
  yshift,
  xanchor: "left",
  yanchor: "middle",
  showarrow: false,
  font: { size: 13 },
});

/**
 * A heatmap, laid into its plot.
 * @param {ShownPanel} panel @param {Place} place @param {Window} window @param {number} plotWidth
 */
const imageOf = (panel, { name }, { from, span }, plotWidth) => ({
  source: enlarged(panel.canvas, plotWidth * 2, panel.height * 2),
  xref: `x${name}`,
  yref: `y${name}`,
  x: from - 0.5,
  y: -0.5,
  sizex: span,
  sizey: panel.units,
  sizing: "stretch",
  layer: "above",
});

/** What brings the colour bar of a heatmap along. @param {ShownPanel} panel @param {Place} place */
const barOf = (panel, { name, start, end }) => ({
  type: "scatter",
  mode: "markers",
  showlegend: false,
  x: [null],
  y: [null],
  xaxis: `x${name}`,
  yaxis: `y${name}`,
  marker: {
    ...ends(panel),
    colorscale: panel.stops,
    showscale: true,
    colorbar: {
      x: 1,
      xpad: 8,
      y: (start + end) / 2,
      len: end - start,
      lenmode: "fraction",
      ypad: 0,
      thickness: 12,
      outlinewidth: 0,
      ...ticks(panel),
    },
  },
});

/** The characters, each over its column. @param {string[]} characters @param {number} from @param {number} y */
const lettersOf = (characters, from, y) =>
  characters.map((character, c) => ({
    text: escaped(character),
    xref: "x",
    x: from + c,
    yref: "paper",
    y,
    yshift: 2,
    yanchor: "bottom",
    showarrow: false,
    font: { size: 12, family: "ui-monospace, monospace" },
  }));

/** A model's surprise. @param {ShownPanel} panel @param {Place} place @param {Window} window */
const surpriseOf = ({ name, color, dashed, surprise }, place, { from, per }) => ({
  type: "scatter",
  mode: "lines",
  name,
  x: Array.from(surprise, (_, c) => from + c * per + (per - 1) / 2),
  y: Array.from(surprise, (bits) => (Number.isNaN(bits) ? null : bits)),
  xaxis: `x${place.name}`,
  yaxis: `y${place.name}`,
  line: { color, width: 1.5, shape: "hvh", dash: dashed ? "dash" : "solid" },
});

/** What all plots share. @param {number} width @param {number} height */
function layoutOf(width, height) {
  const [color, paper] = themeColours("--ink", "--surface");
  return {
    width,
    height,
    margin: { l: 56, r: 84, t: 10, b: 78 },
    paper_bgcolor: paper,
    plot_bgcolor: paper,
    font: { family: "system-ui, sans-serif", size: 12, color },
    showlegend: true,
    legend: {
      orientation: "h",
      x: 0,
      xanchor: "left",
      yref: "container",
      y: 0.005,
      yanchor: "bottom",
      bgcolor: "transparent",
    },
  };
}

/**
 * @param {Plotly} Plotly
 * @param {Shown} shown
 * @returns {Promise<string>} a data URL
 */
export async function picture(Plotly, { window, plotWidth: seen, characters, panels }) {
  const { from, span, per } = window;
  const plotWidth = Math.max(LEAST, seen);
  const heights = [...panels.map((panel) => panel.height), LINES];
  const total = heights.reduce((sum, height) => sum + height + GAP, 0);
  const legible = per === 1 && plotWidth / span >= 6;
  const places = placesOf(heights, total);
  const [frame] = themeColours("--frame");
  const last = places[panels.length];
  const mean = per === 1 ? "" : `, the mean of ${per.toLocaleString("en")} a column`;
  const layout = {
    ...layoutOf(plotWidth + 140, total + 88),
    ...Object.assign({}, ...places.map((place, k) => axesOf(panels[k] ?? null, place, window, frame))),
    images: panels.map((panel, k) => imageOf(panel, places[k], window, plotWidth)),
    annotations: [
      ...panels.map((panel, k) => headingOf(escaped(panel.title), places[k].end, k === 0 && legible ? 29 : 13)),
      headingOf(`surprise, bits per character${mean}; above 12 it is cut`, last.end, 13),
      ...(legible ? lettersOf(characters, from, places[0].end) : []),
    ],
  };
  const data = [
    ...panels.map((panel, k) => barOf(panel, places[k])),
    ...panels.map((panel) => surpriseOf(panel, last, window)),
  ];
  return Plotly.toImage({ data, layout }, { format: "png", width: layout.width, height: layout.height, scale: 2 });
}
