// What the browser keeps of a lesson: which steps were seen, guesses, what was done, and the pupil's text.

import { read, write } from "../state/browser-storage.js";

/**
 * @typedef {object} Progress
 * @property {string[]} seen steps @property {string[]} done steps whose tasks are
 * @property {Record<string, string>} guesses by question @property {string | null} text the pupil's; null: none yet
 * @property {string | null} at the step that was open last
 */

/** @type {Progress} */
const NOTHING = { seen: [], done: [], guesses: {}, text: null, at: null };

/** @param {string} lesson */
const keyOf = (lesson) => `lesson:${lesson}`;

/** @param {string} json @returns {any} what a browser keeps may be anything */
function parsed(json) {
  try {
    return JSON.parse(json);
  } catch {
    return null;
  }
}

/** @param {unknown} list @returns {string[]} */
const words = (list) => (Array.isArray(list) ? list.filter((one) => typeof one === "string") : []);

/** What is kept of a lesson; of what cannot be read, nothing. @param {string} lesson @returns {Progress} */
export function progressOf(lesson) {
  const kept = parsed(read(() => localStorage, keyOf(lesson)) ?? "null");
  if (typeof kept !== "object" || kept === null) return NOTHING;
  const guesses = typeof kept.guesses === "object" && kept.guesses !== null ? kept.guesses : {};
  return {
    seen: words(kept.seen),
    done: words(kept.done),
    guesses: Object.fromEntries(Object.entries(guesses).filter(([, guess]) => typeof guess === "string")),
    text: typeof kept.text === "string" ? kept.text : null,
    at: typeof kept.at === "string" ? kept.at : null,
  };
}

/** Keep it. @param {string} lesson @param {Partial<Progress>} patch */
export function keep(lesson, patch) {
  write(() => localStorage, keyOf(lesson), JSON.stringify({ ...progressOf(lesson), ...patch }));
}

/** A list with one more, if it is not in it. @param {string[]} list @param {string} one */
export const withOne = (list, one) => (list.includes(one) ? list : [...list, one]);
