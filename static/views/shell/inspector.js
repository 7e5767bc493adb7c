// At the cursor: what character, which unit, its exact values, and what each model expects next.

import { brief, substitute } from "../../format/equation.js";
import { spoken, visible } from "../../text/characters.js";
import { decimal, make, put, tell } from "../dom.js";
import { rangeOf } from "../words.js";

/** @import { Signal } from "../../protocol/hello.js" */
/** @import { Resolved } from "../../state/catalogue.js" */
/** @import { Exactly } from "../../state/exact-steps.js" */

/**
 * @typedef {object} Row one model at the cursor
 * @property {Resolved} resolved @property {string} color @property {Set<string>} known its characters
 * @property {[number, number] | null} ends where its colours end; null where they show no values
 * @property {string} scale
 * @property {(unit: number) => number | null} echo how far a unit is from what it would be; null: no echo is shown
 * @property {Exactly | undefined} at the step @property {Exactly | undefined} before the step before
 * @property {string[]} letters its characters, in order
 */

/** @typedef {(signal: Signal, value: number, ends: Row["ends"], scale: string) => string} Paint a value's colour */

/**
 * @typedef {object} InspectorView
 * @property {number} step @property {number} unit @property {string} character @property {string | null} truth
 * @property {Row[]} rows @property {string} set names the rows
 * @property {[number, number] | null} stretch the steps of the column in which the step lies, if they are several
 * @property {boolean} small only what comes next and one rounded number a model @property {Paint} paint
 */

const BARS = 8;
const FEW = 3; // of them, while the inspector is small
const LIVE_PAUSE_MS = 400;

/** Never "100 %" beside something else. @param {number} share */
function inPercent(share) {
  if (share < 0.001) return "< 0.1 %";
  if (share > 0.9995) return "> 99.9 %";
  return `${(share * 100).toFixed(share >= 0.0995 && share < 0.995 ? 0 : 1)} %`;
}

/** @param {number} value */
const exact = (value) => String(Number(value.toPrecision(7))).replace("-", "−");

class UnitValues {
  /** One model's values at the cursor's unit. @param {Row} row of the first update */
  constructor({ resolved: { id, model, declared, signal, untrained, interventions } }) {
    this.id = id;
    this.declared = declared;
    this.signal = signal;
    this.swatch = make("i", { className: "swatch" });
    this.number = make("code", { className: "exact" });
    const head = make(
      "div",
      { className: "model" },
      this.swatch,
      [model.title, untrained ? "untrained" : "", interventions].filter((part) => part !== "").join(" · "),
      this.number,
    );
    this.strange = make("p", {
      className: "note unknown",
      textContent: "not in its vocabulary: read as no character, not scored",
    });
    this.without = make("p", { className: "note", textContent: `has ${rangeOf(signal)} only` });
    this.chips = declared.signals.map((one) => {
      const colour = make("i", { "aria-hidden": "true" });
      const words = document.createTextNode("");
      const whole = () => (chip.title = `${one.title}: ${exact(Number(chip.dataset.value))}\n${one.equation}`);
      const chip = make(
        "span",
        { className: one === signal ? "chip shown" : "chip", "data-signal": one.name, onpointerenter: whole },
        colour,
        make("var", { textContent: one.symbol }),
        words,
      );
      return { one, chip, colour, words };
    });
    this.all = make("div", { className: "chips" }, ...this.chips.map(({ chip }) => chip));
    this.numbers = make("span");
    this.equation = make("p", { className: "equation", textContent: signal.equation });
    this.equation.append(this.numbers);
    this.element = make("div", {}, head, this.strange, this.without, this.all, this.equation);
    this.index = declared.signals.indexOf(signal);
  }

