// How surprised each model was by each character: one stair a model, in bits.

import { CURRENT } from "../core/columns.js";
import { fitted, make, themeColours } from "./dom.js";
import { surpriseFigure } from "./axes.js";

const MOST = 12; // bits; what is above is drawn at the top, thicker
const AXIS = 17; // the step numbers below

/** @param {HTMLElement} host */
export function createSurprise(host) {
  const axes = make("div", { className: "axes", "aria-hidden": "true" });
  const canvas = make("canvas", { role: "img" });
  const wash = make("div", { className: "cursor-wash" });
  const area = make("div", { className: "area surprise-area" }, wash, canvas);
  const head = make("header", { className: "surprise-head" }, make("h2", { textContent: "Surprise" }), make("span", { className: "note", textContent: `bits per character, −log₂ p; a thick bar at the top: over ${MOST}` }), make("span", { className: "legend" }));
  const plot = make("div", { className: "plot" }, axes, area);
  const element = make("section", { className: "surprise", "aria-label": "Surprise of each character, in bits" }, head, plot);
  host.append(element);
  let geometry = null;
  let figure = "";

  /**
   * A stair: one level a character. Rectangles on whole pixels cost a tenth of a stroked path, which without a
   * graphics card was dearer than all the heatmaps together.
   */
  function line(context, { columns, color, dashed }, across) {
    const { surprise, state } = columns;
    const thick = across > 4 ? 2 : 1;
    const down = geometry.height - thick;
    context.fillStyle = color;
    let before = NaN;
    for (let k = 0; k < surprise.length; k++) {
      const bits = state[k] === CURRENT ? surprise[k] : NaN;
      const level = Math.round(down * (1 - Math.min(bits, MOST) / MOST)); // NaN stays NaN: nothing is drawn
      const left = Math.round(k * across);
      const right = Math.round((k + 1) * across);
      if (!Number.isNaN(level)) {
        if (!dashed) {
          context.fillRect(left, level, right - left, thick);
          if (!Number.isNaN(before) && before !== level) {
            context.fillRect(left, Math.min(before, level), thick, Math.abs(before - level) + thick);
          }
        } else if (across >= 4) context.fillRect(left, level, Math.round(across * 0.5), thick);
        else if (left % 8 < 4) context.fillRect(left, level, right - left, thick);
        if (bits > MOST) context.fillRect(left, 0, Math.max(3, right - left), 4);
      }
      before = level;
    }
  }

  function steps(context, { from, width }, across, [muted, frame]) {
    const apart = [1, 2, 5, 10, 20, 50, 100, 200, 500, 1000, 2000, 5000].find((size) => size * across >= 52) ?? 10000;
    context.font = "10px system-ui, sans-serif";
    context.textAlign = "center";
    context.textBaseline = "top";
    for (let step = Math.ceil(from / apart) * apart; step < from + width; step += apart) {
      const x = (step - from + 0.5) * across;
      context.fillStyle = frame;
      context.fillRect(Math.round(x), geometry.height + 1, 1, 3);
      context.fillStyle = muted;
      const words = step.toLocaleString("en");
      context.fillText(words, Math.max(words.length * 3, Math.min(geometry.width - words.length * 3, x)), geometry.height + 5);
    }
  }

  return {
    element,
    area,
    place(place, Plotly, theme) {
      geometry = place;
      Object.assign(area.style, { left: `${place.left}px`, width: `${place.width}px`, height: `${place.height}px` });
      plot.style.height = `${place.height + AXIS + 2}px`;
      const words = JSON.stringify([place, theme]);
      if (Plotly === undefined || words === figure) return;
      figure = words;
      const { data, layout, config } = surpriseFigure({ ...place, most: MOST });
      Plotly.react(axes, data, layout, config);
    },
    /**
     * @param {{from: number, width: number,
     *   lines: {columns: import("../core/columns.js").Columns, color: string, dashed: boolean, title: string}[]}} view
     */
    update(view) {
      if (geometry === null) return;
      const context = fitted(canvas, geometry.width, geometry.height + AXIS);
      const across = geometry.width / view.width;
      const [muted, frame] = themeColours("--muted", "--frame");
      for (const one of view.lines) line(context, one, across);
      steps(context, view, across, [muted, frame]);
    },
    /** @param {number | null} column from the window's start @param {number} width columns in the window */
    cursor(column, width) {
      if (geometry === null) return;
      const across = geometry.width / width;
      wash.hidden = column === null || column < 0 || column >= width;
      wash.style.width = `${Math.max(1, across)}px`;
      wash.style.transform = `translateX(${(column ?? 0) * across}px)`;
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
