// Two texts one under the other, character against character, and under them for each model the difference of a signal.

import { visible } from "../../text/characters.js";
import { contextOf, lettered, make, put, themeColours } from "../../views/dom.js";

const ACROSS = 9; // CSS pixels a column: a letter can be read in them
const ROW = 18;

/**
 * @typedef {object} ModelPicture
 * @property {string} id @property {string} title @property {string} color @property {string} range
 * @property {Uint8Array} cells (C, H) @property {number} units @property {Uint32Array} table @property {string} key
 */

/**
 * @typedef {object} SideBySideView
 * @property {{a: string | null, b: string | null}[]} columns @property {number} cursor −1: none
 * @property {string} theme @property {ModelPicture[]} models
 */

export class SideBySide {
  /**
   * @param {HTMLElement} host
   * @param {{pick: (column: number, unit: number | null) => void}} acts
   */
  constructor(host, { pick }) {
    this.pick = pick;
    /** @type {SideBySideView} */
    this.view = { columns: [], cursor: -1, theme: "", models: [] };
    this.letters = make("canvas", {
      className: "tx-letters",
      role: "img",
      "aria-label": "Both texts, character against character",
    });
    this.cursor = make("div", { className: "tx-cursor" });
    this.pictures = make("div", { className: "tx-pictures" });
    this.inside = make("div", { className: "tx-inside" }, this.letters, this.pictures, this.cursor);
    this.element = make(
      "div",
      {
        className: "tx-scroll",
        tabIndex: 0,
        role: "application",
        "aria-label": "The two texts and the differences under them. Arrow keys move along.",
        onkeydown: (event) => this.#keydown(event),
      },
      this.inside,
    );
    host.append(this.element);
    this.mono = getComputedStyle(document.documentElement).getPropertyValue("--mono");
    /** @type {Map<string, {head: HTMLElement, canvas: HTMLCanvasElement, key: string}>} */
    this.parts = new Map();
    this.drawn = "";

    this.inside.addEventListener("click", (event) => {
      if (this.view.columns.length === 0) return;
      const column = Math.floor((event.clientX - this.inside.getBoundingClientRect().left) / ACROSS);
      const target = event.target instanceof Element ? event.target : null;
      /** @type {HTMLCanvasElement | null} */
      const canvas = target?.closest("canvas.tx-picture") ?? null;
      const unit = canvas
        ? Math.floor(((event.clientY - canvas.getBoundingClientRect().top) / canvas.clientHeight) * canvas.height)
        : null;
      pick(Math.max(0, Math.min(this.view.columns.length - 1, column)), unit);
    });
  }

  /** @param {KeyboardEvent} event */
  #keydown(event) {
    if (event.ctrlKey || event.altKey || event.metaKey) return;
    const last = this.view.columns.length - 1;
    const far = event.shiftKey ? 10 : 1;
    const { cursor } = this.view;
    /** @type {Record<string, number>} */
    const places = { ArrowLeft: cursor - far, ArrowRight: cursor + far, Home: 0, End: last };
    const to = places[event.key];
    if (to === undefined) return;
    event.preventDefault();
    const column = Math.max(0, Math.min(last, to));
    this.view = { ...this.view, cursor: column }; // the next key may come before the next paint
    this.pick(column, null);
  }

  /** @param {OffscreenCanvasRenderingContext2D} context */
  #write(context) {
    const [ink, muted, wash, warn] = themeColours("--ink", "--muted", "--accent-wash", "--warn-line");
    context.font = `13px ${this.mono}`;
    context.textAlign = "center";
    context.textBaseline = "middle";
    this.view.columns.forEach(({ a, b }, k) => {
      const other = a !== b;
      [a, b].forEach((character, line) => {
        const [x, y] = [k * ACROSS, line * ROW];
        if (character === null) return;
        if (other) {
          context.fillStyle = wash;
          context.fillRect(x, y, ACROSS, ROW - 1);
        }
        const seen = visible(character);
        context.fillStyle = seen === character ? ink : muted;
        context.fillText(seen, x + ACROSS / 2, y + ROW / 2);
      });
      if (!other) return;
      context.fillStyle = warn;
      context.fillRect(k * ACROSS, 2 * ROW - 2, ACROSS, 2);
    });
  }

  /** @param {HTMLCanvasElement} canvas @param {ModelPicture} model */
  #paint(canvas, { cells, units, table }) {
    const width = this.view.columns.length;
    Object.assign(canvas, { width, height: units });
    const context = contextOf(canvas, { willReadFrequently: true });
    const image = context.createImageData(width, units);
    const pixels = new Uint32Array(image.data.buffer);
    for (let k = 0; k < width; k++) {
      // Nothing is compared, and nothing painted.
      if (this.view.columns[k].a === null || this.view.columns[k].b === null) continue;
      for (let unit = 0; unit < units; unit++) pixels[unit * width + k] = table[cells[k * units + unit]];
    }
    context.putImageData(image, 0, 0);
  }

  /** @param {SideBySideView} next */
  update(next) {
    this.view = next;
    this.element.hidden = next.columns.length === 0;
    if (this.element.hidden) return;
    const width = next.columns.length * ACROSS;
    put(this.inside.style, { width: `${width}px` });
    const said = JSON.stringify([next.theme, next.columns]);
    if (this.drawn !== said) {
      this.drawn = said;
      lettered(this.letters, width, 2 * ROW, (context) => this.#write(context));
    }
    const kept = new Map();
    for (const model of next.models) {
      const part = this.parts.get(model.id) ?? {
        head: make("p", { className: "tx-head" }),
        canvas: make("canvas", { className: "tx-picture", role: "img" }),
        key: "",
      };
      kept.set(model.id, part);
      const swatch = make("i", { className: "swatch" });
      swatch.style.background = model.color;
      part.head.replaceChildren(swatch, ` ${model.title} `, make("small", { textContent: model.range }));
      put(part.canvas.style, { width: `${width}px`, height: `${model.units}px` });
      part.canvas.setAttribute("aria-label", `${model.title}: ${model.range}`);
      part.canvas.dataset.for = model.id;
      if (part.key !== `${said}${model.key}`) {
        part.key = `${said}${model.key}`;
        this.#paint(part.canvas, model);
      }
    }
    const order = [...kept.values()].flatMap(({ head, canvas }) => [head, canvas]);
    if (order.length !== this.pictures.children.length || order.some((one, k) => this.pictures.children[k] !== one)) {
      this.pictures.replaceChildren(...order);
    }
    this.parts = kept;
    put(this.cursor, { hidden: next.cursor < 0 });
    if (next.cursor < 0) return;
    put(this.cursor.style, { width: `${ACROSS}px`, transform: `translateX(${next.cursor * ACROSS}px)` });
  }

  /** Scroll as little as needed to see a column. @param {number} column */
  reveal(column) {
    const [left, right] = [column * ACROSS, (column + 1) * ACROSS];
    if (left < this.element.scrollLeft) this.element.scrollLeft = left - 20;
    else if (right > this.element.scrollLeft + this.element.clientWidth) {
      this.element.scrollLeft = right - this.element.clientWidth + 20;
    }
  }
}
