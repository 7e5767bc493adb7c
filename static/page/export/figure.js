// What the pictures show, as data to take away: for one picture with true axes, and as a table of numbers.

import { visible } from "../../text/characters.js";
import { feltWords } from "../../views/heatmap/echo-lane.js";

/**
 * What a panel shows, in words.
 * @param {import("../desk-panel.js").DeskPanel} panel
 * @param {ReturnType<import("../heatmaps.js").Desk["echoed"]>} echoed
 */
function titleOf({ resolved, columns, view }, echoed) {
  const shows = resolved.echo ? "echo in the " : resolved.against === null ? "" : "difference of ";
  const layer = resolved.model.layers.length > 1 ? `, layer ${resolved.layer}` : "";
  const of = resolved.echo && echoed !== null ? ` of ${echoWords(echoed)}` : "";
  const bits = columns.bitsPerCharacter === null ? "" : `${columns.bitsPerCharacter.toFixed(2)} bits/char`;
  const felt = resolved.echo ? feltWords(columns) : (view.head.extra.textContent ?? "");
  const parts = [
    resolved.name,
    `${shows}${resolved.signal.title.toLowerCase()}${layer}${of}`,
    bits,
    felt,
    view.stands(columns),
  ];
  return parts.filter((part) => part !== "").join(" · ");
}

/** @param {NonNullable<ReturnType<import("../heatmaps.js").Desk["echoed"]>>} echo */
const echoWords = ({ step, character, instead, others }) => {
  const by = instead === null ? "" : `, had it been “${visible(instead)}”`;
  const how = others !== null ? `, mean of ${others} others` : by;
  return `“${visible(character)}” at ${step.toLocaleString("en")}${how}`;
};

/**
 * The characters as they stand over their columns: which not all models know, where the cursor is, what colours them.
 * @param {import("../heatmaps.js").Desk} desk @param {{step: number} | null} echoed
 */
const lettersOf = ({ shown, panels, cursor, window, tint, strip }, echoed) => ({
  strip: strip.canvas,
  shown: shown.map((character, k) => ({
    words: visible(character),
    here: cursor !== null && cursor.step === window.from + k,
    replaced: echoed?.step === window.from + k,
    strange: panels.some(({ known }) => !known.has(character)),
    level: tint?.levels[window.from + k - tint.from] ?? 0,
  })),
});

/**
 * Where the cursor is in a panel, as the page shows it: its unit only where somebody has put it there.
 * @param {import("../desk-panel.js").DeskPanel} panel @param {import("../../state/instrument.js").Cursor | null} cursor
 * @param {Int32Array | null} order
 */
function cursorIn({ columns }, cursor, order) {
  if (cursor === null) return { column: -1, row: -1 };
  const { step, unit, held } = cursor;
  const row = !held || unit >= columns.units ? -1 : order === null ? unit : order.indexOf(unit);
  return { column: columns.at(step), row };
}

/**
 * What `picture` needs.
 * @param {import("../heatmaps.js").Desk} desk @param {import("../desk-panel.js").DeskPanel[]} shown its panels
 */
export function figureOf(desk, shown = desk.panels) {
  const echoed = desk.echoed();
  const rows = {
    auto: desk.echo === null ? "slowest first" : "longest echo first",
    similarity: "by similarity",
    index: "",
  }[desk.order];
  return {
    window: desk.window,
    plotWidth: desk.geometry.width,
    letters: lettersOf(desk, echoed),
    panels: shown.map((panel) => {
      const { resolved, columns, view, color } = panel;
      const order = desk.orderOf(panel);
      return {
        canvas: view.canvas,
        covers: view.covers,
        strip: view.strip,
        cursor: cursorIn(panel, desk.cursor, order),
        name: resolved.name,
        title: titleOf(panel, echoed),
        units: columns.units,
        height: view.area.clientHeight,
        low: columns.low,
        high: columns.high,
        levels: columns.levels,
        scale: view.scale(columns),
        stops: view.stops(columns),
        surprise: columns.bits(),
        color,
        dashed: resolved.untrained,
        rows: order === null ? resolved.signal.each : `${resolved.signal.each}, ${rows}`,
        numbered: order === null,
      };
    }),
  };
}

/**
 * The numbers over the window: a row a column, the surprise of each model and, of an echo, its strength ‖s − s′‖.
 * @param {import("../heatmaps.js").Desk} desk
 */
export function tableOf(desk) {
  const { from, per, columns: width } = desk.window;
  const echo = desk.echoed();
  /** @param {number} value @param {number} state */
  const number = (value, state) => (state === 0 || Number.isNaN(value) ? null : value);
  const columns = ["step", ...(per === 1 ? ["character"] : ["characters"])];
  for (const { id, resolved } of desk.panels) {
    columns.push(`${id} surprise_bits`);
    if (resolved.echo) {
      columns.push(`${id} ${resolved.layer}.${resolved.signal.name} echo_of_${echo?.step ?? ""}_strength`);
    }
  }
  /** @type {import("../../state/instrument.js").TableRow[]} */
  const rows = [];
  for (let k = 0; k < width && from + k * per < desk.read; k++) {
    /** @type {import("../../state/instrument.js").TableRow} */
    const row = [from + k * per, per === 1 ? desk.shown[k] : per];
    for (const { columns: held, resolved } of desk.panels) {
      row.push(number(held.surprise[k], held.state[k]));
      if (resolved.echo) row.push(number(held.strength[k], held.state[k]));
    }
    rows.push(row);
  }
  return { name: echo === null ? "surprise" : `echo-${echo.step}`, columns, rows };
}
