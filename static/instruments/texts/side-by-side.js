// Two texts one under the other, character against character, and under them for each model the difference of a signal.

import { visible } from "../../text/characters.js";
import { lettered, make, put, themeColours } from "../../views/dom.js";

const ACROSS = 9; // CSS pixels a column: a letter can be read in them
const ROW = 18;

/**
 * @param {HTMLElement} host
 * @param {{pick: (column: number, unit: number | null) => void}} acts
 */
export function createSideBySide(host, { pick }) {
  const letters = make("canvas", {
    className: "tx-letters",
    role: "img",
    "aria-label": "Both texts, character against character",
  });
  const cursor = make("div", { className: "tx-cursor" });
  const pictures = make("div", { className: "tx-pictures" });
  const inside = make("div", { className: "tx-inside" }, letters, pictures, cursor);
  const element = make(
    "div",
    {
      className: "tx-scroll",
      tabIndex: 0,
      role: "application",
      "aria-label": "The two texts and the differences under them. Arrow keys move along.",
      onkeydown,
    },
    inside,
  );
  host.append(element);
  const mono = getComputedStyle(document.documentElement).getPropertyValue("--mono");
  let view = null;
  let parts = new Map();
  let drawn = "";

  function onkeydown(event) {
    if (view === null || event.ctrlKey || event.altKey || event.metaKey) return;
    const last = view.columns.length - 1;
    const far = event.shiftKey ? 10 : 1;
    const to = { ArrowLeft: view.cursor - far, ArrowRight: view.cursor + far, Home: 0, End: last }[event.key];
    if (to === undefined) return;
    event.preventDefault();
    const column = Math.max(0, Math.min(last, to));
    view = { ...view, cursor: column }; // the next key may come before the next paint
    pick(column, null);
  }

  inside.addEventListener("click", (event) => {
    if (view === null || view.columns.length === 0) return;
    const column = Math.floor((event.clientX - inside.getBoundingClientRect().left) / ACROSS);
    const canvas = event.target.closest?.("canvas.tx-picture");
    const unit = canvas
      ? Math.floor(((event.clientY - canvas.getBoundingClientRect().top) / canvas.clientHeight) * canvas.height)
      : null;
    pick(Math.max(0, Math.min(view.columns.length - 1, column)), unit);
  });

  function write(context) {
    const [ink, muted, wash, warn] = themeColours("--ink", "--muted", "--accent-wash", "--warn-line");
    context.font = `13px ${mono}`;
    context.textAlign = "center";
    context.textBaseline = "middle";
    view.columns.forEach(({ a, b }, k) => {
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

  function paint(canvas, { cells, units, table }) {
    const width = view.columns.length;
    Object.assign(canvas, { width, height: units });
    const context = canvas.getContext("2d", { willReadFrequently: true });
    const image = context.createImageData(width, units);
    const pixels = new Uint32Array(image.data.buffer);
    for (let k = 0; k < width; k++) {
      // Nothing is compared, and nothing painted.
      if (view.columns[k].a === null || view.columns[k].b === null) continue;
      for (let unit = 0; unit < units; unit++) pixels[unit * width + k] = table[cells[k * units + unit]];
    }
    context.putImageData(image, 0, 0);
  }

  return {
    element,
    /**
     * @param {{columns: {a: string | null, b: string | null}[], cursor: number, theme: string, models: {id: string,
     *   title: string, color: string, range: string, cells: Uint8Array, units: number, table: Uint32Array,
     *   key: string}[]}} next
     */
    update(next) {
      view = next;
      element.hidden = next.columns.length === 0;
      if (element.hidden) return;
      const width = next.columns.length * ACROSS;
      put(inside.style, { width: `${width}px` });
      const said = JSON.stringify([next.theme, next.columns]);
      if (drawn !== said) {
        drawn = said;
        lettered(letters, width, 2 * ROW, write);
      }
      const kept = new Map();
      for (const model of next.models) {
        const part = parts.get(model.id) ?? {
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
          paint(part.canvas, model);
        }
      }
      const order = [...kept.values()].flatMap(({ head, canvas }) => [head, canvas]);
      if (order.length !== pictures.children.length || order.some((one, k) => pictures.children[k] !== one)) {
        pictures.replaceChildren(...order);
      }
      parts = kept;
      put(cursor, { hidden: next.cursor < 0 });
      if (next.cursor < 0) return;
      put(cursor.style, { width: `${ACROSS}px`, transform: `translateX(${next.cursor * ACROSS}px)` });
    },
    /** Scroll as little as needed to see a column. @param {number} column */
    reveal(column) {
      const [left, right] = [column * ACROSS, (column + 1) * ACROSS];
      if (left < element.scrollLeft) element.scrollLeft = left - 20;
      else if (right > element.scrollLeft + element.clientWidth) element.scrollLeft = right - element.clientWidth + 20;
    },
  };
}
