// The one state object of the page, who hears of its changes, and its form in the address.

import { Text } from "../text/document.js";
import { parse as readSpans, spell as spanWord } from "../text/spans.js";
import { fromWords, toWords, tooLong } from "./options.js";

/** @import { Edit } from "../text/edit.js" */
/** @typedef {import("./options.js").Option} Option */

/** @typedef {"mean" | "extreme" | "lowest" | "highest" | "saturated"} Show */

/**
 * @typedef {object} State
 * @property {string} corpus the family of models
 * @property {import("./catalogue.js").Panel[]} panels from top to bottom
 * @property {number} layer for all panels that choose none
 * @property {string} signal for all panels that choose none
 * @property {"auto" | "index" | "similarity"} order of units; auto: slowest first, or longest echo first
 * @property {{from: number, columns: number, per: number} | null} sorted the window that an order by similarity was
 *   made from; null: the one shown
 * @property {number | null} columns steps in the window; null: as many as are legible
 * @property {number | null} from first step of the window; null: the window follows the end of the text
 * @property {{step: number | null, unit: number}} cursor step null: the last character before the caret
 * @property {number | "largest" | null} scale where the colours of unbounded signals end, on a linear scale; null: a
 *   logarithmic one
 * @property {number | null} contrast where the colours of differences end; null: where differences do
 * @property {"auto" | "light" | "dark"} theme
 * @property {Show} show what a column shows that stands for several characters
 * @property {Echo | null} echo the panels show the echo of a character; null: values
 * @property {string | null} instrument the one that is open
 * @property {Record<string, Option>} options of it, those that differ from its defaults
 * @property {Text} text all that the editor holds
 * @property {import("../text/spans.js").Span[]} generated what of it a model has written
 * @property {string} author which model wrote it last, and how, in words
 * @property {number | null} missing characters of the text that the address was too short for, which holds its start
 * @property {{position: number, running: boolean} | null} play
 * @property {number} speed of play, characters a second
 */

/**
 * @typedef {object} Echo
 * @property {number | null} step whose character is another one; null: the one at the cursor
 * @property {string | null} instead that character; null: the default, which the server names
 * @property {number | null} others the mean over so many other characters
 * @property {boolean} signed
 */

/** @type {State} */
export const INITIAL = Object.freeze({
  corpus: "",
  panels: [],
  layer: 0,
  signal: "hidden",
  order: "auto",
  sorted: null,
  scale: null,
  contrast: null,
  show: "mean",
  columns: null,
  from: null,
  cursor: { step: null, unit: 0 },
  theme: "auto",
  echo: null,
  instrument: null,
  options: {},
  text: Text.EMPTY,
  generated: [],
  author: "",
  missing: null,
  play: null,
  speed: 20,
});

/** @type {State["theme"][]} */
export const THEMES = ["auto", "light", "dark"];

/** Orders of the units. @type {State["order"][]} */
export const ORDERS = ["auto", "index", "similarity"];

/** Ends of the colours that unbounded signals may be given. @type {("largest" | number)[]} */
export const SCALES = ["largest", 1, 2, 5, 10, 20, 50];

/** Ends of the colours that differences may be given. */
export const CONTRASTS = [0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1];

/** What a column may show that stands for several characters. @type {Show[]} */
export const SHOWS = ["mean", "extreme", "lowest", "highest", "saturated"];

/** Texts longer than this go into the address packed, if at all; see packed-text.js. */
export const LONGEST_TEXT_IN_ADDRESS = 2000;

/**
 * @callback Hear what follows from another state; it may change the state again, but not the text
 * @param {State} state @param {Set<string>} changed the names of what is another now
 * @param {Edit | null} edit what has made the text of the one before; null where it says the same
 * @returns {void}
 */

/**
 * @typedef {object} Store
 * @property {() => State} get @property {(patch: Partial<State>) => void} set
 * @property {(hear: Hear) => () => void} subscribe
 */

