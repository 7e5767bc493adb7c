// What one panel holds of its picture: the columns of a window of steps, one byte a cell.
//
// T columns of the window, H units. Column k stands for `per` steps from `from + k·per` on; its cells stand together.
// app/live/sent_columns.py keeps the other half of this account.

/** @import { ColumnsMessage, ColumnsTensors, EchoAsk, EchoFacts } from "../protocol/messages.js" */
/** @import { OverviewMessage, Scale } from "../protocol/messages.js" */
/** @import { Levels } from "./levels.js" */

export const ABSENT = 0;
export const CURRENT = 1;
/** Made by a text that has been edited since: worth showing for a moment, so that an edit does not flash. */
export const STALE = 2;

/**
 * How many steps beyond a column of `per` must have been read before it is whole: a stretch that begins in it may end
 * behind it.
 * @param {number} per @param {Levels} levels
 */
const overhang = (per, { stretches }) => (stretches.find((stretch) => stretch <= per) ?? 1) - 1;

let versions = 0;

/** Which echo it is. @param {EchoFacts | null} echo */
const echoKey = (echo) => (echo === null ? "" : JSON.stringify([echo.step, echo.instead, echo.others, echo.signed]));

export class Columns {
  /**
   * @param {number} units 0 where only the surprise is of interest, as for the overview of the whole text
   * @param {Levels} levels
   */
  constructor(units, levels) {
    this.units = units;
    this.levels = levels;
    this.from = 0;
    this.to = 0;
    this.per = 1;
    /** What a column of several steps shows. @type {string | undefined} */
    this.show = undefined;
    this.cells = new Uint8Array(0); // (T, H)
    this.surprise = new Float32Array(0); // (T,) bits, the mean of a column
    this.peak = new Float32Array(0); // (T,) bits, the largest of a column
    this.state = new Uint8Array(0); // (T,) ABSENT, CURRENT or STALE
    this.low = NaN;
    this.high = NaN;
    /** "log" where the cells are levels of a symmetric logarithmic scale. @type {Scale} */
    this.scale = "linear";
    this.steps = 0;
    this.length = 0;
    this.revision = 0;
    /** @type {number | null} */
    this.bitsPerCharacter = null;
    this.scored = 0;
    /** What an echo's frames say of it; null: none has come, or these are values. @type {EchoFacts | null} */
    this.echo = null;
    this.strength = new Float32Array(0); // (T,) of an echo
    /** Another number whenever what is held has become something else. */
    this.version = ++versions;
    /** @type {{moved: number | null, from: number, to: number}} */
    this.news = { moved: 0, from: 0, to: 0 };
  }

  /**
   * Move the window; what both windows share is kept, as the server counts on it, if a column means the same in both.
   * @param {number} from a multiple of `per` @param {number} to @param {number} [per] @param {string} [show]
   */
  setWindow(from, to, per = 1, show = undefined) {
    const same = per === this.per && (per === 1 || show === this.show);
    this.show = show;
    if (same && from === this.from && to === this.to) return;
    const { units, state } = this;
    const width = Math.max(0, Math.ceil((to - from) / per));
    const fits = width === state.length; // a moved window writes over what it leaves: no garbage while typing
    const moved = (from - this.from) / per;
    const [a, b] = same ? [Math.max(0, moved), Math.min(state.length, width + moved)] : [0, 0];
    const kept = a < b;
    /**
     * @template {Uint8Array | Float32Array} Numbers
     * @param {Numbers} array @param {number} size of a column @returns {Numbers}
     */
    const move = (array, size) => {
      if (!fits) {
        const Kind = /** @type {new (length: number) => Numbers} */ (array.constructor);
        const fresh = new Kind(width * size);
        if (kept) fresh.set(array.subarray(a * size, b * size), (a - moved) * size);
        return fresh;
      }
      if (kept) array.copyWithin((a - moved) * size, a * size, b * size);
      return array;
    };
    const next = {
      from,
      to,
      per,
      cells: move(this.cells, units),
      surprise: move(this.surprise, 1),
      peak: move(this.peak, 1),
      strength: move(this.strength, 1),
      state: move(state, 1),
    };
    const [first, end] = kept ? [a - moved, b - moved] : [0, 0];
    next.state.fill(ABSENT, 0, first).fill(ABSENT, end);
    this.version = ++versions;
    this.#shift(kept && fits ? moved : null, width);
    Object.assign(this, next);
  }