  /** @param {Row & {at: Exactly}} row @param {number} unit @param {Paint} paint @param {boolean} small */
  #fill({ at, before, ends, scale, echo }, unit, paint, small) {
    /** @param {Exactly} frame @param {number} k */
    const value = (frame, k) => frame.signals[k * this.declared.units + unit];
    this.chips.forEach(({ one, chip, colour, words }, k) => {
      const now = value(at, k);
      put(chip, { hidden: unit >= one.width });
      put(colour.style, { background: paint(one, now, ends, scale) });
      put(chip.dataset, { value: String(now) });
      put(words, { data: brief(now, (plain) => decimal(plain, 3)) });
    });
    /** @param {Exactly} frame */
    const symbols = (frame) => new Map(this.declared.signals.map((one, k) => [one.symbol, value(frame, k)]));
    const found = substitute(this.signal, symbols(at), before === undefined ? null : symbols(before));
    put(this.numbers, { hidden: found === null });
    tell(this.numbers, found ?? "");
    const differs = echoWords(echo(unit));
    tell(this.number, `${small ? decimal(value(at, this.index), 2) : exact(value(at, this.index))}${differs}`);
    put(this.number.dataset, { value: String(value(at, this.index)) });
  }

  /** @param {Row} row @param {string} character @param {number} unit @param {Paint} paint @param {boolean} small */
  update(row, character, unit, paint, small) {
    const has = unit < this.signal.width;
    const { at } = row;
    const known = has && at !== undefined;
    put(this.swatch.style, { background: row.color });
    put(this.strange, { hidden: row.known.has(character) });
    put(this.without, { hidden: has });
    for (const one of [this.all, this.equation]) put(one, { hidden: !known || small });
    put(this.number, { hidden: !known });
    this.element.classList.toggle("waiting", has && !known);
    if (known) this.element.dataset.for = this.id;
    else delete this.element.dataset.for;
    if (known) this.#fill({ ...row, at }, unit, paint, small);
  }
}

/** What the cursor's number counts: units, or what all signals shown have one number of. @param {Row[]} rows */
function eachOf(rows) {
  const [first = "unit", ...others] = new Set(rows.map(({ resolved }) => resolved.signal.each));
  return others.length === 0 ? first : "unit";
}

/** How far a value is from what it would be, as the picture of an echo says it. @param {number | null} difference */
function echoWords(difference) {
  if (difference === null || Number.isNaN(difference)) return "";
  return difference === 0
    ? " · echo below 10⁻⁷"
    : ` · echo ≈ ${brief(difference, (plain) => String(Number(plain.toPrecision(2))).replace("-", "−"))}`;
}

/** What one model expects to come next, as bars. @param {Row} row of the first update */
function createExpectation({ resolved: { id, model }, letters }) {
  const bars = Array.from({ length: Math.min(BARS, letters.length) }, () => {
    const letter = make("b");
    const bar = make("i");
    const percent = make("small");
    const element = make("div", { role: "listitem" }, letter, make("span", {}, bar), percent);
    return { element, letter, bar, percent };
  });
  const element = make(
    "div",
    { "data-for": id, role: "list", "aria-label": model.title },
    ...bars.map((one) => one.element),
  );

  return {
    element,
    /** @param {Row} row @param {string | null} truth @param {boolean} small */
    update({ color, at }, truth, small) {
      element.style.setProperty("--bar", color);
      const most = Math.min(small ? FEW : BARS, bars.length);
      bars.forEach((bar, n) => put(bar.element, { hidden: at === undefined || n >= most }));
      if (at === undefined) return;
      const share = at.logProbabilities;
      const ranked = Array.from(share.keys()).sort((a, b) => share[b] - share[a]);
      const shown = ranked.slice(0, most);
      const place = truth === null ? -1 : ranked.findIndex((k) => letters[k] === truth);
      if (place >= most) shown[most - 1] = ranked[place];
      shown.forEach((k, n) => {
        const { element: item, letter, bar, percent } = bars[n];
        const came = letters[k] === truth;
        const words = inPercent(Math.exp(share[k]));
        put(item, {
          className: came ? "true" : "",
          ariaLabel: `${spoken(letters[k])}${came ? ", which came next" : ""}: ${words}`,
        });
        put(bar.style, { width: `${Number((Math.exp(share[k]) * 100).toFixed(2))}%` });
        tell(letter, visible(letters[k]));
        tell(percent, words);
      });
    },
  };
}

