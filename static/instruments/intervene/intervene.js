// Intervene: hold a signal, silence a unit, zero the state, read in chunks; what it costs, and what the model writes
// then.

import { joinId, splitId, withoutInterventions } from "../../state/catalogue.js";
import { answerOf } from "../../state/instrument.js";
import { spell, words } from "../../state/intervention.js";
import { Chart, keyOf, legendOf } from "../../views/chart.js";
import { make, put, tell } from "../../views/dom.js";
import { definition } from "./definition.js";
import { InterventionList } from "./list.js";
import { fitting, networks } from "./networks.js";
import { heads, nearRow, noteOf, tableRow } from "./table.js";
import { textPair } from "./text-pair.js";

/** @import { InterveneFacts, InterveneTensors } from "../../protocol/answers.js" */
/** @import { Acts, Answer, Catalogue, Findings, View } from "../../state/instrument.js" */
/** @import { Intervention } from "../../state/intervention.js" */
/** @import { Network } from "./networks.js" */

/** @typedef {{letters: string, temperature: number, seed: number}} Options */
/** @typedef {Answer<InterveneFacts, InterveneTensors, {start: number, per: number}>} Found */

const WRITTEN = 160; // characters

/** @param {View<Options>} view */
const list = ({ options, catalogue }) => read(catalogue, options.letters);

/** @param {Catalogue} catalogue @param {string} letters */
const read = ({ interventions }, letters) => (letters === "" ? [] : (interventions.parse(letters) ?? []));

/**
 * Why a network cannot be dealt with so; null if it can.
 * @param {Catalogue} catalogue @param {Network} network @param {Intervention[]} all
 */
const wrong = ({ interventions }, { model }, all) => {
  const own = fitting(all, model);
  const faults = (own.length > 0 ? own : all).map((one) => interventions.misfit(one, model));
  return faults.find((one) => one !== null) ?? null;
};

/**
 * Where an intervention begins: at the cursor; while nobody has put it anywhere, where there is something to see after
 * it.
 * @param {View<Options>} view
 */
function begun({ cursor, window, length }) {
  if (cursor === null || cursor.held || cursor.step < length - 1) return cursor;
  return {
    ...cursor,
    step: Math.max(0, Math.min(window.from + Math.floor(Math.min(window.span, length - window.from) / 3), length - 2)),
  };
}

/** @param {Findings} findings @param {Network} network @returns {Found | null} */
const foundOf = (findings, network) => answerOf(findings, network.id);

/** @param {Findings} findings @param {Network} network */
const factsOf = (findings, network) => foundOf(findings, network)?.facts;

class Intervene {
  /** @param {HTMLElement} host @param {Acts} bench @param {Catalogue} catalogue */
  constructor(host, bench, catalogue) {
    this.bench = bench;
    this.holds = new InterventionList((next) => this.#setLetters(spell(next)));
    this.rows = make("div", { className: "iv-rows" });
    this.legend = make("div");
    this.charts = make("div");
    this.tableElement = make("table", { className: "inst-table iv-table" });
    this.note = make("p", { className: "inst-note" });
    this.writing = make("div", { className: "iv-writing" });
    const [warmth, seeds] = ["temperature", "seed"].map((name) => catalogue.bound("intervene", name));
    this.temperature = make("input", {
      type: "number",
      ...warmth,
      step: 0.1,
      oninput: () => this.#take("temperature", this.temperature, warmth.max, false),
    });
    this.seed = make("input", {
      type: "number",
      ...seeds,
      step: 1,
      oninput: () => this.#take("seed", this.seed, seeds.max, true),
    });
    this.how = make(
      "div",
      { className: "inst-row gen-numbers" },
      "Both write on:",
      make("label", {}, "temperature", this.temperature),
      make("label", {}, "seed", this.seed),
    );
    host.append(
      this.holds.element,
      this.rows,
      this.tableElement,
      this.note,
      this.legend,
      this.charts,
      this.how,
      this.writing,
    );
    this.chart = new Chart(this.charts, {
      label: "Divergence of the predictions at each step of the window, in bits, one line a model",
      height: 170,
    });
    /** What was shown last. @type {View<Options> | null} */
    this.view = null;
    /** The two buttons of each network. @type {Map<string, {panel: HTMLElement, difference: HTMLElement}>} */
    this.openers = new Map();
  }

  /**
   * The two buttons of a network; the same ones as long as it is there, so that focus stays.
   * @param {Network} network
   */
  #openersOf(network) {
    /** @param {string} label @param {boolean} difference */
    const button = (label, difference) =>
      make("button", {
        type: "button",
        textContent: label,
        "aria-label": `${network.title}, intervened: ${label}`,
        onclick: () => this.#openPanel(network, difference),
      });
    const known = this.openers.get(network.id);
    const two = known ?? { panel: button("panel", false), difference: button("difference", true) };
    this.openers.set(network.id, two);
    const shown = this.bench.panels.get().find((one) => one.model === this.#intervenedId(network));
    two.panel.setAttribute("aria-pressed", String(shown !== undefined && !shown.difference));
    two.difference.setAttribute("aria-pressed", String(Boolean(shown?.difference)));
    return two;
  }

  /**
   * @param {"temperature" | "seed"} name @param {HTMLInputElement} input @param {number} most @param {boolean} whole
   */
  #take(name, input, most, whole) {
    const value = Number(input.value);
    const fits = input.value !== "" && value >= 0 && value <= most && (!whole || Number.isInteger(value));
    input.setAttribute("aria-invalid", String(!fits));
    if (fits) this.bench.set({ [name]: value });
  }