  /**
   * Keep what was not painted yet in step with the window.
   * @param {number | null} moved columns; null: paint all anew @param {number} width
   */
  #shift(moved, width) {
    const { news } = this;
    if (moved === null) return Object.assign(news, { moved: null, from: 0, to: width });
    if (news.moved === null) return undefined;
    news.moved += moved;
    const none = news.from >= news.to;
    const low = none ? Infinity : news.from - moved;
    const high = none ? 0 : news.to - moved;
    news.from = Math.max(0, Math.min(low, moved > 0 ? width - moved : moved < 0 ? 0 : Infinity));
    news.to = Math.min(width, Math.max(high, moved > 0 ? width : moved < 0 ? -moved : 0));
    return news;
  }

  /** @param {number} from @param {number} to */
  #touch(from, to) {
    const { news } = this;
    if (from >= to) return;
    this.version = ++versions;
    const none = news.from >= news.to;
    news.from = none ? from : Math.min(news.from, from);
    news.to = none ? to : Math.max(news.to, to);
  }

  /**
   * What has changed since this was asked last: the columns have moved by `moved` to the left (null: all is new), and
   * those from `from` to before `to` are other ones.
   */
  changes() {
    const { news } = this;
    this.news = { moved: 0, from: 0, to: 0 };
    return news;
  }

  /** The column in which a step lies. @param {number} step */
  at(step) {
    return Math.floor((step - this.from) / this.per);
  }

  /**
   * An edit at step `at`: the column in which it lies and all after it are of another text.
   * @param {number} at
   */
  cut(at) {
    for (let k = Math.max(0, this.at(at)); k < this.state.length; k++) {
      if (this.state[k] !== CURRENT) continue;
      this.state[k] = STALE;
      this.version = ++versions;
    }
    this.steps = Math.min(this.steps, at);
    if (this.echo !== null && at <= this.echo.step) this.echo = null;
  }

  /** Let go of the columns of texts before. */
  dropStale() {
    let dropped = false;
    for (let k = 0; k < this.state.length; k++) {
      if (this.state[k] === STALE) {
        this.state[k] = ABSENT;
        this.#touch(k, k + 1);
        dropped = true;
      }
    }
    return dropped;
  }

  /**
   * Take a `columns` frame.
   * @param {ColumnsMessage | OverviewMessage} message
   * @param {ColumnsTensors} tensors `cells` (T, H), `surprise` (T), `peak` (T)
   * @param {number} cut the first step that was edited after the frame was made: it is right only before it
   */
  apply(message, tensors, cut = Infinity) {
    const { per } = this;
    // A frame of columns that mean something else was made before the last zoom; its sums are right all the same.
    const ours = message.per === per && (per === 1 || message.show === this.show);
    if (ours) this.#take(message, tensors, cut);
    this.steps = Math.min(message.steps, cut);
    if (message.echo !== undefined && cut > message.echo.step) this.echo = message.echo;
    if (cut < Infinity) return; // its sums are those of the text before
    if (ours && message.steps >= message.length) this.dropStale(); // all is read: what is older has no successor
    this.revision = message.revision;
    this.length = message.length;
    this.bitsPerCharacter = message.bits_per_character ?? null;
    this.scored = message.scored ?? 0;
  }

  /** @param {ColumnsMessage | OverviewMessage} message @param {ColumnsTensors} tensors @param {number} cut */
  #take({ from, to, low, high, scale = "linear", echo }, { cells, surprise, peak, strength }, cut) {
    const { per, units } = this;
    if (
      low !== this.low ||
      high !== this.high ||
      scale !== this.scale ||
      (echo !== undefined && echoKey(echo) !== echoKey(this.echo))
    ) {
      this.state.fill(ABSENT); // another scale or echo: the frame carries the whole window anew
      this.#touch(0, this.state.length);
      Object.assign(this, { low, high, scale });
    }
    const first = this.at(from); // where the frame's columns begin in ours
    const end = Math.min(this.at(to + per - 1), this.state.length, cut === Infinity ? Infinity : this.at(cut));
    const start = Math.max(0, first);
    if (start >= end) return;
    const [a, b] = [start - first, end - first];
    if (units > 0 && cells !== undefined) this.cells.set(cells.data.subarray(a * units, b * units), start * units);
    this.surprise.set(surprise.data.subarray(a, b), start);
    if (peak !== undefined) this.peak.set(peak.data.subarray(a, b), start);
    if (strength !== undefined) this.strength.set(strength.data.subarray(a, b), start);
    this.state.fill(CURRENT, start, end);
    this.#touch(start, end);
  }

  /**
   * The units in the order in which an echo stays in them, the longest first; of equals the lower number.
   * @param {Int32Array} [before] an order from before, given back if it still holds
   */
  longest(before) {
    const { cells, units, state, echo, levels } = this;
    const weights = Uint8Array.from({ length: 256 }, (_, level) => levels.strengthOf(level, echo?.signed ?? false));
    const sums = new Uint32Array(units);
    for (let unit = 0; unit < units; unit++) {
      let sum = 0;
      for (let k = 0, cell = unit; k < state.length; k++, cell += units) {
        if (state[k] !== ABSENT) sum += weights[cells[cell]];
      }
      sums[unit] = sum;
    }
    const order = Int32Array.from(sums.keys()).sort((a, b) => sums[b] - sums[a] || a - b);
    return before?.length === units && order.every((unit, row) => unit === before[row]) ? before : order;
  }

  /** The surprise of each column, NaN where there is none. */
  bits() {
    return this.surprise.map((bits, k) => (this.state[k] === CURRENT ? bits : NaN));
  }

  /** Up to which step the picture is right: the end of the first unbroken run of columns within the window. */
  end() {
    let k = 0;
    while (k < this.state.length && this.state[k] === CURRENT && this.from + k * this.per < this.steps) k++;
    return Math.max(this.from, Math.min(this.from + k * this.per, this.steps));
  }

  /** Whether every column that has been read and is in the window is here. */
  complete() {
    const { from, per, steps, length, state, levels } = this;
    // A column is sent once it is whole; the last of the text is as whole as it will be.
    const further = steps >= length ? per - 1 : -overhang(per, levels);
    const whole = Math.floor((steps + further - from) / per);
    const wanted = Math.min(state.length, whole);
    for (let k = 0; k < wanted; k++) if (state[k] !== CURRENT) return false;
    return true;
  }
}

/**
 * Whether columns of an echo are those that are asked for; null: none are.
 * @param {EchoFacts | null} echo @param {EchoAsk | null} asked
 */
export const isOf = (echo, asked) =>
  asked === null ||
  (echo?.step === asked.step &&
    echo.signed === (asked.signed ?? false) &&
    (asked.instead === undefined || asked.instead === echo.instead));
