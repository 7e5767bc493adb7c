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

/** @param {URLSearchParams} words @param {import("./catalogue.js").Catalogue} catalogue */
function strangeModels(words, catalogue) {
  const models = (words.get("models") ?? "").split(",").filter(Boolean);
  return models
    .map((word) => word.split(":")[0])
    .filter((model) => !catalogue.has(model))
    .map((model) => `the model ${quoted(model)}`);
}

/**
 * Options that the open instrument does not have, and what was too long for the address.
 * @param {URLSearchParams} words @param {import("./catalogue.js").Catalogue} catalogue
 * @param {import("./instrument.js").Definition | null} instrument
 */
function strangeOptions(words, catalogue, instrument) {
  const known = instrument?.defaults(catalogue) ?? null;
  const names = [...new Set(words.keys())].filter((name) => name.startsWith(MARK));
  const unknown = names.filter((name) => known !== null && !Object.hasOwn(known, name.slice(MARK.length)));
  const long = words.get("lacks")?.split(",").filter(Boolean) ?? [];
  return [
    ...unknown.map((name) => `the option ${quoted(name.slice(MARK.length))}`),
    ...long.map((name) =>
      name.startsWith(MARK)
        ? `the option ${quoted(name.slice(MARK.length))}, too long for an address`
        : "which characters a model wrote, too many for an address",
    ),
  ];
}

/**
 * The names in an address that mean nothing here, as a sentence; "" where all do.
 * @param {string} address with or without its "#"
 * @param {import("./catalogue.js").Catalogue} catalogue
 * @param {(name: string) => import("./instrument.js").Definition | null} instrumentOf
 * @param {string} [whose] what asks for them
 */
export function strangers(address, catalogue, instrumentOf, whose = "address") {
  const words = new URLSearchParams(address.replace(/^#/, ""));
  const found = strangeModels(words, catalogue);
  const signal = words.get("signal");
  const known = catalogue.models.flatMap(({ layers }) => layers.flatMap(({ signals }) => signals));
  if (signal !== null && !known.some(({ name }) => name === signal)) {
    found.push(`the signal ${quoted(signal)}`);
  }
  const instrument = words.get("instrument");
  if (instrument !== null && instrumentOf(instrument) === null) found.push(`the instrument ${quoted(instrument)}`);
  found.push(...strangeOptions(words, catalogue, instrument === null ? null : instrumentOf(instrument)));
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
    : `The ${whose} asks for what is not here: ${found.join(", ")}. The rest of it is shown.`;
}
