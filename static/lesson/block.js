// What all blocks of a lesson are: elements that the server has given their state as JSON.

/**
 * @typedef {object} Parts what blocks share
 * @property {string} lesson its id @property {import("./lab.js").Lab} lab
 * @property {() => string | null} pupilText what the pupil has written; null: nothing yet
 * @property {() => import("../protocol/lab.js").LabState | null} labState null: it has said nothing yet
 * @property {() => import("../protocol/lab.js").GiveAnswer[]} answers what instruments have answered in this step
 * @property {(id: string) => string | null} guess kept from before
 * @property {(id: string, guess: string) => void} keepGuess @property {(step: string) => void} done
 */

/** @template [State=any] a class of its own for each, with a type of its own */
export class Block extends HTMLElement {
  constructor() {
    super();
    /** @type {Parts | null} */
    this.given = null;
  }

  /** @returns {State} */
  get state() {
    return JSON.parse(this.dataset.state ?? "{}");
  }

  get parts() {
    if (this.given === null) throw new Error("This block has not begun.");
    return this.given;
  }

  /** The step in which it stands. */
  get step() {
    return this.closest("section")?.dataset.step ?? "";
  }

  /** @param {Parts} parts */
  begin(parts) {
    this.given = parts;
    this.create();
  }

  /** Make its elements. */
  create() {}

  /** Its step is on the screen. */
  opened() {}

  /** Its step is no longer. */
  closed() {}

  /** Something is another in the lab, or an instrument there has answered. */
  changed() {}

  /** @param {"waiting" | "ready" | "error"} status */
  is(status) {
    this.dataset.block = status;
  }
}
