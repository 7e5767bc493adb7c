// The triangle: what a unit or a layer holds at each step (downwards), by the step at which it was written (across).

import { contextOf, make, put, tell } from "../../views/dom.js";

/** @import { Levels } from "../../picture/levels.js" */

export const DECADES = 4; // that the colours reach down from the largest value

/**
 * Where a value lies on the colours' scale: −1 … 1, its size on a logarithmic scale of `DECADES` below `most`.
 * @param {number} value @param {number} most
 */
export function strength(value, most) {
  if (Number.isNaN(value)) return NaN;
  const size = Math.abs(value);
  if (size === 0 || most === 0) return 0;
  return Math.sign(value) * Math.max(0, 1 + Math.log10(size / most) / DECADES);
}

/**
 * @typedef {object} TriangleView
 * @property {{data: Float32Array, shape: number[]}} triangle @property {boolean} signed a unit's addends have signs
 * @property {number} step of the last row and column @property {number} per steps to each
 * @property {number} first the first step of the window
 * @property {{signed: Uint32Array, gate: Uint32Array}} tables @property {Levels} levels @property {string} theme
 */

export class Triangle {
  /**
   * @param {HTMLElement} host
   * @param {{pick: (step: number) => void}} acts
   */
  constructor(host, { pick }) {
    this.canvas = make("canvas", {
      className: "provenance-triangle",
      role: "img",
      "aria-label": "What is held at each step, downwards, by the step at which it was written, across",
    });
    this.said = make("p", { className: "inst-note provenance-cell" });
    this.scale = make("p", { className: "inst-note" });
    host.append(this.canvas, this.said, this.scale);
    /** @type {TriangleView | null} */
    this.view = null;
    this.most = 0;
    this.canvas.addEventListener("pointermove", (event) => this.#tell(this.#cellAt(event)));
    this.canvas.addEventListener("pointerleave", () => this.#tell(null));
    this.canvas.addEventListener("click", (event) => {
      const cell = this.#cellAt(event);
      if (cell !== null) pick(cell.to);
    });
  }

  /** The row and column under the pointer, with their steps. @param {MouseEvent} event */
  #cellAt({ offsetX, offsetY }) {
    if (this.view === null) return null;
    const { triangle, step, per, first } = this.view;
    const [rows] = triangle.shape;
    const { clientWidth, clientHeight } = this.canvas;
    const r = Math.floor((offsetY / clientHeight) * rows);
    const c = Math.floor((offsetX / clientWidth) * rows);
    if (r < 0 || c < 0 || r >= rows || c > r) return null;
    const at = step - (rows - 1 - r) * per;
    const to = step - (rows - 1 - c) * per;
    return { at, from: Math.max(first, to - per + 1), to, value: triangle.data[r * rows + c] };
  }

  /** Say the number of a cell. @param {{at: number, from: number, to: number, value: number} | null} cell */
  #tell(cell) {
    if (this.view === null || cell === null) {
      tell(this.said, "Point at a cell to read its number; a click goes to the step at which it was written.");
      return;
    }
    const { at, from, to, value } = cell;
    const until = to.toLocaleString("en");
    const written = from === to ? `at ${until}` : `from ${from.toLocaleString("en")} to ${until}`;
    const amount = this.view.signed ? digits(value) : `${digits(100 * value)} %`;
    tell(this.said, `Of what is held at step ${at.toLocaleString("en")}, ${amount} was written ${written}.`);
  }

  /** @param {TriangleView} view */
  update(view) {
    const same = this.view !== null && this.view.triangle === view.triangle && this.view.theme === view.theme;
    this.view = view;
    if (same) return;
    const { triangle, signed, tables, levels } = view;
    const [rows] = triangle.shape;
    this.most = triangle.data.reduce((most, value) => (Math.abs(value) > most ? Math.abs(value) : most), 0);
    put(this.canvas, { width: rows, height: rows });
    const context = contextOf(this.canvas);
    const image = context.createImageData(rows, rows);
    const pixels = new Uint32Array(image.data.buffer);
    const table = signed ? tables.signed : tables.gate;
    for (let k = 0; k < pixels.length; k++) {
      const place = strength(triangle.data[k], this.most);
      if (Number.isNaN(place)) continue; // above the diagonal there is nothing
      pixels[k] = table[signed ? levels.levelOf(place, -1, 1) : levels.levelOf(place, 0, 1)];
    }
    context.putImageData(image, 0, 0);
    const largest = signed ? `±${digits(this.most)}` : `${digits(100 * this.most)} %`;
    tell(
      this.scale,
      `Colours: from ${largest} down over ${DECADES} decades${signed ? ", red above zero and blue below" : ""}` +
        (view.per === 1 ? "." : `; a row or column stands for ${view.per} steps.`),
    );
    this.#tell(null);
  }
}

/** @param {number} value */
const digits = (value) => String(Number(value.toPrecision(3))).replace("-", "−");
