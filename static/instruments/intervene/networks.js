// The networks that are asked about, and their numbers as they are read.

import { splitId, withoutInterventions } from "../../state/catalogue.js";

/** @import { Model } from "../../protocol/hello.js" */
/** @import { InterveneFacts } from "../../protocol/answers.js" */
/** @import { View } from "../../state/instrument.js" */
/** @import { Intervention } from "../../state/intervention.js" */

/** @typedef {{id: string, title: string, color: string, dashed: boolean, model: Model}} Network */

/**
 * A panel of each network as it is: what is asked about.
 * @param {Pick<View, "panels" | "catalogue" | "theme">} view @returns {Network[]}
 */
export function networks({ panels, catalogue, theme }) {
  const seen = new Map();
  for (const panel of panels) {
    const id = withoutInterventions(panel.id);
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
 * @param {Intervention[]} list @param {Model} model
 */
export const fitting = (list, model) =>
  list.filter(
    (one) => one.kind !== "hold" || model.layers[one.layer]?.signals.some(({ name }) => name === one.signal),
  );

/** Bits per character by which a run may differ when the last bits of its state do, before that is said. */
const SHAKY = 0.01;

/** @param {string} which @param {number | null} one @param {number | null} again with the last bits changed */
const shaky = (which, one, again) =>
  Math.abs((one ?? NaN) - (again ?? NaN)) > SHAKY ? [`${which} ${bits(one)} becomes ${bits(again)}`] : [];

/** Where rounding decides a number, in words. @param {Network} network @param {InterveneFacts | undefined} facts */
export function roundingOf({ title }, facts) {
  if (facts === undefined || facts.free_bits === null) return [];
  const { free_bits: free, free_nudged_bits: freely, held_bits: held, held_nudged_bits: nudged } = facts;
  const said = [...shaky("as it is", free, freely), ...shaky("held", held, nudged)];
  return said.length === 0
    ? []
    : [` ${title} depends on rounding here: with the last bits of its state changed, ${said.join(" and ")} bits.`];
}

/** @param {number | null | undefined} value */
export const bits = (value) => (value === null || value === undefined ? "–" : value.toFixed(3));
/** @param {number} value */
export const signed = (value) => `${value < 0 ? "−" : "+"}${Math.abs(value).toFixed(3)}`;