/** @param {Partial<State>} start @returns {Store} */
export function createStore(start) {
  let state = { ...INITIAL, ...start };
  /** @type {Set<Hear>} */
  const hearers = new Set();
  return {
    get: () => state,
    set(patch) {
      const names = /** @type {(keyof State)[]} */ (Object.keys(patch));
      const changed = new Set(names.filter((name) => !Object.is(patch[name], state[name])));
      if (changed.size === 0) return;
      const before = state.text;
      state = { ...state, ...patch };
      const edit = state.text.since(before);
      for (const hear of hearers) hear(state, changed, edit);
    },
    subscribe(hear) {
      hearers.add(hear);
      return () => hearers.delete(hear);
    },
  };
}

/** @param {import("./catalogue.js").Panel} panel */
const panelWord = ({ model, layer, signal, difference }) =>
  layer === null && signal === null && !difference
    ? model
    : `${model}:${layer ?? ""}:${signal ?? ""}${difference ? ":difference" : ""}`;

/** @param {string} word @returns {import("./catalogue.js").Panel} */
const readPanel = (word) => {
  const [model, layer = "", signal = "", difference = ""] = word.split(":");
  const panel = { model, layer: /^\d+$/.test(layer) ? Number(layer) : null, signal: signal === "" ? null : signal };
  return difference === "difference" ? { ...panel, difference: true } : panel;
};

/** An order's window as "from-columns-per". @param {string} word */
function readSorted(word) {
  const found = /^(\d{1,9})-(\d{1,4})-(\d{1,9})$/.exec(word);
  return found === null ? null : { from: Number(found[1]), columns: Number(found[2]), per: Number(found[3]) };
}

const AT_CURSOR = "cursor";

/** @param {URLSearchParams} words @param {Echo} echo */
function echoWords(words, { step, instead, others, signed }) {
  words.set("echo", `${step ?? AT_CURSOR}${instead === null ? "" : `:${instead}`}`);
  if (others !== null) words.set("others", String(others));
  if (signed) words.set("signed", "1");
}

/** `echo=57:x`: the echo of step 57 had x stood there. @param {URLSearchParams} words @returns {Echo | null} */
function readEcho(words) {
  const found = /^(\d{1,9}|cursor)(?::(.))?$/su.exec(words.get("echo") ?? "");
  if (found === null) return null;
  const others = /^\d{1,2}$/.test(words.get("others") ?? "") ? Number(words.get("others")) : null;
  return {
    step: found[1] === AT_CURSOR ? null : Number(found[1]),
    instead: found[2] ?? null,
    others,
    signed: words.get("signed") === "1",
  };
}

/** The words of an address, beside those of options. */
export const WORDS = [
  "models",
  "corpus",
  "signal",
  "layer",
  "order",
  "sorted",
  "echo",
  "others",
  "signed",
  "scale",
  "contrast",
  "show",
  "columns",
  "from",
  "step",
  "unit",
  "theme",
  "instrument",
  "generated",
  "by",
  "text",
  "packed",
  "missing",
  "lacks",
];

/** Whether a text is too long to stand in an address as it is. @param {Text} text */
export const isLong = (text) => text.length > LONGEST_TEXT_IN_ADDRESS;

/**
 * The text, and what of it a model has written. Of a text that is too long, its start.
 * @param {URLSearchParams} words @param {State} state @param {string | null} packed
 */
function textWords(words, { text, generated, author }, packed) {
  if (generated.length > 0 && spanWord(generated).length <= LONGEST_TEXT_IN_ADDRESS) {
    words.set("generated", spanWord(generated));
  }
  if (generated.length > 0 && author !== "") words.set("by", author);
  if (!isLong(text)) words.set("text", text.string);
  else if (packed !== null) words.set("packed", packed);
  else {
    words.set("text", text.slice(0, LONGEST_TEXT_IN_ADDRESS));
    words.set("missing", String(text.length));
  }
}

/** What the address has no room for, by the names of its words. @param {State} state */
function lacking({ instrument, options, generated }) {
  const long = instrument === null ? [] : tooLong(options);
  return spanWord(generated).length > LONGEST_TEXT_IN_ADDRESS ? [...long, "generated"] : long;
}

