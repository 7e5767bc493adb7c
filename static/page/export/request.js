// What the pictures show, as the server is asked for its numbers or for lines of Python that give them.

/** @import { Desk } from "../heatmaps.js" */
/** @import { DeskPanel } from "../desk-panel.js" */

/** The text that is read: while it types itself, not all of it. @param {Desk} desk */
export const textOf = ({ text, read }) => (read >= text.length ? text.string : text.slice(0, read));

/**
 * @param {Desk} desk @param {DeskPanel[]} [panels] those that are asked about
 */
export function requestOf(desk, panels = desk.panels) {
  const { from, span } = desk.window;
  const shown = panels.map(({ resolved: { id, layer, signal, against } }) => ({
    model: id,
    layer,
    signal: signal.name,
    ...(against === null ? {} : { against }),
  }));
  return { text: textOf(desk), panels: shown, start: from, stop: from + span, ...echoOf(desk) };
}

/** @param {Desk} desk */
function echoOf(desk) {
  const echo = desk.echoed();
  if (echo === null) return {};
  const { step, instead, others } = echo;
  return { echo: { step, ...(others === null ? (instead === null ? {} : { instead }) : { others }) } };
}
