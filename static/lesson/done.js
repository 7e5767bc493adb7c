// Whether a task of a lesson is done: what the lab shows, against what the lesson waits for.

/** @import { GiveAnswer, LabState } from "../protocol/lab.js" */

/**
 * @typedef {object} Done what must hold, all of it; app/lessons/blocks.py says what each means
 * @property {number} [length_over] @property {number} [length_under] @property {boolean} [text_changed]
 * @property {string} [instrument] @property {{name: string, value: string | number | boolean}} [option]
 * @property {string} [signal] @property {number} [layer] @property {string} [model] @property {string} [order]
 * @property {boolean} [echo] @property {boolean} [cursor_moved] @property {number} [step_over]
 * @property {number} [unit] @property {string} [held] @property {number} [generated_over]
 * @property {{value: string, instrument?: string, over?: number, under?: number}} [answer]
 */

/** A model's name without its interventions. @param {string} id */
const plain = (id) => id.split("~")[0];

/** Interventions in view: of the networks shown, and what the open instrument compares. @param {LabState} lab */
const heldBy = ({ models, options }) => [
  ...models.filter((id) => id.includes("~")).map((id) => id.slice(id.indexOf("~") + 1)),
  ...(typeof options.letters === "string" && options.letters !== "" ? [options.letters] : []),
];

/**
 * @template {keyof Done} Name
 * @typedef {(wanted: NonNullable<Done[Name]>, lab: LabState, answers: GiveAnswer[]) => boolean} Holds
 */
/** @type {{[Name in keyof Done]-?: Holds<Name>}} */
const HOLDS = {
  length_over: (wanted, { length }) => length > wanted,
  length_under: (wanted, { length }) => length < wanted,
  text_changed: (_, { typed }) => typed > 0,
  instrument: (wanted, { instrument }) => instrument === wanted,
  option: ({ name, value }, { options }) => String(options[name]) === String(value),
  signal: (wanted, { signals }) => signals.includes(wanted),
  layer: (wanted, { layers }) => layers.includes(wanted),
  model: (wanted, { models }) => models.some((id) => id === wanted || plain(id) === wanted),
  order: (wanted, { order }) => order === wanted,
  echo: (wanted, { echo }) => echo === wanted,
  cursor_moved: (_, { moved }) => moved > 0,
  step_over: (wanted, { step }) => step !== null && step > wanted,
  unit: (wanted, { unit }) => unit === wanted,
  held: (wanted, lab) => heldBy(lab).some((letters) => wanted === "any" || letters.includes(wanted)),
  generated_over: (wanted, { generated }) => generated > wanted,
  answer: (wanted, { instrument }, answers) => answers.some((one) => answersTo(wanted, instrument, one)),
};

/** @param {NonNullable<Done["answer"]>} wanted @param {string | null} open @param {GiveAnswer} answer */
function answersTo({ value, instrument, over, under }, open, answer) {
  if (answer.instrument !== (instrument ?? open)) return false;
  const found = numberAt(answer.facts, value);
  return found !== null && (over === undefined || found > over) && (under === undefined || found < under);
}

/** The number at a path such as facts.a.b[3]; null where there is none. @param {object} facts @param {string} path */
function numberAt(facts, path) {
  /** @type {any} facts are JSON of any shape */
  let found = facts;
  for (const part of path.replace(/\[(\d+)\]/g, ".$1").split(".").slice(1)) found = found?.[part];
  return typeof found === "number" ? found : null;
}

/**
 * Whether all of it holds.
 * @param {Done} done @param {LabState} lab @param {GiveAnswer[]} answers what instruments have answered in this step
 */
export function holds(done, lab, answers) {
  return Object.entries(done).every(([name, wanted]) =>
    /** @type {(wanted: any, lab: LabState, answers: GiveAnswer[]) => boolean} one function for each name */ (
      HOLDS[/** @type {keyof Done} */ (name)]
    )(wanted, lab, answers),
  );
}
