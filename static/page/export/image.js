// The picture as a file: one Plotly figure with true axes, the heatmaps laid in as images.

import { themeColours } from "../../views/dom.js";
import { colourTicks } from "../../views/heatmap/axes.js";

const LEAST = 760; // CSS pixels of a plot, also where the page is narrow: the titles need them
const GAP = 42; // CSS pixels between the plots, for the titles

/** A canvas with each cell as a block of whole pixels, so that nothing is blurred when it is laid in. */
function enlarged(canvas, width, height) {
  const [across, down] = [Math.max(1, Math.ceil(width / canvas.width)), Math.max(1, Math.ceil(height / canvas.height))];
  const copy = document.createElement("canvas");
  copy.width = canvas.width * across;
  copy.height = canvas.height * down;
  const context = copy.getContext("2d");
  context.imageSmoothingEnabled = false;
  context.drawImage(canvas, 0, 0, copy.width, copy.height);
  return copy.toDataURL("image/png");
}

/** Plotly takes its words for HTML. @param {string} words */
const escaped = (words) => words.replace(/[<&]/g, (sign) => (sign === "<" ? "&lt;" : "&amp;"));

/** Where the colours of a panel end: a scale that is not linear runs from 0 to 1. */
const ends = ({ scale, low, high }) =>
  scale === "linear" ? { color: [low], cmin: low, cmax: high } : { color: [0], cmin: 0, cmax: 1 };

function ticks({ scale, low, high, height }) {
  const { values, words } = colourTicks(scale, low, high, height);
  return { tickvals: values, ticktext: words };
}

/**
 * @param {any} Plotly
 * @param {{window: import("../../picture/window.js").Window, plotWidth: number, characters: string[],
 *   panels: {canvas: HTMLCanvasElement, name: string, title: string, units: number, height: number, low: number,
 *   high: number, scale: string, stops: [number, string][], surprise: Float32Array, color: string, dashed: boolean,
 *   rows: string, numbered: boolean}[]}} view
 * @returns {Promise<string>} a data URL
 */
export async function picture(Plotly, { window: { from, span, per }, plotWidth: seen, characters, panels }) {
  const plotWidth = Math.max(LEAST, seen);
  const [ink, paper, frame, surface] = themeColours("--ink", "--surface", "--frame", "--surface");
  const heights = [...panels.map((panel) => panel.height), 90];
  const total = heights.reduce((sum, height) => sum + height + GAP, 0);
  const legible = per === 1 && plotWidth / span >= 6;
  const layout = {
    width: plotWidth + 140,
    height: total + 88,
    margin: { l: 56, r: 84, t: 10, b: 78 },
    paper_bgcolor: paper,
    plot_bgcolor: surface,
    font: { family: "system-ui, sans-serif", size: 12, color: ink },
    showlegend: true,
    images: [],
    annotations: [],
  };
  const data = [];
  let top = 1;
  heights.forEach((height, k) => {
    const name = k === 0 ? "" : String(k + 1);
    const end = top - GAP / total;
    const start = end - height / total;
    const last = k === panels.length;
    const panel = panels[k];
    layout[`xaxis${name}`] = {
      domain: [0, 1],
      anchor: `y${name}`,
      range: [from - 0.5, from + span - 0.5],
      showgrid: false,
      zeroline: false,
      showticklabels: last,
      linecolor: frame,
      mirror: true,
      title: { text: last ? "step" : "" },
    };
    layout[`yaxis${name}`] = {
      domain: [Math.max(0, start), end],
      anchor: `x${name}`,
      showgrid: last,
      zeroline: false,
      linecolor: frame,
      mirror: true,
      ...(last
        ? { range: [0, 12], dtick: 5, title: { text: "bits" } }
        : { range: [panel.units - 0.5, -0.5], title: { text: panel.rows }, showticklabels: panel.numbered }),
    };
    layout.annotations.push({
      text: last
        ? `surprise, bits per character${per === 1 ? "" : `, the mean of ${per.toLocaleString("en")} a column`}; ` +
          "above 12 it is cut"
        : escaped(panel.title),
      xref: "paper",
      yref: "paper",
      x: 0,
      y: end,
      yshift: k === 0 && legible ? 29 : 13,
      xanchor: "left",
      yanchor: "middle",
      showarrow: false,
      font: { size: 13 },
    });
    if (!last) {
      layout.images.push({
        source: enlarged(panel.canvas, plotWidth * 2, height * 2),
        xref: `x${name}`,
        yref: `y${name}`,
        x: from - 0.5,
        y: -0.5,
        sizex: span,
        sizey: panel.units,
        sizing: "stretch",
        layer: "above",
      });
      data.push({
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
      if (k === 0 && legible) {
        characters.forEach((character, c) =>
          layout.annotations.push({
            text: escaped(character),
            xref: "x",
            x: from + c,
            yref: "paper",
            y: end,
            yshift: 2,
            yanchor: "bottom",
            showarrow: false,
            font: { size: 12, family: "ui-monospace, monospace" },
          }),
        );
      }
    } else {
      layout.legend = {
        orientation: "h",
        x: 0,
        xanchor: "left",
        yref: "container",
        y: 0.005,
        yanchor: "bottom",
        bgcolor: "transparent",
      };
      for (const one of panels) {
        data.push({
          type: "scatter",
          mode: "lines",
          name: one.name,
          x: Array.from(one.surprise, (_, c) => from + c * per + (per - 1) / 2),
          y: Array.from(one.surprise, (bits) => (Number.isNaN(bits) ? null : bits)),
          xaxis: `x${name}`,
          yaxis: `y${name}`,
          line: { color: one.color, width: 1.5, shape: "hvh", dash: one.dashed ? "dash" : "solid" },
        });
      }
    }
    top = start;
  });
  return Plotly.toImage({ data, layout }, { format: "png", width: layout.width, height: layout.height, scale: 2 });
}
