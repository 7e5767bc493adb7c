// At the cursor: what character, which unit, its exact values, and what each model expects next.

import { brief, substitute } from "../core/equation.js";
import { spoken, visible } from "../core/text.js";
import { decimal, make } from "./dom.js";

const BARS = 8;
const LIVE_PAUSE_MS = 400;

/** Never "100 %" beside something else. @param {number} share */
function inPercent(share) {
  if (share < 0.001) return "< 0.1 %";
  if (share > 0.9995) return "> 99.9 %";
  return `${(share * 100).toFixed(share >= 0.0995 && share < 0.995 ? 0 : 1)} %`;
}

/** @param {HTMLElement} host */
export function createInspector(host) {
  const title = make("h2", { textContent: "At the cursor" });
  const place = make("p", { className: "at" });
  const values = make("div", { className: "values" });
  const nextTitle = make("h3");
  const next = make("div", { className: "next" });
  const live = make("p", { className: "visually-hidden", role: "status", "aria-live": "polite" });
  host.append(title, place, nextTitle, next, values, live);
  let timer = 0;

  const exact = (value) => String(Number(value.toPrecision(7))).replace("-", "−");

  function chip(signal, value, shown, paint, high) {
    const background = paint(signal, value, high);
    const swatch = make("i", { "aria-hidden": "true" });
    swatch.style.background = background;
    const words = make("span", { className: shown ? "chip shown" : "chip", title: `${signal.title}: ${exact(value)}\n${signal.equation}`, "data-signal": signal.name, "data-value": String(value) });
    words.append(swatch, make("var", { textContent: signal.symbol }), brief(value, (one) => decimal(one, 3)));
    return words;
  }

  function unitOf(row, character, unit, paint) {
    const { resolved, color, known, at, before, high } = row;
    const { model, signal } = resolved;
    const head = make("div", { className: "model" }, make("i", { className: "swatch" }), model.title + (resolved.untrained ? " · untrained" : ""));
    head.firstChild.style.background = color;
    const strange = known.has(character) ? [] : [make("p", { className: "note unknown", textContent: "not in its vocabulary: read as no character, not scored" })];
    if (unit >= model.units) return make("div", {}, head, ...strange, make("p", { className: "note", textContent: `has units 0 to ${model.units - 1} only` }));
    if (at === undefined) return make("div", { className: "waiting" }, head);
    const value = (frame, k) => frame.signals[k * model.units + unit];
    const index = model.signals.indexOf(signal);
    const chips = make("div", { className: "chips" }, ...model.signals.map((one, k) => chip(one, value(at, k), one === signal, paint, high)));
    const now = new Map(model.signals.map((one, k) => [one.symbol, value(at, k)]));
    const past = before === undefined ? null : new Map(model.signals.map((one, k) => [one.symbol, value(before, k)]));
    const numbers = substitute(signal.equation, now, past);
    const number = make("output", { className: "exact", textContent: exact(value(at, index)), "data-value": String(value(at, index)) });
    head.append(number);
    const equation = make("p", { className: "equation", textContent: signal.equation });
    if (numbers !== null) equation.append(make("span", { textContent: numbers }));
    return make("div", { "data-for": resolved.id }, head, ...strange, chips, equation);
  }

  function expectationOf({ resolved, color, at, letters }, truth) {
    const column = make("div", { "data-for": resolved.id, role: "list", "aria-label": resolved.model.title });
    column.style.setProperty("--bar", color);
    if (at === undefined) return column;
    const ranked = Array.from(at.logProbabilities.keys()).sort((a, b) => at.logProbabilities[b] - at.logProbabilities[a]);
    const shown = ranked.slice(0, BARS);
    const place = truth === null ? -1 : ranked.findIndex((k) => letters[k] === truth);
    if (place >= BARS) shown[BARS - 1] = ranked[place];
    for (const k of shown) {
      const share = Math.exp(at.logProbabilities[k]);
      const percent = inPercent(share);
      const bar = make("i");
      bar.style.width = `${share * 100}%`;
      const name = letters[k] === truth ? `${spoken(letters[k])}, which came next` : spoken(letters[k]);
      column.append(make("div", { role: "listitem", className: letters[k] === truth ? "true" : "", "aria-label": `${name}: ${percent}` }, make("b", { textContent: visible(letters[k]) }), make("span", {}, bar), make("small", { textContent: percent })));
    }
    return column;
  }

  return {
    /** Whether what is shown is of another place than the cursor's. @param {boolean} is */
    waiting(is) {
      host.classList.toggle("fading", is);
    },
    /**
     * @param {{step: number | null, unit: number, character: string, truth: string | null, rows: any[],
     *   paint: (signal: any, value: number, high: number) => string}} view
     */
    update({ step, unit, character, truth, rows, paint }) {
      if (step === null) {
        place.textContent = "Type, or point at a picture.";
        values.replaceChildren();
        next.replaceChildren();
        nextTitle.textContent = "";
        return;
      }
      place.replaceChildren("step ", make("b", { textContent: step.toLocaleString("en") }), " · ", make("kbd", { textContent: visible(character) }), " · unit ", make("b", { textContent: String(unit) }));
      values.replaceChildren(...rows.map((row) => unitOf(row, character, unit, paint)));
      nextTitle.hidden = rows.length === 0;
      nextTitle.replaceChildren("Next character", make("span", { className: "note", textContent: truth === null ? "" : ` it was ${spoken(truth)}` }));
      next.replaceChildren(...rows.map((row) => expectationOf(row, truth)));
      clearTimeout(timer);
      timer = setTimeout(() => {
        const said = rows
          .filter((row) => row.at !== undefined && unit < row.resolved.model.units)
          .map(({ resolved: { model, signal }, at }) => `${model.title} ${signal.title.toLowerCase()} ${decimal(at.signals[model.signals.indexOf(signal) * model.units + unit], 2)}`);
        live.textContent = `Step ${step}, ${spoken(character)}, unit ${unit}: ${said.join("; ")}`;
      }, LIVE_PAUSE_MS);
    },
    destroy() {
      clearTimeout(timer);
      host.replaceChildren();
    },
  };
}
