// A chart of lines with bands, drawn by Plotly: the same look, theme and words for every instrument.

import { make, themeColours } from "./dom.js";

const CONFIG = { displayModeBar: false, responsive: false, doubleClick: false, showTips: false };
const QUIET = 0.16; // opacity of a band

/** @param {string} color #rrggbb @param {number} alpha */
const faint = (color, alpha) => color + Math.round(alpha * 255).toString(16).padStart(2, "0");

const POWERS = "⁰¹²³⁴⁵⁶⁷⁸⁹";
/** A power of ten as it is read: 0.01, 100, 10⁻⁶. @param {number} exponent @param {number} factor */
function tick(exponent, factor) {
  if (exponent >= -3 && exponent <= 4) return String(Number((factor * 10 ** exponent).toPrecision(3))).replace(/\B(?=(\d{3})+$)/g, exponent > 2 ? "," : "");
  return factor === 1 ? `10${String(exponent).replace("-", "⁻").replace(/\d/g, (digit) => POWERS[digit])}` : "";
}

/** Where a logarithmic axis has its ticks: powers of ten, and 2 and 5 between them if they are few. @param {number} low @param {number} high */
function logTicks(low, high) {
  const [first, last] = [Math.floor(low), Math.ceil(high)];
  const every = Math.max(1, Math.ceil((last - first) / 8));
  const factors = high - low <= 2.6 ? [1, 2, 5] : [1];
  const places = [];
  for (let exponent = first; exponent <= last; exponent++) if (exponent % every === 0) for (const factor of factors) places.push([exponent, factor]);
  return { tickmode: "array", tickvals: places.map(([exponent, factor]) => factor * 10 ** exponent), ticktext: places.map((place) => tick(...place)) };
}

/**
 * @typedef {object} Line
 * @property {string} name @property {string} color #rrggbb @property {boolean} [dashed]
 * @property {ArrayLike<number>} x @property {ArrayLike<number>} y NaN breaks the line
 * @property {ArrayLike<number>} [low] @property {ArrayLike<number>} [high] the ends of a band
 * @property {boolean} [thin] @property {string} [hover] Plotly's template for a point
 */

/**
 * @param {HTMLElement} host
 * @param {{label: string, height?: number}} about `label`: what it shows, for who cannot see it
 */
