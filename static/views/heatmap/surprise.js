// How surprised each model was by each character: one stair a model, in bits.

import { MOST, stair } from "../../picture/step-line.js";
import { lettered, make, put, tell, themeColours } from "../dom.js";
import { surpriseFigure } from "./axes.js";

const AXIS = 17; // the step numbers below

/** @param {HTMLElement} host */
export function createSurprise(host) {
  const axes = make("div", { className: "axes", "aria-hidden": "true" });
  const canvas = make("canvas", { role: "img", "aria-label": "Surprise of each character, in bits: one line a model" });
  const wash = make("div", { className: "cursor-wash" });
  const area = make("div", { className: "area surprise-area" }, wash, canvas);
  const numbers = make("canvas", { className: "step-numbers", "aria-hidden": "true" });
  const note = make("span", { className: "note" });
  const head = make(
    "header",
    { className: "surprise-head" },
    make("h2", { textContent: "Surprise" }),
    note,
    make("span", { className: "legend" }),
  );
  const plot = make("div", { className: "plot" }, axes, area, numbers);
  const element = make(
    "section",
    { className: "surprise", "aria-label": "Surprise of each character, in bits" },
    head,
    plot,
  );
  host.append(element);
  let geometry = null;
  let figure = "";
  let drawn = "";
  /** What was drawn of each line, and the versions of the columns that held it. */
  let lined = { versions: "", lines: [] };
  let numbered = "";
  const context = canvas.getContext("2d", { willReadFrequently: true });
  /** @type {ImageData | null} */
  let image = null;

  /** The step numbers. */
  function steps(context, { from, span }, [muted, frame]) {
    const across = geometry.width / span;
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
      const middle = Math.max(half, Math.min(geometry.width - half, x));
      if (middle - half < end + 6) continue; // pushed in from the edge it would run into its neighbour
      context.fillText(words, middle, 4);
      end = middle + half;
    }
  }

  /** One stair a model. */
  function stairs(window, lines, ratio) {
    const [wide, high] = [Math.round(geometry.width * ratio), Math.round(geometry.height * ratio)];
    if (image?.width !== wide || image.height !== high) {
      Object.assign(canvas, { width: wide, height: high });
      Object.assign(canvas.style, { width: `${geometry.width}px`, height: `${geometry.height}px` });
      image = context.createImageData(wide, high);
    }
    const plot = { pixels: new Uint32Array(image.data.buffer), wide, high, ratio, columns: window.columns };
    plot.pixels.fill(0);
    for (const { columns, color, dashed } of lines) stair(plot, columns, color, dashed);
    context.putImageData(image, 0, 0);
  }

  return {
    element,
    area,
    place(place, Plotly, theme) {
      geometry = place;
      element.classList.toggle("folded", place.height === 0);
      Object.assign(area.style, { left: `${place.left}px`, width: `${place.width}px`, height: `${place.height}px` });
      Object.assign(numbers.style, { left: `${place.left}px`, top: `${place.height}px` });
      plot.style.height = `${place.height + AXIS + 2}px`;
      const words = JSON.stringify([place, theme]);
      if (Plotly === undefined || words === figure || place.height === 0) return;
      figure = words;
      const { data, layout, config } = surpriseFigure({ ...place, most: MOST });
      Plotly.react(axes, data, layout, config);
    },
    /**
     * @param {{window: import("../../picture/window.js").Window, theme: string,
     *   lines: {columns: import("../../picture/columns.js").Columns, color: string, dashed: boolean, title: string}[]}}
     *   view
     */
    update({ window, lines, theme }) {
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
        words === drawn &&
        (versions === lined.versions || lines.every(({ columns }, k) => isLine(columns, lined.lines[k])))
      ) {
        lined.versions = versions; // an echo that moves brings the same surprise again
        return;
      }
      drawn = words;
      lined = {
        versions,
        lines: lines.map(({ columns: { surprise, peak, state } }) => ({
          surprise: surprise.slice(),
          peak: peak.slice(),
          state: state.slice(),
        })),
      };
      tell(
        note,
        window.per === 1
          ? `bits per character, −log₂ p; a thick bar at the top: over ${MOST}`
          : `bits per character, the mean of a column; faint: its largest, up to ${MOST}`,
      );
      const ratio = devicePixelRatio;
      if (geometry.height > 0) stairs(window, lines, ratio);
      const scale = JSON.stringify([window.from, window.span, theme, geometry, ratio]);
      if (scale === numbered) return;
      numbered = scale;
      lettered(numbers, geometry.width, AXIS, (sheet) => steps(sheet, window, themeColours("--muted", "--frame")));
    },
    /** @param {number | null} step @param {import("../../picture/window.js").Window} window */
    cursor(step, { from, per, columns }) {
      if (geometry === null) return;
      const across = geometry.width / columns;
      const column = step === null ? -1 : Math.floor((step - from) / per);
      put(wash, { hidden: column < 0 || column >= columns });
      if (!wash.hidden) {
        put(wash.style, { width: `${Math.max(1, across)}px`, transform: `translateX(${column * across}px)` });
      }
    },
    legend(lines) {
      const keys = lines.map(({ color, dashed, title }) => {
        const key = make("i", { className: dashed ? "dash" : "" });
        key.style.color = color;
        return make("span", {}, key, title);
      });
      head.querySelector(".legend").replaceChildren(...keys);
    },
    destroy() {
      window.Plotly?.purge(axes);
      element.remove();
    },
  };
}

/**
 * Whether columns hold what was drawn.
 * @param {import("../../picture/columns.js").Columns} columns
 * @param {any} line
 */
function isLine(columns, line) {
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