export class Inspector {
  /** @param {HTMLElement} host @param {{why: () => void}} acts */
  constructor(host, acts) {
    this.host = host;
    this.why = make("button", {
      type: "button",
      className: "quiet",
      textContent: "Why?",
      hidden: true,
      title: "Why this value? The equation with its numbers (Enter on a picture)",
      onclick: acts.why,
    });
    const title = make("header", {}, make("h2", { textContent: "At the cursor" }), this.why);
    this.empty = make("p", { textContent: "Type, or point at a picture." });
    this.step = make("b");
    this.letter = make("kbd");
    this.each = make("span");
    this.unitOf = make("b");
    this.column = make("small", { className: "note" });
    const which = [" · ", this.each, " ", this.unitOf];
    this.place = make("p", { className: "at" }, "step ", this.step, " · ", this.letter, ...which);
    this.values = make("div", { className: "values" });
    this.came = make("span", { className: "note" });
    this.nextTitle = make("h3", {}, "Next character", this.came);
    this.next = make("div", { className: "next" });
    this.live = make("p", { className: "visually-hidden", role: "status", "aria-live": "polite" });
    host.append(title, this.empty, this.place, this.column, this.nextTitle, this.next, this.values, this.live);
    this.timer = 0;
    /** @type {string | null} */
    this.set = null;
    /** @type {UnitValues[]} */
    this.units = [];
    /** @type {ReturnType<typeof createExpectation>[]} */
    this.expectations = [];
  }

  /** The frame around the numbers is made once for a set of panels. @param {Row[]} rows @param {string} name */
  #build(rows, name) {
    if (name === this.set) return;
    this.set = name;
    this.units = rows.map((row) => new UnitValues(row));
    this.expectations = rows.map(createExpectation);
    this.values.replaceChildren(...this.units.map(({ element }) => element));
    this.next.replaceChildren(...this.expectations.map(({ element }) => element));
  }

  /** Whether what is shown is of another place than the cursor's. @param {boolean} is */
  waiting(is) {
    this.host.classList.toggle("fading", is);
  }

  /** @param {InspectorView | null} view null: nothing is looked at */
  update(view) {
    put(this.empty, { hidden: view !== null });
    put(this.why, { hidden: view === null });
    for (const one of [this.place, this.values, this.next]) put(one, { hidden: view === null });
    put(this.nextTitle, { hidden: view === null || view.rows.length === 0 });
    put(this.column, { hidden: view === null || view.stretch === null });
    if (view === null) return;
    const { unit, character, truth, rows, stretch, paint, small } = view;
    tell(this.step, view.step.toLocaleString("en"));
    tell(this.letter, visible(character));
    tell(this.each, eachOf(rows));
    tell(this.unitOf, String(unit));
    if (stretch !== null) {
      tell(this.column, `in the column of steps ${stretch.map((one) => one.toLocaleString("en")).join(" … ")}`);
    }
    tell(this.came, truth === null ? "" : ` it was ${spoken(truth)}`);
    this.#build(rows, view.set);
    rows.forEach((row, k) => {
      this.units[k].update(row, character, unit, paint, small);
      this.expectations[k].update(row, truth, small);
    });
    clearTimeout(this.timer);
    this.timer = setTimeout(() => {
      const said = rows.flatMap(({ resolved: { model, declared, signal }, at }) => {
        if (at === undefined || unit >= signal.width) return [];
        const value = at.signals[declared.signals.indexOf(signal) * declared.units + unit];
        return [`${model.title} ${signal.title.toLowerCase()} ${decimal(value, 2)}`];
      });
      this.live.textContent = `Step ${view.step}, ${spoken(character)}, ${eachOf(rows)} ${unit}: ${said.join("; ")}`;
    }, LIVE_PAUSE_MS);
  }

  destroy() {
    clearTimeout(this.timer);
    this.host.replaceChildren();
  }
}
