// The picture as a file: one Plotly figure with true axes, the heatmaps laid in as images.

import { themeColours } from "../../views/dom.js";
import { colourTicks } from "../../views/heatmap/axes.js";
import { bandOf, cursorOf, escaped, imageOf, lettersOf, washAt } from "./layers.js";

/** @import { Window } from "../../picture/window.js" */
/** @import { Plotly } from "../../picture/plotly-loader.js" */

const LEAST = 760; // CSS pixels of a plot, also where the page is narrow: the titles need them
const GAP = 42; // CSS pixels between the plots, for the titles
const LINES = 90; // CSS pixels of the lines of surprise
const LETTERS = 20; // CSS pixels of the characters above

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
 * @property {HTMLCanvasElement} canvas @property {HTMLCanvasElement[]} covers what lies over it
 * @property {{canvas: HTMLCanvasElement, words: string[], height: number, all: number} | null} strip below it: its
 *   height, and what it takes with the gap above it, in CSS pixels
 * @property {{column: number, row: number}} cursor −1: not in the picture
 * @property {string} name @property {string} title @property {number} units
 * @property {number} height in CSS pixels @property {number} low @property {number} high @property {string} scale
 * @property {import("../../picture/levels.js").Levels} levels
 * @property {[number, string][]} stops @property {Float32Array} surprise @property {string} color
 * @property {boolean} dashed @property {string} rows what its rows are @property {boolean} numbered
 */

/**
 * @typedef {object} Shown what the pictures show; see figure.js
 * @property {import("../../picture/window.js").Window} window @property {number} plotWidth
 * @property {{strip: HTMLCanvasElement, shown: import("./layers.js").Letter[]}} letters
 * @property {ShownPanel[]} panels
 */

/** @typedef {{name: string, start: number, end: number}} Place a plot's number and where it is, 0 bottom … 1 top */

/**
 * Where the plots are, one below the other.
 * @param {{height: number, below: number}[]} plots `below`: what stands under one, in CSS pixels
 * @param {number} total @returns {Place[]}
 */
function placesOf(plots, total) {
  let top = 1;
  return plots.map(({ height, below }, k) => {
    const end = top - GAP / total;
    const start = end - height / total;
    top = start - below / total;
    return { name: k === 0 ? "" : String(k + 1), start, end };
  });
}

/**
 * The two axes of a plot; `panel` null: of the lines of surprise.
 * @param {ShownPanel | null} panel @param {Place} place @param {Window} window
 * @param {{frame: string, last: boolean, below: number}} how `last`: whether the steps are written under it; `below`:
 *   CSS pixels between
 */
function axesOf(panel, { name, start, end }, { from, span }, { frame, last, below }) {
  const line = { zeroline: false, linecolor: frame, mirror: true };
  const rows =
    panel === null
      ? { range: [0, 12], dtick: 5, title: { text: "bits" } }
      : { range: [panel.units - 0.5, -0.5], title: { text: panel.rows }, showticklabels: panel.numbered };
  return {
    [`xaxis${name}`]: {
      domain: [0, 1],
      anchor: `y${name}`,
      range: [from - 0.5, from + span - 0.5],
      showgrid: false,
      showticklabels: last,
      ...(below > 0 && last ? { ticks: "outside", ticklen: below, tickcolor: "rgba(0,0,0,0)" } : {}),
      title: { text: last ? "step" : "" },
      ...line,
    },
    [`yaxis${name}`]: {
      domain: [Math.max(0, start), end],
      anchor: `x${name}`,
      showgrid: panel === null,
      ...line,
      ...rows,
    },
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

/** What all plots share. @param {number} width @param {number} height @param {boolean} showlegend */
function layoutOf(width, height, showlegend) {
  const [color, paper] = themeColours("--ink", "--surface");
  return {
    width,
    height,
    margin: { l: 56, r: 84, t: 10, b: 78 },
    paper_bgcolor: paper,
    plot_bgcolor: paper,
    font: { family: "system-ui, sans-serif", size: 12, color },
    showlegend,
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
 * What lies over and between the plots.
 * @param {Shown} shown @param {Place[]} places @param {{width: number, total: number, legible: boolean}} size
 */
function layersOf({ window, letters, panels }, places, { width, total, legible }) {
  const images = panels.map((panel, k) => imageOf(panel, places[k], window, width));
  panels.forEach(({ strip }, k) => {
    if (strip === null) return;
    const below = places[k].start - (strip.all - strip.height) / total;
    images.push(bandOf(strip.canvas, below, strip.height / total));
  });
  if (!legible) images.push(bandOf(letters.strip, places[0].end + LETTERS / total, LETTERS / total));
  const washed = places.length > panels.length ? washAt(panels[0], places[panels.length], window) : [];
  return { images, shapes: [...washed, ...panels.flatMap((panel, k) => cursorOf(panel, places[k], window))] };
}

/** What stands at the ends of a strip. @param {ShownPanel} panel @param {Place} place @param {number} total */
function endsOf({ strip }, { start }, total) {
  if (strip === null || strip.height < 2 * 9) return [];
  const top = start - (strip.all - strip.height) / total;
  const at = [top - 5 / total, top - (strip.height - 5) / total];
  return strip.words.map((words, k) => ({
    ...headingOf(escaped(words), at[k], 0),
    x: 1,
    xshift: 4,
    font: { size: 10 },
  }));
}

/**
 * @param {Plotly} Plotly
 * @param {Shown} shown
 * @param {{format: "png" | "svg", lines: boolean}} how `lines`: whether those of surprise stand below
 * @returns {Promise<string>} a data URL
 */
export async function picture(Plotly, shown, { format, lines }) {
  const { window, plotWidth: seen, letters, panels } = shown;
  const { from, span, per } = window;
  const plotWidth = Math.max(LEAST, seen);
  const plots = panels.map(({ height, strip }) => ({ height, below: strip?.all ?? 0 }));
  if (lines) plots.push({ height: LINES, below: 0 });
  const total = plots.reduce((sum, { height, below }) => sum + height + below + GAP, 0);
  const legible = per === 1 && plotWidth / span >= 6;
  const places = placesOf(plots, total);
  const [frame] = themeColours("--frame");
  const last = places[plots.length - 1];
  const mean = per === 1 ? "" : `, the mean of ${per.toLocaleString("en")} a column`;
  const axes = places.map((place, k) =>
    axesOf(panels[k] ?? null, place, window, { frame, last: k === plots.length - 1, below: plots[k].below }),
  );
  const layout = {
    ...layoutOf(plotWidth + 140, total + 88, lines),
    ...Object.assign({}, ...axes),
    ...layersOf(shown, places, { width: plotWidth, total, legible }),
    annotations: [
      ...panels.map((panel, k) => headingOf(escaped(panel.title), places[k].end, k === 0 ? 29 : 13)),
      ...panels.flatMap((panel, k) => endsOf(panel, places[k], total)),
      ...(lines ? [headingOf(`surprise, bits per character${mean}; above 12 it is cut`, last.end, 13)] : []),
      ...(legible ? lettersOf(letters.shown, from, places[0].end) : []),
    ],
  };
  const data = [
    ...panels.map((panel, k) => barOf(panel, places[k])),
    ...(lines ? panels.map((panel) => surpriseOf(panel, last, window)) : []),
  ];
  const { width, height } = layout;
  return Plotly.toImage({ data, layout }, { format, width, height, scale: format === "png" ? 2 : 1 });
}
