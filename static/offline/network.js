// A network that reads: its layers, and what it predicts after each character.

import { addProduct, logSoftmax } from "./arithmetic.js";
import { Layer } from "./layer.js";

/** @import { StoredNetwork } from "./embedded.js" */

const NATS_PER_BIT = Math.LN2;
const ROOM = 256; // steps that a run has room for at first
const CHECK = 8; // steps between two looks at the clock

export class Network {
  /** @param {StoredNetwork} stored @param {Record<string, number>} codes the number of each operation */
  constructor(stored, codes) {
    this.layers = stored.layers.map((layer, k) => new Layer(layer, k === 0, codes));
    this.readout = stored.readout;
    this.bias = stored.readout_bias;
    this.letters = Array.from(stored.vocabulary);
    /** V, and the id of a character that it does not know. */
    this.symbols = this.letters.length;
    this.ids = new Map(this.letters.map((letter, id) => [letter, id]));
  }

  /** @param {string} character */
  idOf(character) {
    return this.ids.get(character) ?? this.symbols;
  }

  /** Where the states of each layer begin. */
  get start() {
    return this.layers.map((layer) => layer.start);
  }
}

export class Run {
  /**
   * A network on a text: all signals at every step read so far, edited where the text is.
   * @param {Network} network
   * @param {number} first the step with which it begins
   * @param {Float32Array[]} before for each layer the states before that step, one after the other
   */
  constructor(network, first = 0, before = network.start) {
    this.network = network;
    this.first = first;
    this.before = before;
    /** Steps before this one have been read. */
    this.steps = first;
    this.room = 0;
    /** For each layer the signals of all steps (T, S, H). @type {Float32Array[]} */
    this.signals = network.layers.map(() => new Float32Array(0));
    /** (T, V) in nats. */
    this.predictions = new Float32Array(0);
    this.#grow(ROOM);
  }

  /** @param {number} room steps */
  #grow(room) {
    /** @param {Float32Array} array @param {number} size of a step */
    const larger = (array, size) => {
      const next = new Float32Array(room * size);
      next.set(array);
      return next;
    };
    this.signals = this.signals.map((array, k) => larger(array, this.network.layers[k].size));
    this.predictions = larger(this.predictions, this.network.symbols);
    this.room = room;
  }

  /** The text is another from step `at` on. @param {number} at */
  cut(at) {
    this.steps = Math.max(this.first, Math.min(this.steps, at));
  }

  /**
   * Read on, up to step `until` or till the time is over. Returns whether it has come there.
   * @param {number[]} ids of the whole text @param {number} until @param {() => boolean} over
   */
  advance(ids, until, over) {
    while (this.steps < until) {
      if ((this.steps - this.first) % CHECK === 0 && over()) return false;
      if (this.steps - this.first >= this.room) this.#grow(2 * this.room);
      this.#step(ids[this.steps]);
    }
    return true;
  }

  /** @param {number} id */
  #step(id) {
    const { network, signals, predictions } = this;
    const row = this.steps - this.first;
    network.layers.forEach((layer, k) => {
      const below = signals[Math.max(0, k - 1)];
      const from = k === 0 ? 0 : row * network.layers[k - 1].size;
      const [before, past] = row === 0 ? [this.before[k], -1] : [signals[k], (row - 1) * layer.size];
      layer.step(id, below, from, before, past, signals[k], row * layer.size);
    });
    const last = network.layers.length - 1;
    const { size, units } = network.layers[last];
    const out = predictions.subarray(row * network.symbols, (row + 1) * network.symbols);
    out.set(network.bias);
    addProduct(out, 0, signals[last], row * size, units, network.readout, 0, network.symbols);
    logSoftmax(out);
    this.steps += 1;
  }

  /** All signals of a layer at a step, one after the other (S, H). @param {number} layer @param {number} step */
  at(layer, step) {
    const { size } = this.network.layers[layer];
    const row = step - this.first;
    return this.signals[layer].subarray(row * size, (row + 1) * size);
  }

  /** One signal at a step, (H,). @param {number} layer @param {number} signal @param {number} step */
  signal(layer, signal, step) {
    const { units } = this.network.layers[layer];
    return this.at(layer, step).subarray(signal * units, (signal + 1) * units);
  }

  /** The states of all layers from which a step is computed. @param {number} step */
  statesBefore(step) {
    if (step === this.first) return this.before;
    return this.network.layers.map(({ carried, units }, k) => {
      const states = new Float32Array(carried.length * units);
      carried.forEach((place, j) => states.set(this.signal(k, place, step - 1), j * units));
      return states;
    });
  }

  /** Log-probabilities of what follows a step. @param {number} step */
  prediction(step) {
    const { symbols } = this.network;
    return this.predictions.subarray((step - this.first) * symbols, (step - this.first + 1) * symbols);
  }

  /** The surprise of a character, in bits; NaN where it has none. @param {number[]} ids @param {number} step */
  surprise(ids, step) {
    const id = ids[step];
    return step === 0 || id >= this.network.symbols ? NaN : -this.prediction(step - 1)[id] / NATS_PER_BIT;
  }
}
