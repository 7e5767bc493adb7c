// One scatter of units: how often each stands at the right end of its range, and how often at the left. Both axes run
// from 0 to all steps; beyond the diagonal no unit can be.

import { fitted, make, put, tell, themeColours } from "../../views/dom.js";

/** CSS pixels around the square. */
export const PAD = { left: 16, right: 8, top: 8, bottom: 20 };
const DOT = 2.3;
const REACH = 16; // CSS pixels from the pointer to a dot that it means
const SAME = 1.2; // CSS pixels within which dots cannot be told apart

/**
 * @param {HTMLElement} host
 * @param {{point: (unit: number | null, others: number) => void, pick: (unit: number) => void}} acts
 */
export function createScatter(host, acts) {
  const canvas = make("canvas", {
    className: "unit-scatter",
    tabIndex: 0,
    role: "application",
    "aria-roledescription": "scatter plot",
  });
  const [name, share] = [make("b"), make("span")];
  const element = make("figure", { className: "unit-scatter-figure" }, make("figcaption", {}, name, share), canvas);
  host.append(element);
  let shown = null;
  let size = 0;
  /** Where each unit is, in CSS pixels; NaN if it had no number. */
  let [xs, ys] = [new Float64Array(0), new Float64Array(0)];
  let pointed = null;
  let drawn = "";

  /** The length of an axis. */
  const long = () => size - PAD.left - PAD.right;

  function layOut() {
    const { left, right, numbers } = shown;
    xs = Float64Array.from(right, (count, unit) => PAD.left + (count / numbers[unit]) * long());
    ys = Float64Array.from(left, (count, unit) => PAD.top + (1 - count / numbers[unit]) * long());
  }

  function dot(context, unit, radius) {
    context.beginPath();
    context.arc(xs[unit], ys[unit], radius, 0, 2 * Math.PI);
  }

  function frame(context, [muted, line, surface, grid]) {
    const [start, top, end, floor] = [PAD.left, PAD.top, PAD.left + long(), PAD.top + long()];
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
    context.fillText(shown.xTitle, (start + end) / 2, size - 4);
    context.fillText("0", start, size - 4);
    context.fillText("1", end - 2, size - 4);
    context.fillText("1", start - 6, top + 8);
    context.save();
    context.translate(start - 4, (top + floor) / 2);
    context.rotate(-Math.PI / 2);
    context.fillText(shown.yTitle, 0, 0);
    context.restore();
  }

  function draw() {
    if (shown === null || size <= 0) return;
    const words = JSON.stringify([
      shown.version,
      shown.color,
      shown.theme,
      shown.selected,
      shown.pointed,
      shown.xTitle,
      shown.yTitle,
      size,
      devicePixelRatio,
    ]);
    if (words === drawn) return;
    drawn = words;
    const context = fitted(canvas, size, size - PAD.left - PAD.right + PAD.top + PAD.bottom);
    layOut();
    const colours = themeColours("--muted", "--frame", "--surface", "--grid", "--ink");
    frame(context, colours);
    context.fillStyle = `${shown.color}90`;
    for (let unit = 0; unit < xs.length; unit++) {
      if (Number.isNaN(xs[unit])) continue;
      dot(context, unit, DOT);
      context.fill();
    }
    for (const [unit, radius] of [
      [shown.selected, 5],
      [shown.pointed, 4],
    ]) {
      if (unit === null || !(unit < xs.length) || Number.isNaN(xs[unit])) continue;
      context.fillStyle = shown.color;
      dot(context, unit, radius);
      context.fill();
      context.lineWidth = 2;
      context.strokeStyle = colours[2];
      context.stroke();
      dot(context, unit, radius + 1.5);
      context.strokeStyle = colours[4];
      context.stroke();
      context.lineWidth = 1;
    }
  }

  /** The units at one place with this one, in the order of their numbers. */
  function together(unit) {
    return [...xs.keys()].filter((one) => Math.hypot(xs[one] - xs[unit], ys[one] - ys[unit]) <= SAME);
  }

  function nearest(x, y) {
    let [best, distance] = [null, REACH];
    for (let unit = 0; unit < xs.length; unit++) {
      const away = Math.hypot(xs[unit] - x, ys[unit] - y);
      if (away < distance - 1e-9) [best, distance] = [unit, away];
    }
    return best;
  }

  function point(unit) {
    pointed = unit;
    acts.point(unit, unit === null ? 0 : together(unit).length - 1);
  }

  canvas.addEventListener("pointermove", (event) => point(nearest(event.offsetX, event.offsetY)));
  canvas.addEventListener("pointerleave", () => point(null));
  canvas.addEventListener("blur", () => point(null));
  canvas.addEventListener("click", (event) => {
    const found = nearest(event.offsetX, event.offsetY);
    if (found === null) return;
    // Where several lie on each other, each click takes the next.
    const all = together(found);
    const at = all.indexOf(shown.selected);
    const unit = all[(at + 1) % all.length];
    acts.pick(unit);
    point(unit);
  });
  canvas.addEventListener("keydown", (event) => {
    if (shown === null || event.ctrlKey || event.altKey || event.metaKey) return;
    const present = [...xs.keys()].filter((unit) => !Number.isNaN(xs[unit]));
    if (present.length === 0) return;
    const across = present.toSorted((a, b) => xs[a] - xs[b] || ys[b] - ys[a] || a - b);
    const up = present.toSorted((a, b) => ys[b] - ys[a] || xs[a] - xs[b] || a - b);
    const unit = pointed ?? shown.selected;
    const step = (order, by) =>
      order[Math.max(0, Math.min(order.length - 1, order.includes(unit) ? order.indexOf(unit) + by : 0))];
    const moves = {
      ArrowRight: () => step(across, 1),
      ArrowLeft: () => step(across, -1),
      ArrowUp: () => step(up, 1),
      ArrowDown: () => step(up, -1),
      Home: () => across[0],
      End: () => across.at(-1),
    };
    if (event.key in moves) point(moves[event.key]());
    else if ((event.key === "Enter" || event.key === " ") && pointed !== null) acts.pick(pointed);
    else return;
    event.preventDefault();
  });
  const resized = new ResizeObserver(() => {
    size = element.clientWidth;
    draw();
  });
  resized.observe(element);

  return {
    element,
    /**
     * @param {{name: string, share: string, label: string, xTitle: string, yTitle: string, left: Int32Array,
     *   right: Int32Array, numbers: Int32Array, version: number, color: string, theme: string, selected: number | null,
     *   pointed: number | null}} view counts of each unit (H,); `version` is another number for other counts
     */
    update(view) {
      shown = view;
      tell(name, view.name);
      tell(share, view.share);
      put(canvas, { ariaLabel: view.label });
      draw();
    },
    destroy() {
      resized.disconnect();
      element.remove();
    },
  };
}
