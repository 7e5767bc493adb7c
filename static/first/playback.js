// Shows the pictures column by column, once, as if they were just being read.

const SECONDS = 2.8;

/**
 * @param {{requestFrame: (act: (now: number) => void) => number, cancelFrame: (id: number) => void}} clock
 * @param {(columns: number) => void} reveal shows so many of them
 */
export function createPlayback(clock, reveal) {
  let frame = 0;
  let total = 0;

  function end() {
    clock.cancelFrame(frame);
    frame = 0;
    reveal(total);
  }

  return {
    /** @param {number} columns */
    begin(columns) {
      clock.cancelFrame(frame);
      total = columns;
      /** @type {number | null} */
      let began = null;
      /** @param {number} now */
      const next = (now) => {
        began ??= now;
        const shown = 1 + Math.floor(((now - began) / 1000 / SECONDS) * columns);
        if (shown >= columns) return end();
        reveal(shown);
        frame = clock.requestFrame(next);
        return undefined;
      };
      reveal(1);
      frame = clock.requestFrame(next);
    },
    /** Show all at once. */
    end,
    get running() {
      return frame !== 0;
    },
  };
}
