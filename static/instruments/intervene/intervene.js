// Intervene: hold a signal, silence a unit, zero the state, read in chunks; what it costs, and what the model writes
// then.

import { joinId, splitId, unheld } from "../../state/catalogue.js";
import { MOST, misfit, parse, spell, words } from "../../state/intervention.js";
import { Chart, keyOf, legendOf } from "../../views/chart.js";
import { make, put, tell } from "../../views/dom.js";
import { definition } from "./definition.js";
import { InterventionList } from "./list.js";
import { fitting, networks } from "./networks.js";
import { heads, nearRow, noteOf, tableRow } from "./table.js";
import { textPair } from "./text-pair.js";

const WRITTEN = 160; // characters

const list = ({ options }) => (options.letters === "" ? [] : (parse(options.letters) ?? []));

/** Why a network cannot be dealt with so; null if it can. */
const wrong = (network, all) => {
  const own = fitting(all, network.model);
  return (own.length > 0 ? own : all).map((one) => misfit(one, network.model)).find((one) => one !== null) ?? null;
};

/**
 * Where an intervention begins: at the cursor; while nobody has put it anywhere, where there is something to see
 * behind it.
 */
function begun({ cursor, window, length }) {
  if (cursor === null || cursor.held || cursor.step < length - 1) return cursor;
  return {
    ...cursor,
    step: Math.max(0, Math.min(window.from + Math.floor(Math.min(window.span, length - window.from) / 3), length - 2)),
  };
}

class Intervene {
  /** The two buttons of a network; the same ones as long as it is there, so that focus stays. */
  #openersOf = (network) => {
    if (!this.openers.has(network.id)) {
      const button = (label, difference) =>
        make("button", {
          type: "button",
          textContent: label,
          "aria-label": `${network.title}, intervened: ${label}`,
          onclick: () => this.#openPanel(network, difference),
        });
      this.openers.set(network.id, { panel: button("panel", false), difference: button("difference", true) });
    }
    const { panels } = this.bench.store.get();
    const shown = panels.find((one) => one.model === this.#heldId(network));
    const two = this.openers.get(network.id);
    two.panel.setAttribute("aria-pressed", String(shown !== undefined && !shown.difference));
    two.difference.setAttribute("aria-pressed", String(Boolean(shown?.difference)));
    return two;
  };

  constructor(host, bench) {
    this.bench = bench;
    this.holds = new InterventionList((next) => this.#setLetters(spell(next)));
    this.rows = make("div", { className: "iv-rows" });
    this.legend = make("div");
    this.charts = make("div");
    this.tableElement = make("table", { className: "inst-table iv-table" });
    this.note = make("p", { className: "inst-note" });
    this.writing = make("div", { className: "iv-writing" });
    this.temperature = make("input", {
      type: "number",
      min: 0,
      max: 10,
      step: 0.1,
      oninput: () => this.#take("temperature", this.temperature, 10, false),
    });
    this.seed = make("input", {
      type: "number",
      min: 0,
      max: 2 ** 32 - 1,
      step: 1,
      oninput: () => this.#take("seed", this.seed, 2 ** 32 - 1, true),
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
    this.view = null;

    this.openers = new Map();
  }

  #take(name, input, most, whole) {
    const value = Number(input.value);
    const fits = input.value !== "" && value >= 0 && value <= most && (!whole || Number.isInteger(value));
    input.setAttribute("aria-invalid", String(!fits));
    if (fits) this.bench.set({ [name]: value });
  }

  /** Panels that show what was held show what is held now. */
  #setLetters(letters) {
    const before = this.view.options.letters;
    const { panels } = this.bench.store.get();
    const follows = (one) => before !== "" && splitId(one.model).letters === this.#lettersFor(one.model, before);
    const next = panels.flatMap((one) => {
      if (!follows(one)) return [one];
      const own = this.#lettersFor(one.model, letters);
      const model = joinId({ ...splitId(one.model), letters: own });
      return own === "" || !this.view.catalogue.has(model) ? [] : [{ ...one, model }];
    });
    const alone = next.filter((one, k) => next.findIndex(({ model }) => model === one.model) === k);
    if (panels.some(follows)) {
      this.bench.store.set({ panels: alone.length > 0 ? alone : [{ ...panels[0], model: unheld(panels[0].model) }] });
    }
    this.bench.set({ letters });
  }

  /** Of the letters those that one model can be asked for. @param {string} id @param {string} letters */
  #lettersFor(id, letters) {
    const all = letters === "" ? [] : (parse(letters) ?? []);
    const model = this.view.catalogue.model(id);
    return model === undefined ? letters : spell(fitting(all, model));
  }

  /** The name of a network with the interventions in force. */
  #heldId(network) {
    return joinId({ ...splitId(network.id), letters: this.#lettersFor(network.id, this.view.options.letters) });
  }

  #openPanel(network, difference) {
    const id = this.#heldId(network);
    const { panels } = this.bench.store.get();
    const shown = panels.find((one) => one.model === id);
    if (shown !== undefined) {
      const same = Boolean(shown.difference) === difference;
      return this.bench.store.set({
        panels: same
          ? panels.filter((one) => one !== shown)
          : panels.map((one) => (one === shown ? { ...one, difference } : one)),
      });
    }
    const most = this.view.catalogue.limits.panels;
    if (panels.length >= most) {
      return this.bench.say(`${most} panels are the most that can be open at once. Remove one first.`);
    }
    const at = panels.findLastIndex((one) => unheld(one.model) === network.id);
    const like = panels[at] ?? { layer: null, signal: null };
    return this.bench.store.set({ panels: panels.toSpliced(at + 1, 0, { ...like, model: id, difference }) });
  }

