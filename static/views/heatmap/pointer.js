// Mouse, pen and fingers on the pictures: hover, click, drag a box to zoom or, with Shift or the middle button, the
// pictures themselves; the wheel zooms and pans, one finger pans, two zoom.

import { make } from "../dom.js";

const FAR_ENOUGH = 5; // CSS pixels: less is a click
const NOTCH = 500; // CSS pixels of the wheel for which the span changes by e

/**
 * Acts at once, and then once a frame: many small movements of a gesture are one message.
 * @param {(...args: any[]) => void} act
 * @param {(before: any[], now: any[]) => any[]} [gather] what a frame brings becomes one; else the last counts
 */
function perFrame(act, gather = (before, now) => now) {
  let waiting = null;
  let frame = 0;
  const next = () => {
    frame = 0;
    if (waiting === null) return;
    const args = waiting;
    waiting = null;
    frame = requestAnimationFrame(next);
    act(...args);
  };
  return (...args) => {
    waiting = waiting === null ? args : gather(waiting, args);
    if (frame === 0) next();
  };
}

/** Glides that follow each other: where the last one is, all that they went across, all their factors. */
const together = ([, across, factor], [share, more, times]) => [share, across + more, factor * times];

/**
 * @param {HTMLElement} host holds every plot area; each area is as wide as the window of steps
 * @param {{hover: (share: number, y: number, area: HTMLElement) => void, leave: () => void,
 *   pick: (share: number, y: number, area: HTMLElement) => void, box: (left: number, right: number) => void,
 *   glide: (share: number, across: number, factor: number) => void, reset: () => void,
 *   grip: (share: number) => {step: number, span: number},
 *   stretch: (grip: {step: number, span: number}, share: number, factor: number) => void}} acts
 *   a share is a place across the window, 0 left … 1 right
 */
export function attachPointer(host, acts) {
  const glide = perFrame(acts.glide, together);
  const stretch = perFrame(acts.stretch);
  const areaOf = (event) => event.target.closest?.(".area, .lane");
  const shareIn = (area, x) => {
    const box = area.getBoundingClientRect();
    return Math.max(0, Math.min(0.999999, (x - box.left) / box.width));
  };
  const yIn = (area, event) => event.clientY - area.getBoundingClientRect().top;
  let start = null;
  /** Where each finger is, by the pointer's number. */
  const fingers = new Map();
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
  function end() {
    start = null;
    host.classList.remove("panning");
    for (const box of boxes.values()) box.remove();
    boxes.clear();
  }

  /** Where two fingers are: their middle and how far apart. */
  function pinch() {
    const [one, two] = [...fingers.values()];
    return { middle: (one + two) / 2, apart: Math.max(24, Math.abs(one - two)) };
  }

  /** What two fingers hold until one is lifted: measured from there, no movement's rounding adds to the one before. */
  function grip(area) {
    const { middle, apart } = pinch();
    return { ...acts.grip(shareIn(area, middle)), apart };
  }

  host.addEventListener("pointerdown", (event) => {
    const area = areaOf(event);
    if (!area || (event.button !== 0 && event.button !== 1)) return;
    if (event.button === 1) event.preventDefault(); // else the browser scrolls by itself
    const touch = event.pointerType === "touch";
    if (touch) fingers.set(event.pointerId, event.clientX);
    area.setPointerCapture(event.pointerId);
    const pans = touch || event.shiftKey || event.button === 1;
    start = {
      area,
      share: shareIn(area, event.clientX),
      x: event.clientX,
      last: event.clientX,
      pans,
      far: false,
      picks: event.button === 0,
    };
    if (fingers.size === 2) Object.assign(start, { far: true, grip: grip(area) });
  });
  host.addEventListener("pointermove", (event) => {
    const area = start?.area ?? areaOf(event);
    if (!area) return acts.leave();
    if (start === null) return acts.hover(shareIn(area, event.clientX), yIn(area, event), area);
    if (fingers.has(event.pointerId)) fingers.set(event.pointerId, event.clientX);
    if (fingers.size === 2) {
      const now = pinch();
      start.grip ??= grip(area);
      return stretch(start.grip, shareIn(area, now.middle), start.grip.apart / now.apart);
    }
    start.far ||= Math.abs(event.clientX - start.x) > FAR_ENOUGH;
    if (!start.far) return undefined;
    const share = shareIn(area, event.clientX);
    if (!start.pans) return drawBox(Math.min(start.share, share), Math.max(start.share, share));
    host.classList.add("panning");
    glide(share, (start.last - event.clientX) / area.clientWidth, 1);
    start.last = event.clientX;
    return undefined;
  });
  host.addEventListener("pointerup", (event) => {
    fingers.delete(event.pointerId);
    if (start === null) return;
    if (fingers.size > 0) {
      // the other finger goes on panning from where it is
      Object.assign(start, { last: [...fingers.values()][0], grip: undefined });
      return;
    }
    const { area, share, far, pans, picks } = start;
    end();
    if (!far && picks) acts.pick(share, yIn(area, event), area);
    else if (far && !pans) {
      const to = shareIn(area, event.clientX);
      acts.box(Math.min(share, to), Math.max(share, to));
    }
  });
  host.addEventListener("pointercancel", (event) => {
    fingers.delete(event.pointerId);
    end();
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
      const share = shareIn(area, event.clientX);
      if (!upright) return glide(share, (sideways * unit) / area.clientWidth, 1);
      // A pinch on a trackpad comes as a wheel with Ctrl and small numbers.
      const notch = event.ctrlKey && Math.abs(event.deltaY) < 50 ? NOTCH / 5 : NOTCH;
      return glide(share, 0, Math.exp((event.deltaY * unit) / notch));
    },
    { passive: false },
  );
}
