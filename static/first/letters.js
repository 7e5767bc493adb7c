// The text above the pictures, each letter over its column.

import { make, put } from "../views/dom.js";

const LEGIBLE = 6.5; // CSS pixels that a letter needs
const LARGEST = 22;

/** @param {HTMLElement} host */
export function createLetters(host) {
  let words = "";
  /** @type {HTMLElement[]} */
  let cells = [];
  return {
    /**
     * @param {string} text @param {{width: number, shown: number, closed: number | null}} view `width` in CSS pixels,
     *   `shown` columns, `closed` the column from which on the gate is closed
     */
    update(text, { width, shown, closed }) {
      const across = width / text.length;
      const legible = across >= LEGIBLE;
      const next = `${text}/${legible}`;
      if (next !== words) {
        words = next;
        const seen = legible ? [...text] : [text[0], `… ${text.length - 2} letters …`, text[text.length - 1]];
        cells = seen.map((letter, k) =>
          make("span", {
            textContent: letter,
            className: k === 0 || k === seen.length - 1 ? "asked" : legible ? "" : "middle",
          }),
        );
        host.replaceChildren(...cells);
        host.setAttribute("aria-label", `The text: ${text}`);
      }
      put(host.style, {
        fontSize: `${Math.round(Math.min(LARGEST, Math.max(10, (legible ? across : LARGEST) * 1.25)))}px`,
      });
      cells.forEach((cell, k) => {
        cell.classList.toggle("unread", legible ? k >= shown : k === 2 && shown < text.length);
        cell.classList.toggle("shut", closed !== null && legible && k >= closed && k < text.length - 1);
      });
    },
  };
}
