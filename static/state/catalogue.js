// What can be looked at, read off `hello`. Nothing here knows a cell by name.

import { LINES, shade, tablesOf } from "../picture/colour.js";
import { Levels } from "../picture/levels.js";
import { Interventions, words } from "./intervention.js";
import { Tables } from "./tables.js";

/** @import { Hello, Limits, Model, Sample, Signal } from "../protocol/hello.js" */

/**
 * @typedef {{model: string, layer: number | null, signal: string | null, difference?: boolean}} Panel null follows the
 *   choice for all; `difference`: it shows how much more a signal is than without interventions
 */

/** @typedef {ReturnType<Catalogue["resolve"]>} Resolved what a panel shows */

export const UNTRAINED = "@0";
/** After it an id says what is done to the network; see intervention.js. */
export const INTERVENED = "~";

/** @param {string} id @returns {{base: string, untrained: boolean, letters: string}} */
export function splitId(id) {
  const mark = id.indexOf(INTERVENED);
  const [plain, letters] = mark < 0 ? [id, ""] : [id.slice(0, mark), id.slice(mark + 1)];
  const untrained = plain.endsWith(UNTRAINED);
  return { base: untrained ? plain.slice(0, -UNTRAINED.length) : plain, untrained, letters };
}

/** @param {{base: string, untrained?: boolean, letters?: string}} parts */
export const joinId = ({ base, untrained = false, letters = "" }) =>
  `${base}${untrained ? UNTRAINED : ""}${letters === "" ? "" : INTERVENED + letters}`;

/** The same network as it is. @param {string} id */
export const withoutInterventions = (id) => joinId({ ...splitId(id), letters: "" });

export class Catalogue {
  /** @param {Hello} hello */
  constructor(hello) {
    /** @type {Model[]} */
    this.models = hello.models;
    /** @type {Sample[]} */
    this.samples = hello.samples;
    this.views = hello.views;
    /** @type {Limits} */
    this.limits = hello.limits;
    this.bounds = hello.bounds;
    this.defaults = hello.defaults;
    this.thresholds = hello.thresholds;
    this.colours = hello.colours;
    /** The tables of numbers that instruments offer. */
    this.csv = new Tables(hello.tables);
    this.levels = new Levels(hello.picture);
    /** Pixels by level. */
    this.tables = tablesOf(hello.colours, this.levels);
    this.echo = hello.echo;
    this.recall = hello.recall;
    this.interventions = new Interventions(hello.interventions);
    this.closeCodes = hello.close_codes;
    /** Orders of units, by what `hello` says of them. @type {Map<number[], Int32Array>} */
    this.orders = new Map();
    this.byId = new Map(this.models.map((model) => [model.id, model]));
    this.known = new Map(this.models.map((model) => [model.id, new Set(model.vocabulary)]));
    /** The kinds of cell, in the order in which the server names them. */
    this.cells = [...new Set(this.models.map((model) => model.cell))];
    this.corpora = [...new Set(this.models.map((model) => model.corpus))];
  }

  /**
   * @param {string} id with or without the mark of the untrained twin
   * @returns {Model | undefined} undefined where it is not served
   */
  model(id) {
    return this.byId.get(splitId(id).base);
  }

  /** A model that is known to be served. @param {string} id */
  served(id) {
    const model = this.model(id);
    if (model === undefined) throw new RangeError(`There is no model ${id} here.`);
    return model;
  }

  /** @param {string} id */
  has(id) {
    const { base, untrained, letters } = splitId(id);
    const model = this.byId.get(base);
    if (model === undefined || (untrained && !model.steps.includes(0))) return false;
    if (letters === "") return !id.includes(INTERVENED);
    return this.interventions.parse(letters)?.every((one) => this.interventions.misfit(one, model) === null) ?? false;
  }

