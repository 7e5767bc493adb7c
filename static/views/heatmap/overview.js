// The whole text as a strip: how surprised each model was along it, how far it has read, where the last edit was
// felt, and the window as a brush, so that any place is one drag away.

import { CURRENT } from "../../picture/columns.js";
import { fitted, make, put, tell, themeColours } from "../dom.js";

const HEIGHT = 34;
const PAUSE_MS = 200; // between two paintings of the lines while the models read
const GRIP = 7; // CSS pixels on either side of an edge of the brush that resize it
const TOPS = [2, 4, 8, 12]; // bits at the top of the strip: the smallest that holds all lines

/**
 * @param {HTMLElement} host
 * @param {{move: (from: number) => void, frame: (from: number, to: number) => void, whole: () => void,
 *   follow: () => void, zoom: (factor: number) => void}} acts
 */
export function createOverview(host, acts) {
  const canvas = make("canvas", { "aria-hidden": "true" });
  const brush = make("div", { className: "brush" });
  const felt = make("div", { className: "felt", hidden: true });
  const dot = make("div", { className: "dot" });
  const top = make("span", { className: "top-bits", "aria-hidden": "true" });
  const element = make(
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
    canvas,
    felt,
    brush,
    dot,
    top,
  );
  host.append(element);
  let view = { window: { from: 0, span: 1 }, length: 1, read: 1, panels: [] };
  let width = 1;
  let drawn = "";
  let timer = 0;

  const whole = () => Math.max(view.length, 1);
  const stepAt = (event) => ((event.clientX - element.getBoundingClientRect().left) / width) * whole();

  // ── the brush ──────────────────────────────────────────────────────────────────────────────────────

  /** What a press at a step takes hold of. */
  function holdOf(step) {
    const { from, span } = view.window;
    const near = (GRIP * whole()) / width;
    const end = Math.min(from + span, whole());
    if (Math.abs(step - from) <= near && (step < from || end - from > 4 * near)) return "start";
    if (Math.abs(step - end) <= near && (step > end || end - from > 4 * near)) return "end";
    return step >= from && step < end ? "inside" : "outside";
  }

  let drag = null;
  element.addEventListener("pointerdown", (event) => {
    if (event.button !== 0) return;
    const step = stepAt(event);
    const { from, span } = view.window;
    const hold = holdOf(step);
    const grip = hold === "inside" ? step - from : span / 2;
    const [start, end] = [from, Math.min(from + span, whole())];
    drag = {
      start: (now) => acts.frame(Math.min(now, end), Math.max(now, end)),
      end: (now) => acts.frame(Math.min(start, now), Math.max(start, now)),
      inside: (now) => acts.move(now - grip),
      outside: (now) => acts.move(now - grip),
    }[hold];
    element.setPointerCapture(event.pointerId);
    if (hold === "outside") drag(step);
  });
  element.addEventListener("pointermove", (event) => {
    const step = stepAt(event);
    if (drag !== null) drag(Math.max(0, Math.min(whole(), step)));
    else put(element.dataset, { hold: holdOf(step) });
  });
  for (const end of ["pointerup", "pointercancel"]) element.addEventListener(end, () => (drag = null));
  element.addEventListener("dblclick", () => acts.whole());
  element.addEventListener("keydown", (event) => {
    const { from, span } = view.window;
    const moves = {
      ArrowLeft: -Math.ceil(span / 10),
      ArrowRight: Math.ceil(span / 10),
      PageUp: -span,
      PageDown: span,
      Home: -Infinity,
    };
    if (event.ctrlKey || event.altKey || event.metaKey) return;
    if (event.key === "End") acts.follow();
    else if (event.key === "+" || event.key === "=") acts.zoom(1 / 1.5);
    else if (event.key === "-") acts.zoom(1.5);
    else if (event.key === "9") acts.whole();
    else if (event.key in moves) acts.move(Math.max(0, from + moves[event.key]));
    else return;
    event.preventDefault();
  });

  // ── the lines ──────────────────────────────────────────────────────────────────────────────────────

  function line(context, { whole: columns, color, resolved }, most) {
    const { surprise, state, per } = columns;
    context.strokeStyle = color;
    context.setLineDash(resolved.untrained ? [3, 2] : []);
    context.beginPath();
    let before = false;
    for (let k = 0; k < surprise.length; k++) {
      const here = state[k] === CURRENT && !Number.isNaN(surprise[k]);
      if (here) {
        const x = (Math.min(whole(), (k + 0.5) * per) / whole()) * width;
        const y = 2 + (HEIGHT - 6) * (1 - Math.min(1, surprise[k] / most));
        if (before) context.lineTo(x, y);
        else context.moveTo(x, y);
      }
      before = here;
    }
    context.stroke();
  }

  function largest(panels) {
    let most = 0;
    for (const { whole: columns } of panels) {
      columns.surprise.forEach((bits, k) => columns.state[k] === CURRENT && bits > most && (most = bits));
    }
    return TOPS.find((bits) => most <= bits) ?? TOPS.at(-1);
  }

  function paint() {
    timer = 0;
    const { panels, read, length } = view;
    const context = fitted(canvas, width, HEIGHT);
    const most = largest(panels);
    const [paper, grid] = themeColours("--surface", "--grid");
    const to = (steps) => (steps / whole()) * width;
    context.fillStyle = grid;
    context.fillRect(0, 0, width, HEIGHT);
    context.fillStyle = paper;
    context.fillRect(0, 0, to(Math.min(read, length)), HEIGHT);
    context.lineWidth = 1;
    for (const panel of panels) line(context, panel, most);
    const behind = panels.filter(({ columns }) => columns.steps < read);
    behind.forEach(({ columns, color }, k) => {
      context.fillStyle = color;
      context.fillRect(0, HEIGHT - 3 * (behind.length - k), to(columns.steps), 2);
    });
    tell(top, panels.length === 0 || length === 0 ? "" : `${most} bits`);
  }

  return {
    element,
    place(place) {
      width = place.width;
      put(element.style, { marginLeft: `${place.left}px`, width: `${width}px` });
      put(top.style, { width: `${place.right}px` });
    },
    /**
     * @param {{window: import("../../picture/window.js").Window, length: number, read: number, cursor: number | null,
     *   theme: string, panels: {whole: import("../../picture/columns.js").Columns,
     *   columns: import("../../picture/columns.js").Columns, reach: any, color: string, resolved: any}[]}} next
     */
    update(next) {
      view = next;
      const {
        window: { from, span },
        length,
        read,
        cursor,
        theme,
        panels,
      } = next;
      const share = (steps) => `${(Math.min(steps, whole()) / whole()) * 100}%`;
      put(brush.style, { left: share(from), width: share(Math.min(span, whole() - from)) });
      put(dot, { hidden: cursor === null });
      put(dot.style, { left: share((cursor ?? 0) + 0.5) });
      const edits = panels.map(({ reach }) => reach).filter(Boolean);
      put(felt, { hidden: edits.length === 0 });
      if (edits.length > 0) {
        const [at, to] = [Math.min(...edits.map((one) => one.at)), Math.max(...edits.map((one) => one.seen))];
        put(felt.style, { left: share(at), width: share(to - at) });
      }
      for (const [name, value] of Object.entries({
        valuemin: 0,
        valuemax: Math.max(0, length - span),
        valuenow: from,
        valuetext: `steps ${from} to ${Math.min(length, from + span)} of ${length}`,
      })) {
        if (element.getAttribute(`aria-${name}`) !== String(value)) element.setAttribute(`aria-${name}`, String(value));
      }
      const reading = panels.some(({ columns }) => columns.steps < read);
      const words = JSON.stringify([
        width,
        devicePixelRatio,
        length,
        read,
        theme,
        panels.map(({ whole: one, columns, color }) => [
          one.version,
          columns.steps < read ? columns.steps : read,
          color,
        ]),
      ]);
      if (words === drawn) return;
      drawn = words;
      if (!reading && timer === 0) paint();
      else timer ||= setTimeout(paint, PAUSE_MS);
    },
    destroy() {
      clearTimeout(timer);
      element.remove();
    },
  };
}