export function createChart(host, { label, height = 230 }) {
  const plot = make("div", { className: "chart", role: "img", "aria-label": label });
  host.append(plot);
  let last = null;
  let pick = null;
  let listening = false;

  /** On a logarithmic axis what is not above zero has no place: the line breaks there. */
  const placed = (values, log) => Array.from(values, (value) => (Number.isFinite(value) && (!log || value > 0) ? value : null));

  function traces({ lines, logX, logY }) {
    const data = [];
    for (const line of lines) {
      const x = placed(line.x, logX);
      if (line.low !== undefined && line.high !== undefined) {
        const edge = { type: "scatter", mode: "lines", x, line: { width: 0 }, hoverinfo: "skip", showlegend: false, connectgaps: false };
        data.push({ ...edge, y: placed(line.low, logY) }, { ...edge, y: placed(line.high, logY), fill: "tonexty", fillcolor: faint(line.color, QUIET) });
      }
      data.push({
        type: "scatter", mode: "lines", name: line.name, x, y: placed(line.y, logY), connectgaps: false, showlegend: false,
        line: { color: line.color, width: line.thin ? 1 : 2, dash: line.dashed ? "dash" : "solid" },
        hovertemplate: line.hover ?? `%{y:.3g}<extra>${line.name}</extra>`,
      });
    }
    return data;
  }

  /** The ends of a logarithmic axis, as exponents: those asked for, else those of what is drawn. */
  function decades(range, values) {
    if (range !== undefined) return range.map(Math.log10);
    let [low, high] = [Infinity, -Infinity];
    for (const some of values) for (const value of some) if (value > 0 && Number.isFinite(value)) [low, high] = [Math.min(low, value), Math.max(high, value)];
    if (low > high) return [0, 1];
    const room = 0.04 * Math.max(Math.log10(high / low), 0.5);
    return [Math.log10(low) - room, Math.log10(high) + room];
  }

  function layout({ lines, xTitle, yTitle, logX, logY, xRange, yRange, verticals = [], horizontals = [] }) {
    const [ink, muted, line, surface, grid] = themeColours("--ink", "--muted", "--frame", "--surface", "--grid");
    const axis = { gridcolor: grid, zeroline: false, linecolor: line, mirror: true, tickcolor: line, ticks: "outside", ticklen: 3, fixedrange: true, exponentformat: "power" };
    const title = (text) => ({ text, standoff: 4, font: { size: 11, color: muted } });
    const ranged = (range, log, values) => {
      if (!log) return range === undefined ? {} : { range };
      const ends = decades(range, values());
      return { range: ends, ...logTicks(...ends) };
    };
    const marks = [
      ...verticals.map(({ x, color }) => ({ type: "line", x0: x, x1: x, yref: "paper", y0: 0, y1: 1, line: { color: color ?? muted, width: 1, dash: "dot" } })),
      ...horizontals.map(({ y, color }) => ({ type: "line", xref: "paper", x0: 0, x1: 1, y0: y, y1: y, line: { color: color ?? muted, width: 1, dash: "dot" } })),
    ];
    const notes = [
      ...verticals.filter(({ text }) => text).map(({ x, text, color }) => ({ x: logX ? Math.log10(x) : x, yref: "paper", y: 1, yanchor: "top", xanchor: "left", text, showarrow: false, font: { size: 10, color: color ?? muted } })),
      ...horizontals.filter(({ text }) => text).map(({ y, text, color }) => ({ xref: "paper", x: 1, xanchor: "right", y: logY ? Math.log10(y) : y, yanchor: "bottom", text, showarrow: false, font: { size: 10, color: color ?? muted } })),
    ];
    return {
      width: Math.max(180, plot.clientWidth), height,
      margin: { l: 52, r: 10, t: 8, b: 36, pad: 0 },
      paper_bgcolor: "rgba(0,0,0,0)", plot_bgcolor: surface,
      font: { family: "system-ui, sans-serif", size: 11, color: ink },
      hovermode: "x", dragmode: false, hoverlabel: { font: { size: 11 } },
      xaxis: { ...axis, type: logX ? "log" : "linear", title: title(xTitle), ...ranged(xRange, logX, () => lines.map(({ x }) => x)) },
      yaxis: { ...axis, type: logY ? "log" : "linear", title: title(yTitle), ...ranged(yRange, logY, () => lines.flatMap(({ y, low, high }) => [y, low ?? [], high ?? []])) },
      shapes: marks, annotations: notes, showlegend: false,
    };
  }

  function draw() {
    if (last === null || last.Plotly === undefined || plot.clientWidth === 0) return;
    last.Plotly.react(plot, traces(last), layout(last), CONFIG);
    if (listening) return;
    listening = true;
    plot.on("plotly_click", (event) => pick?.(event.points[0].x));
  }

  const resized = new ResizeObserver(draw);
  resized.observe(plot);
  return {
    element: plot,
    /**
     * @param {{lines: Line[], xTitle: string, yTitle: string, logX?: boolean, logY?: boolean, xRange?: [number, number],
     *   yRange?: [number, number], verticals?: {x: number, color?: string, text?: string}[],
     *   horizontals?: {y: number, color?: string, text?: string}[], onPick?: (x: number) => void, theme: string, Plotly: any}} view
     */
    update(view) {
      last = view;
      pick = view.onPick ?? null;
      plot.classList.toggle("pickable", pick !== null);
      draw();
    },
    destroy() {
      resized.disconnect();
      last?.Plotly?.purge(plot);
      plot.remove();
    },
  };
}

/** The names of the lines and their colours. @param {{name: string, color: string, dashed?: boolean, note?: string}[]} lines */
export function legendOf(lines) {
  return make("p", { className: "inst-legend" }, ...lines.map(({ name, color, dashed, note }) => {
    const key = make("i", { className: dashed ? "dash" : "" });
    key.style.color = color;
    return make("span", {}, key, name, ...(note ? [make("small", { textContent: ` ${note}` })] : []));
  }));
}
