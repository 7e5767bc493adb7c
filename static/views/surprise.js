// How surprised each model was by each character: one stair a model, in bits.

import { CURRENT } from "../core/columns.js";
import { fitted, make, put, tell, themeColours } from "./dom.js";
import { surpriseFigure } from "./axes.js";
import { standsFor } from "./words.js";

const MOST = 12; // bits; what is above is drawn at the top, thicker
const FAINT = 0.4; // of the ink: the largest value of a column that stands for several characters
const AXIS = 17; // the step numbers below

/** @param {HTMLElement} host */
export function createSurprise(host) {
  const axes = make("div", { className: "axes", "aria-hidden": "true" });
  const canvas = make("canvas", { role: "img" });
  const wash = make("div", { className: "cursor-wash" });
  const area = make("div", { className: "area surprise-area" }, wash, canvas);
  const note = make("span", { className: "note" });
  const head = make("header", { className: "surprise-head" }, make("h2", { textContent: "Surprise" }), note, make("span", { className: "legend" }));
  const plot = make("div", { className: "plot" }, axes, area);
  const element = make("section", { className: "surprise", "aria-label": "Surprise of each character, in bits" }, head, plot);
  host.append(element);
  let geometry = null;
  let figure = "";
  let drawn = "";

  /**
   * A stair: one level a character. Rectangles on whole pixels cost a tenth of a stroked path, which without a
   * graphics card was dearer than all the heatmaps together.
   */
  function line(context, { columns, color, dashed }, across) {
    const { surprise, peak, state, per } = columns;
    const thick = across > 4 ? 2 : 1;
    const down = geometry.height - thick;
    const levelOf = (bits) => Math.round(down * (1 - Math.min(bits, MOST) / MOST)); // NaN stays NaN: nothing is drawn
    context.fillStyle = color;
    let before = NaN;
    for (let k = 0; k < surprise.length; k++) {
      const bits = state[k] === CURRENT ? surprise[k] : NaN;
      const level = levelOf(bits);
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
        if (per === 1 && bits > MOST) context.fillRect(left, 0, Math.max(3, right - left), 4);
      }
      before = level;
    }
    if (per === 1) return;
    context.globalAlpha = FAINT;
    for (let k = 0; k < peak.length; k++) {
      const level = state[k] === CURRENT ? levelOf(peak[k]) : NaN;
      if (!Number.isNaN(level)) context.fillRect(Math.round(k * across), level, Math.max(1, Math.round((k + 1) * across) - Math.round(k * across)), 2);
    }
    context.globalAlpha = 1;
  }

  function steps(context, { from, span }, [muted, frame]) {
    const across = geometry.width / span;
    const room = Math.max(52, 16 + 6 * (from + span).toLocaleString("en").length);
    let apart = 1;
    for (let k = 1; apart * across < room; k++) apart = [1, 2, 5][k % 3] * 10 ** Math.floor(k / 3);
    context.font = "10px system-ui, sans-serif";
    context.textAlign = "center";
    context.textBaseline = "top";
    for (let step = Math.ceil(from / apart) * apart; step < from + span; step += apart) {
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
     * @param {{window: import("../core/window.js").Window, theme: string,
     *   lines: {columns: import("../core/columns.js").Columns, color: string, dashed: boolean, title: string}[]}} view
     */
    update({ window, lines, theme }) {
      if (geometry === null) return;
      const words = JSON.stringify([window, theme, geometry, devicePixelRatio, lines.map(({ columns, color }) => [columns.version, color])]);
      if (words === drawn) return;
      drawn = words;
      tell(note, window.per === 1 ? `bits per character, −log₂ p; a thick bar at the top: over ${MOST}` : `bits per character, the mean of ${standsFor(window.per).replace("1 column = ", "")} a column; faint: the largest of them, up to ${MOST}`);
      const context = fitted(canvas, geometry.width, geometry.height + AXIS);
      const across = geometry.width / window.columns;
      for (const one of lines) line(context, one, across);
      steps(context, window, themeColours("--muted", "--frame"));
    },
    /** @param {number | null} step @param {import("../core/window.js").Window} window */
    cursor(step, { from, per, columns }) {
      if (geometry === null) return;
      const across = geometry.width / columns;
      const column = step === null ? -1 : Math.floor((step - from) / per);
      put(wash, { hidden: column < 0 || column >= columns });
      if (!wash.hidden) put(wash.style, { width: `${Math.max(1, across)}px`, transform: `translateX(${column * across}px)` });
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
