// The whole text as a strip: how surprised each model was along it, how far it has read, where the last edit was
// felt, and the window as a brush, so that any place is one drag away.

import { CURRENT } from "../../picture/columns.js";
import { fitted, make, put, tell, themeColours } from "../dom.js";

/** @import { Columns } from "../../picture/columns.js" */

const HEIGHT = 34;
const PAUSE_MS = 200; // between two paintings of the lines while the models read
const GRIP = 7; // CSS pixels on either side of an edge of the brush that resize it
const TOPS = [2, 4, 8, 12]; // bits at the top of the strip: the smallest that holds all lines

/**
 * @typedef {object} OverviewActs
 * @property {(from: number) => void} move @property {(from: number, to: number) => void} frame
 * @property {() => void} whole @property {() => void} follow @property {(factor: number) => void} zoom
 * @property {() => {from: number, span: number}} window where it is now, which may not have been painted yet
 */

/**
 * @typedef {object} OverviewPanel
 * @property {Columns} whole the surprise along the whole text @property {Columns} columns
 * @property {{at: number, seen: number} | null} reach of the last edit @property {string} color
 * @property {{untrained: boolean}} resolved
 */

/**
 * @typedef {object} OverviewView
 * @property {{from: number, span: number}} window @property {number} length @property {number} read
 * @property {number | null} cursor @property {string} theme @property {OverviewPanel[]} panels
 */

/** @param {OverviewPanel[]} panels */
function largest(panels) {
  let most = 0;
  for (const { whole: columns } of panels) {
    columns.surprise.forEach((bits, k) => columns.state[k] === CURRENT && bits > most && (most = bits));
  }
  return TOPS.find((bits) => most <= bits) ?? TOPS[TOPS.length - 1];
}

export class Overview {
  #paint = () => {
    this.timer = 0;
    const { panels, read, length } = this.view;
    const context = fitted(this.canvas, this.width, HEIGHT);
    const most = largest(panels);
    const [paper, grid] = themeColours("--surface", "--grid");
    /** @param {number} steps */
    const to = (steps) => (steps / this.#whole()) * this.width;
    context.fillStyle = grid;
    context.fillRect(0, 0, this.width, HEIGHT);
    context.fillStyle = paper;
    context.fillRect(0, 0, to(Math.min(read, length)), HEIGHT);
    context.lineWidth = 1;
    for (const panel of panels) this.#line(context, panel, most);
    const behind = panels.filter(({ columns }) => columns.steps < read);
    behind.forEach(({ columns, color }, k) => {
      context.fillStyle = color;
      context.fillRect(0, HEIGHT - 3 * (behind.length - k), to(columns.steps), 2);
    });
    tell(this.top, panels.length === 0 || length === 0 ? "" : `${most} bits`);
  };