/** All but the text. @param {State} state */
function viewWords(state) {
  const words = new URLSearchParams();
  if (state.panels.length > 0) words.set("models", state.panels.map(panelWord).join(","));
  else if (state.corpus !== "") {
    words.set("models", "");
    words.set("corpus", state.corpus);
  }
  for (const name of /** @type {const} */ (["signal", "layer", "order"])) {
    if (state[name] !== INITIAL[name]) words.set(name, String(state[name]));
  }
  if (state.order === "similarity" && state.sorted !== null) {
    words.set("sorted", [state.sorted.from, state.sorted.columns, state.sorted.per].join("-"));
  }
  if (state.echo !== null) echoWords(words, state.echo);
  for (const name of /** @type {const} */ (["scale", "contrast", "show", "columns", "from"])) {
    if (state[name] !== INITIAL[name]) words.set(name, String(state[name]));
  }
  if (state.cursor.step !== null) words.set("step", String(state.cursor.step));
  if (state.cursor.unit !== 0) words.set("unit", String(state.cursor.unit));
  if (state.theme !== "auto") words.set("theme", state.theme);
  if (state.instrument !== null) {
    words.set("instrument", state.instrument);
    toWords(words, state.options);
  }
  return words;
}

/** The view without its text, as in an address. @param {State} state */
export const viewAddress = (state) => viewWords(state).toString();

/**
 * The view as the part of an address after "#".
 * @param {State} state @param {string | null} [packed] a long text as a word, null where that would be too long too
 */
export function toAddress(state, packed = null) {
  const words = viewWords(state);
  textWords(words, state, packed);
  const lacks = lacking(state);
  if (lacks.length > 0) words.set("lacks", lacks.join(","));
  // These have no meaning of their own after the "#", and an address is easier to read with them.
  return words
    .toString()
    .replaceAll("%2C", ",")
    .replaceAll("%40", "@")
    .replaceAll("%3A", ":")
    .replaceAll("%7E", "~")
    .replaceAll("%3D", "=");
}

/**
 * Whether a text is the whole of the one that an address has only the start of.
 * @param {{text?: string, missing?: number | null}} found what the address says @param {Text} text
 */
export const completes = ({ text: start, missing }, text) =>
  start !== undefined && text.length === missing && text.string.startsWith(start);

/** @param {number | undefined} step @param {number | undefined} unit */
const cursorOf = (step, unit) =>
  step === undefined && unit === undefined ? undefined : { step: step ?? null, unit: unit ?? 0 };

/**
 * What an address says of the view; it says nothing of what is missing or makes no sense. The text is a string yet.
 * @param {string} address with or without its "#"
 * @returns {Partial<Omit<State, "text"> & {text: string, packed: string}>}
 */
export function fromAddress(address) {
  const words = new URLSearchParams(address.replace(/^#/, ""));
  /** @param {string} name */
  const number = (name) => (/^\d{1,9}$/.test(words.get(name) ?? "") ? Number(words.get(name)) : undefined);
  const found = {
    panels: words.get("models")?.split(",").filter(Boolean).map(readPanel),
    corpus: words.get("models") === "" ? (words.get("corpus") ?? undefined) : undefined,
    signal: words.get("signal") ?? undefined,
    layer: number("layer"),
    order: ORDERS.find((one) => one === words.get("order")),
    sorted: readSorted(words.get("sorted") ?? "") ?? undefined,
    echo: readEcho(words) ?? undefined,
    scale: SCALES.find((one) => String(one) === words.get("scale")),
    contrast: CONTRASTS.find((one) => String(one) === words.get("contrast")),
    show: SHOWS.find((one) => one === words.get("show")),
    columns: number("columns"),
    from: number("from"),
    theme: THEMES.find((one) => one === words.get("theme")),
    instrument: words.get("instrument") ?? undefined,
    options: words.has("instrument") ? fromWords(words) : undefined,
    generated: readSpans(words.get("generated") ?? "") ?? undefined,
    author: words.get("by")?.slice(0, 200),
    missing: number("missing"),
    text: words.get("text") ?? undefined,
    packed: words.get("packed") ?? undefined,
    cursor: words.has("step") || words.has("unit") ? cursorOf(number("step"), number("unit")) : undefined,
  };
  return Object.fromEntries(Object.entries(found).filter(([, value]) => value !== undefined));
}
