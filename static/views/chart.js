// A chart of lines with bands, drawn by Plotly: the same look, theme and words for every instrument.

import { amount, power } from "../format/powers.js";
import { loadPlotly } from "../picture/plotly-loader.js";
import { make, themeColours } from "./dom.js";

/** @typedef {{x: number, color?: string, text?: string}} Vertical */
/** @typedef {{y: number, color?: string, text?: string}} Horizontal */

const CONFIG = { displayModeBar: false, responsive: false, doubleClick: false, showTips: false };
const QUIET = 0.16; // opacity of a band

/** @param {string} color #rrggbb @param {number} alpha */
const faint = (color, alpha) =>
  color +
  Math.round(alpha * 255)
    .toString(16)
    .padStart(2, "0");

/** A power of ten as it is read: 0.01, 100, 10⁻⁶. @param {number} exponent @param {number} factor */
function tick(exponent, factor) {
  if (exponent >= -3 && exponent <= 4) return amount(exponent + Math.log10(factor), 1);
  return factor === 1 ? power(exponent) : "";
}

/**
 * Where a logarithmic axis has its ticks: powers of ten, and 2 and 5 between them if they are few.
 * @param {number} low
 * @param {number} high exponents
 * @param {boolean} given whether places on the axis are exponents too
 * @param {number} most of them
 */
function logTicks(low, high, given, most) {
  const [first, last] = [Math.floor(low), Math.ceil(high)];
  const every = Math.max(1, Math.ceil((high - low) / most));
  const factors = 3 * (high - low) <= most ? [1, 2, 5] : [1];
  /** @type {[number, number][]} */
  const places = [];
  for (let exponent = first; exponent <= last; exponent++) {
    if (exponent % every === 0) for (const factor of factors) places.push([exponent, factor]);
  }
  return {
    tickmode: "array",
    tickvals: places.map(([exponent, factor]) => (given ? exponent + Math.log10(factor) : factor * 10 ** exponent)),
    ticktext: places.map(([exponent, factor]) => tick(exponent, factor)),
  };
}

/**
 * On a logarithmic axis what is not above zero has no place: the line breaks there.
 * @param {ArrayLike<number>} values @param {boolean | undefined} log
 */
const placed = (values, log) =>
  Array.from(values, (value) => (Number.isFinite(value) && (!log || value > 0) ? value : null));

/** @param {ChartView} view */
function traces({ lines, logX, logY, exponents }) {
  const data = [];
  const hover = exponents ? "%{text}" : "%{y:.3g}";
  for (const line of lines) {
    const x = placed(line.x, logX);
    if (line.low !== undefined && line.high !== undefined) {
      const edge = {
        type: "scatter",
        mode: "lines",
        x,
        line: { width: 0 },
        hoverinfo: "skip",
        showlegend: false,
        connectgaps: false,
      };
      data.push(
        { ...edge, y: placed(line.low, logY) },
        { ...edge, y: placed(line.high, logY), fill: "tonexty", fillcolor: faint(line.color, QUIET) },
      );
    }
    data.push({
      type: "scatter",
      mode: "lines",
      name: line.name,
      x,
      y: placed(line.y, logY),
      connectgaps: false,
      showlegend: false,
      line: {
        color: line.color,
        width: line.thin || line.dotted ? 1 : 2,
        dash: line.dotted ? "dot" : line.dashed ? "dash" : "solid",
      },
      ...(line.dotted ? { hoverinfo: "skip" } : {}),
      hovertemplate: line.dotted ? undefined : (line.hover ?? `${hover}<extra>${line.name}</extra>`),
      ...(exponents ? { text: Array.from(line.y, (log) => amount(log)) } : {}),
    });
  }
  return data;
}

/**
 * The ends of a logarithmic axis, as exponents: those asked for, else those of what is drawn.
 * @param {[number, number] | undefined} range @param {ArrayLike<number>[]} values @param {boolean} given
 * @returns {[number, number]}
 */
function decades(range, values, given) {
  /** @param {number} value */
  const log = (value) => (given ? value : Math.log10(value));
  if (range !== undefined) return [log(range[0]), log(range[1])];
  let [low, high] = [Infinity, -Infinity];
  for (const some of values) {
    for (const value of Array.from(some)) {
      if (Number.isFinite(log(value))) [low, high] = [Math.min(low, log(value)), Math.max(high, log(value))];
    }
  }
  if (low > high) return [0, 1];
  const room = 0.04 * Math.max(high - low, 0.5);
  return [low - room, high + room];
}

