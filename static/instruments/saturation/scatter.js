// One scatter of units: how often each stands at the right end of its range, and how often at the left. Both axes run
// from 0 to all steps; beyond the diagonal no unit can be.

import { fitted, make, put, tell, themeColours } from "../../views/dom.js";

/** CSS pixels around the square. */
export const PAD = { left: 16, right: 8, top: 8, bottom: 20 };
const DOT = 2.3;
const REACH = 16; // CSS pixels from the pointer to a dot that it means
const SAME = 1.2; // CSS pixels within which dots cannot be told apart

/**
 * @typedef {object} ScatterView counts of each unit (H,); `version` is another number for other counts
 * @property {string} name @property {string} share @property {string} label @property {string} xTitle
 * @property {string} yTitle @property {Int32Array} left @property {Int32Array} right @property {Int32Array} numbers
 * @property {number} version @property {string} color @property {string} theme @property {number | null} selected
 * @property {number | null} pointed
 */

export class Scatter {
  /**
   * @param {HTMLElement} host
   * @param {{point: (unit: number | null, others: number) => void, pick: (unit: number) => void}} acts
   */
  constructor(host, acts) {
    this.acts = acts;
    this.canvas = make("canvas", {
      className: "unit-scatter",
      tabIndex: 0,
      role: "application",
      "aria-roledescription": "scatter plot",
    });
    this.name = make("b");
    this.share = make("span");
    this.element = make(
      "figure",
      { className: "unit-scatter-figure" },
      make("figcaption", {}, this.name, this.share),
      this.canvas,
    );
    host.append(this.element);
    /** @type {ScatterView | null} */
    this.shown = null;
    this.size = 0;
    /** Where each unit is, in CSS pixels; NaN if it had no number. */
    this.xs = new Float64Array(0);
    this.ys = new Float64Array(0);
    /** @type {number | null} */
    this.pointed = null;
    this.drawn = "";

    this.canvas.addEventListener("pointermove", (event) => this.#point(this.#nearest(event.offsetX, event.offsetY)));
    this.canvas.addEventListener("pointerleave", () => this.#point(null));
    this.canvas.addEventListener("blur", () => this.#point(null));
    this.canvas.addEventListener("click", (event) => this.#click(event));
    this.canvas.addEventListener("keydown", (event) => this.#keydown(event));
    this.resized = new ResizeObserver(() => {
      this.size = this.element.clientWidth;
      this.#draw();
    });
    this.resized.observe(this.element);
  }

  /** Hold the unit that is clicked. @param {MouseEvent} event */
  #click(event) {
    const found = this.#nearest(event.offsetX, event.offsetY);
    if (found === null) return;
    // Where several lie on each other, each click takes the next.
    const all = this.#together(found);
    const at = all.indexOf(this.shown?.selected ?? -1);
    const unit = all[(at + 1) % all.length];
    this.acts.pick(unit);
    this.#point(unit);
  }

  /** Arrow keys go from unit to unit, Enter holds one. @param {KeyboardEvent} event */
  #keydown(event) {
    if (this.shown === null || event.ctrlKey || event.altKey || event.metaKey) return;
    const present = [...this.xs.keys()].filter((unit) => !Number.isNaN(this.xs[unit]));
    if (present.length === 0) return;
    const across = present.toSorted((a, b) => this.xs[a] - this.xs[b] || this.ys[b] - this.ys[a] || a - b);
    const up = present.toSorted((a, b) => this.ys[b] - this.ys[a] || this.xs[a] - this.xs[b] || a - b);
    const unit = this.pointed ?? this.shown.selected ?? -1;
    /** @param {number[]} order @param {number} by */
    const step = (order, by) =>
      order[Math.max(0, Math.min(order.length - 1, order.includes(unit) ? order.indexOf(unit) + by : 0))];
    /** @type {Record<string, () => number>} */
    const moves = {
      ArrowRight: () => step(across, 1),
      ArrowLeft: () => step(across, -1),
      ArrowUp: () => step(up, 1),
      ArrowDown: () => step(up, -1),
      Home: () => across[0],
      End: () => across[across.length - 1],
    };
    if (event.key in moves) this.#point(moves[event.key]());
    else if ((event.key === "Enter" || event.key === " ") && this.pointed !== null) this.acts.pick(this.pointed);
    else return;
    event.preventDefault();
  }

  /** The length of an axis. */
  #long() {
    return this.size - PAD.left - PAD.right;
  }

  /** @param {ScatterView} shown */
  #layOut({ left, right, numbers }) {
    this.xs = Float64Array.from(right, (count, unit) => PAD.left + (count / numbers[unit]) * this.#long());
    this.ys = Float64Array.from(left, (count, unit) => PAD.top + (1 - count / numbers[unit]) * this.#long());
  }

  /** @param {CanvasRenderingContext2D} context @param {number} unit @param {number} radius */
  #dot(context, unit, radius) {
    context.beginPath();
    context.arc(this.xs[unit], this.ys[unit], radius, 0, 2 * Math.PI);
  }

  /** @param {CanvasRenderingContext2D} context @param {ScatterView} shown @param {string[]} colours */
  #frame(context, { xTitle, yTitle }, [muted, line, surface, grid]) {
    const [start, top, end, floor] = [PAD.left, PAD.top, PAD.left + this.#long(), PAD.top + this.#long()];
    context.fillStyle = surface;
    context.fillRect(start, top, end - start, floor - top);
    context.fillStyle = grid;
    context.beginPath();
    for (const [x, y] of [
      [start, top],
      [end, top],
      [end, floor],
    ]) {
      context.lineTo(x, y);
    }
    context.fill();
    context.strokeStyle = line;
    context.strokeRect(start + 0.5, top + 0.5, end - start - 1, floor - top - 1);
    context.fillStyle = muted;
    context.font = "11px system-ui, sans-serif";
    context.textAlign = "center";
    context.fillText(xTitle, (start + end) / 2, this.size - 4);
    context.fillText("0", start, this.size - 4);
    context.fillText("1", end - 2, this.size - 4);
    context.fillText("1", start - 6, top + 8);
    context.save();
    context.translate(start - 4, (top + floor) / 2);
    context.rotate(-Math.PI / 2);
    context.fillText(yTitle, 0, 0);
    context.restore();
  }

  #draw() {
    const { shown } = this;
    if (shown === null || this.size <= 0) return;
    const words = JSON.stringify([
      shown.version,
      shown.color,
      shown.theme,
      shown.selected,
      shown.pointed,
      shown.xTitle,
      shown.yTitle,
      this.size,
      devicePixelRatio,
    ]);
    if (words === this.drawn) return;
    this.drawn = words;
    const context = fitted(this.canvas, this.size, this.size - PAD.left - PAD.right + PAD.top + PAD.bottom);
    this.#layOut(shown);
    const colours = themeColours("--muted", "--frame", "--surface", "--grid", "--ink");
    this.#frame(context, shown, colours);
    context.fillStyle = `${shown.color}90`;
    for (let unit = 0; unit < this.xs.length; unit++) {
      if (Number.isNaN(this.xs[unit])) continue;
      this.#dot(context, unit, DOT);
      context.fill();
    }
    for (const { unit, radius } of [
      { unit: shown.selected, radius: 5 },
      { unit: shown.pointed, radius: 4 },
    ]) {
      if (unit === null || !(unit < this.xs.length) || Number.isNaN(this.xs[unit])) continue;
      context.fillStyle = shown.color;
      this.#dot(context, unit, radius);
      context.fill();
      context.lineWidth = 2;
      context.strokeStyle = colours[2];
      context.stroke();
      this.#dot(context, unit, radius + 1.5);
      context.strokeStyle = colours[4];
      context.stroke();
      context.lineWidth = 1;
    }
  }

  /** The units at one place with this one, in the order of their numbers. @param {number} unit */
  #together(unit) {
    return [...this.xs.keys()].filter(
      (one) => Math.hypot(this.xs[one] - this.xs[unit], this.ys[one] - this.ys[unit]) <= SAME,
    );
  }

  /** @param {number} x @param {number} y */
  #nearest(x, y) {
    /** @type {number | null} */
    let best = null;
    let distance = REACH;
    for (let unit = 0; unit < this.xs.length; unit++) {
      const away = Math.hypot(this.xs[unit] - x, this.ys[unit] - y);
      if (away < distance - 1e-9) [best, distance] = [unit, away];
    }
    return best;
  }

  /** @param {number | null} unit */
  #point(unit) {
    this.pointed = unit;
    this.acts.point(unit, unit === null ? 0 : this.#together(unit).length - 1);
  }

  /** @param {ScatterView} view */
  update(view) {
    this.shown = view;
    tell(this.name, view.name);
    tell(this.share, view.share);
    put(this.canvas, { ariaLabel: view.label });
    this.#draw();
  }

  destroy() {
    this.resized.disconnect();
    this.element.remove();
  }
}
