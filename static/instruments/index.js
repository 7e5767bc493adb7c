// The instruments, in the order of the menu. Each is a file of this folder, or a folder of its own with its views.

import { context } from "./context.js";
import { cost } from "./cost.js";
import { forgetting } from "./forgetting/forgetting.js";
import { generate } from "./generate.js";
import { gradients } from "./gradients.js";
import { horizon } from "./horizon.js";
import { intervene } from "./intervene/intervene.js";
import { overlength } from "./overlength.js";
import { provenance } from "./provenance/provenance.js";
import { recall } from "./recall/recall.js";
import { recoverability } from "./recoverability.js";
import { saturation } from "./saturation/saturation.js";
import { texts } from "./texts/texts.js";
import { unit } from "./unit/unit.js";
import { why } from "./why/why.js";

/** @import { Definition } from "../state/instrument.js" */

/** @type {Definition[]} */
export const INSTRUMENTS = [
  saturation,
  forgetting,
  horizon,
  context,
  overlength,
  cost,
  recoverability,
  recall,
  gradients,
  why,
  provenance,
  unit,
  intervene,
  texts,
  generate,
];

/**
 * The groups of the menu, with the names of those in them; null: all that no other has.
 * @type {[string, string[] | null][]}
 */
const GROUPS = [
  ["Start here", ["forgetting", "saturation"]],
  ["Memory", null],
  ["One unit", ["why", "provenance", "unit"]],
  ["Try a change", ["intervene", "texts", "generate"]],
];

/** The menu: each group with its instruments. @param {Definition[]} all */
export function grouped(all) {
  const named = GROUPS.flatMap(([, names]) => names ?? []);
  return GROUPS.map(([title, names]) => {
    const rest = all.filter(({ name }) => !named.includes(name));
    return { title, entries: names === null ? rest : names.flatMap((name) => all.filter((one) => one.name === name)) };
  });
}

/** @param {string | null} name */
export const instrumentOf = (name) => INSTRUMENTS.find((one) => one.name === name) ?? null;
