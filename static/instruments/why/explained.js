// One panel's part of "Why this value?": the value, its equation over its numbers, and the signals that it is made of.

import { math, row } from "../../format/mathml.js";
import { inStyle, rampOf } from "../../picture/colour.js";
import { spoken } from "../../text/characters.js";
import { make, put } from "../../views/dom.js";
import { digits, formula, roughly, symbolOf } from "./formula.js";
import { summary, terms, total } from "./terms.js";

/** @import { Equation, WhyFacts } from "../../protocol/answers.js" */
/** @import { Signal } from "../../protocol/hello.js" */
/** @import { PanelView, View } from "../../state/instrument.js" */
/** @import { Leaf } from "./formula.js" */

const INSET = 11; // CSS pixels, of what stands behind a line
/** @type {Record<string, (x: number) => number>} */
const FUNCTIONS = {
  tanh: Math.tanh,
  σ: (x) => 1 / (1 + Math.exp(-x)),
  exp: Math.exp,
  "log σ": (x) => Math.min(x, 0) - Math.log1p(Math.exp(-Math.abs(x))),
};

/**
 * @typedef {object} Scene
 * @property {PanelView} panel
 * @property {WhyFacts} facts what the server found
 * @property {boolean} here whether they are those of the cursor
 * @property {string} character that was read @property {boolean} all digits
 * @property {number} scale the value of the longest bar @property {HTMLElement} host
 * @property {(leaf: {symbol: string, value: number | null}) => string | null} paint
 * @property {{opened: Set<string>, open: (name: string, is: boolean) => void, more: (() => void) | null, picture: () =>
 *   void, go: (step: number, unit: number, layer: number, signal: string) => void}} acts
 */

/** @param {Pick<Scene, "panel" | "facts">} scene @param {(signal: Signal) => boolean} such @returns {Signal} */
function signalThat({ panel, facts }, such) {
  const { signals } = panel.resolved.model.layers[facts.layer];
  return signals.find(such) ?? signals[0]; // the server explains signals of the model only
}

/** @param {Pick<Scene, "panel" | "facts">} scene @param {string} name */
const signalOf = (scene, name) => signalThat(scene, (one) => one.name === name);

/** @param {Pick<Scene, "panel" | "facts">} scene @param {string} symbol */
const bySymbol = (scene, symbol) => signalThat(scene, (one) => one.symbol === symbol);

/**
 * The colour that a value has in the pictures, where its scale is in view.
 * @param {PanelView} panel @param {View<import("./why.js").Options>} view @param {number} layer @returns
 *   {Scene["paint"]}
 */
function painter({ columns, resolved }, { catalogue: { tables, levels } }, layer) {
  return ({ symbol, value }) => {
    const signal = resolved.model.layers[layer].signals.find((one) => one.symbol === symbol);
    const shown = resolved.signal === signal && resolved.layer === layer;
    if (signal === undefined || value === null || (signal.range === null && !shown)) return null;
    const [low, high] = signal.range ?? [columns.low, columns.high];
    const level = levels.levelOf(value, low, high, signal.range === null ? columns.scale : "linear");
    return level === levels.noNumber ? null : inStyle(tables[rampOf(signal)][level]);
  };
}

/** Whether everything adds up, in words. @param {Equation} equation @param {boolean} all */
function addedUp({ drive, tree, value, shown, follows }, all) {
  if (!follows) return `An intervention holds it at ${digits(shown, all)}: the equation gives ${digits(value, all)}.`;
  const apply = FUNCTIONS[tree.function ?? ""];
  const sum = drive === null ? null : total(drive);
  const made = sum === null || apply === undefined ? value : apply(sum);
  const words =
    sum === null
      ? `the numbers give ${digits(made, all)}`
      : `sum ${digits(sum, all)}; ${tree.function}(${digits(sum, all)}) = ${digits(made, all)}`;
  return `${words}, as shown, to within ${roughly(Math.abs(made - shown))}`;
}

/**
 * What added up to a pre-activation.
 * @param {import("../../protocol/answers.js").Drive} drive @param {string} name of the signal @param {Scene} scene
 */
function driven(drive, name, scene) {
  const { facts, character, all, scale, acts, panel } = scene;
  /** What a layer hands to itself and to the next. @param {number} layer */
  const up = (layer) => panel.resolved.model.layers[layer].signals[0].name;
  const list = terms(drive, {
    character,
    all,
    scale,
    layer: facts.layer,
    more: acts.more,
    signal: signalOf(scene, name).title.toLowerCase(),
    gains: ({ symbol, lag }) => (lag === 0 ? facts.now : facts.before)[bySymbol(scene, symbol).name],
    go: ({ source, index }) =>
      source === "unit"
        ? acts.go(facts.step - 1, index, facts.layer, up(facts.layer))
        : acts.go(facts.step, index, facts.layer - 1, up(facts.layer - 1)),
  });
  list.dataset.signal = name;
  return list;
}

/**
 * An equation over its numbers, and what added up to its pre-activation.
 * @param {Equation} equation @param {Scene} scene
 */
