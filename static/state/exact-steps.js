// The exact values that have come for single steps, until an edit makes them those of another text.

/** @import { ColumnMessage, ColumnTensors } from "../protocol/messages.js" */

/**
 * @typedef {{number: number, step: number, signals: Float32Array, logProbabilities: Float32Array}} Exactly `signals`
 *   (S·H,), `logProbabilities` (V,); no two have the same number
 */
const REMEMBERED = 12;

export class Exact {
  constructor() {
    /** By `model/layer/step`. @type {Map<string, Exactly>} */
    this.records = new Map();
    this.taken = 0;
  }

  /** @param {string} model @param {number} layer @param {number} step */
  static key(model, layer, step) {
    return `${model}/${layer}/${step}`;
  }

  /** @param {ColumnMessage} message @param {ColumnTensors} tensors @param {number} cut as for columns */
  take({ model, layer, step }, tensors, cut) {
    if (step >= cut) return;
    const key = Exact.key(model, layer, step);
    this.records.delete(key);
    this.records.set(key, {
      number: ++this.taken,
      step,
      signals: tensors.signals.data,
      logProbabilities: tensors.log_probabilities.data,
    });
    for (const oldest of this.records.keys()) {
      if (this.records.size <= REMEMBERED * 4) break;
      this.records.delete(oldest);
    }
  }

  /** @param {string} model @param {number} layer @param {number} step */
  at(model, layer, step) {
    return this.records.get(Exact.key(model, layer, step));
  }

  /** @param {number} at */
  cut(at) {
    for (const [key, record] of this.records) if (record.step >= at) this.records.delete(key);
  }
}
