// What instruments are put together from: rows of controls, lists to choose from, tables, and charts one above another.

import { Chart } from "./chart.js";
import { make } from "./dom.js";

/** Controls side by side. @param {...(Node | string)} children */
export const rowOf = (...children) => make("div", { className: "inst-row" }, ...children);

/**
 * A list to choose from; `choose` in dom.js fills it.
 * @param {string} label @param {(value: string) => void} changed
 */
export function chooser(label, changed) {
  const select = make("select", { "aria-label": label, onchange: () => changed(select.value) });
  return select;
}

/** A box to tick. @param {(is: boolean) => void} changed */
export function tickBox(changed) {
  const box = make("input", { type: "checkbox", onchange: () => changed(box.checked) });
  return box;
}

/** The head of a column of numbers. @param {string} textContent @param {string} [title] */
export const numberHead = (textContent, title) =>
  make("th", { className: "number", textContent, ...(title === undefined ? {} : { title }) });

/** A cell with a number, by the name of the fact that it states. @param {string} name @param {string} textContent */
export const numberCell = (name, textContent) => make("td", { className: "number", "data-fact": name, textContent });

/**
 * A table of answers.
 * @param {HTMLElement[]} heads of its columns @param {HTMLElement} rows its body @param {string} [className]
 */
export const tableOf = (heads, rows, className = "inst-table") =>
  make("table", { className }, make("thead", {}, make("tr", {}, ...heads)), rows);

const HEIGHT_OF_NUMBERS = 31; // CSS pixels that the numbers of an axis take, and its title

/**
 * Charts one above another on one axis, of which only the last has numbers.
 * @template {{name: string, title: string}} Curve
 * @param {HTMLElement} host @param {Curve[]} curves
 * @param {{height: number, against: string, unitOf: (curve: Curve) => Node}} about `height` of a plot in CSS pixels;
 *   `against`: what the axis counts, `unitOf`: what is written after a title
 * @returns {{name: Curve["name"], title: string, final: boolean, chart: Chart}[]}
 */
export function stackedCharts(host, curves, { height, against, unitOf }) {
  return curves.map((curve, k) => {
    const { name, title } = curve;
    const place = make("div", { className: "small-chart" }, make("h3", {}, title, unitOf(curve)));
    host.append(place);
    const final = k === curves.length - 1;
    const label = `${title}, against ${against}`;
    const chart = new Chart(place, { label, height: final ? height + HEIGHT_OF_NUMBERS : height });
    return { name, title, final, chart };
  });
}
