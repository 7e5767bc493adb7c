// One model on the text: what it has read, and the echo that is in view.

import { Echo, feltFor, othersOf } from "./echo.js";
import { Run } from "./network.js";

/** @import { EchoAsk, EchoFacts } from "../protocol/messages.js" */
/** @import { Network } from "./network.js" */

export class Reader {
  /** @param {Network} network */
  constructor(network) {
    this.network = network;
    this.run = new Run(network);
    /** The text in the network's ids. @type {number[]} */
    this.ids = [];
    /** @type {Echo | null} */
    this.echo = null;
    this.echoed = "";
    /** Of one signal of the echo, and which that is. */
    this.known = { of: "", strengths: new Float32Array(0) };
  }

  /** The text is another from step `at` on. @param {string[]} characters @param {number} at */
  cut(characters, at) {
    this.ids.length = Math.min(at, this.ids.length);
    for (let k = this.ids.length; k < characters.length; k++) this.ids.push(this.network.idOf(characters[k]));
    this.run.cut(at);
    this.known.of = "";
    if (this.echo === null) return;
    if (at <= this.echo.at) this.echo = null;
    else this.echo.cut(at);
  }

  /** Read up to a step, or till the time is over. @param {number} until @param {() => boolean} over */
  read(until, over) {
    return this.run.advance(this.ids, until, over);
  }

  /** Compare all that has been read, or till the time is over. @param {() => boolean} over */
  compare(over) {
    return this.echo === null || this.echo.advance(this.ids, over);
  }

  /**
   * Another echo is in view, or none; there is none of a character that has not been read.
   * @param {EchoAsk | null} asked @param {string | null} instead the character in the other's place; null: several
   */
  listen(asked, instead) {
    if (asked === null || asked.step >= this.run.steps) {
      this.echo = null;
      return;
    }
    const words = JSON.stringify([asked.step, instead, asked.others]);
    if (this.echo !== null && words === this.echoed) return;
    this.echoed = words;
    this.known.of = "";
    const { symbols } = this.network;
    const id = this.ids[asked.step];
    const others = instead === null ? othersOf(symbols, id, asked.others ?? 1) : [this.network.idOf(instead)];
    this.echo = new Echo(this.run, asked.step, others);
  }

  /** The strengths of a signal of the echo, from its character on. @param {number} layer @param {number} signal */
  strengths(layer, signal) {
    const { echo, known } = this;
    if (echo === null) return new Float32Array(0);
    const of = `${layer}/${signal}/${echo.steps}`;
    if (known.of !== of) this.known = { of, strengths: echo.strengths(layer, signal) };
    return this.known.strengths;
  }

  /**
   * What is said of the echo in a signal.
   * @param {EchoAsk} asked @param {string | null} instead @param {number} layer @param {number} signal
   * @param {number} share while which it is felt @returns {EchoFacts}
   */
  facts(asked, instead, layer, signal, share) {
    const { echo } = this;
    const signed = instead !== null && (asked.signed ?? false);
    const facts = { step: asked.step, instead, others: echo?.others.length ?? asked.others ?? 1, signed, above: null };
    if (echo === null) return { ...facts, first: null, felt: null, settled: false };
    const strengths = this.strengths(layer, signal);
    if (strengths.length === 0) return { ...facts, first: null, felt: null, settled: false };
    const settled = echo.steps >= this.ids.length;
    return { ...facts, first: strengths[0], felt: feltFor(strengths, share), settled };
  }

  /** The mean surprise so far, and of how many characters. */
  score() {
    let [sum, scored] = [0, 0];
    for (let step = 1; step < this.run.steps; step++) {
      const bits = this.run.surprise(this.ids, step);
      if (Number.isNaN(bits)) continue;
      sum += bits;
      scored += 1;
    }
    return { bits_per_character: scored > 0 ? sum / scored : null, scored };
  }
}
