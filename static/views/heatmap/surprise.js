// How surprised each model was by each character: one stair a model, in bits.

import { loadedPlotly } from "../../picture/plotly-loader.js";
import { MOST, stair } from "../../picture/step-line.js";
import { contextOf, lettered, make, put, tell, themeColours } from "../dom.js";
import { surpriseFigure } from "./axes.js";

/** @import { Columns } from "../../picture/columns.js" */
/** @import { Plotly } from "../../picture/plotly-loader.js" */
/** @import { Window } from "../../picture/window.js" */

const AXIS = 17; // the step numbers below

/** @typedef {{columns: Columns, color: string, dashed: boolean, title: string}} SurpriseLine */

/** @typedef {{left: number, right: number, width: number, height: number}} SurprisePlace in CSS pixels */

/** @typedef {Pick<Columns, "surprise" | "peak" | "state">} Drawn what was drawn of a line */

export class Surprise {
  /** @param {HTMLElement} host */
  constructor(host) {
    this.axes = make("div", { className: "axes", "aria-hidden": "true" });
    this.canvas = make("canvas", {
      role: "img",
      "aria-label": "Surprise of each character, in bits: one line a model",
    });
    this.wash = make("div", { className: "cursor-wash" });
    this.area = make("div", { className: "area surprise-area" }, this.wash, this.canvas);
    this.numbers = make("canvas", { className: "step-numbers", "aria-hidden": "true" });
    this.note = make("span", { className: "note" });
    this.keys = make("span", { className: "legend" });
    this.head = make(
      "header",
      { className: "surprise-head" },
      make("h2", { textContent: "Surprise" }),
      this.note,
      this.keys,
    );
    this.plot = make("div", { className: "plot" }, this.axes, this.area, this.numbers);
    this.element = make(
      "section",
      { className: "surprise", "aria-label": "Surprise of each character, in bits" },
      this.head,
      this.plot,
    );
    host.append(this.element);
    /** @type {SurprisePlace | null} */
    this.geometry = null;
    this.figure = "";
    this.drawn = "";
    /**
     * What was drawn of each line, and the versions of the columns that held it.
     * @type {{versions: string, lines: Drawn[]}}
     */
    this.lined = { versions: "", lines: [] };
    this.numbered = "";
    this.context = contextOf(this.canvas, { willReadFrequently: true });
    /** @type {ImageData | null} */
    this.image = null;
  }

