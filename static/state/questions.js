// What an open instrument has asked and what it has been answered: one question a model. Knows no socket and no page.

/** @import { Measured, Measuring, Tensor, Unmeasured } from "../protocol/messages.js" */
/** @import { Measure, Question } from "./instrument.js" */
/**
 * @typedef {object} Finding
 * @property {number} id of the question that is answered, or under way
 * @property {number} share of the work that is done, while it is under way
 * @property {boolean} stale whether a newer question is under way
 * @property {object} [facts] @property {Record<string, Tensor>} [tensors]
 * @property {Measure} [measure] the question that was answered
 * @property {number} [revision] of the text that was measured
 * @property {string} [rounding] a sentence, where the reading depends on rounding
 * @property {string} [error] why there is no answer
 * @property {object} [news] what was found before the end
 * @property {number} [round] which set of options the answer is about
 */

export class Questions {
  /**
   * @param {{send: (id: number, model: string, measure: Measure) => void, dismiss: (id: number) => void,
   *   refusal?: (model: string, name: string) => string | null}} line `refusal`: why an instrument has no answer about
   *   a model, where that is known beforehand; such a question is answered here
   */
  constructor(line) {
    this.line = line;
    this.last = 0;
    /** Counts the sets of options that were asked about, whatever the text. */
    this.round = 0;
    /** The questions by model. @type {Map<string, {id: number, words: string, measure: Measure, sent: boolean}>} */
    this.asked = new Map();
    /** model → Finding @type {Map<string, Finding>} */
    this.findings = new Map();
  }

  /**
   * What is wanted now. Only what is another question than before goes out.
   * @param {Question[]} wanted @param {string} about what else makes a question another: the text
   */
  ask(wanted, about) {
    const models = new Set(wanted.map(({ model }) => model));
    for (const model of [...this.asked.keys()]) if (!models.has(model)) this.#drop(model);
    /** @param {Question} question */
    const same = ({ model, measure }) => JSON.stringify(this.asked.get(model)?.measure) === JSON.stringify(measure);
    const another = wanted.some((one) => this.asked.has(one.model) && !same(one));
    const round = this.round + Number(another);
    for (const one of wanted) {
      const { model, measure } = one;
      const words = JSON.stringify([measure, about]);
      const before = this.asked.get(model);
      const found = this.findings.get(model);
      if (found?.round === this.round && same(one)) found.round = round; // it answers these options, too
      if (before?.words === words) continue;
      const id = ++this.last;
      const error = this.line.refusal?.(model, measure.name) ?? null;
      if (error !== null) {
        if (before?.sent) this.line.dismiss(before.id);
        this.asked.set(model, { id, words, measure, sent: false });
        this.findings.set(model, { id, share: 1, stale: false, error });
        continue;
      }
      this.asked.set(model, { id, words, measure, sent: true });
      const keeps = found?.facts !== undefined && before?.measure.name === measure.name;
      this.findings.set(model, { ...(keeps ? found : {}), id, share: 0, stale: keeps });
      this.line.send(id, model, measure);
    }
    this.round = round;
  }

  /** @param {string} model */
  #drop(model) {
    const asked = this.asked.get(model);
    if (asked?.sent) this.line.dismiss(asked.id);
    this.asked.delete(model);
    this.findings.delete(model);
  }

  /** Nothing is asked any more. */
  end() {
    for (const model of [...this.asked.keys()]) this.#drop(model);
  }

  /** A new connection knows of no question: what was answered stays to be seen until it is answered again. */
  forget() {
    this.asked.clear();
  }

  /** @param {{id: number, model: string}} about */
  #current({ id, model }) {
    const asked = this.asked.get(model);
    return asked?.id === id ? asked : null;
  }

  /**
   * The findings as they may stand side by side: those that answer older options than another one are left out.
   * Answers about the text before stay until theirs comes.
   * @returns {Map<string, Finding>}
   */
  consistent() {
    const newest = Math.max(
      ...[...this.findings.values()].map(({ facts, round }) => (facts === undefined ? 0 : (round ?? 0))),
    );
    return new Map(
      [...this.findings].map(([model, found]) => {
        const older = found.facts !== undefined && (found.round ?? 0) < newest;
        return [model, older ? { id: found.id, share: found.share, stale: false } : found];
      }),
    );
  }

  /** `measuring`. Returns whether it tells anything new. @param {Measuring} message */
  progress(message) {
    if (this.#current(message) === null) return false;
    const found = this.findings.get(message.model);
    if (found === undefined) return false;
    const news = Object.keys(message.facts).length > 0 ? message.facts : found.news;
    this.findings.set(message.model, { ...found, share: message.share, news });
    return true;
  }

  /** `measured`. @param {Measured} message @param {Record<string, Tensor>} tensors */
  take(message, tensors) {
    const asked = this.#current(message);
    if (asked === null) return false;
    this.findings.set(message.model, {
      id: message.id,
      share: 1,
      stale: false,
      facts: message.facts,
      tensors,
      measure: asked.measure,
      revision: message.revision,
      rounding: message.rounding,
      round: this.round,
    });
    return true;
  }

  /** `unmeasured`. @param {Unmeasured} message */
  fail(message) {
    if (this.#current(message) === null) return false;
    this.findings.set(message.model, { id: message.id, share: 1, stale: false, error: message.message });
    return true;
  }
}
