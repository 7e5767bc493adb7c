// The networks that are asked about, and their numbers as they are read.

import { splitId, unheld } from "../../state/catalogue.js";

/** A panel of each network as it is: what is asked about. */
export function networks({ panels, catalogue, theme }) {
  const seen = new Map();
  for (const panel of panels) {
    const id = unheld(panel.id);
    if (!seen.has(id)) {
      seen.set(id, {
        id,
        title: catalogue.name(id),
        color: catalogue.colorOf(id, theme),
        dashed: splitId(id).untrained,
        model: panel.resolved.model,
      });
    }
  }
  return [...seen.values()];
}

/**
 * What of a list a network can be asked for: a signal or a layer that it lacks is another network's.
 * @param {any[]} list @param {any} model
 */
export const fitting = (list, model) =>
  list.filter(
    (one) => one.kind !== "hold" || (one.layer < model.layers && model.signals.some(({ name }) => name === one.signal)),
  );

/** Bits per character by which a run may differ when the last bits of its state do, before that is said. */
const SHAKY = 0.01;

/** Where rounding decides a number, in words. */
export function roundingOf({ title }, facts) {
  if (facts === undefined || facts.free_bits === null) return [];
  const said = [
    ["as it is", facts.free_bits, facts.free_nudged_bits],
    ["held", facts.held_bits, facts.held_nudged_bits],
  ]
    .filter(([, one, again]) => Math.abs(one - again) > SHAKY)
    .map(([which, one, again]) => `${which} ${bits(one)} becomes ${bits(again)}`);
  return said.length === 0
    ? []
    : [` ${title} depends on rounding here: with the last bits of its state changed, ${said.join(" and ")} bits.`];
}

export const bits = (value) => (value === null ? "–" : value.toFixed(3));
export const signed = (value) => `${value < 0 ? "−" : "+"}${Math.abs(value).toFixed(3)}`;
