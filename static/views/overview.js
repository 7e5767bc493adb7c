// The whole text as a bar, with the window on it as a brush: any place is one drag away.

import { make } from "./dom.js";

/**
 * @param {HTMLElement} host
 * @param {{move: (from: number) => void, follow: () => void}} acts
 */
export function createOverview(host, acts) {
  const brush = make("div", { className: "brush" });
  const read = make("div", { className: "read" });
  const dot = make("div", { className: "dot" });
  const element = make("div", { className: "overview", tabIndex: 0, role: "scrollbar", "aria-orientation": "horizontal", "aria-label": "Place of the window in the text", "aria-controls": "panels" }, read, brush, dot);
  host.append(element);
  let view = { from: 0, width: 1, length: 1 };

  let grip = 0;
  const stepAt = (event) => {
    const box = element.getBoundingClientRect();
    return ((event.clientX - box.left) / box.width) * Math.max(view.length, view.width);
  };
  const drag = (event) => acts.move(stepAt(event) - grip);
  element.addEventListener("pointerdown", (event) => {
    if (event.button !== 0) return;
    const step = stepAt(event);
    const inside = step >= view.from && step < view.from + view.width;
    grip = inside ? step - view.from : view.width / 2;
    element.setPointerCapture(event.pointerId);
    element.addEventListener("pointermove", drag);
    if (!inside) drag(event);
  });
  for (const end of ["pointerup", "pointercancel"]) element.addEventListener(end, () => element.removeEventListener("pointermove", drag));
  element.addEventListener("keydown", (event) => {
    const moves = {
      ArrowLeft: -Math.ceil(view.width / 10),
      ArrowRight: Math.ceil(view.width / 10),
      PageUp: -view.width,
      PageDown: view.width,
      Home: -Infinity,
    };
    if (event.key === "End") acts.follow();
    else if (event.key in moves) acts.move(Math.max(0, view.from + moves[event.key]));
    else return;
    event.preventDefault();
  });

  return {
    element,
    place({ left, width }) {
      element.style.marginLeft = `${left}px`;
      element.style.width = `${width}px`;
    },
    /** @param {{from: number, width: number, length: number, read: number, cursor: number | null}} next */
    update(next) {
      view = next;
      const whole = Math.max(next.length, next.width, 1);
      const share = (steps) => `${(Math.min(steps, whole) / whole) * 100}%`;
      brush.style.left = share(next.from);
      brush.style.width = share(Math.min(next.width, whole - next.from));
      read.style.width = share(next.read);
      dot.hidden = next.cursor === null;
      dot.style.left = share(next.cursor ?? 0);
      element.setAttribute("aria-valuemin", "0");
      element.setAttribute("aria-valuemax", String(Math.max(0, next.length - next.width)));
      element.setAttribute("aria-valuenow", String(next.from));
      element.setAttribute("aria-valuetext", `steps ${next.from} to ${Math.min(next.length, next.from + next.width)} of ${next.length}`);
    },
    destroy() {
      element.remove();
    },
  };
}
