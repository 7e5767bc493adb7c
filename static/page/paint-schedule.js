// When the pictures are painted: at most once per animation frame, and once for all that comes together.

const FRAME_MS = 16;
const TOGETHER_MS = 40; // how long a paint waits for the columns of all panels, so that a key is one paint

export class PaintSchedule {
  /** @param {() => void} paint @param {() => boolean} caughtUp whether all that there will be is here */
  constructor(paint, caughtUp) {
    this.paint = paint;
    this.caughtUp = caughtUp;
    /** @type {Set<string>} */
    this.dirty = new Set();
    this.frame = 0;
    this.last = 0;
    this.expected = 0;
    this.late = 0;
  }

  /** Something is on its way: the paintings until it is here can be one. */
  expect() {
    this.expected = performance.now() + TOGETHER_MS;
  }

  /** What is to be painted; from here on, nothing is. */
  take() {
    const { dirty } = this;
    this.dirty = new Set();
    return dirty;
  }

  /** It is being painted. */
  painted() {
    this.last = performance.now();
  }

  /**
   * Paint at the next animation frame, or a moment later if what is expected may come. What has just come in full is
   * painted at once, if nothing else was since the last frame: the next one shows it then, not the one after.
   * @param {string} what
   * @param {boolean} news
   */
  touch(what, news) {
    this.dirty.add(what);
    if (news && performance.now() - this.last >= FRAME_MS && this.caughtUp()) this.paint();
    else if (this.#waits()) this.#later();
    else this.#schedule();
  }

  #waits() {
    return performance.now() < this.expected && !this.caughtUp();
  }

  #schedule() {
    this.frame ||= requestAnimationFrame(() => {
      this.frame = 0;
      if (this.dirty.size === 0) return;
      if (this.#waits()) this.#later();
      else this.paint();
    });
  }

  #later() {
    this.late ||= setTimeout(() => {
      this.late = 0;
      if (this.dirty.size > 0) this.#schedule();
    }, TOGETHER_MS);
  }
}