function equationOf(equation, scene) {
  const { facts, all, paint, host, acts } = scene;
  const signal = signalOf(scene, equation.signal);
  /** @param {Leaf} leaf */
  const pick = ({ symbol, lag }) => {
    const { name } = bySymbol(scene, symbol);
    if (lag === 0) return () => acts.open(name, true);
    return facts.first ? null : () => acts.go(facts.step - 1, facts.unit, facts.layer, name);
  };
  /** @param {Leaf} leaf */
  const title = ({ symbol, lag, value }) =>
    `${bySymbol(scene, symbol).title}${lag === 0 ? "" : " a step before: go there"}: ${digits(value, true)}`;
  const room = host.clientWidth - (equation === facts.equations[0] ? 0 : INSET);
  return [
    formula(signal, equation.tree, equation.shown, { all, room, host, paint, pick, title, spoken: signal.equation }),
    ...(equation.drive === null ? [] : [driven(equation.drive, equation.signal, scene)]),
    make("p", { className: equation.follows ? "why-sum" : "why-sum held", textContent: addedUp(equation, all) }),
  ];
}

/**
 * A signal that the value is made of: its number and what mattered most in a line, all of it below.
 * @param {Equation} equation @param {Scene} scene
 */
function madeOf(equation, scene) {
  const { panel, facts, character, all, paint, acts } = scene;
  const signal = signalOf(scene, equation.signal);
  const swatch = make("i", { className: "swatch", "aria-hidden": "true" });
  const color = paint({ symbol: signal.symbol, value: equation.shown });
  put(swatch.style, color === null ? { visibility: "hidden" } : { background: color });
  const value = math(row(symbolOf({ symbol: signal.symbol, lag: 0 }), "=", digits(equation.shown, all)));
  const most = make("span", {
    className: "why-most",
    textContent: equation.drive === null ? signal.equation : summary(equation.drive, character, facts.layer),
  });
  const line = make(
    "summary",
    { "data-key": `${panel.id}/${equation.signal}` },
    swatch,
    make("b", { textContent: signal.title }),
    value,
    most,
  );
  const details = make(
    "details",
    { className: "why-gate", "data-signal": equation.signal, open: acts.opened.has(equation.signal) },
    line,
  );
  const fill = () => details.open && details.children.length === 1 && details.append(...equationOf(equation, scene));
  details.addEventListener("toggle", () => {
    fill();
    acts.open(equation.signal, details.open);
  });
  fill();
  return details;
}

/** @param {Scene} scene */
function headOf({ panel, facts, acts, here }) {
  const { resolved, title, color } = panel;
  const [{ signal: name, shown }] = facts.equations;
  const swatch = make("i", { className: "swatch" });
  swatch.style.background = color;
  const layer = resolved.model.layers.length > 1 ? `, layer ${facts.layer}` : "";
  const elsewhere = here ? "" : `, still of step ${facts.step.toLocaleString("en")}, unit ${facts.unit}`;
  const words = `${signalOf({ panel, facts }, name).title.toLowerCase()}${layer}${elsewhere}`;
  const number = make("span", {
    className: "exact",
    textContent: String(Number(shown.toPrecision(7))).replace("-", "−"),
    "data-value": String(shown),
  });
  const head = make(
    "h3",
    {},
    swatch,
    make("span", { textContent: title }),
    make("span", { className: "why-signal", textContent: words }),
    number,
  );
  if (resolved.layer === facts.layer && resolved.signal.name === name) return [head];
  const picture = make("button", {
    type: "button",
    className: "quiet",
    textContent: "explain the picture",
    "data-key": "picture",
    onclick: acts.picture,
  });
  return [head, make("p", { className: "inst-note" }, "not what the picture shows ", picture)];
}

/**
 * @param {PanelView} panel @param {View<import("./why.js").Options>} view @param {WhyFacts} facts
 * @param {{scale: number, host: HTMLElement, acts: Scene["acts"]}} how
 */
export function explained(panel, view, facts, { scale, host, acts }) {
  const [character = ""] = view.text.characters(facts.step, facts.step + 1);
  const here = facts.step === view.cursor?.step && facts.unit === view.cursor.unit; // an answer is awaited otherwise
  const scene = {
    panel,
    facts,
    here,
    character,
    scale,
    host,
    acts,
    all: view.options.digits === "all",
    paint: painter(panel, view, facts.layer),
  };
  const notes = [];
  if (facts.first) {
    notes.push(
      `${facts.step === 0 ? "Nothing came before" : "An intervention empties the state"}: hₜ₋₁ is zero, and ` +
        "so is all that comes from units.",
    );
  }
  if (!facts.known) {
    notes.push(`The model does not know ${spoken(character)}: it reads no character, and W·xₜ is zero.`);
  }
  const [first, ...others] = facts.equations;
  return make(
    "section",
    { className: "why-model", "data-for": panel.id, "aria-label": panel.title },
    ...headOf(scene),
    ...notes.map((textContent) => make("p", { className: "inst-note", textContent })),
    ...equationOf(first, scene),
    ...others.map((one) => madeOf(one, scene)),
  );
}

/** The value of the longest bar: that of the largest term in view. @param {WhyFacts[]} found */
export const scaleOf = (found) =>
  Math.max(
    1e-9,
    ...found.flatMap(({ equations }) =>
      equations.flatMap(({ drive }) => drive?.terms.map(({ value }) => Math.abs(value)) ?? []),
    ),
  );
