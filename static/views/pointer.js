// Mouse, pen and finger on the pictures: hover, click, drag a box to zoom, wheel to zoom and pan.

import { make } from "./dom.js";

const FAR_ENOUGH = 5; // CSS pixels: less is a click

/**
 * @param {HTMLElement} host holds every plot area; each area is as wide as the window of steps
 * @param {{hover: (share: number, y: number, area: HTMLElement) => void, leave: () => void,
 *   pick: (share: number, y: number, area: HTMLElement) => void, box: (left: number, right: number) => void,
 *   wheel: (share: number, across: number, zoom: number) => void, pan: (share: number) => void, reset: () => void}} acts
 *   a share is a place across the window, 0 left … 1 right
 */
export function attachPointer(host, acts) {
  const areaOf = (event) => event.target.closest?.(".area");
  const shareIn = (area, event) => {
    const box = area.getBoundingClientRect();
    return Math.max(0, Math.min(0.999999, (event.clientX - box.left) / box.width));
  };
  const yIn = (area, event) => event.clientY - area.getBoundingClientRect().top;
  let start = null;
  const boxes = new Map();

  function drawBox(left, right) {
    for (const area of host.querySelectorAll(".area")) {
      let box = boxes.get(area);
      if (box === undefined) {
        box = make("div", { className: "box" });
        area.append(box);
        boxes.set(area, box);
      }
      box.style.left = `${left * 100}%`;
      box.style.width = `${(right - left) * 100}%`;
    }
  }
  function dropBox() {
    for (const box of boxes.values()) box.remove();
    boxes.clear();
  }

  host.addEventListener("pointerdown", (event) => {
    const area = areaOf(event);
    if (!area || event.button !== 0) return;
    start = { area, share: shareIn(area, event), x: event.clientX, touch: event.pointerType === "touch", far: false, last: event.clientX };
    area.setPointerCapture(event.pointerId);
  });
  host.addEventListener("pointermove", (event) => {
    const area = start?.area ?? areaOf(event);
    if (!area) return acts.leave();
    if (start === null) return acts.hover(shareIn(area, event), yIn(area, event), area);
    start.far ||= Math.abs(event.clientX - start.x) > FAR_ENOUGH;
    if (!start.far) return;
    if (start.touch) {
      acts.pan((start.last - event.clientX) / area.clientWidth);
      start.last = event.clientX;
    } else {
      const share = shareIn(area, event);
      drawBox(Math.min(start.share, share), Math.max(start.share, share));
    }
  });
  host.addEventListener("pointerup", (event) => {
    if (start === null) return;
    const { area, share, far, touch } = start;
    start = null;
    dropBox();
    if (!far) acts.pick(share, yIn(area, event), area);
    else if (!touch) {
      const end = shareIn(area, event);
      acts.box(Math.min(share, end), Math.max(share, end));
    }
  });
  host.addEventListener("pointercancel", () => {
    start = null;
    dropBox();
  });
  host.addEventListener("pointerleave", () => acts.leave());
  host.addEventListener("dblclick", (event) => areaOf(event) && acts.reset());
  host.addEventListener(
    "wheel",
    (event) => {
      const area = areaOf(event);
      if (!area) return;
      const upright = !event.shiftKey && Math.abs(event.deltaY) >= Math.abs(event.deltaX);
      const scrolls = document.documentElement.scrollHeight > innerHeight + 4;
      if (upright && scrolls && !event.ctrlKey && !event.metaKey) return; // the page needs the wheel for itself
      event.preventDefault();
      const unit = event.deltaMode === 1 ? 16 : event.deltaMode === 2 ? 400 : 1;
      const sideways = event.shiftKey && event.deltaX === 0 ? event.deltaY : event.deltaX;
      const across = event.shiftKey || Math.abs(sideways) > Math.abs(event.deltaY) ? (sideways * unit) / area.clientWidth : 0;
      acts.wheel(shareIn(area, event), across, across === 0 ? Math.exp((event.deltaY * unit) / 500) : 1);
    },
    { passive: false },
  );
}
