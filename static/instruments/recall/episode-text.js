// An episode of delayed recall: a key, noise, a mark, the key again, and a new line.
// models/tasks/delayed_recall.py defines the task.

export const KEYS = "ABCDEFGH";
const NOISE = "abcdefghijklmnopqrstuvwxyz";
const MARK = "?";

export const LONGEST = 1000;

/**
 * Numbers 0 … 2³² − 1 that look drawn at random (Mulberry32 of T. Ettinger): the same seed gives the same ones.
 * @param {number} seed
 */
function drawn(seed) {
  let state = seed | 0;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return (mixed ^ (mixed >>> 14)) >>> 0;
  };
}

/**
 * The mark is read at step `delay`; a shorter delay of the same seed has the first part of the same noise.
 * @param {string} key @param {number} delay 1 or more @param {number} seed
 */
export function episode(key, delay, seed) {
  const next = drawn(seed);
  const noise = Array.from({ length: delay - 1 }, () => NOISE[next() % NOISE.length]).join("");
  return `${key}${noise}${MARK}${key}\n`;
}
