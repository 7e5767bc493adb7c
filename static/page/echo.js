// The echo as a way of looking: which character's echo the panels show, and how it follows pointer, keys and edits.

/** @import { Text } from "../text/document.js" */
/** @import { Edit } from "../text/edit.js" */
/** @import { State } from "../state/store.js" */
/** Where in the window an echo begins when nobody has said where: early, so that what becomes of it is in view. */
const EARLY = 0.12;

/**
 * After how many milliseconds the pointer rests. Only then is it sought how long the echo stays above rounding: that
 * costs four times what the picture does, and would take the processor from the next one.
 */
const REST = 120;

/** @typedef {import("../protocol/messages.js").EchoAsk} Asked */

export class Echoes {
  /**
   * @param {{store: import("../state/store.js").Store, navigation: import("./navigation.js").Navigation,
   *   ask: (asked: Asked | null) => void}} parts `ask`: the echo that is looked at is another one
   */
  constructor({ store, navigation, ask }) {
    this.store = store;
    this.navigation = navigation;
    this.ask = ask;
    /** What is pointed at, in place of what is pinned. @type {number | null} */
    this.pointed = null;
    /** Runs while the pointer passes by; 0: it rests. */
    this.passing = 0;
    store.subscribe((state, changed, edit) => this.#follow(state, changed, edit));
  }

  /**
   * The echo stays at its character while the text is edited; where that was replaced itself, it is that of what stands
   * there now.
   * @param {State} state @param {Set<string>} changed @param {Edit | null} edit
   */
  #follow(state, changed, edit) {
    if (!changed.has("text")) return;
    this.pointed = null;
    const { echo, text } = state;
    if (edit === null || echo === null || echo.step === null || changed.has("echo")) return;
    if (edit.grown === text.length) return; // it was empty: an address names a step before its text is here
    const step = edit.moved(echo.step, clamped(echo.step, text.length));
    if (step !== echo.step) this.store.set({ echo: { ...echo, step } });
  }

  /** @returns {Asked | null} */
  current() {
    const { echo } = this.store.get();
    if (echo === null) return null;
    const step = this.pointed ?? echo.step ?? this.navigation.place()?.step ?? 0;
    const asked = { step, ...(this.pointed !== null && this.passing !== 0 ? { passing: true } : {}) };
    if (echo.others !== null) return { ...asked, others: echo.others };
    return {
      ...asked,
      ...(echo.instead === null ? {} : { instead: echo.instead }),
      ...(echo.signed ? { signed: true } : {}),
    };
  }

  /** Whether it is of one character for good, and not of the one at the cursor. */
  pinned() {
    const { echo } = this.store.get();
    return echo !== null && echo.step !== null;
  }

  /** @param {number | null} step */
  #point(step) {
    if (this.store.get().echo === null || step === this.pointed) return;
    this.pointed = step;
    clearTimeout(this.passing);
    this.passing = setTimeout(() => {
      this.passing = 0;
      if (this.pointed !== null) this.ask(this.current());
    }, REST);
    this.ask(this.current());
  }

  /** @param {number} step */
  point(step) {
    this.#point(clamped(step, this.navigation.read()));
  }

  leave() {
    this.#point(null);
  }

  /** @param {number} step */
  pin(step) {
    this.pointed = null;
    const { echo } = this.store.get();
    this.store.set({ echo: { ...(echo ?? PLAIN), step: clamped(step, this.navigation.read()) } });
  }

  /** The echo goes with the cursor again, which stays where it is. Returns whether there was something to let go of. */
  release() {
    const { echo, cursor } = this.store.get();
    this.pointed = null;
    if (echo === null || echo.step === null) return false;
    const step = clamped(echo.step, this.navigation.read());
    this.store.set({ echo: { ...echo, step: null }, cursor: { ...cursor, step } });
    return true;
  }

  /** Move it by so many steps. @param {number} by */
  move(by) {
    const from = this.current()?.step;
    if (from !== undefined) this.pin(from + by);
  }

  on() {
    const { echo, cursor, text } = this.store.get();
    if (echo !== null) return;
    this.store.set({ echo: { ...PLAIN, step: cursor.step ?? early(this.navigation, text) } });
  }

  off() {
    this.pointed = null;
    this.store.set({ echo: null });
  }

  toggle() {
    if (this.store.get().echo === null) this.on();
    else this.off();
  }

  /** @param {Partial<import("../state/store.js").Echo>} patch */
  #change(patch) {
    const { echo } = this.store.get();
    if (echo !== null) this.store.set({ echo: { ...echo, ...patch } });
  }

  /** @param {string | null} character null: the default one */
  instead(character) {
    this.#change({ instead: character, others: null });
  }

  /** @param {number | null} count null: one other character */
  others(count) {
    this.#change({ others: count, ...(count === null ? {} : { signed: false }) });
  }

  /** @param {boolean} is */
  signed(is) {
    this.#change({ signed: is });
  }
}

/** @type {import("../state/store.js").Echo} */
const PLAIN = Object.freeze({ step: null, instead: null, others: null, signed: false });

/** @param {number} step @param {number} length */
const clamped = (step, length) => Math.max(0, Math.min(step, length - 1));

/**
 * The first letter from a little right of the left edge of the window on.
 * @param {import("./navigation.js").Navigation} navigation @param {Text} text
 */
export function early(navigation, text) {
  const { from, span } = navigation.window();
  const start = Math.min(from + Math.floor(EARLY * span), Math.max(0, navigation.read() - 1));
  const letter = text.characters(start, start + 12).findIndex((character) => /\p{L}/u.test(character));
  return start + Math.max(0, letter);
}
