// What an address asks for that is not here: nothing of it vanishes without a word.

import { MARK } from "./options.js";
import { CONTRASTS, ORDERS, SCALES, SHOWS, THEMES, WORDS } from "./store.js";

const COUNTS = ["layer", "columns", "from", "step", "unit", "missing"];
const LONGEST = 40; // characters of a name that is repeated

const CHOICES = {
  order: ORDERS,
  scale: SCALES,
  contrast: CONTRASTS,
  show: SHOWS,
  theme: THEMES,
};

/** @param {string | null} name */
const quoted = (name) => `“${(name ?? "").length > LONGEST ? `${name?.slice(0, LONGEST)}…` : name}”`;

/**
 * The names in an address that mean nothing here, as a sentence; "" where all do.
 * @param {string} address with or without its "#"
 * @param {import("./catalogue.js").Catalogue} catalogue @param {(name: string) => any} instrumentOf
 */
export function strangers(address, catalogue, instrumentOf) {
  const words = new URLSearchParams(address.replace(/^#/, ""));
  const found = [];
  const models =
    words
      .get("models")
      ?.split(",")
      .filter(Boolean)
      .map((word) => word.split(":")[0]) ?? [];
  for (const model of models) if (!catalogue.has(model)) found.push(`the model ${quoted(model)}`);
  const signal = words.get("signal");
  const known = catalogue.models.flatMap(({ layers }) => layers.flatMap(({ signals }) => signals));
  if (signal !== null && !known.some(({ name }) => name === signal)) {
    found.push(`the signal ${quoted(signal)}`);
  }
  const instrument = words.get("instrument");
  if (instrument !== null && instrumentOf(instrument) === null) found.push(`the instrument ${quoted(instrument)}`);
  for (const [name, all] of Object.entries(CHOICES)) {
    if (words.has(name) && !all.some((one) => String(one) === words.get(name))) {
      found.push(`${name} ${quoted(words.get(name))}`);
    }
  }
  for (const name of COUNTS) {
    if (words.has(name) && !/^\d{1,9}$/.test(words.get(name) ?? "")) found.push(`${name} ${quoted(words.get(name))}`);
  }
  for (const name of new Set(words.keys())) {
    if (!WORDS.includes(name) && !name.startsWith(MARK)) found.push(quoted(name));
  }
  return found.length === 0
    ? ""
    : `The address asks for what is not here: ${found.join(", ")}. The rest of it is shown.`;
}
