// The instruments, in the order of the menu. Each is one file of this folder.

import { context } from "./context.js";
import { forgetting } from "./forgetting.js";
import { generate } from "./generate.js";
import { gradients } from "./gradients.js";
import { horizon } from "./horizon.js";
import { intervene } from "./intervene.js";
import { overlength } from "./overlength.js";
import { recall } from "./recall.js";
import { recoverability } from "./recoverability.js";
import { saturation } from "./saturation.js";
import { texts } from "./texts.js";
import { unit } from "./unit.js";
import { why } from "./why.js";

export const INSTRUMENTS = [saturation, forgetting, horizon, context, overlength, recoverability, recall, gradients, why, unit, intervene, texts, generate];

/** @param {string | null} name */
export const instrumentOf = (name) => INSTRUMENTS.find((one) => one.name === name) ?? null;
