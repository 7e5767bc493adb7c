// Stands in for Plotly in a page without a server: draws what the pictures ask of it, a frame, the ticks of its rows
// and the bar of its colours, as elements. Plotly is larger than such a page may be.

import { make } from "../views/dom.js";

/** @import { Plotly } from "../picture/plotly-loader.js" */

const BAR = 8; // CSS pixels from the plot to its bar

/**
 * @typedef {object} Axis
 * @property {[number, number]} range @property {number[]} [tickvals] @property {string[]} [ticktext]
 * @property {number} [dtick]
 */

/**
 * @typedef {object} Bar
 * @property {number} cmin @property {number} cmax @property {[number, string][]} colorscale
 * @property {boolean} showscale @property {{tickvals: number[], ticktext: string[], thickness: number}} colorbar
 */

/** @typedef {{l: number, r: number, t: number, b: number}} Margin */
/** @typedef {{width: number, height: number, margin: Margin, yaxis: Axis}} Layout */

/** What a tick says, without the marks of a power. @param {string} words */
function tickWords(words) {
  const power = /^(.*?)<sup>(.*)<\/sup>$/.exec(words);
  return power === null ? [words] : [power[1], make("sup", { textContent: power[2] })];
}

/** Where the rows' ticks are. @param {Axis} axis */
function ticksOf({ range: [first, last], tickvals, ticktext, dtick }) {
  if (tickvals !== undefined) return tickvals.map((value, k) => ({ value, words: ticktext?.[k] ?? String(value) }));
  const values = [];
  for (let value = first; dtick !== undefined && value <= last; value += dtick) values.push(value);
  return values.map((value) => ({ value, words: String(value) }));
}

/** @param {string} className @param {Record<string, string>} style @param {...(Node | string)} children */
function placed(className, style, ...children) {
  const element = make("span", { className }, ...children);
  Object.assign(element.style, style);
  return element;
}

/** The ticks of the rows. @param {Layout} layout */
function rows({ height, margin: { l, t, b }, yaxis }) {
  const [first, last] = yaxis.range; // at the bottom and at the top
  return ticksOf(yaxis).map(({ value, words }) => {
    const top = t + (height - t - b) * (1 - (value - first) / (last - first));
    return placed("tick row-tick", { top: `${top}px`, left: "0", width: `${l - 5}px` }, words);
  });
}

/** The bar of colours, and its ticks. @param {Bar} bar @param {Layout} layout */
function colours({ cmin, cmax, colorscale, showscale, colorbar }, { width, height, margin: { r, t, b } }) {
  if (!showscale) return [];
  const stops = colorscale.map(([share, colour]) => `${colour} ${100 * share}%`);
  const left = width - r + BAR;
  const high = height - t - b;
  const size = { left: `${left}px`, top: `${t}px`, width: `${colorbar.thickness}px`, height: `${high}px` };
  const bar = placed("colour-bar", { ...size, background: `linear-gradient(to top, ${stops.join(", ")})` });
  const ticks = colorbar.tickvals.map((value, k) => {
    const top = t + high * (1 - (value - cmin) / (cmax - cmin));
    const place = { top: `${top}px`, left: `${left + colorbar.thickness + 3}px` };
    return placed("tick", place, ...tickWords(colorbar.ticktext[k]));
  });
  return [bar, ...ticks];
}

/** @type {WeakMap<HTMLElement, {data: object[], layout: object}>} */
const drawn = new WeakMap();

/** @param {HTMLElement} host @param {object[]} data @param {object} given */
function draw(host, data, given) {
  const layout = /** @type {Layout} */ (given);
  drawn.set(host, { data, layout });
  const { width, height, margin } = layout;
  const frame = placed("frame", {
    left: `${margin.l - 1}px`,
    top: `${margin.t - 1}px`,
    width: `${width - margin.l - margin.r + 2}px`,
    height: `${height - margin.t - margin.b + 2}px`,
  });
  const bars = data.flatMap((trace) => {
    const { marker } = /** @type {{marker?: Bar}} */ (trace);
    return marker === undefined ? [] : colours(marker, layout);
  });
  const plot = make("div", { className: "plain-axes" }, frame, ...rows(layout), ...bars);
  Object.assign(plot.style, { width: `${width}px`, height: `${height}px` });
  host.replaceChildren(plot);
}

/** @type {Plotly} */
const standIn = {
  react: draw,
  relayout(host, change) {
    const figure = drawn.get(host);
    if (figure === undefined) return;
    const layout = /** @type {Layout} */ (figure.layout);
    const { "yaxis.tickvals": tickvals, "yaxis.ticktext": ticktext } = /** @type {Record<string, never>} */ (change);
    draw(host, figure.data, { ...layout, yaxis: { ...layout.yaxis, tickvals, ticktext } });
  },
  purge: (host) => host.replaceChildren(),
  toImage: () => Promise.reject(new Error("Pictures as files are a server's work, and this page has none.")),
};

export const loadedPlotly = () => standIn;

/** @returns {Promise<Plotly>} */
export const loadPlotly = () => Promise.resolve(standIn);
