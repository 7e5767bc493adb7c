// What may be done to a network while it reads, in the letters after "~" in a model's id, and in words. The
// server says how each is written, and has the last word on what fits a model.

/** @import { InterventionRules, Model } from "../protocol/hello.js" */
/**
 * @typedef {{kind: "hold", layer: number, signal: string, unit: number | null, value: number, from: number,
 *   until: number | null}} Hold
 * @typedef {{kind: "zero", from: number}} Zero
 * @typedef {{kind: "reset", every: number, from: number}} Reset
 * @typedef {Hold | Zero | Reset} Intervention
 */

/** @param {string | undefined} digits */
const optional = (digits) => (digits === undefined ? null : Number(digits));

/** All of a word is as a pattern says. @param {string} pattern */
const exactly = (pattern) => new RegExp(`^(?:${pattern})$`);

/** How interventions are written, and which of them a model can be asked for. */
export class Interventions {
  /** @param {InterventionRules} rules of `hello` */
  constructor({ most, farthest, patterns: { hold, zero, reset } }) {
    /** At a time. */
    this.most = most;
    this.farthest = farthest;
    this.patterns = { hold: exactly(hold), zero: exactly(zero), reset: exactly(reset) };
  }

  /** @param {string} letters @returns {Intervention | null} */
  #parseOne(letters) {
    const hold = this.patterns.hold.exec(letters);
    if (hold !== null) {
      const [, layer, signal, unit, value, from, until] = hold;
      return {
        kind: "hold",
        layer: Number(layer),
        signal,
        unit: optional(unit),
        value: Number(value),
        from: Number(from),
        until: optional(until),
      };
    }
    const zero = this.patterns.zero.exec(letters);
    if (zero !== null) return { kind: "zero", from: Number(zero[1]) };
    const reset = this.patterns.reset.exec(letters);
    return reset === null ? null : { kind: "reset", every: Number(reset[1]), from: Number(reset[2]) };
  }

  /** null where the letters make no sense. @param {string} letters @returns {Intervention[] | null} */
  parse(letters) {
    const parts = letters.split("~");
    const found = parts.map((part) => this.#parseOne(part)).filter((one) => one !== null);
    return parts.length > this.most || found.length < parts.length ? null : found;
  }

  /**
   * Why a model cannot be dealt with so, as a sentence; null if it can.
   * @param {Intervention} one @param {Model} model of `hello`
   */
  misfit(one, model) {
    return misfit(one, model, this.farthest);
  }
}

/** A number as it is spelled: no exponent, at most nine decimals. @param {number} value */
function plain(value) {
  const digits = value.toFixed(9).replace(/\.?0+$/, "");
  return digits === "-0" ? "0" : digits;
}

/** @param {Intervention[]} list */
export function spell(list) {
  return list
    .map((one) => {
      if (one.kind === "zero") return `zero@${one.from}`;
      if (one.kind === "reset") return `reset.${one.every}@${one.from}`;
      const unit = one.unit === null ? "" : `.${one.unit}`;
      const until = one.until === null ? "" : `-${one.until}`;
      return `${one.layer}.${one.signal}${unit}=${plain(one.value)}@${one.from}${until}`;
    })
    .join("~");
}

/** See `Interventions`. @param {Intervention} one @param {Model} model @param {number} farthest */
function misfit(one, model, farthest) {
  if (one.kind === "zero") return null;
  if (one.kind === "reset") {
    return one.every >= 1 ? null : "The state cannot begin anew every 0 characters. Take 1 or more.";
  }
  const count = model.layers.length;
  if (one.layer >= count) {
    return (
      `${model.title} has no layer ${one.layer}; its ` +
      `${count === 1 ? "only layer is 0" : `layers are 0 to ${count - 1}`}.`
    );
  }
  const { signals } = model.layers[one.layer];
  const signal = signals.find(({ name }) => name === one.signal);
  if (signal === undefined) {
    return (
      `${model.title} has no ${one.signal.replaceAll("_", " ")} to hold. It has: ` +
      `${signals.map(({ title }) => title.toLowerCase()).join(", ")}.`
    );
  }
  if (one.unit !== null && one.unit >= signal.width) {
    return `${model.title} has no ${signal.each} ${one.unit}; its ${signal.each}s are 0 to ${signal.width - 1}.`;
  }
  const [low, high] = signal.range ?? [signal.scale === "symmetric" ? -farthest : 0, farthest];
  if (!(one.value >= low && one.value <= high)) {
    return (
      `The ${signal.title.toLowerCase()} cannot be held at ${one.value}: it lies between ${low} and ${high}. ` +
      "Choose a value there."
    );
  }
  if (one.until !== null && one.until <= one.from) {
    return `Nothing is held from step ${one.from} until before step ${one.until}. Let it end later than it begins.`;
  }
  return null;
}

/** @param {number} step */
const number = (step) => step.toLocaleString("en");

/** @param {Intervention} one @param {Model | null} model of `hello` */
function wordsOf(one, model) {
  const from = one.from === 0 ? "" : ` from step ${number(one.from)}`;
  if (one.kind === "zero") return `state zeroed before step ${number(one.from)}`;
  if (one.kind === "reset") return `state zeroed every ${number(one.every)} characters${from}`;
  const until = one.until === null ? "" : ` until before ${number(one.until)}`;
  const declared = model?.layers[one.layer]?.signals.find(({ name }) => name === one.signal);
  const title = declared?.title.toLowerCase() ?? one.signal.replaceAll("_", " ");
  const layer = (model?.layers.length ?? 1) > 1 ? ` of layer ${one.layer}` : "";
  if (one.signal === "hidden" && one.value === 0 && one.unit !== null) {
    return `unit ${one.unit}${layer} silenced${from}${until}`;
  }
  const unit = one.unit === null ? `${title} of all units` : `${title} of unit ${one.unit}`;
  return `${unit}${layer} held at ${String(one.value).replace("-", "−")}${from}${until}`;
}

/** What is done, in words. @param {Intervention[]} list @param {Model | null} [model] */
export const words = (list, model = null) => list.map((one) => wordsOf(one, model)).join("; ");