  /** Panels that show what was held show what is held now. @param {string} letters */
  #setLetters(letters) {
    const { view } = this;
    if (view === null) return;
    const before = view.options.letters;
    const panels = this.bench.panels.get();
    /** @param {import("../../state/catalogue.js").Panel} one */
    const follows = (one) => before !== "" && splitId(one.model).letters === this.#lettersFor(one.model, before);
    const next = panels.flatMap((one) => {
      if (!follows(one)) return [one];
      const own = this.#lettersFor(one.model, letters);
      const model = joinId({ ...splitId(one.model), letters: own });
      return own === "" || !view.catalogue.has(model) ? [] : [{ ...one, model }];
    });
    const alone = next.filter((one, k) => next.findIndex(({ model }) => model === one.model) === k);
    if (panels.some(follows)) {
      const plain = { ...panels[0], model: withoutInterventions(panels[0].model) };
      this.bench.panels.set({ panels: alone.length > 0 ? alone : [plain] });
    }
    this.bench.set({ letters });
  }

  /** Of the letters those that one model can be asked for. @param {string} id @param {string} letters */
  #lettersFor(id, letters) {
    const catalogue = this.view?.catalogue;
    const model = catalogue?.model(id);
    return catalogue === undefined || model === undefined ? letters : spell(fitting(read(catalogue, letters), model));
  }

  /** The name of a network with the interventions in force. @param {Network} network */
  #intervenedId(network) {
    return joinId({ ...splitId(network.id), letters: this.#lettersFor(network.id, this.view?.options.letters ?? "") });
  }

  /** @param {Network} network @param {boolean} difference */
  #openPanel(network, difference) {
    const id = this.#intervenedId(network);
    const panels = this.bench.panels.get();
    const shown = panels.find((one) => one.model === id);
    if (shown !== undefined) {
      const same = Boolean(shown.difference) === difference;
      return this.bench.panels.set({
        panels: same
          ? panels.filter((one) => one !== shown)
          : panels.map((one) => (one === shown ? { ...one, difference } : one)),
      });
    }
    const most = this.view?.catalogue.limits.panels ?? Infinity;
    if (panels.length >= most) {
      return this.bench.say(`${most} panels are the most that can be open at once. Remove one first.`);
    }
    const at = panels.findLastIndex((one) => withoutInterventions(one.model) === network.id);
    const like = panels[at] ?? { layer: null, signal: null };
    return this.bench.panels.set({ panels: panels.toSpliced(at + 1, 0, { ...like, model: id, difference }) });
  }

  /** @param {Intervention[]} all @param {Network[]} able @param {Findings} findings */
  #showTable(all, able, findings) {
    /** @param {Network} network */
    const rowsOf = (network) => {
      const facts = factsOf(findings, network);
      return [tableRow(network, facts, this.#openersOf(network)), ...nearRow(network, facts)];
    };
    this.tableElement.hidden = able.length === 0 || all.length === 0;
    const said = JSON.stringify([
      able.map((network) => [network.id, network.color, factsOf(findings, network)]),
      this.view?.options.letters,
    ]);
    if (this.tableElement.dataset.said === said) return able.forEach((network) => this.#openersOf(network));
    this.tableElement.dataset.said = said;
    const focused = document.activeElement;
    this.tableElement.replaceChildren(
      make("thead", {}, make("tr", {}, ...heads())),
      make("tbody", {}, ...able.flatMap(rowsOf)),
    );
    if (focused instanceof HTMLElement && this.tableElement.contains(focused)) focused.focus();
    return undefined;
  }

  /** @param {Network[]} able @param {Findings} findings @param {View<Options>} view */
  #showChart(able, findings, view) {
    const { window, theme, Plotly } = view;
    const known = able.flatMap((network) => {
      const found = foundOf(findings, network);
      return found === null ? [] : [{ ...network, found }];
    });
    this.charts.hidden = known.length === 0;
    this.legend.replaceChildren(
      ...(known.length > 1
        ? [legendOf(known.map(({ title, color, dashed }) => ({ name: title, color, dashed })))]
        : []),
    );
    if (this.charts.hidden) return;
    const lines = known.map(({ title, color, dashed, found: { tensors, measure } }) => {
      const y = tensors.divergence.data;
      const middle = measure.per === 1 ? 0 : measure.per / 2;
      return { name: title, color, dashed, x: Array.from(y, (_, k) => measure.start + k * measure.per + middle), y };
    });
    const verticals = list(view)
      .filter(({ from }) => from >= window.from && from < window.from + window.span)
      .map(({ from }) => ({ x: from }));
    this.chart.update({
      lines,
      xTitle: "step",
      yTitle: window.per > 1 ? `KL, bits, mean of ${window.per}` : "KL, bits",
      xRange: [window.from, window.from + window.span],
      verticals,
      onPick: (step) => this.bench.placeCursor(Math.round(step), view.cursor?.unit ?? 0),
      theme,
      Plotly,
    });
  }

  /** @param {Network[]} able @param {Findings} findings */
  #showWriting(able, findings) {
    const known = able.flatMap((network) => {
      const facts = factsOf(findings, network);
      return facts === undefined ? [] : [{ network, written: facts.written }];
    });
    this.how.hidden = this.writing.hidden = known.length === 0;
    const said = JSON.stringify(known.map(({ network: { id, color }, written }) => [id, color, written]));
    if (this.writing.dataset.said === said) return;
    this.writing.dataset.said = said;
    this.writing.replaceChildren(
      ...known.map(({ network, written: [free, held] }) =>
        make(
          "section",
          { "data-for": network.id },
          make("h3", {}, keyOf(network), network.title),
          textPair(["as it is", free], ["held", held]),
        ),
      ),
    );
  }

  /** @param {View<Options>} seen */
  asks(seen) {
    const all = list(seen);
    if (all.length === 0) return [];
    const {
      window: { from, columns, per },
      options: { temperature: warmth, seed: draw },
    } = seen;
    const able = networks(seen).filter((network) => wrong(seen.catalogue, network, all) === null);
    const [chunks] = all.filter((one) => one.kind === "reset");
    const { max } = seen.catalogue.bound("intervene", "exactly");
    const exactly = chunks === undefined ? {} : { exactly: Math.min(chunks.every, max) };
    return able.map(({ id, model }) => ({
      model: id,
      measure: {
        name: "intervene",
        ...exactly,
        letters: spell(fitting(all, model)),
        start: from,
        columns,
        per,
        count: WRITTEN,
        temperature: warmth,
        seed: draw,
      },
    }));
  }

  /** @param {View<Options>} seen @param {Findings} findings */
  show(seen, findings) {
    this.view = seen;
    const all = list(seen);
    const found = networks(seen);
    const faultOf = (/** @type {Network} */ network) => wrong(seen.catalogue, network, all);
    const able = all.length === 0 ? [] : found.filter((network) => faultOf(network) === null);
    this.holds.update({
      list: all,
      cursor: begun(seen),
      models: found.map(({ model }) => model),
      most: seen.catalogue.interventions.most,
      signal: seen.panels[0]?.resolved.signal.name ?? "hidden",
      layer: seen.panels[0]?.resolved.layer ?? 0,
    });
    const faults = all.length === 0 ? [] : found.map(faultOf).filter((one) => one !== null);
    tell(this.rows, [...new Set(faults)].join(" "));
    this.rows.classList.toggle("inst-note", true);
    for (const name of /** @type {const} */ (["temperature", "seed"])) {
      const input = this[name];
      if (document.activeElement !== input) put(input, { value: String(seen.options[name]) });
    }
    this.#showTable(all, able, findings);
    tell(
      this.note,
      noteOf(all, able, (network) => factsOf(findings, network), seen.options.letters),
    );
    this.#showChart(able, findings, seen);
    this.#showWriting(able, findings);
  }

  /** @param {View<Options>} seen @param {Findings} findings */
  table(seen, findings) {
    const { csv } = seen.catalogue;
    const record = csv.recorder("intervene");
    const all = list(seen);
    const rows = networks(seen).flatMap((network) => {
      const found = foundOf(findings, network);
      if (found === null) return [];
      const { start, per } = found.measure;
      const intervention = words(fitting(all, network.model), network.model);
      return Array.from(found.tensors.divergence.data, (_, k) =>
        record(found, k, { model: network.title, intervention, step: start + k * per }),
      );
    });
    return csv.of("intervene", "intervene", rows);
  }

  destroy() {
    return this.chart.destroy();
  }
}
// characters

/** @type {import("../../state/instrument.js").Definition} */
export const intervene = {
  name: "intervene",
  title: "Intervene",
  question: "What depends on a gate, a unit, the state?",
  defaults: (catalogue) => ({ ...catalogue.usual("intervene", "seed"), letters: "", temperature: 0.5 }),
  about: withoutInterventions,
  definition,
  create: (host, bench, catalogue) => new Intervene(host, bench, catalogue),
};
