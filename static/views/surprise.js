// How surprised each model was by each character: one line a model, in bits.

import { fitted, make, themeColours } from "./dom.js";
import { surpriseFigure } from "./axes.js";

const MOST = 12; // bits; what is above is drawn at the top with a mark
const AXIS = 17; // the step numbers below

/** @param {HTMLElement} host */
export function createSurprise(host) {
  const axes = make("div", { className: "axes", "aria-hidden": "true" });
  const canvas = make("canvas", { role: "img" });
  const area = make("div", { className: "area surprise-area" }, canvas);
  const head = make("header", { className: "surprise-head" }, make("h2", { textContent: "Surprise" }), make("span", { className: "note", textContent: "bits per character, −log₂ p" }), make("span", { className: "legend" }));
  const plot = make("div", { className: "plot" }, axes, area);
  const element = make("section", { className: "surprise", "aria-label": "Surprise of each character, in bits" }, head, plot);
  host.append(element);
  let geometry = null;
  let figure = "";

  function line(context, { columns, color, dashed }, across) {
    const { surprise, state } = columns;
    const up = (bits) => geometry.height * (1 - Math.min(bits, MOST) / MOST);
    context.strokeStyle = context.fillStyle = color;
    context.lineWidth = across > 4 ? 1.8 : 1.3;
    context.setLineDash(dashed ? [4, 3] : []);
    context.beginPath();
    let drawing = false;
    const above = [];
    for (let k = 0; k < surprise.length; k++) {
      const bits = surprise[k];
      if (Number.isNaN(bits) || state[k] !== 1) {
        drawing = false;
        continue;
      }
      const x = (k + 0.5) * across;
      if (drawing) context.lineTo(x, up(bits));
      else context.moveTo(x, up(bits));
      drawing = true;
      if (bits > MOST) above.push(x);
    }
    context.stroke();
    context.setLineDash([]);
    for (const x of above) {
      context.beginPath();
      context.moveTo(x - 3, 6);
      context.lineTo(x + 3, 6);
      context.lineTo(x, 1);
      context.fill();
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
     * @param {{from: number, width: number, cursor: number | null,
     *   lines: {columns: import("../core/columns.js").Columns, color: string, dashed: boolean, title: string}[]}} view
     */
    update(view) {
      if (geometry === null) return;
      const context = fitted(canvas, geometry.width, geometry.height + AXIS);
      const across = geometry.width / view.width;
      const [muted, frame, cursor] = themeColours("--muted", "--frame", "--cursor-wash");
      if (view.cursor !== null && view.cursor >= view.from && view.cursor < view.from + view.width) {
        context.fillStyle = cursor;
        context.fillRect((view.cursor - view.from) * across, 0, Math.max(1, across), geometry.height);
      }
      for (const one of view.lines) line(context, one, across);
      steps(context, view, across, [muted, frame]);
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
