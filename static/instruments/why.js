// Why this value?: the equation of the cell under the cursor with its numbers, and all that added up to it.

import { lookup } from "../core/colour.js";
import { element, display, math, row, sub, subsup } from "../core/mathml.js";
import { spoken, visible } from "../core/text.js";
import { choose, make, put, tell } from "../views/dom.js";
import { digits, formula, roughly, symbolOf } from "../views/formula.js";
import { sourceOf, summary, terms, total } from "../views/terms.js";

const FEW = 8;
const EVERY = 1 << 16;
const INSET = 11; // CSS pixels, of what stands behind a line
const FUNCTIONS = { tanh: Math.tanh, σ: (x) => 1 / (1 + Math.exp(-x)) };
const PLACE = /^(\d+)\.([a-z_]+)@(\d+)\.(\d+)$/;

/** What is asked about where one has walked to: a signal of a layer, as long as the cursor stays there. */
export function walkedTo(of, cursor) {
  const [, layer, signal, step, unit] = PLACE.exec(of) ?? [];
  return cursor !== null && Number(step) === cursor.step && Number(unit) === cursor.unit ? { layer: Number(layer), signal } : null;
}

/** The layer and the signal to explain in a panel. */
function subjectOf({ resolved: { model, layer, signal } }, walked) {
  if (walked === null) return { layer, signal };
  return { layer: Math.min(walked.layer, model.layers - 1), signal: model.signals.find(({ name }) => name === walked.signal) ?? model.signals[0] };
}

