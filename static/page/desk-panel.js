// A panel of the desk: what it shows, with its data.

import { Columns } from "../picture/columns.js";

/** @import { Reach } from "../protocol/messages.js" */
/** @import { Catalogue, Resolved } from "../state/catalogue.js" */
/** @import { State } from "../state/store.js" */
/** @import { Panel } from "../views/heatmap/panel.js" */

/**
 * @typedef {object} DeskPanel a panel with its data
 * @property {string} id @property {Resolved} resolved @property {Panel} view @property {Columns} columns
 * @property {Columns} whole the surprise along the whole text @property {Reach | null} reach of the last edit
 * @property {Int32Array | null} order by similarity, once it has come
 * @property {{version: number, order: Int32Array}} [longest] the order of an echo, and of which columns
 * @property {boolean} clipped whether values may lie beyond the ends of the colours
 * @property {number} worth bits below which what lies further back is not counted as used
 * @property {import("../state/catalogue.js").Panel} panel @property {string} color @property {Set<string>} known
 */

/**
 * @typedef {object} DeskActs
 * @property {(id: string) => import("../views/heatmap/panel-head.js").PanelActs} panel those of one panel
 * @property {import("../views/heatmap/overview.js").OverviewActs} overview
 * @property {import("../views/heatmap/characters.js").StripActs} strip those of the characters
 */

/**
 * The panel that shows what the state says; what it has of the picture is kept where it shows the same.
 * @param {import("../state/catalogue.js").Panel} panel
 * @param {{state: State, catalogue: Catalogue, theme: string, old: DeskPanel | undefined,
 *   made: (resolved: Resolved) => Panel}} how `old`: the panel of this model before; `made`: a new view
 * @returns {DeskPanel}
 */
export function nextPanel(panel, { state, catalogue, theme, old, made }) {
  const resolved = catalogue.resolve(panel, state);
  const view = old?.view ?? made(resolved);
  const kept = old !== undefined && old.resolved.key === resolved.key;
  const columns = kept ? old.columns : new Columns(resolved.signal.width, catalogue.levels);
  if (!kept) view.forget(columns);
  return {
    id: panel.model,
    resolved,
    view,
    columns,
    whole: old?.whole ?? new Columns(0, catalogue.levels),
    reach: old?.reach ?? null,
    order: kept ? old.order : null,
    clipped: typeof (resolved.against === null ? state.scale : state.contrast) === "number",
    worth: catalogue.thresholds.used_context,
    panel,
    color: catalogue.colorOf(panel.model, theme),
    known: catalogue.known.get(resolved.model.id) ?? new Set(),
  };
}

/** The unit in each row; null: by number. @param {DeskPanel} panel @param {State["order"]} order */
export function rowsOf(panel, order) {
  if (order === "similarity") return panel.order;
  if (order === "index") return null;
  const { resolved, columns, longest } = panel;
  if (!resolved.echo) return resolved.slowest;
  if (longest?.version === columns.version) return longest.order;
  const rows = columns.longest(longest?.order);
  panel.longest = { version: columns.version, order: rows };
  return rows;
}

/**
 * The echo whose columns are here: what stands in the place of which character; null: none.
 * @param {DeskPanel[]} panels @param {import("../protocol/messages.js").EchoAsk | null} echo that is asked for
 * @param {import("../text/document.js").Text} text
 */
export function echoedBy(panels, echo, text) {
  if (echo === null) return null;
  const { step } = echo;
  const named = panels.find(({ columns }) => columns.echo?.step === step)?.columns.echo ?? null;
  const [character] = text.characters(step, step + 1);
  if (character === undefined) return null;
  return { step, character, instead: echo.instead ?? named?.instead ?? null, others: echo.others ?? null };
}

/** What the lines of surprise are drawn of. @param {DeskPanel[]} panels */
export const linesOf = (panels) =>
  panels.map(({ columns, color, resolved }) => ({
    columns,
    color,
    dashed: resolved.untrained,
    title: resolved.interventions === "" ? resolved.model.title : resolved.name,
  }));
