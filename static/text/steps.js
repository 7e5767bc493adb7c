// Steps of a history that come from elsewhere, or go there: which of them fit a text, and a size.

import { clean, toPoints } from "./characters.js";

/** @import { Text } from "./document.js" */
/** @import { Change, Past } from "./history.js" */

/** Characters of texts that are gone through at most to see whether steps fit. */
const MOST_WORK = 2_000_000_000;

/**
 * A text with a step taken, null where that does not fit it.
 * @param {Text} text @param {number} at @param {string} before what stands there @param {string} after
 */
function taken(text, at, before, after) {
  const remove = toPoints(before);
  const fits = clean(after) === after && at + remove <= text.length && text.slice(at, at + remove) === before;
  return fits ? text.edited({ at, remove, insert: after }) : null;
}

/**
 * Go along steps, the last one first, as long as each fits; where that leads, and the steps that were gone.
 * @param {Text} text @param {Change[]} steps @param {(text: Text, step: Change) => Text | null} way
 */
function along(text, steps, way) {
  let left = MOST_WORK;
  let [place, first] = [text, steps.length];
  while (first > 0 && left > 0) {
    const next = way(place, steps[first - 1]);
    if (next === null) break;
    left -= next.length + 1;
    [place, first] = [next, first - 1];
  }
  return { place, steps: steps.slice(first) };
}

/** The newest steps that lead to a text, and where they begin. @param {Text} text @param {Change[]} done */
export function stepsTo(text, done) {
  const { place: begin, steps } = along(text, done, (now, { at, removed, inserted }) =>
    taken(now, at, inserted, removed),
  );
  return { begin, steps };
}

/** The steps that can be done again from a text on. @param {Text} text @param {Change[]} undone */
export const stepsFrom = (text, undone) =>
  along(text, undone, (now, { at, removed, inserted }) => taken(now, at, removed, inserted)).steps;

/** Bytes of a step as JSON. @param {Change} step */
const bytesOf = (step) => new TextEncoder().encode(JSON.stringify(step)).length + 1;

/**
 * The nearest steps that have no more than so many bytes together as JSON, and how many are left out.
 * @param {Past} past @param {number} most
 * @returns {Past & {left: number}}
 */
export function nearest({ done, undone }, most) {
  let room = most;
  /** @param {Change[]} steps */
  const fitting = (steps) => {
    let first = steps.length;
    while (first > 0 && room >= bytesOf(steps[first - 1])) room -= bytesOf(steps[--first]);
    if (first > 0) room = 0;
    return steps.slice(first);
  };
  const kept = { done: fitting(done), undone: fitting(undone) };
  return { ...kept, left: done.length + undone.length - kept.done.length - kept.undone.length };
}
