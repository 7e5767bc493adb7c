// Plotly draws what stands around a picture: frame, ticks and colour bar. It is called when the size, the
// units or the scale change, never for a keystroke; the pixels come from a canvas that lies over its plot area.

import { themeColours } from "../dom.js";

/** @import { Levels } from "../../picture/levels.js" */

/**
 * Room above and below the plot for half a line of tick text, in CSS pixels; `.axes` in the style sheet reaches as far.
 */
const EDGE = 9;

/** CSS pixels from one tick to the next, at least. */
const TICK = 14;

const CONFIG = { staticPlot: true, displayModeBar: false, responsive: false };

/**
 * The ticks of a unit axis: true unit numbers, also where another unit stands in the row.
 * @param {number} units @param {number} height @param {Int32Array | null} order
 */
function unitTicks(units, height, order) {
  const wanted = Math.max(1, Math.floor(height / 32));
  const step = [1, 2, 4, 8, 16, 32, 64, 128, 256, 512].find((size) => units / size <= wanted) ?? 1024;
  const rows = Array.from({ length: Math.ceil((units - step / 3) / step) }, (_, k) => k * step);
  return { tickvals: rows, ticktext: rows.map((row) => String(order === null ? row : order[row])) };
}

/** The change of a figure that shows other units in its rows. @param {Plot} plot */
export function otherUnits({ units, height, order }) {
  const { tickvals, ticktext } = unitTicks(units, height, order);
  return { "yaxis.tickvals": tickvals, "yaxis.ticktext": ticktext };
}

/** @param {number} value */
const bound = (value) => {
  const thousands = Math.abs(value) >= 1000;
  return `${Number((thousands ? value / 1000 : value).toPrecision(3))}${thousands ? "k" : ""}`.replace("-", "−");
};

/** @param {number} exponent */
const power = (exponent) => (exponent === 0 ? "1" : `10<sup>${String(exponent).replace("-", "−")}</sup>`);

/**
 * The ticks of a colour bar: the ends and the middle, or the decades of a logarithmic scale, which runs from 0 to 1.
 * @param {Pick<Plot, "scale" | "low" | "high" | "height" | "levels">} plot
 */
export function colourTicks({ scale, low, high, height, levels }) {
  if (scale === "linear") {
    // Where there is no room for three numbers, the ends stand for themselves; for two, the upper one does.
    const values = height >= 3 * TICK ? [low, (low + high) / 2, high] : height >= 2 * TICK ? [low, high] : [high];
    return { values, words: values.map((value) => (value === high && low < 0 ? `+${bound(value)}` : bound(value))) };
  }
  if (scale === "folded") return foldedTicks(high, height, levels);
  if (scale === "factors") return factorTicks(high, height);
  const [first, last] = [Math.round(Math.log10(low)), Math.round(Math.log10(high))];
  const half = scale === "symlog" ? 2 : 1;
  const apart = [1, 2, 4, 7].find((size) => ((last - first) / size) * half * 14 <= height) ?? 7;
  const values = [];
  const words = [];
  for (let exponent = last; exponent > first; exponent -= apart) {
    const share = (exponent - first) / (last - first);
    if (half === 1) values.push(share);
    else values.push(0.5 + share / 2, 0.5 - share / 2);
    words.push(...(half === 1 ? [power(exponent)] : [`+${power(exponent)}`, `−${power(exponent)}`]));
  }
  values.push(half === 1 ? 0 : 0.5);
  words.push(half === 1 ? power(first) : "0");
  return { values, words };
}

/**
 * 0, and as many powers of ten up to the end as there is room for.
 * @param {number} high @param {number} height @param {Levels} levels
 */
function foldedTicks(high, height, levels) {
  /** @param {number} value */
  const shareOf = (value) => levels.shareOf(value, -high, high, "log");
  const sizes = [high, high / 10, high / 100, high / 1000].filter((size) => size >= 1);
  const ends =
    height < 3 * TICK
      ? sizes.slice(0, 1)
      : sizes.filter(
          (size, k) =>
            k === 0 || Math.abs(shareOf(sizes[k - 1]) - shareOf(size)) * height >= TICK,
        );
  const values = [...ends.map((size) => -size), 0, ...ends.toReversed()];
  return {
    values: values.map(shareOf),
    words: values.map((value) => (value > 0 ? `+${bound(value)}` : bound(value))),
  };
}

/**
 * 1, and as many powers of ten to either side, the ends among them, as there is room for.
 * @param {number} high the lower end is 1 / `high` @param {number} height
 */
