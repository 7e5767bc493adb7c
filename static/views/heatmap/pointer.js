// Mouse, pen and fingers on the pictures: hover, click, drag a box to zoom or, with Shift or the middle button, the
// pictures themselves; the wheel zooms and pans, one finger pans, two zoom.

import { make } from "../dom.js";

const FAR_ENOUGH = 5; // CSS pixels: less is a click
const NOTCH = 500; // CSS pixels of the wheel for which the span changes by e

/**
 * Acts at once, and then once a frame: many small movements of a gesture are one message.
 * @template {unknown[]} Args
 * @param {(...args: Args) => void} act
 * @param {(before: Args, now: Args) => Args} [gather] what a frame brings becomes one; else the last counts
 * @returns {(...args: Args) => void}
 */
function perFrame(act, gather = (before, now) => now) {
  /** @type {Args | null} */
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

/**
 * Glides that follow each other: where the last one is, all that they went across, all their factors.
 * @param {[number, number, number]} before @param {[number, number, number]} now @returns {[number, number, number]}
 */
const together = ([, across, factor], [share, more, times]) => [share, across + more, factor * times];

/** @typedef {{step: number, span: number}} Grip what two fingers hold; see navigation.js */

/**
 * @typedef {object} Acts a share is a place across the window, 0 left … 1 right
 * @property {(share: number, y: number, area: HTMLElement) => void} hover @property {() => void} leave
 * @property {(share: number, y: number, area: HTMLElement) => void} pick
 * @property {(left: number, right: number) => void} box
 * @property {(share: number, across: number, factor: number) => void} glide @property {() => void} reset
 * @property {(share: number) => Grip} grip
 * @property {(grip: Grip, share: number, factor: number) => void} stretch
 */

/**
 * @typedef {object} Press
 * @property {HTMLElement} area @property {number} share where it began @property {number} x likewise, in CSS pixels
 * @property {number} last where it was before the last movement
 * @property {boolean} pans whether it drags the pictures, and not a box
 * @property {boolean} far whether it is more than a click @property {boolean} picks whether a click counts
 * @property {Grip & {apart: number}} [grip] of two fingers
 */

/** The plot area under the pointer. @param {Event} event @returns {HTMLElement | null} */
const areaOf = ({ target }) => (target instanceof Element ? target.closest(".area, .lane") : null);

/** @param {HTMLElement} area @param {number} x */
function shareIn(area, x) {
  const box = area.getBoundingClientRect();
  return Math.max(0, Math.min(0.999999, (x - box.left) / box.width));
}

/** @param {HTMLElement} area @param {MouseEvent} event */
const yIn = (area, event) => event.clientY - area.getBoundingClientRect().top;

class Pointer {
  /** @param {HTMLElement} host @param {Acts} acts */
  constructor(host, acts) {
    this.host = host;
    this.acts = acts;
    this.glide = perFrame(acts.glide, together);
    this.stretch = perFrame(acts.stretch);
    /** @type {Press | null} */
    this.press = null;
    /** Where each finger is, by the pointer's number. @type {Map<number, number>} */
    this.fingers = new Map();
    /** The box that is being dragged, in each area. @type {Map<Element, HTMLElement>} */
    this.boxes = new Map();
  }

  /** @param {number} left @param {number} right */
  #drawBox(left, right) {
    for (const area of this.host.querySelectorAll(".area")) {
      let box = this.boxes.get(area);
      if (box === undefined) {
        box = make("div", { className: "box" });
        area.append(box);
        this.boxes.set(area, box);
      }
      box.style.left = `${left * 100}%`;
      box.style.width = `${(right - left) * 100}%`;
    }
  }

  #end() {
    this.press = null;
    this.host.classList.remove("panning");
    for (const box of this.boxes.values()) box.remove();
    this.boxes.clear();
  }

  /** Where two fingers are: their middle and how far apart. */
  #pinch() {
    const [one, two] = [...this.fingers.values()];
    return { middle: (one + two) / 2, apart: Math.max(24, Math.abs(one - two)) };
  }

  /**
   * What two fingers hold until one is lifted: measured from there, no movement's rounding adds to the one before.
   * @param {HTMLElement} area
   */
  #grip(area) {
    const { middle, apart } = this.#pinch();
    return { ...this.acts.grip(shareIn(area, middle)), apart };
  }

  /** @param {PointerEvent} event */
  down(event) {
    const area = areaOf(event);
    if (!area || (event.button !== 0 && event.button !== 1)) return;
    if (event.button === 1) event.preventDefault(); // else the browser scrolls by itself
    const touch = event.pointerType === "touch";
    if (touch) this.fingers.set(event.pointerId, event.clientX);
    area.setPointerCapture(event.pointerId);
    this.press = {
      area,
      share: shareIn(area, event.clientX),
      x: event.clientX,
      last: event.clientX,
      pans: touch || event.shiftKey || event.button === 1,
      far: false,
      picks: event.button === 0,
    };
    if (this.fingers.size === 2) Object.assign(this.press, { far: true, grip: this.#grip(area) });
  }

  /** @param {PointerEvent} event */
  move(event) {
    if (this.press !== null) return this.#drag(event, this.press);
    const area = areaOf(event);
    if (area === null) return this.acts.leave();
    return this.acts.hover(shareIn(area, event.clientX), yIn(area, event), area);
  }

  /** @param {PointerEvent} event @param {Press} press */
  #drag(event, press) {
    const { area } = press;
    if (this.fingers.has(event.pointerId)) this.fingers.set(event.pointerId, event.clientX);
    if (this.fingers.size === 2) {
      const now = this.#pinch();
      press.grip ??= this.#grip(area);
      return this.stretch(press.grip, shareIn(area, now.middle), press.grip.apart / now.apart);
    }
    press.far ||= Math.abs(event.clientX - press.x) > FAR_ENOUGH;
    if (!press.far) return undefined;
    const share = shareIn(area, event.clientX);
    if (!press.pans) return this.#drawBox(Math.min(press.share, share), Math.max(press.share, share));
    this.host.classList.add("panning");
    this.glide(share, (press.last - event.clientX) / area.clientWidth, 1);
    press.last = event.clientX;
    return undefined;
  }

  /** @param {PointerEvent} event */
  up(event) {
    this.fingers.delete(event.pointerId);
    if (this.press === null) return;
    if (this.fingers.size > 0) {
      // the other finger goes on panning from where it is
      Object.assign(this.press, { last: [...this.fingers.values()][0], grip: undefined });
      return;
    }
    const { area, share, far, pans, picks } = this.press;
    this.#end();
    if (!far && picks) this.acts.pick(share, yIn(area, event), area);
    else if (far && !pans) {
      const to = shareIn(area, event.clientX);
      this.acts.box(Math.min(share, to), Math.max(share, to));
    }
  }

  /** @param {PointerEvent} event */
  cancel(event) {
    this.fingers.delete(event.pointerId);
    this.#end();
  }

  /** @param {WheelEvent} event */
  wheel(event) {
    const area = areaOf(event);
    if (!area) return undefined;
    const upright = !event.shiftKey && Math.abs(event.deltaY) >= Math.abs(event.deltaX);
    const scrolls = document.documentElement.scrollHeight > innerHeight + 4;
    if (upright && scrolls && !event.ctrlKey && !event.metaKey) return undefined; // the page needs the wheel for itself
    event.preventDefault();
    const unit = event.deltaMode === 1 ? 16 : event.deltaMode === 2 ? 400 : 1;
    const sideways = event.shiftKey && event.deltaX === 0 ? event.deltaY : event.deltaX;
    const share = shareIn(area, event.clientX);
    if (!upright) return this.glide(share, (sideways * unit) / area.clientWidth, 1);
    // A pinch on a trackpad comes as a wheel with Ctrl and small numbers.
    const notch = event.ctrlKey && Math.abs(event.deltaY) < 50 ? NOTCH / 5 : NOTCH;
    return this.glide(share, 0, Math.exp((event.deltaY * unit) / notch));
  }
}

/** @param {HTMLElement} host holds every plot area; each area is as wide as the window of steps @param {Acts} acts */
export function attachPointer(host, acts) {
  const pointer = new Pointer(host, acts);
  host.addEventListener("pointerdown", (event) => pointer.down(event));
  host.addEventListener("pointermove", (event) => pointer.move(event));
  host.addEventListener("pointerup", (event) => pointer.up(event));
  host.addEventListener("pointercancel", (event) => pointer.cancel(event));
  host.addEventListener("pointerleave", () => acts.leave());
  host.addEventListener("dblclick", (event) => areaOf(event) && acts.reset());
  host.addEventListener("wheel", (event) => pointer.wheel(event), { passive: false });
}
