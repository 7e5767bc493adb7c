// A text that writes itself into another, character by character, until it is at its end or somebody stops it.

const SHORTEST_TICK_MS = 16;

/**
 * @param {{setTimeout: (act: () => void, pause: number) => number, clearTimeout: (timer: number) => void, now: () =>
 *   number}}
 *   clock
 * @param {{put: (letters: string) => boolean, ended: () => void}} acts `put` writes the next letters; false: it could
 *   not
 */
export function createWriter(clock, { put, ended }) {
  /** @type {number | null} */
  let timer = null;
  /** @type {string[]} */
  let letters = [];
  let written = 0;
  let began = 0;
  let speed = 1;

  function stop() {
    if (timer === null) return;
    clock.clearTimeout(timer);
    timer = null;
    ended();
  }

  function tick() {
    const due = Math.min(letters.length, Math.max(written + 1, Math.floor(((clock.now() - began) * speed) / 1000)));
    const next = letters.slice(written, due).join("");
    written = due;
    if (!put(next) || written === letters.length) return stop();
    timer = clock.setTimeout(tick, Math.max(SHORTEST_TICK_MS, 1000 / speed));
    return undefined;
  }

  return {
    /** @param {string} text @param {number} perSecond characters */
    begin(text, perSecond) {
      stop();
      letters = Array.from(text);
      written = 0;
      began = clock.now();
      speed = perSecond;
      timer = clock.setTimeout(tick, 0);
    },
    stop,
    get running() {
      return timer !== null;
    },
    /** How much of how much. */
    get progress() {
      return { written, of: letters.length };
    },
  };
}
