// What one panel holds of its picture: the columns of a window of steps, one byte a cell.
//
// T columns of the window, H units. Column k is step `from + k`; its cells stand together.

export const ABSENT = 0;
export const CURRENT = 1;
/** Made by a text that has been edited since: worth showing for a moment, so that an edit does not flash. */
export const STALE = 2;

export class Columns {
  /** @param {number} units */
  constructor(units) {
    this.units = units;
    this.from = 0;
    this.to = 0;
    this.cells = new Uint8Array(0); // (T, H)
    this.surprise = new Float32Array(0); // (T,) bits
    this.state = new Uint8Array(0); // (T,) ABSENT, CURRENT or STALE
    this.low = NaN;
    this.high = NaN;
    this.steps = 0;
    this.length = 0;
    this.revision = 0;
    /** @type {number | null} */
    this.bitsPerCharacter = null;
    this.scored = 0;
  }

  /**
   * Move the window; what both windows share is kept, as the server counts on it.
   * @param {number} from @param {number} to
   */
  setWindow(from, to) {
    if (from === this.from && to === this.to) return;
    const width = Math.max(0, to - from);
    const cells = new Uint8Array(width * this.units);
    const surprise = new Float32Array(width).fill(NaN);
    const state = new Uint8Array(width);
    const start = Math.max(from, this.from);
    const end = Math.min(to, this.to);
    if (start < end) {
      const [a, b] = [start - this.from, end - this.from];
      cells.set(this.cells.subarray(a * this.units, b * this.units), (start - from) * this.units);
      surprise.set(this.surprise.subarray(a, b), start - from);
      state.set(this.state.subarray(a, b), start - from);
    }
    Object.assign(this, { from, to, cells, surprise, state });
  }

  /**
   * An edit at step `at`: every column from there on is of another text.
   * @param {number} at
   */
  cut(at) {
    for (let k = Math.max(0, at - this.from); k < this.state.length; k++) {
      if (this.state[k] === CURRENT) this.state[k] = STALE;
    }
    this.steps = Math.min(this.steps, at);
  }

  /** Let go of the columns of texts before. */
  dropStale() {
    let dropped = false;
    for (let k = 0; k < this.state.length; k++) {
      if (this.state[k] === STALE) {
        this.state[k] = ABSENT;
        dropped = true;
      }
    }
    return dropped;
  }

  /**
   * Take a `columns` frame.
   * @param {any} message
   * @param {Record<string, {data: any}>} tensors `cells` (to − from, H), `surprise` (to − from)
   * @param {number} cut the first step that was edited after the frame was made: it is right only before it
   */
  apply(message, tensors, cut = Infinity) {
    if (message.low !== this.low || message.high !== this.high) {
      this.state.fill(ABSENT); // another scale: the frame carries the whole window anew
      this.low = message.low;
      this.high = message.high;
    }
    const start = Math.max(message.from, this.from);
    const end = Math.min(message.to, this.to, cut);
    if (start < end) {
      const [a, b] = [start - message.from, end - message.from];
      this.cells.set(tensors.cells.data.subarray(a * this.units, b * this.units), (start - this.from) * this.units);
      this.surprise.set(tensors.surprise.data.subarray(a, b), start - this.from);
      this.state.fill(CURRENT, start - this.from, end - this.from);
    }
    this.steps = Math.min(message.steps, cut);
    if (cut < Infinity) return; // its sums are those of the text before
    if (message.steps >= message.length) this.dropStale(); // all is read: what is older has no successor
    this.revision = message.revision;
    this.length = message.length;
    this.bitsPerCharacter = message.bits_per_character;
    this.scored = message.scored;
  }

  /** Up to which step the picture is right: the end of the first unbroken run of columns within the window. */
  end() {
    const last = Math.min(this.to, this.steps);
    let step = this.from;
    while (step < last && this.state[step - this.from] === CURRENT) step++;
    return step;
  }

  /** Whether every column that has been read and is in the window is here. */
  complete() {
    return this.end() >= Math.min(this.to, this.steps);
  }
}
