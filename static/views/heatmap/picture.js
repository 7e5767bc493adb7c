// The pixels of a panel: one a cell, painted only where they change; and the picture of the zoom level before, which
// stands in until the columns of the next one have come.

import { raster } from "../../picture/raster.js";
import { contextOf, make, put } from "../dom.js";

const FARTHEST = 200; // times that a picture is stretched to stand in for the next zoom level

/** @typedef {import("../../picture/columns.js").Columns} Columns */

export class Picture {
  constructor() {
    this.canvas = make("canvas", { className: "heatmap" });
    // Its pixels come from here, byte by byte, and go out into exports: nothing is ever drawn on it by a graphics card.
    this.context = contextOf(this.canvas, { willReadFrequently: true });
    /** @type {ImageData | null} */
    this.image = null;
    /**
     * What the canvas shows: columns, table and order, and the steps under it.
     * @type {{columns: Columns, table: Uint32Array, order: Int32Array | null, from: number, span: number} | null}
     */
    this.painted = null;
    /**
     * The picture of the zoom level before, in its place until the columns have come.
     * @type {{canvas: HTMLCanvasElement, from: number, span: number} | null}
     */
    this.ghost = null;
  }

  /** @param {Columns} columns @param {Uint32Array} table @param {Int32Array | null} order the unit in each row */
  paint(columns, table, order) {
    const { canvas, painted } = this;
    const width = columns.state.length;
    const changes = columns.changes();
    const sized = canvas.width === width && canvas.height === columns.units;
    if (!sized) Object.assign(canvas, { width, height: columns.units });
    const alike = sized && painted?.columns === columns && painted.table === table && painted.order === order;
    if (!alike || changes.moved === null) this.#patch(columns, table, order, 0, width);
    else {
      if (changes.moved !== 0) this.#shift(changes.moved);
      this.#patch(columns, table, order, changes.from, changes.to);
    }
    this.painted = { columns, table, order, from: columns.from, span: width * columns.per };
    this.#placeGhost(columns);
  }

  /**
   * Paint columns `from` to before `to`.
   * @param {Columns} columns @param {Uint32Array} table @param {Int32Array | null} order @param {number} from
   * @param {number} to
   */
  #patch(columns, table, order, from, to) {
    if (from >= to) return;
    const { width, height } = this.canvas;
    const whole = to - from === width;
    const part =
      whole && this.image?.width === width && this.image.height === height
        ? this.image
        : this.context.createImageData(to - from, columns.units);
    if (whole) this.image = part; // the largest is used again
    raster(new Uint32Array(part.data.buffer), columns, table, order, from, to);
    this.context.putImageData(part, from, 0);
  }

  /** The canvas with all that it shows moved to the left. @param {number} by */
  #shift(by) {
    this.context.globalCompositeOperation = "copy";
    this.context.drawImage(this.canvas, -by, 0);
    this.context.globalCompositeOperation = "source-over";
  }

  /** Another zoom level comes: what is painted stands in for it. @param {Columns} columns those painted */
  keep(columns) {
    const { canvas, ghost } = this;
    if (this.painted?.columns !== columns || columns.state.length === 0) return;
    const { from, span } = this.painted;
    const { width, height } = canvas;
    const copy = make("canvas", { className: "ghost", width, height, "aria-hidden": "true" });
    const brush = contextOf(copy, { willReadFrequently: true });
    brush.imageSmoothingEnabled = false;
    const across = width / span;
    if (ghost !== null) brush.drawImage(ghost.canvas, (ghost.from - from) * across, 0, ghost.span * across, height);
    brush.drawImage(canvas, 0, 0);
    this.dropGhost();
    this.ghost = { canvas: copy, from, span };
    canvas.before(copy);
    this.painted = null;
  }

  dropGhost() {
    this.ghost?.canvas.remove();
    this.ghost = null;
  }

  /** @param {Columns} columns */
  #placeGhost(columns) {
    if (this.ghost === null) return;
    const span = columns.per * columns.state.length;
    if (columns.complete() || this.ghost.span > span * FARTHEST) return this.dropGhost();
    put(this.ghost.canvas.style, {
      left: `${((this.ghost.from - columns.from) / span) * 100}%`,
      width: `${(this.ghost.span / span) * 100}%`,
    });
  }
}
