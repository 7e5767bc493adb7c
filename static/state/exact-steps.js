// The exact values that have come for single steps, until an edit makes them those of another text.

const REMEMBERED = 12;

export class Exact {
  constructor() {
    /** `model/layer/step` → {number, signals (S·H), logProbabilities (V)}; no two have the same number */
    this.records = new Map();
    this.taken = 0;
  }

  static key(model, layer, step) {
    return `${model}/${layer}/${step}`;
  }

  /** @param {any} message `column` @param {any} tensors @param {number} cut as for columns */
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
    while (this.records.size > REMEMBERED * 4) this.records.delete(this.records.keys().next().value);
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