  /**
   * @param {HTMLElement} host @param {OverviewActs} acts
   */
  constructor(host, acts) {
    this.acts = acts;
    this.canvas = make("canvas", { "aria-hidden": "true" });
    this.brush = make("div", { className: "brush" });
    this.felt = make("div", { className: "felt", hidden: true });
    this.dot = make("div", { className: "dot" });
    this.top = make("span", { className: "top-bits", "aria-hidden": "true" });
    this.element = make(
      "div",
      {
        className: "overview",
        tabIndex: 0,
        role: "scrollbar",
        "aria-orientation": "horizontal",
        "aria-label": "Place of the window in the text",
        "aria-controls": "panels",
        title: "Drag the window, or its edges; click for another place; double-click for the whole text",
      },
      this.canvas,
      this.felt,
      this.brush,
      this.dot,
      this.top,
    );
    host.append(this.element);
    /** @type {OverviewView} */
    this.view = { window: { from: 0, span: 1 }, length: 1, read: 1, cursor: null, theme: "", panels: [] };
    this.width = 1;
    this.drawn = "";
    this.timer = 0;

    /** What a press that goes on does with a step. @type {((step: number) => void) | null} */
    this.drag = null;
    this.element.addEventListener("pointerdown", (event) => this.#pointerdown(event));
    this.element.addEventListener("pointermove", (event) => this.#pointermove(event));
    for (const end of ["pointerup", "pointercancel"]) this.element.addEventListener(end, () => (this.drag = null));
    this.element.addEventListener("dblclick", () => acts.whole());
    this.element.addEventListener("keydown", (event) => this.#keydown(event));
  }

  /** @param {PointerEvent} event */
  #pointerdown(event) {
    if (event.button !== 0) return;
    const step = this.#stepAt(event);
    const { from, span } = this.view.window;
    const hold = this.#holdOf(step);
    const grip = hold === "inside" ? step - from : span / 2;
    const [start, end] = [from, Math.min(from + span, this.#whole())];
    /** @type {Record<typeof hold, (now: number) => void>} */
    const drags = {
      start: (now) => this.acts.frame(Math.min(now, end), Math.max(now, end)),
      end: (now) => this.acts.frame(Math.min(start, now), Math.max(start, now)),
      inside: (now) => this.acts.move(now - grip),
      outside: (now) => this.acts.move(now - grip),
    };
    const drag = drags[hold];
    this.drag = drag;
    this.element.setPointerCapture(event.pointerId);
    if (hold === "outside") drag(step);
  }

  /** @param {PointerEvent} event */
  #pointermove(event) {
    const step = this.#stepAt(event);
    if (this.drag !== null) this.drag(Math.max(0, Math.min(this.#whole(), step)));
    else put(this.element.dataset, { hold: this.#holdOf(step) });
  }

  /** @param {KeyboardEvent} event */
  #keydown(event) {
    const { from, span } = this.acts.window(); // of the key before, though no frame has come since
    /** @type {Record<string, number>} */
    const moves = {
      ArrowLeft: -Math.ceil(span / 10),
      ArrowRight: Math.ceil(span / 10),
      PageUp: -span,
      PageDown: span,
      Home: -Infinity,
    };
    if (event.ctrlKey || event.altKey || event.metaKey) return;
    if (event.key === "End") this.acts.follow();
    else if (event.key === "+" || event.key === "=") this.acts.zoom(1 / 1.5);
    else if (event.key === "-") this.acts.zoom(1.5);
    else if (event.key === "9") this.acts.whole();
    else if (event.key in moves) this.acts.move(Math.max(0, from + moves[event.key]));
    else return;
    event.preventDefault();
  }

  #whole() {
    return Math.max(this.view.length, 1);
  }

  /** @param {MouseEvent} event */
  #stepAt(event) {
    return ((event.clientX - this.element.getBoundingClientRect().left) / this.width) * this.#whole();
  }

  // ── the brush ──────────────────────────────────────────────────────────────────────────────────────

  /** What a press at a step takes hold of. @param {number} step */
  #holdOf(step) {
    const { from, span } = this.view.window;
    const near = (GRIP * this.#whole()) / this.width;
    const end = Math.min(from + span, this.#whole());
    if (Math.abs(step - from) <= near && (step < from || end - from > 4 * near)) return "start";
    if (Math.abs(step - end) <= near && (step > end || end - from > 4 * near)) return "end";
    return step >= from && step < end ? "inside" : "outside";
  }

  // ── the lines ──────────────────────────────────────────────────────────────────────────────────────

  /** @param {CanvasRenderingContext2D} context @param {OverviewPanel} panel @param {number} most */
  #line(context, { whole: columns, color, resolved }, most) {
    const { surprise, state, per } = columns;
    context.strokeStyle = color;
    context.setLineDash(resolved.untrained ? [3, 2] : []);
    context.beginPath();
    let before = false;
    for (let k = 0; k < surprise.length; k++) {
      const here = state[k] === CURRENT && !Number.isNaN(surprise[k]);
      if (here) {
        const x = (Math.min(this.#whole(), (k + 0.5) * per) / this.#whole()) * this.width;
        const y = 2 + (HEIGHT - 6) * (1 - Math.min(1, surprise[k] / most));
        if (before) context.lineTo(x, y);
        else context.moveTo(x, y);
      }
      before = here;
    }
    context.stroke();
  }

  /** @param {{left: number, right: number, width: number}} place */
  place(place) {
    this.width = place.width;
    put(this.element.style, { marginLeft: `${place.left}px`, width: `${this.width}px` });
    put(this.top.style, { width: `${place.right}px` });
  }

  /** @param {OverviewView} next */
  update(next) {
    this.view = next;
    const {
      window: { from, span },
      length,
      read,
      cursor,
      theme,
      panels,
    } = next;
    /** @param {number} steps */
    const share = (steps) => `${(Math.min(steps, this.#whole()) / this.#whole()) * 100}%`;
    put(this.brush.style, { left: share(from), width: share(Math.min(span, this.#whole() - from)) });
    put(this.dot, { hidden: cursor === null });
    put(this.dot.style, { left: share((cursor ?? 0) + 0.5) });
    const edits = panels.map(({ reach }) => reach).filter((one) => one !== null);
    put(this.felt, { hidden: edits.length === 0 });
    if (edits.length > 0) {
      const [at, to] = [Math.min(...edits.map((one) => one.at)), Math.max(...edits.map((one) => one.seen))];
      put(this.felt.style, { left: share(at), width: share(to - at) });
    }
    for (const [name, value] of Object.entries({
      valuemin: 0,
      valuemax: Math.max(0, length - span),
      valuenow: from,
      valuetext: `steps ${from} to ${Math.min(length, from + span)} of ${length}`,
    })) {
      if (this.element.getAttribute(`aria-${name}`) !== String(value)) {
        this.element.setAttribute(`aria-${name}`, String(value));
      }
    }
    const reading = panels.some(({ columns }) => columns.steps < read);
    const words = JSON.stringify([
      this.width,
      devicePixelRatio,
      length,
      read,
      theme,
      panels.map(({ whole: one, columns, color }) => [one.version, columns.steps < read ? columns.steps : read, color]),
    ]);
    if (words === this.drawn) return;
    this.drawn = words;
    if (!reading && this.timer === 0) this.#paint();
    else this.timer ||= setTimeout(this.#paint, PAUSE_MS);
  }

  destroy() {
    clearTimeout(this.timer);
    this.element.remove();
  }
}
