// The laboratory beside the words: one page in a frame for the whole lesson, which shows the states that steps ask for.

/** @import { FromLab, GiveAnswer, GiveText, LabState, ToLab } from "../protocol/lab.js" */

const PATIENCE_MS = 20_000; // how long a page may take until it is said that it does not come

/** @typedef {{address: string, text: string | null, own: boolean}} View as the server states it in a step */

/**
 * @typedef {object} Hearers
 * @property {(state: LabState) => void} state @property {(answer: GiveAnswer) => void} answer
 * @property {(text: string) => void} text what the text has come to rest as @property {(key: string) => void} key
 */

export class Lab {
  /** @param {HTMLIFrameElement} frame @param {Hearers} hearers */
  constructor(frame, hearers) {
    this.frame = frame;
    this.hearers = hearers;
    this.ready = false;
    this.last = 0;
    /** The state that it is to show by now, by its number. */
    this.asked = 0;
    /** What is lit, and whether it was found. @type {string | null} */
    this.selector = null;
    /** @type {((found: boolean) => void) | null} */
    this.pointed = null;
    /** What the lab is to show, until it has said that it does. @type {{message: ToLab & {type: "apply"}}[]} */
    this.waiting = [];
    /** @type {Map<number, (missing: string) => void>} */
    this.applied = new Map();
    /** @type {Map<number, (given: GiveText) => void>} */
    this.texts = new Map();
    this.presenting = { on: false, pen: false };
    addEventListener("message", (event) => {
      if (event.origin === location.origin && event.source === frame.contentWindow) this.#hear(event.data);
    });
  }

  /** Load it, with the view that it begins with. @param {View} view */
  open({ address }) {
    this.frame.src = `/explore?lab#${address}`;
  }

  /** @param {ToLab} message */
  #say(message) {
    this.frame.contentWindow?.postMessage(message, location.origin);
  }

  /**
   * Show a state.
   * @param {{address: string, text: string | null}} view @param {boolean} [patch] whether all that it does not name
   *   stays
   * @returns {Promise<string>} what of it is not there, as a sentence; "" where all is
   */
  show({ address, text }, patch = false) {
    const id = ++this.last;
    if (!patch) this.asked = id;
    const message = { type: /** @type {const} */ ("apply"), id, address, text, patch };
    // A state that nobody waits for any more is not shown on the way to the next one.
    if (!patch) for (const { message: old } of this.waiting.splice(0)) this.applied.get(old.id)?.("");
    if (this.ready) this.#say(message);
    else this.waiting.push({ message });
    return new Promise((resolve, reject) => {
      const timer = setTimeout(
        () => reject(new Error("The laboratory does not answer. Load this page again, once the server runs.")),
        PATIENCE_MS,
      );
      this.applied.set(id, (missing) => {
        clearTimeout(timer);
        resolve(missing);
      });
    });
  }

  /** Light an element, or none. @param {string | null} selector @param {(found: boolean) => void} [found] */
  point(selector, found) {
    this.selector = selector;
    this.pointed = found ?? null;
    if (this.ready) this.#say({ type: "point", selector });
  }

  /** Its text now, and the step at its cursor. @returns {Promise<GiveText>} */
  text() {
    const id = ++this.last;
    return new Promise((resolve) => {
      this.texts.set(id, resolve);
      this.#say({ type: "text?", id });
    });
  }

  /** @param {{on: boolean, pen: boolean}} how */
  present(how) {
    this.presenting = how;
    this.#say({ type: "presenting", ...how });
  }

  /** @param {FromLab} message */
  #hear(message) {
    if (message.type === "ready") this.#begin();
    else if (message.type === "applied") {
      this.applied.get(message.id)?.(message.missing);
      this.applied.delete(message.id);
      if (this.selector !== null) this.#say({ type: "point", selector: this.selector });
    } else if (message.type === "text") {
      if (message.id === null) this.hearers.text(message.text);
      else this.texts.get(message.id)?.(message);
    } else if (message.type === "pointed") this.pointed?.(message.found);
    // On its way to a step it still shows the one before, whose text or instrument may be just what a task waits for.
    else if (message.type === "state") message.shown === this.asked && this.hearers.state(message);
    else if (message.type === "answer") this.hearers.answer(message);
    else if (message.type === "key") this.hearers.key(message.key);
  }

  /** It can be told what to show; after a break it still shows what it did. */
  #begin() {
    this.ready = true;
    for (const { message } of this.waiting.splice(0)) this.#say(message);
    if (this.selector !== null) this.#say({ type: "point", selector: this.selector });
    this.#say({ type: "presenting", ...this.presenting });
  }
}