export const why = {
  name: "why",
  title: "Why this value?",
  question: "What made this number, term by term?",
  defaults: { most: FEW, digits: "short", open: "", of: "" },
  definition: () => [
    make("p", { textContent: "Every value is its signal’s equation. Below each symbol stands its number: signals as the network computed them, W·x and U·h as sums of products of a weight and a state." }),
    display(row(sub("U", "i"), "·", sub("h", row("t", "−", "1"))), "=", element("munder", null, element("mo", null, "∑"), element("mi", null, "j")), subsup("U", row("i", "j"), ""), "·", sub("h", row("j", ",", "t", "−", "1"))),
    make("p", {}, "In layer 0, ", math(row(sub("W", "i"), "·", sub("x", "t"))), " is a single weight: the input is one-hot, so the character picks one; in higher layers it is a sum over the units below. A bar is one product: to the right it raises the pre-activation, to the left it lowers it. All bars have one scale." ),
    make("p", { textContent: "The terms are multiplied and added in float64 from the float32 weights and states. The network itself adds in float32; where that shows in the value, it stands as a term of its own, so that everything adds up to the value within 10⁻⁶ (of a cell state beyond ±1: within 10⁻⁶ of its size)." }),
    make("p", { textContent: "What contributed most to a sum did not cause the value alone: without it, the other terms would have been others too." }),
  ],
  create(host, bench) {
    const place = make("p", { className: "why-place" });
    const go = (name, label, by) => make("button", { type: "button", textContent: name, "aria-label": label, title: label, onclick: () => move(...by) });
    const steps = make("span", { className: "why-steps" }, go("‹", "the step before (← on a picture)", [-1, 0]), place, go("›", "the next step (→ on a picture)", [1, 0]));
    const units = make("span", {}, go("˄", "the unit with the next lower number", [0, -1]), go("˅", "the unit with the next higher number", [0, 1]));
    const back = make("button", { type: "button", className: "why-back", textContent: "↩ back", onclick: () => goBack() });
    const all = make("input", { type: "checkbox", onchange: () => bench.set({ digits: all.checked ? "all" : "short" }) });
    const most = make("select", { "aria-label": "Units named", onchange: () => bench.set({ most: Number(most.value) }) });
    const settings = make("div", { className: "inst-row" }, make("label", {}, "units named", most), make("label", {}, all, "all digits"));
    const note = make("p", { className: "inst-note" });
    const panels = make("div", { className: "why-models" });
    host.append(make("div", { className: "why-walk" }, steps, units, back), note, panels, settings);
    /** Where one has walked from, the last at the end. */
    let trail = [];
    let last = null;
    const built = new Map();

    function move(step, unit) {
      if (last?.cursor == null) return;
      const highest = Math.max(0, ...last.panels.map(({ resolved }) => resolved.model.units - 1));
      bench.hold(last.cursor.step + step, Math.max(0, Math.min(highest, last.cursor.unit + unit)));
    }

    /** Go to what made a value. @param {number} step @param {number} unit @param {number} layer @param {string} signal */
    function walk(step, unit, layer, signal) {
      const { cursor, options } = last;
      trail.push({ step: cursor.step, unit: cursor.unit, of: options.of });
      arrive({ step, unit, of: `${layer}.${signal}@${step}.${unit}` });
    }

    function arrive({ step, unit, of }) {
      bench.set({ of });
      bench.hold(step, unit);
      put(back, { disabled: trail.length === 0 }); // now: what was clicked is about to go, and takes the focus along
      (trail.length > 0 ? back : steps.querySelector("button")).focus({ preventScroll: true });
    }

    function goBack() {
      const to = trail.pop();
      if (to !== undefined) arrive(to);
    }

    const opened = (options) => new Set(options.open.split(".").filter(Boolean));
    function open(name, is) {
      const names = opened(last.options);
      if (names.has(name) === is) return;
      if (is) names.add(name);
      else names.delete(name);
      bench.set({ open: [...names].join(".") });
    }

    /** The colour that a value has in the pictures, where its scale is in view. */
    function painter(view, { model, layer }, panel) {
      const tables = { signed: lookup(view.catalogue.colours.signed, view.catalogue.colours.none), gate: lookup(view.catalogue.colours.gate, view.catalogue.colours.none) };
      return ({ symbol, value }) => {
        const signal = model.signals.find((one) => one.symbol === symbol);
        const shown = panel.resolved.signal === signal && panel.resolved.layer === layer && !panel.columns.clipped;
        if (signal === undefined || value === null || (signal.range === null && !shown)) return null;
        const [low, high] = signal.range ?? [panel.columns.low, panel.columns.high];
        const byte = Math.round(((value - low) / (high - low)) * 254);
        const pixel = tables[signal.kind === "gate" ? "gate" : "signed"][Math.max(0, Math.min(254, byte))];
        return Number.isFinite(byte) ? `rgb(${pixel & 255} ${(pixel >> 8) & 255} ${(pixel >> 16) & 255})` : null;
      };
    }

    /** One equation with its numbers, and below it what added up to its pre-activation. */
    function equationOf(equation, scene) {
      const { model, facts, all: every, paint } = scene;
      const room = scene.room - (equation === facts.equations[0] ? 0 : INSET);
      const signal = model.signals.find(({ name }) => name === equation.signal);
      const bySymbol = (symbol) => model.signals.find((one) => one.symbol === symbol);
      const pick = ({ symbol, lag }) => {
        const { name } = bySymbol(symbol);
        if (lag === 0) return () => open(name, true);
        return facts.first ? null : () => walk(facts.step - 1, facts.unit, facts.layer, name);
      };
      const title = ({ symbol, lag, value }) => `${bySymbol(symbol).title}${lag === 0 ? "" : " a step before: go there"}: ${digits(value, true)}`;
      const parts = [formula(signal, equation.tree, equation.shown, { all: every, room, host, paint, pick, title, spoken: signal.equation })];
      if (equation.drive !== null) parts.push(...driven(equation, signal, scene));
      parts.push(make("p", { className: equation.follows ? "why-sum" : "why-sum held", textContent: addedUp(equation, every) }));
      return parts;
    }

    function addedUp({ drive, tree, value, shown, follows }, every) {
      if (!follows) return `An intervention holds it at ${digits(shown, every)}: the equation gives ${digits(value, every)}.`;
      const apply = FUNCTIONS[tree.function];
      const sum = drive === null ? null : total(drive);
      const made = sum === null || apply === undefined ? value : apply(sum);
      const words = sum === null ? `the numbers give ${digits(made, every)}` : `sum ${digits(sum, every)}; ${tree.function}(${digits(sum, every)}) = ${digits(made, every)}`;
      return `${words}, as shown, to within ${roughly(Math.abs(made - shown))}`;
    }

    function driven({ drive, signal: name }, { title }, scene) {
      const { facts, character, all: every, scale } = scene;
      const gains = ({ symbol, lag }) => (lag === 0 ? facts.now : facts.before)[scene.model.signals.find((one) => one.symbol === symbol).name];
      const up = scene.model.signals[0].name;
      const goTo = ({ source, index }) => (source === "unit" ? walk(facts.step - 1, index, facts.layer, up) : walk(facts.step, index, facts.layer - 1, up));
      const more = last.options.most < EVERY ? () => bench.set({ most: EVERY }) : null;
      const list = terms(drive, { character, layer: facts.layer, all: every, scale, gains, go: goTo, more, signal: title.toLowerCase() });
      list.dataset.signal = name;
      return [list];
    }

    /** A signal that the value is made of: its number in a line, all of it below. */
    function madeOf(equation, scene) {
      const { model, facts, character, all: every, paint } = scene;
      const signal = model.signals.find(({ name }) => name === equation.signal);
      const swatch = make("i", { className: "swatch", "aria-hidden": "true" });
      const color = paint({ symbol: signal.symbol, value: equation.shown });
      put(swatch.style, color === null ? { visibility: "hidden" } : { background: color });
      const value = math(row(symbolOf({ symbol: signal.symbol, lag: 0 }), "=", digits(equation.shown, every)));
      const most = equation.drive === null ? "" : summary(equation.drive, character, facts.layer);
      const words = make("span", { className: "why-most", textContent: most });
      const details = make("details", { className: "why-gate", "data-signal": equation.signal, open: opened(last.options).has(equation.signal) }, make("summary", { "data-key": `${scene.id}/${equation.signal}` }, swatch, make("b", { textContent: signal.title }), value, words));
      let filled = false;
      const fill = () => {
        if (filled || !details.open) return;
        filled = true;
        details.append(...equationOf(equation, scene));
      };
      details.addEventListener("toggle", () => {
        fill();
        open(equation.signal, details.open);
      });
      fill();
      return details;
    }

    function headOf({ title, color }, { facts, model, shownElsewhere }, equation) {
      const swatch = make("i", { className: "swatch" });
      swatch.style.background = color;
      const signal = model.signals.find(({ name }) => name === equation.signal);
      const layer = model.layers > 1 ? `, layer ${facts.layer}` : "";
      const number = make("output", { className: "exact", textContent: String(Number(equation.shown.toPrecision(7))).replace("-", "−"), "data-value": String(equation.shown) });
      const head = make("h3", {}, swatch, make("span", { textContent: title }), make("span", { className: "why-signal", textContent: `${signal.title.toLowerCase()}${layer}` }), number);
      if (!shownElsewhere) return [head];
      return [head, make("p", { className: "inst-note" }, "not what the picture shows ", make("button", { type: "button", className: "quiet", textContent: "explain the picture", "data-key": "picture", onclick: () => bench.set({ of: "" }) }))];
    }

    /** What one panel shows. */
    function section(panel, view, { facts }, scale) {
      const { model } = panel.resolved;
      const all = view.options.digits === "all";
      const [character] = view.text.characters(facts.step, facts.step + 1);
      const { layer, signal } = panel.resolved;
      const [first, ...others] = facts.equations;
      const scene = {
        id: panel.id, model, facts, character, all, scale, room: host.clientWidth, shownElsewhere: layer !== facts.layer || signal.name !== first.signal,
        paint: painter(view, { model, layer: facts.layer }, panel),
      };
      const notes = [];
      if (facts.first) notes.push(`${facts.step === 0 ? "Nothing came before" : "An intervention empties the state"}: hₜ₋₁ is zero, and so is all that comes from units.`);
      if (!facts.known) notes.push(`The model does not know ${spoken(character)}: it reads no character, and W·xₜ is zero.`);
      const element = make("section", { className: "why-model", "data-for": panel.id, "aria-label": panel.title }, ...headOf(panel, scene, first), ...notes.map((textContent) => make("p", { className: "inst-note", textContent })), ...equationOf(first, scene), ...others.map((one) => madeOf(one, scene)));
      return element;
    }

    /** The value of the longest bar: the largest term of all that are in view. */
    const scaleOf = (found) => Math.max(1e-9, ...found.flatMap(({ facts }) => facts.equations.flatMap(({ drive }) => (drive === null ? [] : drive.terms.map(({ value }) => Math.abs(value))))));

    function showWalk({ cursor, text, length, window }) {
      const none = cursor === null || length === 0;
      tell(place, none ? "no step yet" : "");
      if (!none) place.replaceChildren("step ", make("b", { textContent: cursor.step.toLocaleString("en") }), " · ", make("kbd", { textContent: visible(text.characters(cursor.step, cursor.step + 1)[0] ?? "") }), " · unit ", make("b", { textContent: String(cursor.unit) }));
      const from = trail.at(-1);
      put(back, { disabled: from === undefined, title: from === undefined ? "the way back from where you follow the terms to" : `to step ${from.step.toLocaleString("en")}, unit ${from.unit}` });
      tell(note, none ? "Type something, then click a cell of a picture." : window.per > 1 ? `A column of the pictures stands for ${window.per.toLocaleString("en")} steps; this is one of them.` : "");
    }

    return {
      asks({ panels: shown, cursor, length, options }) {
        if (cursor === null || cursor.step >= length) return [];
        const walked = walkedTo(options.of, cursor);
        return shown
          .filter(({ resolved }) => cursor.unit < resolved.model.units)
          .map((panel) => {
            const { layer, signal } = subjectOf(panel, walked);
            return { model: panel.id, measure: { name: "why", layer, signal: signal.name, step: cursor.step, unit: cursor.unit, most: options.most } };
          });
      },
      show(view, findings) {
        last = view;
        showWalk(view);
        put(all, { checked: view.options.digits === "all" });
        panels.classList.toggle("exactly", view.options.digits === "all");
        choose(most, [...new Set([FEW, 24, view.options.most, EVERY])].sort((a, b) => a - b).map((one) => [String(one), one === EVERY ? "all" : String(one)]), String(view.options.most));
        const known = view.panels.map((panel) => findings.get(panel.id)).filter((found) => found?.facts !== undefined);
        const scale = scaleOf(known);
        const focus = document.activeElement?.closest?.("[data-key]")?.dataset.key;
        const sections = view.panels.map((panel) => {
          const found = findings.get(panel.id);
          const lacks = view.cursor !== null && view.cursor.unit >= panel.resolved.model.units;
          const key = JSON.stringify([found?.facts?.step, lacks, panel.title, panel.color, panel.resolved.key, panel.columns.high, scale, view.options, view.theme, host.clientWidth]);
          const before = built.get(panel.id);
          if (before?.facts === found?.facts && before?.key === key) return before.section;
          const element = found?.facts === undefined || lacks ? make("section", { className: "why-model" }, lacks ? make("p", { className: "inst-note", textContent: `${panel.title} has units 0 to ${panel.resolved.model.units - 1} only.` }) : "") : section(panel, view, found, scale);
          built.set(panel.id, { key, facts: found?.facts, section: element });
          return element;
        });
        if (sections.some((one, k) => panels.children[k] !== one) || panels.children.length !== sections.length) {
          panels.replaceChildren(...sections);
          if (focus !== undefined && !host.contains(document.activeElement)) host.querySelector(`[data-key="${CSS.escape(focus)}"]`)?.focus({ preventScroll: true });
        }
      },
      table({ panels: shown, text }, findings) {
        const rows = shown.flatMap(({ id, title }) => {
          const facts = findings.get(id)?.facts;
          if (facts === undefined) return [];
          const [character] = text.characters(facts.step, facts.step + 1);
          return facts.equations.flatMap(({ signal, shown: value, drive }) => {
            const first = [title, facts.layer, facts.step, facts.unit, signal, value];
            if (drive === null) return [[...first, "", "", "", "", ""]];
            const { rest, rounding } = drive;
            return [
              ...drive.terms.map((term) => [...first, sourceOf(term, character, facts.layer), term.weight, term.state, term.gain === null ? 1 : term.value / (term.weight * term.state), term.value]),
              ...(rest.count > 0 ? [[...first, `${rest.count} other units`, "", "", "", rest.value]] : []),
              ...(rounding !== 0 ? [[...first, "float32 rounding", "", "", "", rounding]] : []),
            ];
          });
        });
        return { name: "why", columns: ["model", "layer", "step", "unit", "signal", "value", "term", "weight", "state", "gain", "adds"], rows };
      },
      destroy() {
        trail = [];
        built.clear();
      },
    };
  },
};
