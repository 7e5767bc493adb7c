// A thin strip below a picture, on the same axis of steps, in which an instrument draws.

import { contextOf, fitted, make, put, tell } from "../dom.js";

/** CSS pixels: the strip, and what it takes with the gap above it; that of an echo is thinner. */
export const LANE = { height: 22, all: 27 };
export const THIN_LANE = { height: 11, all: 14 };

/** @param {HTMLElement} host the plot of a panel */
export function createLane(host) {
  const canvas = make("canvas", { role: "img" });
  const wash = make("div", { className: "cursor-wash" });
  const element = make("div", { className: "lane" }, canvas, wash);
  const [top, bottom] = [make("span"), make("span")];
  const ends = make("div", { className: "lane-ends", "aria-hidden": "true" }, top, bottom);
  host.append(element, ends);
  // In memory: an echo writes its pixels, at each movement of the pointer.
  contextOf(canvas, { willReadFrequently: true });
  let high = LANE.height;

  return {
    element,
    canvas,
    /** What it shows, in words: at its upper and its lower end. */
    words: () => [top.textContent ?? "", bottom.textContent ?? ""],
    /** @param {{left: number, width: number, height: number, lane: typeof LANE}} geometry of the picture above */
    place({ left, width, height, lane }) {
      high = lane.height;
      const at = `${height + lane.all - high}px`;
      put(element.style, { left: `${left}px`, width: `${width}px`, height: `${high}px`, top: at });
      put(ends.style, { left: `${left + width + 4}px`, height: `${high}px`, top: at });
      put(ends, { hidden: high < LANE.height }); // no room for its words
    },
    /**
     * @param {import("../../picture/overlay.js").Lane} what @param {import("../../picture/overlay.js").Place} place as
     *   for what is drawn over the picture
     */
    draw(what, place) {
      put(canvas, { ariaLabel: what.label });
      put(element, { title: what.label });
      tell(top, what.top);
      tell(bottom, what.bottom);
      what.draw(fitted(canvas, place.width, high), { ...place, height: high });
    },
    /** @param {number} column @param {number} across CSS pixels of one @param {number} columns */
    cursor(column, across, columns) {
      put(wash, { hidden: column < 0 || column >= columns });
      if (!wash.hidden) {
        put(wash.style, { width: `${Math.max(1, across)}px`, transform: `translateX(${column * across}px)` });
      }
    },
    destroy() {
      element.remove();
      ends.remove();
    },
  };
}