  #showTable(all, able, findings) {
    const line = (network) => tableRow(network, findings.get(network.id)?.facts, this.#openersOf(network));
    const near = (network) => nearRow(network, findings.get(network.id)?.facts);
    this.tableElement.hidden = able.length === 0 || all.length === 0;
    const said = JSON.stringify([
      able.map(({ id, color }) => [id, color, findings.get(id)?.facts]),
      this.view.options.letters,
    ]);
    if (this.tableElement.dataset.said === said) return able.forEach(this.#openersOf);
    this.tableElement.dataset.said = said;
    const focused = document.activeElement;
    this.tableElement.replaceChildren(
      make("thead", {}, make("tr", {}, ...heads())),
      make("tbody", {}, ...able.flatMap((network) => [line(network), ...near(network)])),
    );
    if (this.tableElement.contains(focused)) focused.focus();
    return undefined;
  }

  #showChart(able, findings, { window, theme, Plotly }) {
    const known = able.filter(({ id }) => findings.get(id)?.tensors?.divergence !== undefined);
    this.charts.hidden = known.length === 0;
    this.legend.replaceChildren(
      ...(known.length > 1
        ? [legendOf(known.map(({ title, color, dashed }) => ({ name: title, color, dashed })))]
        : []),
    );
    if (this.charts.hidden) return;
    const lines = known.map(({ id, title, color, dashed }) => {
      const { tensors, measure } = findings.get(id);
      const y = tensors.divergence.data;
      const middle = measure.per === 1 ? 0 : measure.per / 2;
      return { name: title, color, dashed, x: Array.from(y, (_, k) => measure.start + k * measure.per + middle), y };
    });
    const verticals = list(this.view)
      .filter(({ from }) => from >= window.from && from < window.from + window.span)
      .map(({ from }) => ({ x: from }));
    this.chart.update({
      lines,
      xTitle: "step",
      yTitle: window.per > 1 ? `KL, bits, mean of ${window.per}` : "KL, bits",
      xRange: [window.from, window.from + window.span],
      verticals,
      onPick: (step) => this.bench.hold(Math.round(step), this.view.cursor?.unit ?? 0),
      theme,
      Plotly,
    });
  }

  #showWriting(able, findings) {
    const known = able.filter(({ id }) => findings.get(id)?.facts?.written !== undefined);
    this.how.hidden = this.writing.hidden = known.length === 0;
    const said = JSON.stringify(known.map(({ id, color }) => [id, color, findings.get(id).facts.written]));
    if (this.writing.dataset.said === said) return;
    this.writing.dataset.said = said;
    this.writing.replaceChildren(
      ...known.map((network) => {
        const [free, held] = findings.get(network.id).facts.written;
        return make(
          "section",
          { "data-for": network.id },
          make("h3", {}, keyOf(network), network.title),
          textPair(["as it is", free], ["held", held]),
        );
      }),
    );
  }

  asks(seen) {
    const all = list(seen);
    if (all.length === 0) return [];
    const {
      window: { from, columns, per },
      options: { temperature: warmth, seed: draw },
    } = seen;
    const able = networks(seen).filter((network) => wrong(network, all) === null);
    const chunks = all.find(({ kind }) => kind === "reset") ?? null;
    const exactly = chunks === null ? {} : { exactly: Math.min(chunks.every, 100000) };
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

  show(seen, findings) {
    this.view = seen;
    const all = list(seen);
    const found = networks(seen);
    const able = all.length === 0 ? [] : found.filter((network) => wrong(network, all) === null);
    this.holds.update({
      list: all,
      cursor: begun(seen),
      models: found.map(({ model }) => model),
      most: MOST,
      signal: seen.panels[0]?.resolved.signal.name ?? "hidden",
      layer: seen.panels[0]?.resolved.layer ?? 0,
    });
    const faults = all.length === 0 ? [] : found.map((network) => wrong(network, all)).filter((one) => one !== null);
    tell(this.rows, [...new Set(faults)].join(" "));
    this.rows.classList.toggle("inst-note", true);
    for (const [input, value] of [
      [this.temperature, seen.options.temperature],
      [this.seed, seen.options.seed],
    ]) {
      if (document.activeElement !== input) put(input, { value: String(value) });
    }
    this.#showTable(all, able, findings);
    tell(this.note, noteOf(all, able, findings, seen.options.letters));
    this.#showChart(able, findings, seen);
    this.#showWriting(able, findings);
  }

  table(seen, findings) {
    const all = list(seen);
    const rows_ = networks(seen).flatMap(({ id, title, model }) => {
      const { tensors, measure, facts } = findings.get(id) ?? {};
      if (facts === undefined) return [];
      const {
        free_bits: free,
        held_bits: held,
        divergence,
        scored,
        exactly,
        exact_bits: exact,
        exact_free_bits: near,
      } = facts;
      return Array.from(tensors.divergence.data, (value, k) => [
        title,
        words(fitting(all, model), model),
        measure.start + k * measure.per,
        value,
        tensors.peak.data[k],
        free,
        held,
        divergence,
        scored,
        exactly,
        exact,
        near,
      ]);
    });
    return {
      name: "intervene",
      columns: [
        "model",
        "intervention",
        "step",
        "divergence_bits",
        "largest_divergence_bits",
        "bits_per_character",
        "bits_per_character_held",
        "mean_divergence_bits",
        "scored",
        "exactly",
        "bits_with_exactly_so_many",
        "bits_as_it_is_there",
      ],
      rows: rows_,
    };
  }

  destroy() {
    return this.chart.destroy();
  }
}
// characters

export const intervene = {
  name: "intervene",
  title: "Intervene",
  question: "What depends on a gate, a unit, the state?",
  defaults: { letters: "", temperature: 0.5, seed: 0 },
  definition,
  create: (host, bench) => new Intervene(host, bench),
};