/** The lines across a chart. @param {ChartView} view @param {string} muted their colour, unless they have one */
function marksOf({ verticals = [], horizontals = [] }, muted) {
  /** @param {string | undefined} color */
  const lineOf = (color) => ({ color: color ?? muted, width: 1, dash: "dot" });
  return [
    ...verticals.map(({ x, color }) => ({
      type: "line",
      x0: x,
      x1: x,
      yref: "paper",
      y0: 0,
      y1: 1,
      line: lineOf(color),
    })),
    ...horizontals.map(({ y, color }) => ({
      type: "line",
      xref: "paper",
      x0: 0,
      x1: 1,
      y0: y,
      y1: y,
      line: lineOf(color),
    })),
  ];
}

/** The words at those lines. @param {ChartView} view @param {string} muted */
function notesOf({ verticals = [], horizontals = [], logX, logY }, muted) {
  /** @param {string | undefined} text @param {string | undefined} color */
  const noteOf = (text, color) => ({ text, showarrow: false, font: { size: 11, color: color ?? muted } });
  return [
    ...verticals
      .filter(({ text }) => text)
      .map(({ x, text, color }) => ({
        x: logX ? Math.log10(x) : x,
        yref: "paper",
        y: 1,
        yanchor: "top",
        xanchor: "left",
        ...noteOf(text, color),
      })),
    ...horizontals
      .filter(({ text }) => text)
      .map(({ y, text, color }) => ({
        xref: "paper",
        x: 1,
        xanchor: "right",
        y: logY ? Math.log10(y) : y,
        yanchor: "bottom",
        ...noteOf(text, color),
      })),
  ];
}

/**
 * @typedef {object} Line
 * @property {string} name @property {string} color #rrggbb @property {boolean} [dashed]
 * @property {ArrayLike<number>} x @property {ArrayLike<number>} y NaN breaks the line
 * @property {ArrayLike<number>} [low] @property {ArrayLike<number>} [high] the ends of a band
 * @property {boolean} [thin] @property {boolean} [dotted] a thin one that is no curve of its own: a limit
 * @property {string} [hover] Plotly's template for a point
 */

/**
 * `exponents`: the y of lines, their bands, `yRange` and `horizontals` are decimal logarithms; the axis shows what they
 * stand for.
 * @typedef {object} ChartView
 * @property {Line[]} lines
 * @property {string | null} xTitle null: the axis has no words, those of a chart below stand for it
 * @property {string | null} yTitle null: the words stand elsewhere
 * @property {boolean} [logX] @property {boolean} [logY] @property {boolean} [exponents]
 * @property {[number, number]} [xRange] @property {[number, number]} [yRange]
 * @property {Vertical[]} [verticals] @property {Horizontal[]} [horizontals]
 * @property {(x: number) => void} [onPick] @property {string} theme
 * @property {import("../picture/plotly-loader.js").Plotly | undefined} Plotly
 */

/** @typedef {{on: (event: string, act: (event: {points: {x: number}[]}) => void) => void}} Plotted what Plotly adds */

export class Chart {
  /**
   * @param {HTMLElement} host
   * @param {{label: string, height?: number}} about `label`: what it shows, for who cannot see it
   */
  constructor(host, { label, height = 230 }) {
    this.height = height;
    this.element = make("div", { className: "chart", role: "img", "aria-label": label });
    host.append(this.element);
    /** What is shown. @type {ChartView | null} */
    this.last = null;
    this.drawn = "";
    /** @type {((x: number) => void) | null} */
    this.pick = null;
    this.listening = false;

    this.resized = new ResizeObserver(() => this.#draw());
    this.resized.observe(this.element);
  }

  #draw() {
    const view = this.last;
    if (view === null || view.Plotly === undefined || this.element.clientWidth === 0) return;
    const [data, layout] = [traces(view), this.#layout(view)];
    const words = JSON.stringify([data, layout]);
    // To draw the same again would cost more, and take what is pointed at from under the pointer.
    if (words === this.drawn) return;
    this.drawn = words;
    view.Plotly.react(this.element, data, layout, CONFIG);
    if (this.listening) return;
    this.listening = true;
    const plotted = /** @type {Plotted} */ (/** @type {unknown} */ (this.element));
    plotted.on("plotly_click", (event) => this.pick?.(event.points[0].x));
  }

  /** Plotly has come after what is to be drawn. @param {import("../picture/plotly-loader.js").Plotly} Plotly */
  #arrived(Plotly) {
    if (this.last === null || !this.element.isConnected) return;
    this.last = { ...this.last, Plotly };
    this.#draw();
  }

