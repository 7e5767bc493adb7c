// The instruments, in the order of the menu. Each is one file of this folder.

import { recoverability } from "./recoverability.js";
import { saturation } from "./saturation.js";

export const INSTRUMENTS = [saturation, recoverability];

/** @param {string | null} name */
export const instrumentOf = (name) => INSTRUMENTS.find((one) => one.name === name) ?? null;
