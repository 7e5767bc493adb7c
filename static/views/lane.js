// A thin strip below a picture, on the same axis of steps, in which an instrument draws.

import { fitted, make, put, tell } from "./dom.js";

/** CSS pixels: the strip, and what it takes with the gap above it. */
export const LANE = { height: 22, all: 27 };

/** @param {HTMLElement} host the plot of a panel */
export function createLane(host) {
  const canvas = make("canvas", { role: "img" });
  const wash = make("div", { className: "cursor-wash" });
  const element = make("div", { className: "lane" }, canvas, wash);
  const [top, bottom] = [make("span"), make("span")];
  const ends = make("div", { className: "lane-ends", "aria-hidden": "true" }, top, bottom);
  host.append(element, ends);

  return {
    element,
    /** @param {{left: number, width: number, height: number}} geometry of the picture above */
    place({ left, width, height }) {
      const at = `${height + LANE.all - LANE.height}px`;
      put(element.style, { left: `${left}px`, width: `${width}px`, height: `${LANE.height}px`, top: at });
      put(ends.style, { left: `${left + width + 4}px`, height: `${LANE.height}px`, top: at });
    },
    /**
     * @param {{draw: (context: any, place: any) => void, label: string, top: string, bottom: string}} what
     * @param {any} place as for what is drawn over the picture
     */
    draw(what, place) {
      put(canvas, { ariaLabel: what.label });
      put(element, { title: what.label });
      tell(top, what.top);
      tell(bottom, what.bottom);
      what.draw(fitted(canvas, place.width, LANE.height), { ...place, height: LANE.height });
    },
    /** @param {number} column @param {number} across CSS pixels of one @param {number} columns */
    cursor(column, across, columns) {
      put(wash, { hidden: column < 0 || column >= columns });
      if (!wash.hidden) put(wash.style, { width: `${Math.max(1, across)}px`, transform: `translateX(${column * across}px)` });
    },
    destroy() {
      element.remove();
      ends.remove();
    },
  };
}