function factorTicks(high, height) {
  const most = Math.round(Math.log10(high));
  const fits = (/** @type {number} */ apart) => (apart / (2 * most)) * height >= TICK;
  const apart = [1, 2, 3].find((size) => most % size === 0 && fits(size)) ?? most;
  const all = Array.from({ length: (2 * most) / apart + 1 }, (_, k) => k * apart - most);
  const shown = fits(apart) ? all : [most]; // the upper end stands for both
  return { values: shown.map((exponent) => (exponent + most) / (2 * most)), words: shown.map(power) };
}

/**
 * @typedef {object} Plot
 * @property {number} width of the plot area, in CSS pixels @property {number} height
 * @property {number} left CSS pixels beside it @property {number} right
 * @property {number} units @property {number} low where the colours begin @property {number} high where they end
 * @property {[number, string][]} stops @property {Int32Array | null} order
 * @property {string} scale "linear", "log" or "symlog" of an echo, "folded": symmetric and logarithmic, of values, or
 *   "factors": by the logarithm, to either side of 1
 * @property {Levels} levels
 */

/** What all axes look like. @param {string} linecolor */
const plain = (linecolor) => ({ zeroline: false, fixedrange: true, linecolor, mirror: true });

/**
 * What all figures of the page look like.
 * @param {{width: number, height: number, left: number, right: number}} plot @param {string} color of words
 * @param {string} surface
 */
const layoutOf = ({ width, height, left, right }, color, surface) => ({
  width: width + left + right,
  height: height + 2 * EDGE,
  margin: { l: left, r: right, t: EDGE, b: EDGE, pad: 0 },
  paper_bgcolor: "rgba(0,0,0,0)",
  plot_bgcolor: surface,
  showlegend: false,
  font: { family: "system-ui, sans-serif", size: 12, color },
});

/** What brings a colour bar along: a point that is nowhere. @param {Plot} plot @param {string} color of its words */
function barOf(plot, color) {
  const { height, right, low, high, stops, scale } = plot;
  const known = Number.isFinite(low) && Number.isFinite(high);
  const linear = known && scale === "linear";
  const { values, words } = known ? colourTicks(plot) : { values: [], words: [] };
  const wide = right > 50;
  return {
    type: "scatter",
    x: [null],
    y: [null],
    mode: "markers",
    hoverinfo: "skip",
    marker: {
      color: [linear ? (low + high) / 2 : 0],
      cmin: linear ? low : 0,
      cmax: linear ? high : 1,
      colorscale: stops,
      showscale: known,
      colorbar: {
        x: 1,
        xpad: wide ? 8 : 4,
        y: 0.5,
        len: height,
        lenmode: "pixels",
        ypad: 0,
        thickness: wide ? 12 : 6,
        outlinewidth: 0,
        tickvals: values,
        ticktext: words,
        tickfont: { family: "system-ui, sans-serif", size: wide ? 12 : 11, color },
        ticks: "",
      },
    },
  };
}

/** The figure around one heatmap. @param {Plot} plot */
export function panelFigure(plot) {
  const { height, units, order } = plot;
  const [ink, line, surface] = themeColours("--muted", "--frame", "--surface");
  const layout = {
    ...layoutOf(plot, ink, surface),
    xaxis: {
      visible: true,
      range: [0, 1],
      showticklabels: false,
      showgrid: false,
      ...plain(line),
      linewidth: 1,
    },
    yaxis: {
      range: [units - 0.5, -0.5],
      ...unitTicks(units, height, order),
      tickmode: "array",
      ticks: "outside",
      ticklen: 3,
      tickcolor: line,
      showgrid: false,
      ...plain(line),
      linewidth: 1,
    },
  };
  return { data: [barOf(plot, ink)], layout, config: CONFIG };
}

/**
 * The figure around the lines of surprise: bits upwards.
 * @param {{width: number, height: number, left: number, right: number, most: number}} plot
 */
export function surpriseFigure(plot) {
  const [ink, line, surface, grid] = themeColours("--muted", "--frame", "--surface", "--grid");
  const layout = {
    ...layoutOf(plot, ink, surface),
    xaxis: { range: [0, 1], showticklabels: false, showgrid: false, ...plain(line) },
    yaxis: {
      range: [0, plot.most],
      dtick: 5,
      ticks: "outside",
      ticklen: 3,
      tickcolor: line,
      gridcolor: grid,
      ...plain(line),
    },
  };
  return { data: [{ type: "scatter", x: [null], y: [null], hoverinfo: "skip" }], layout, config: CONFIG };
}
