// An episode of delayed recall: a key, noise, a mark, the key again, and a new line.

/** @import { RecallTask } from "../../protocol/hello.js" */

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
 * @param {RecallTask} task @param {{key: string, delay: number, seed: number}} which its delay is 1 or more
 */
export function episode({ noise, mark }, { key, delay, seed }) {
  const next = drawn(seed);
  const between = Array.from({ length: delay - 1 }, () => noise[next() % noise.length]).join("");
  return `${key}${between}${mark}${key}\n`;
}
