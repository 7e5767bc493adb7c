// At the cursor: what character, which unit, its exact values, and what each model expects next.

import { brief, substitute } from "../../format/equation.js";
import { spoken, visible } from "../../text/characters.js";
import { decimal, make, put, tell } from "../dom.js";

const BARS = 8;
const FEW = 3; // of them, while the inspector is small
const LIVE_PAUSE_MS = 400;

/** Never "100 %" beside something else. @param {number} share */
function inPercent(share) {
  if (share < 0.001) return "< 0.1 %";
  if (share > 0.9995) return "> 99.9 %";
  return `${(share * 100).toFixed(share >= 0.0995 && share < 0.995 ? 0 : 1)} %`;
}

const exact = (value) => String(Number(value.toPrecision(7))).replace("-", "−");

/** One model's values at the cursor's unit. @param {any} row of the first update */
function createUnit({ resolved: { id, model, signal, untrained, held } }) {
  const swatch = make("i", { className: "swatch" });
  const number = make("code", { className: "exact" });
  const head = make(
    "div",
    { className: "model" },
    swatch,
    [model.title, ...(untrained ? ["untrained"] : []), ...(held === "" ? [] : [held])].join(" · "),
    number,
  );
  const strange = make("p", {
    className: "note unknown",
    textContent: "not in its vocabulary: read as no character, not scored",
  });
  const without = make("p", { className: "note", textContent: `has units 0 to ${model.units - 1} only` });
  const chips = model.signals.map((one) => {
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
  const all = make("div", { className: "chips" }, ...chips.map(({ chip }) => chip));
  const numbers = make("span");
  const equation = make("p", { className: "equation", textContent: signal.equation });
  equation.append(numbers);
  const element = make("div", {}, head, strange, without, all, equation);
  const index = model.signals.indexOf(signal);

  function fill({ at, before, high, scale, echo }, unit, paint, small) {
    const value = (frame, k) => frame.signals[k * model.units + unit];
    chips.forEach(({ one, chip, colour, words }, k) => {
      const now = value(at, k);
      put(colour.style, { background: paint(one, now, high, scale) });
      put(chip.dataset, { value: String(now) });
      put(words, { data: brief(now, (plain) => decimal(plain, 3)) });
    });
    const symbols = (frame) => new Map(model.signals.map((one, k) => [one.symbol, value(frame, k)]));
    const found = substitute(signal, symbols(at), before === undefined ? null : symbols(before));
    put(numbers, { hidden: found === null });
    tell(numbers, found ?? "");
    const differs = echoWords(echo(unit));
    tell(number, `${small ? decimal(value(at, index), 2) : exact(value(at, index))}${differs}`);
    put(number.dataset, { value: String(value(at, index)) });
  }

  return {
    element,
    update(row, character, unit, paint, small) {
      const has = unit < model.units;
      const known = has && row.at !== undefined;
      put(swatch.style, { background: row.color });
      put(strange, { hidden: row.known.has(character) });
      put(without, { hidden: has });
      for (const one of [all, equation]) put(one, { hidden: !known || small });
      put(number, { hidden: !known });
      element.classList.toggle("waiting", has && !known);
      if (known) element.dataset.for = id;
      else delete element.dataset.for;
      if (known) fill(row, unit, paint, small);
    },
  };
}

/** How far a value is from what it would be, as the picture of an echo says it. @param {number | null} difference */
function echoWords(difference) {
  if (difference === null || Number.isNaN(difference)) return "";
  return difference === 0
    ? " · echo below 10⁻⁷"
    : ` · echo ≈ ${brief(difference, (plain) => String(Number(plain.toPrecision(2))).replace("-", "−"))}`;
}

/** What one model expects to come next, as bars. @param {any} row of the first update */
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

/** @param {HTMLElement} host @param {{why: () => void}} acts */
export function createInspector(host, acts) {
  const why = make("button", {
    type: "button",
    className: "quiet",
    textContent: "Why?",
    hidden: true,
    title: "Why this value? The equation with its numbers (Enter on a picture)",
    onclick: acts.why,
  });
  const title = make("header", {}, make("h2", { textContent: "At the cursor" }), why);
  const empty = make("p", { textContent: "Type, or point at a picture." });
  const [step, letter, unitOf, column] = [make("b"), make("kbd"), make("b"), make("small", { className: "note" })];
  const place = make("p", { className: "at" }, "step ", step, " · ", letter, " · unit ", unitOf);
  const values = make("div", { className: "values" });
  const came = make("span", { className: "note" });
  const nextTitle = make("h3", {}, "Next character", came);
  const next = make("div", { className: "next" });
  const live = make("p", { className: "visually-hidden", role: "status", "aria-live": "polite" });
  host.append(title, empty, place, column, nextTitle, next, values, live);
  let timer = 0;
  let set = null;
  let units = [];
  let expectations = [];

  /** The frame around the numbers is made once for a set of panels. */
  function build(rows, name) {
    if (name === set) return;
    set = name;
    units = rows.map(createUnit);
    expectations = rows.map(createExpectation);
    values.replaceChildren(...units.map(({ element }) => element));
    next.replaceChildren(...expectations.map(({ element }) => element));
  }

  return {
    /** Whether what is shown is of another place than the cursor's. @param {boolean} is */
    waiting(is) {
      host.classList.toggle("fading", is);
    },
    /**
     * @param {{step: number | null, unit: number, character: string, truth: string | null, rows: any[], set: string,
     *   stretch: [number, number] | null, small: boolean, paint: (signal: any, value: number, high: number,
     *   scale: string) => string}} view `set` names the rows; `stretch`: the steps of the column in which the step
     *   lies, if they are several; `small`: only what comes next and one rounded number a model
     */
    update(view) {
      put(empty, { hidden: view.step !== null });
      put(why, { hidden: view.step === null });
      for (const one of [place, values, next]) put(one, { hidden: view.step === null });
      put(nextTitle, { hidden: view.step === null || view.rows.length === 0 });
      put(column, { hidden: view.step === null || view.stretch === null });
      if (view.step === null) return;
      const { unit, character, truth, rows, stretch, paint, small } = view;
      tell(step, view.step.toLocaleString("en"));
      tell(letter, visible(character));
      tell(unitOf, String(unit));
      if (stretch !== null) {
        tell(column, `in the column of steps ${stretch.map((one) => one.toLocaleString("en")).join(" … ")}`);
      }
      tell(came, truth === null ? "" : ` it was ${spoken(truth)}`);
      build(rows, view.set);
      rows.forEach((row, k) => {
        units[k].update(row, character, unit, paint, small);
        expectations[k].update(row, truth, small);
      });
      clearTimeout(timer);
      timer = setTimeout(() => {
        const said = rows
          .filter((row) => row.at !== undefined && unit < row.resolved.model.units)
          .map(
            ({ resolved: { model, signal }, at }) =>
              `${model.title} ${signal.title.toLowerCase()} ` +
              `${decimal(at.signals[model.signals.indexOf(signal) * model.units + unit], 2)}`,
          );
        live.textContent = `Step ${view.step}, ${spoken(character)}, unit ${unit}: ${said.join("; ")}`;
      }, LIVE_PAUSE_MS);
    },
    destroy() {
      clearTimeout(timer);
      host.replaceChildren();
    },
  };
}
