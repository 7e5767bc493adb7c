// Where in the whole text one is, where the editor holds but a part of it.

import { make } from "../dom.js";

const SHORTEST = 22; // CSS pixels of the thumb

/** @param {HTMLElement} host @param {(share: number) => void} jump to a share of the text, 0 … 1 */
export function createScrollbar(host, jump) {
  const thumb = make("div", { className: "thumb" });
  // A pointer's tool: the keys of the editor do the same, and a screen reader is told of the text itself.
  const bar = make("div", { className: "scroller", "aria-hidden": "true", hidden: true }, thumb);
  host.append(bar);
  let [start, size] = [0, 1];
  /** Where on the thumb the pointer holds it, in CSS pixels. @type {number | null} */
  let grip = null;
  let frame = 0;
  let wanted = 0;

  const travel = () => bar.clientHeight - thumb.offsetHeight;
  function place() {
    const height = bar.clientHeight;
    const length = Math.max(SHORTEST, size * height);
    thumb.style.height = `${length}px`;
    thumb.style.transform = `translateY(${(height - length) * Math.min(1, start / Math.max(1e-9, 1 - size))}px)`;
  }
  /** @param {PointerEvent} event */
  function drag(event) {
    wanted =
      Math.max(0, Math.min(1, (event.clientY - bar.getBoundingClientRect().top - (grip ?? 0)) / travel())) * (1 - size);
    frame ||= requestAnimationFrame(() => {
      frame = 0;
      jump(wanted);
    });
  }
  bar.addEventListener("pointerdown", (event) => {
    if (event.button !== 0) return;
    event.preventDefault(); // the caret stays in the text
    bar.setPointerCapture(event.pointerId);
    const box = thumb.getBoundingClientRect();
    grip = event.target === thumb ? event.clientY - box.top : box.height / 2;
    drag(event);
  });
  bar.addEventListener("pointermove", (event) => grip !== null && drag(event));
  for (const end of ["pointerup", "pointercancel"]) bar.addEventListener(end, () => (grip = null));

  return {
    /** @param {{start: number, size: number} | null} view shares of the text; null where all of it is held */
    update(view) {
      bar.hidden = view === null;
      if (view === null || (start === view.start && size === view.size)) return;
      ({ start, size } = view);
      place();
    },
  };
}
