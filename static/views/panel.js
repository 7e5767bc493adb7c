// One model's panel: its head, and the heatmap under the axes.

import { lookup } from "../core/colour.js";
import { raster } from "../core/raster.js";
import { panelFigure } from "./axes.js";
import { choose, fitted, make, themeColours } from "./dom.js";

const MARK = 5; // CSS pixels of an unknown character's bars, over and under its column

/**
 * @param {HTMLElement} host
 * @param {any} colours from `hello`
 * @param {{twin: () => void, remove: () => void, layer: (value: number | null) => void,
 *   signal: (value: string | null) => void, keydown: (event: KeyboardEvent) => void}} acts
 */
export function createPanel(host, colours, acts) {
  const swatch = make("i", { className: "swatch", "aria-hidden": "true" });
  const title = make("h2");
  const bits = make("span", { className: "bits" });
  const range = make("span", { className: "range" });
  const note = make("span", { className: "note" });
  const twin = make("button", { type: "button", className: "twin", textContent: "untrained", onclick: acts.twin });
  twin.title = "Show the same network before training";
  const layer = make("select", { title: "Layer of this panel", onchange: () => acts.layer(layer.value === "" ? null : Number(layer.value)) });
  const signal = make("select", { title: "Signal of this panel", onchange: () => acts.signal(signal.value === "" ? null : signal.value) });
  const remove = make("button", { type: "button", className: "remove", textContent: "×", onclick: acts.remove });
  const head = make("header", { className: "panel-head" }, swatch, title, bits, range, note, make("span", { className: "spring" }), layer, signal, twin, remove);
  const axes = make("div", { className: "axes", "aria-hidden": "true" });
  const canvas = make("canvas", { className: "heatmap" });
  const marks = make("canvas", { className: "marks", hidden: true });
  const step = make("div", { className: "cursor-step" });
  const unit = make("div", { className: "cursor-unit" });
  const area = make("div", { className: "area", tabIndex: 0, role: "application", "aria-roledescription": "heatmap", onkeydown: acts.keydown }, canvas, marks, unit, step);
  const plot = make("div", { className: "plot" }, axes, area);
  const element = make("article", { className: "panel", "data-steps": "0", "data-window": "0:0", "data-revision": "0" }, head, plot);
  host.append(element);

  // Its pixels come from here, byte by byte, and go out into exports: nothing is ever drawn on it by a graphics card.
  const context = canvas.getContext("2d", { willReadFrequently: true });
  let image = null;
  let pixels = null;
  let figure = "";
  let shown = null;
  let beyond = "";
  let geometry = null;

  return {
    element,
    area,

    /** @param {any} resolved from the catalogue @param {{color: string, panel: any, clipped: boolean}} look */
    update(resolved, { color, panel, clipped }) {
      shown = resolved;
      beyond = clipped ? ", beyond it the end colour" : "";
      const { model } = resolved;
      element.dataset.model = resolved.id;
      element.dataset.layer = String(resolved.layer);
      element.dataset.signal = resolved.signal.name;
      swatch.style.background = color;
      title.textContent = model.title;
      title.title = model.description;
      note.textContent = resolved.instead === "" ? "" : resolved.instead;
      twin.hidden = !model.steps.includes(0);
      twin.setAttribute("aria-pressed", String(resolved.untrained));
      const name = resolved.untrained ? `${model.title}, untrained` : model.title;
      twin.setAttribute("aria-label", `${model.title}: untrained`);
      remove.setAttribute("aria-label", `Remove the panel ${name}`);
      remove.title = "Remove this panel";
      element.setAttribute("aria-label", name);
      area.setAttribute("aria-label", `${name}, ${resolved.signal.title.toLowerCase()}, layer ${resolved.layer}, ${model.units} units. Arrow keys move the cursor.`);
      layer.hidden = model.layers < 2;
      layer.setAttribute("aria-label", `Layer of ${name}`);
      signal.hidden = model.signals.length < 2;
      signal.setAttribute("aria-label", `Signal of ${name}`);
      choose(layer, [["", `layer ${resolved.layer}`], ...Array.from({ length: model.layers }, (_, k) => [String(k), `only layer ${k}`])], String(panel.layer ?? ""));
      choose(signal, [["", `${resolved.signal.title}`], ...model.signals.map((one) => [one.name, `only ${one.title.toLowerCase()}`])], panel.signal ?? "");
      layer.classList.toggle("own", panel.layer !== null);
      signal.classList.toggle("own", panel.signal !== null);
    },

    /** Lay out: the size of the plot area in CSS pixels, and what stands around it. @param {any} place */
    place(place) {
      geometry = place;
      Object.assign(area.style, { left: `${place.left}px`, width: `${place.width}px`, height: `${place.height}px` });
      plot.style.height = `${place.height + 2}px`;
    },

    /** Draw the axes anew if anything about them changed. @param {any} Plotly @param {string} theme */
    axes(Plotly, columns, order, theme) {
      if (geometry === null || Plotly === undefined) return;
      const { low, high } = columns;
      const stops = shown.signal.kind === "gate" ? colours.gate : colours.signed;
      const plan = { ...geometry, units: columns.units, low, high, stops, order };
      const words = JSON.stringify([geometry, columns.units, low, high, shown.signal.kind, theme, order === null ? 0 : [...order]]);
      if (words === figure) return;
      figure = words;
      const { data, layout, config } = panelFigure(plan);
      Plotly.react(axes, data, layout, config);
    },

    /**
     * Paint the heatmap and say what is painted.
     * @param {import("../core/columns.js").Columns} columns
     * @param {{signed: Uint32Array, gate: Uint32Array}} tables
     * @param {Int32Array | null} order
     * @param {[number, number][]} unknown runs of steps that the model does not know
     */
    paint(columns, tables, order, unknown) {
      const width = columns.state.length;
      if (width === 0) return;
      if (canvas.width !== width || canvas.height !== columns.units || image === null) {
        canvas.width = width;
        canvas.height = columns.units;
        image = context.createImageData(width, columns.units);
        pixels = new Uint32Array(image.data.buffer);
      }
      raster(pixels, columns, shown.signal.kind === "gate" ? tables.gate : tables.signed, order);
      context.putImageData(image, 0, 0);
      this.mark(unknown, columns.from, width);
      this.claim(columns);
      element.dataset.revision = String(columns.revision);
      bits.textContent = columns.bitsPerCharacter === null || columns.steps === 0 ? "" : `${columns.bitsPerCharacter.toFixed(2)} bits/char`;
      bits.title = `Mean surprise of the ${columns.scored.toLocaleString("en")} characters read so far`;
      range.textContent = shown.signal.range === null && Number.isFinite(columns.high) ? `range ±${Number(columns.high.toPrecision(3))}${beyond}` : "";
      element.classList.toggle("behind", columns.steps < columns.length);
    },

    /** Say up to where the picture is right. @param {import("../core/columns.js").Columns} columns */
    claim(columns) {
      const end = columns.end();
      element.dataset.steps = String(columns.steps);
      element.dataset.window = `${columns.from}:${Math.max(columns.from, end)}`;
    },

    /** @param {[number, number][]} runs @param {number} from @param {number} width */
    mark(runs, from, width) {
      marks.hidden = runs.length === 0 || geometry === null;
      if (marks.hidden) return;
      const context = fitted(marks, geometry.width, geometry.height);
      const [bad, surface] = themeColours("--bad", "--surface");
      const edge = (step) => Math.round(((step - from) / width) * marks.width) / devicePixelRatio; // a whole pixel of the device
      for (const [colour, height] of [[surface, MARK + 1], [bad, MARK]]) {
        context.fillStyle = colour;
        for (const [start, end] of runs) {
          context.fillRect(edge(start), 0, edge(end) - edge(start), height);
          context.fillRect(edge(start), geometry.height - height, edge(end) - edge(start), height);
        }
      }
    },

    /**
     * @param {{step: number, unit: number, held: boolean} | null} cursor the unit is drawn only when it is held
     * @param {import("../core/columns.js").Columns} columns
     * @param {Int32Array | null} order
     */
    cursor(cursor, columns, order) {
      if (geometry === null) return;
      const width = columns.state.length;
      const column = cursor === null ? -1 : cursor.step - columns.from;
      step.hidden = !(column >= 0 && column < width);
      const across = geometry.width / width;
      if (!step.hidden) {
        step.style.width = `${Math.max(1, across)}px`;
        step.style.transform = `translateX(${column * across}px)`;
      }
      const row = cursor === null || !cursor.held || cursor.unit >= columns.units ? -1 : order === null ? cursor.unit : order.indexOf(cursor.unit);
      unit.hidden = row < 0;
      const down = geometry.height / columns.units;
      unit.style.height = `${Math.max(1, down)}px`;
      unit.style.transform = `translateY(${row * down}px)`;
    },

    /** What is under a point of the plot area. @param {number} y @param {Int32Array | null} order */
    unitAt(y, order) {
      const row = Math.max(0, Math.min(shown.model.units - 1, Math.floor((y / geometry.height) * shown.model.units)));
      return order === null ? row : order[row];
    },

    canvas,
    destroy() {
      window.Plotly?.purge(axes);
      element.remove();
    },
  };
}

/** Pixel tables of both kinds of scale. @param {any} colours from `hello` */
export function tablesOf(colours) {
  return { signed: lookup(colours.signed, colours.none), gate: lookup(colours.gate, colours.none) };
}