  /**
   * The look of both axes, and the range and ticks of one.
   * @param {string | null} title
   * @param {{log: boolean, given?: boolean, range?: [number, number], values: () => ArrayLike<number>[]}} axis
   * @param {string[]} colours
   */
  #axis(title, { log, given = false, range, values }, [, muted, line, , grid]) {
    const text = { text: title ?? "", standoff: 4, font: { size: 12, color: muted } };
    const look = {
      gridcolor: grid,
      zeroline: false,
      linecolor: line,
      mirror: true,
      tickcolor: line,
      ticks: "outside",
      ticklen: 3,
      fixedrange: true,
      exponentformat: "power",
      type: log ? "log" : "linear",
      title: text,
    };
    if (!log && !given) return range === undefined ? look : { ...look, range };
    const ends = decades(range, values(), given);
    return { ...look, range: ends, ...logTicks(...ends, given, Math.min(8, (this.height - 20) / 18)) };
  }

  /** @param {ChartView} view */
  #layout(view) {
    const { lines, xTitle, yTitle, logX = false, logY = false, exponents, xRange, yRange } = view;
    const colours = themeColours("--ink", "--muted", "--frame", "--surface", "--grid");
    const [ink, muted, , surface] = colours;
    const x = { log: logX, range: xRange, values: () => lines.map((line) => line.x) };
    const bands = () => lines.flatMap(({ y, low, high }) => [y, low ?? [], high ?? []]);
    const y = { log: logY, given: exponents, range: yRange, values: bands };
    return {
      width: Math.max(180, this.element.clientWidth),
      height: this.height,
      margin: { l: yTitle === null ? 40 : 60, r: 10, t: xTitle === null ? 3 : 8, b: xTitle === null ? 5 : 36, pad: 0 },
      paper_bgcolor: "rgba(0,0,0,0)",
      plot_bgcolor: surface,
      font: { family: "system-ui, sans-serif", size: 12, color: ink },
      hovermode: "x",
      dragmode: false,
      hoverlabel: { font: { size: 12 } },
      xaxis: {
        ...this.#axis(xTitle, x, colours),
        exponentformat: "none",
        separatethousands: true,
        ...(xTitle === null ? { showticklabels: false } : {}),
      },
      yaxis: this.#axis(yTitle, y, colours),
      shapes: marksOf(view, muted),
      annotations: notesOf(view, muted),
      showlegend: false,
    };
  }

  /** @param {ChartView} view */
  update(view) {
    this.last = view;
    this.pick = view.onPick ?? null;
    this.element.classList.toggle("pickable", this.pick !== null);
    if (view.Plotly === undefined) {
      loadPlotly().then(
        (Plotly) => this.#arrived(Plotly),
        () => {},
      );
    } // the page says why it does not come
    this.#draw();
  }

  destroy() {
    this.resized.disconnect();
    this.last?.Plotly?.purge(this.element);
    this.element.remove();
  }
}

/** What stands for a line in words and tables: a stroke of it. @param {{color: string, dashed?: boolean}} line */
export function keyOf({ color, dashed }) {
  const key = make("i", { className: dashed ? "line-key dash" : "line-key" });
  key.style.color = color;
  return key;
}

/**
 * The names of the lines and their colours.
 * @param {{name: string, color: string, dashed?: boolean, note?: string}[]} lines
 */
export function legendOf(lines) {
  return make(
    "p",
    { className: "inst-legend" },
    ...lines.map(({ name, note, ...line }) =>
      make("span", {}, keyOf(line), name, ...(note ? [make("small", { textContent: ` ${note}` })] : [])),
    ),
  );
}