  /** What is done to a network, in words; "": nothing. @param {string} letters @param {Model | null} model */
  #inWords(letters, model) {
    return letters === "" ? "" : words(this.interventions.parse(letters) ?? [], model);
  }

  /**
   * Between which numbers an option of an instrument lies.
   * @param {string} instrument @param {string} option
   */
  bound(instrument, option) {
    const [min, max] = this.bounds[instrument][option];
    return { min, max };
  }

  /**
   * What options of an instrument are for a question that leaves them out.
   * @param {string} instrument @param {...string} names
   */
  usual(instrument, ...names) {
    return Object.fromEntries(names.map((name) => [name, this.defaults[instrument][name]]));
  }

  /** An echo that may be asked for. @param {import("./store.js").Echo | null} echo of any address */
  possible(echo) {
    const [fewest, most] = this.echo.others;
    const fits = echo === null || echo.others === null || (echo.others >= fewest && echo.others <= most);
    return fits ? echo : { ...echo, others: null };
  }

  /**
   * Why an instrument has no answer about a model, in the server's words; null where it applies.
   * @param {string} id @param {string} instrument @returns {string | null}
   */
  inapplicable(id, instrument) {
    const model = this.model(id);
    const said = splitId(id).letters === "" ? model?.inapplicable : model?.inapplicable_intervened;
    return said?.[instrument] ?? null;
  }

  /**
   * Always the same one.
   * @param {Model} model @param {boolean} untrained @param {number} layer @param {string} signal
   * @returns {Int32Array | null}
   */
  #slowest(model, untrained, layer, signal) {
    const given = (untrained ? model.untrained_slowest : model.slowest)?.[`${layer}.${signal}`];
    if (given === undefined) return null;
    const order = this.orders.get(given) ?? Int32Array.from(given);
    this.orders.set(given, order);
    return order;
  }

  /** What a model is called, with all that is special about it. @param {string} id */
  name(id) {
    const { untrained, letters } = splitId(id);
    const model = this.model(id);
    const held = letters === "" ? "" : `, ${this.#inWords(letters, model ?? null)}`;
    return `${model?.title ?? id}${untrained ? ", untrained" : ""}${held}`;
  }

  /**
   * The colour of a model: that of its kind of cell, whatever else is open. Models of the same kind in a family, and
   * those with interventions, have shades of it.
   * @param {string} id @param {string} theme @param {string} [cell] of a model that is not served
   * @returns {string} "#rrggbb"
   */
  colorOf(id, theme, cell) {
    const model = this.model(id);
    const lines = LINES[theme];
    const colour = lines[Math.max(0, this.cells.indexOf(model?.cell ?? cell ?? "")) % lines.length];
    if (model === undefined) return colour;
    const like = this.models.filter((one) => one.cell === model.cell && one.corpus === model.corpus);
    const variant = like.indexOf(model) + (splitId(id).letters === "" ? 0 : 2);
    return shade(colour, variant, theme);
  }

  /** The models of one family. @param {string} corpus */
  family(corpus) {
    return this.models.filter((model) => model.corpus === corpus);
  }

  /** What a family starts with: its first model of each cell. @param {string} corpus @returns {Panel[]} */
  plain(corpus) {
    const cells = new Set();
    const first = this.family(corpus).filter((model) => !cells.has(model.cell) && cells.add(model.cell));
    return first.slice(0, 3).map((model) => ({ model: model.id, layer: null, signal: null }));
  }

  /** The samples of a family, all where it has none. @param {string} corpus */
  samplesOf(corpus) {
    const own = this.samples.filter((sample) => sample.corpus === corpus);
    return own.length > 0 ? own : this.samples;
  }

  /**
   * Every signal that some model in `panels` has, in the order of the layers that have most.
   * @param {Panel[]} panels
   */
  signalsOf(panels) {
    const models = [...new Set(panels.map((panel) => this.model(panel.model)))].filter((model) => model !== undefined);
    const layers = models.flatMap((model) => model.layers);
    layers.sort((a, b) => b.signals.length - a.signals.length);
    /** @type {Map<string, Signal>} */
    const found = new Map();
    for (const { signals } of layers) {
      for (const signal of signals) if (!found.has(signal.name)) found.set(signal.name, signal);
    }
    return [...found.values()];
  }

  /** What a signal is called, in lower case. @param {string} name */
  titleOf(name) {
    for (const { signals } of this.models.flatMap(({ layers }) => layers)) {
      const signal = signals.find((one) => one.name === name);
      if (signal !== undefined) return signal.title.toLowerCase();
    }
    return name.replaceAll("_", " ");
  }

  /** The most layers of any model in `panels`. @param {Panel[]} panels */
  layersOf(panels) {
    return Math.max(1, ...panels.map((panel) => this.model(panel.model)?.layers.length ?? 1));
  }

  /**
   * What a panel shows, given the choices for all. A model that lacks the signal or the layer keeps one it has,
   * and `instead` says so.
   * @param {Panel} panel @param {{layer: number, signal: string, echo?: object | null}} chosen
   */
  resolve(panel, chosen) {
    const model = this.served(panel.model);
    const depth = panel.layer ?? chosen.layer;
    const layer = Math.min(depth, model.layers.length - 1);
    const declared = model.layers[layer];
    const wanted = panel.signal ?? chosen.signal;
    const signal = declared.signals.find((one) => one.name === wanted) ?? declared.signals[0];
    const instead = [];
    if (signal.name !== wanted) instead.push(`has no ${this.titleOf(wanted)}: ${signal.title.toLowerCase()}`);
    if (layer !== depth) instead.push(`has no layer ${depth}: layer ${layer}`);
    const { untrained, letters } = splitId(panel.model);
    const echo = Boolean(chosen.echo);
    const against = panel.difference && letters !== "" && !echo ? withoutInterventions(panel.model) : null;
    const place = `${panel.model}/${layer}/${signal.name}`;
    return {
      id: panel.model,
      place,
      key: echo ? `${place}/echo` : against === null ? place : `${place}/${against}`,
      /** Whether the panel shows the echo of a character, not values. */
      echo,
      name: this.name(panel.model),
      interventions: this.#inWords(letters, model),
      /** The model that is subtracted, or null. */
      against,
      model,
      untrained,
      layer,
      /** What the layer is. */
      declared,
      signal,
      /** Its units, those that change most slowly first; null where that was not measured. @type {Int32Array | null} */
      slowest: this.#slowest(model, untrained, layer, signal.name),
      instead: instead.join(", "),
    };
  }
}
