// The levels of a picture: what the bytes of its cells stand for, as `hello` says.

/** @import { PictureFormat } from "../protocol/hello.js" */

export class Levels {
  /** @param {PictureFormat} picture of `hello` */
  constructor({ top, no_number: noNumber, fold, stretches }) {
    /** The highest level; the lowest is 0. */
    this.top = top;
    /** Of a range or an echo with signs: that of 0. */
    this.middle = top / 2;
    this.noNumber = noNumber;
    /** Below this a symmetric logarithmic scale is nearly linear. */
    this.fold = fold;
    /** Wide columns are made of stretches of at most so many steps, the longest first. */
    this.stretches = stretches;
  }

  /**
   * Where a value lies on a scale, 0 … 1; beyond the ends for one beyond them.
   * @param {number} value @param {number} low @param {number} high
   * @param {string} [scale] "log": the symmetric logarithmic one from −high to high; "positive_log": by the logarithm
   */
  shareOf(value, low, high, scale = "linear") {
    if (scale === "positive_log") return Math.log(Math.max(value, low) / low) / Math.log(high / low);
    if (scale !== "log") return (value - low) / (high - low);
    const { fold } = this;
    return 0.5 + (Math.sign(value) * Math.log1p(Math.abs(value) / fold)) / Math.log1p(high / fold) / 2;
  }

  /**
   * The level of a value.
   * @param {number} value @param {number} low @param {number} high @param {string} [scale] as for `shareOf`
   */
  levelOf(value, low, high, scale = "linear") {
    const level = Math.round(this.shareOf(value, low, high, scale) * this.top);
    return Number.isFinite(level) ? Math.max(0, Math.min(this.top, level)) : this.noNumber;
  }

  /**
   * How far a level of an echo is from none, in levels; of what is no number, 0.
   * @param {number} level @param {boolean} signed
   */
  strengthOf(level, signed) {
    if (level === this.noNumber) return 0;
    return signed ? Math.abs(level - this.middle) : level;
  }

  /**
   * The difference that a level of an echo stands for, on its logarithmic scale from `low` to `high`.
   * @param {number} level @param {boolean} signed @param {{low: number, high: number}} ends
   */
  differenceOf(level, signed, { low, high }) {
    if (level === this.noNumber) return NaN;
    const share = this.strengthOf(level, signed) / (signed ? this.middle : this.top);
    return share === 0 ? 0 : Math.sign(signed ? level - this.middle : 1) * high * (low / high) ** (1 - share);
  }
}