  /**
   * The step numbers.
   * @param {OffscreenCanvasRenderingContext2D} context @param {number} wide in CSS pixels
   * @param {Window} window @param {string[]} colours
   */
  #steps(context, wide, { from, span }, [muted, frame]) {
    const across = wide / span;
    const room = Math.max(56, 18 + 7 * (from + span).toLocaleString("en").length);
    let apart = 1;
    for (let k = 1; apart * across < room; k++) apart = [1, 2, 5][k % 3] * 10 ** Math.floor(k / 3);
    context.font = "12px system-ui, sans-serif";
    context.textAlign = "center";
    context.textBaseline = "top";
    let end = -Infinity; // of the number before
    for (let step = Math.ceil(from / apart) * apart; step < from + span; step += apart) {
      const x = (step - from + 0.5) * across;
      context.fillStyle = frame;
      context.fillRect(Math.round(x), 1, 1, 3);
      context.fillStyle = muted;
      const words = step.toLocaleString("en");
      const half = context.measureText(words).width / 2;
      const middle = Math.max(half, Math.min(wide - half, x));
      if (middle - half < end + 6) continue; // pushed in from the edge it would run into its neighbour
      context.fillText(words, middle, 4);
      end = middle + half;
    }
  }

  /**
   * One stair a model.
   * @param {SurprisePlace} place @param {Window} window @param {SurpriseLine[]} lines @param {number} ratio
   */
  #stairs({ width, height }, window, lines, ratio) {
    const [wide, high] = [Math.round(width * ratio), Math.round(height * ratio)];
    if (this.image?.width !== wide || this.image.height !== high) {
      Object.assign(this.canvas, { width: wide, height: high });
      Object.assign(this.canvas.style, { width: `${width}px`, height: `${height}px` });
      this.image = this.context.createImageData(wide, high);
    }
    const plot = { pixels: new Uint32Array(this.image.data.buffer), wide, high, ratio, columns: window.columns };
    plot.pixels.fill(0);
    for (const { columns, color, dashed } of lines) stair(plot, columns, color, dashed);
    this.context.putImageData(this.image, 0, 0);
  }

  /** @param {SurprisePlace} place @param {Plotly | undefined} Plotly @param {string} theme */
  place(place, Plotly, theme) {
    this.geometry = place;
    this.element.classList.toggle("folded", place.height === 0);
    Object.assign(this.area.style, { left: `${place.left}px`, width: `${place.width}px`, height: `${place.height}px` });
    Object.assign(this.numbers.style, { left: `${place.left}px`, top: `${place.height}px` });
    this.plot.style.height = `${place.height + AXIS + 2}px`;
    const words = JSON.stringify([place, theme]);
    if (Plotly === undefined || words === this.figure || place.height === 0) return;
    this.figure = words;
    const { data, layout, config } = surpriseFigure({ ...place, most: MOST });
    Plotly.react(this.axes, data, layout, config);
  }

  /**
   * @param {{window: Window, theme: string, lines: SurpriseLine[]}} view
   */
  update({ window, lines, theme }) {
    const { geometry } = this;
    if (geometry === null) return;
    const words = JSON.stringify([
      window,
      theme,
      geometry,
      devicePixelRatio,
      lines.map(({ color, dashed }) => [color, dashed]),
    ]);
    const versions = lines.map(({ columns }) => columns.version).join();
    if (
      words === this.drawn &&
      (versions === this.lined.versions || lines.every(({ columns }, k) => isLine(columns, this.lined.lines[k])))
    ) {
      this.lined.versions = versions; // an echo that moves brings the same surprise again
      return;
    }
    this.drawn = words;
    this.lined = {
      versions,
      lines: lines.map(({ columns: { surprise, peak, state } }) => ({
        surprise: surprise.slice(),
        peak: peak.slice(),
        state: state.slice(),
      })),
    };
    tell(
      this.note,
      window.per === 1
        ? `bits per character, −log₂ p; a thick bar at the top: over ${MOST}`
        : `bits per character, the mean of a column; faint: its largest, up to ${MOST}`,
    );
    const ratio = devicePixelRatio;
    if (geometry.height > 0) this.#stairs(geometry, window, lines, ratio);
    const scale = JSON.stringify([window.from, window.span, theme, geometry, ratio]);
    if (scale === this.numbered) return;
    this.numbered = scale;
    lettered(this.numbers, geometry.width, AXIS, (sheet) =>
      this.#steps(sheet, geometry.width, window, themeColours("--muted", "--frame")),
    );
  }

  /** @param {number | null} step @param {import("../../picture/window.js").Window} window */
  cursor(step, { from, per, columns }) {
    if (this.geometry === null) return;
    const across = this.geometry.width / columns;
    const column = step === null ? -1 : Math.floor((step - from) / per);
    put(this.wash, { hidden: column < 0 || column >= columns });
    if (!this.wash.hidden) {
      put(this.wash.style, { width: `${Math.max(1, across)}px`, transform: `translateX(${column * across}px)` });
    }
  }

  /** @param {SurpriseLine[]} lines */
  legend(lines) {
    const keys = lines.map(({ color, dashed, title }) => {
      const key = make("i", { className: dashed ? "dash" : "" });
      key.style.color = color;
      return make("span", {}, key, title);
    });
    this.keys.replaceChildren(...keys);
  }

  destroy() {
    loadedPlotly()?.purge(this.axes);
    this.element.remove();
  }
}

/**
 * Whether columns hold what was drawn.
 * @param {import("../../picture/columns.js").Columns} columns
 * @param {Drawn | undefined} line
 */
function isLine(columns, line) {
  /** @param {Uint8Array | Float32Array} now @param {Uint8Array | Float32Array} before */
  const same = (now, before) =>
    now.length === before.length &&
    now.every((value, k) => value === before[k] || (Number.isNaN(value) && Number.isNaN(before[k])));
  return (
    line !== undefined &&
    same(columns.state, line.state) &&
    same(columns.surprise, line.surprise) &&
    same(columns.peak, line.peak)
  );
}
