// The echo as a way of looking: which character's echo the panels show, and how it follows pointer, keys and edits.

/** Where in the window an echo begins when nobody has said where: early, so that what becomes of it is in view. */
const EARLY = 0.12;

/**
 * @typedef {{step: number, instead?: string, others?: number, signed?: boolean}} Asked as the `view` message has it
 */

/**
 * @param {{store: ReturnType<typeof import("../state/store.js").createStore>,
 *   navigation: import("./navigation.js").Navigation, ask: (asked: Asked | null) => void}} parts `ask`: the echo that
 *   is looked at is another one
 */
export function createEcho({ store, navigation, ask }) {
  /** What is pointed at, in place of what is pinned. @type {number | null} */
  let pointed = null;
  let last = store.get().text;

  store.subscribe((state, changed) => {
    if (!changed.has("text") || state.text === last) return;
    const begun = last.length === 0; // an address names a step before its text is here
    const edit = state.text.since(last);
    const grown = state.text.length - last.length;
    last = state.text;
    pointed = null;
    const { echo } = state;
    if (begun || edit === null || echo === null || echo.step === null || changed.has("echo")) return;
    const step = moved(echo.step, edit, grown, state.text.length);
    if (step !== echo.step) store.set({ echo: { ...echo, step } });
  });

  /** @returns {Asked | null} */
  function current() {
    const { echo } = store.get();
    if (echo === null) return null;
    const step = pointed ?? echo.step ?? navigation.place()?.step ?? 0;
    const asked = { step };
    if (echo.others !== null) return { ...asked, others: echo.others };
    if (echo.instead !== null) asked.instead = echo.instead;
    return echo.signed ? { ...asked, signed: true } : asked;
  }

  function point(step) {
    if (store.get().echo === null || step === pointed) return;
    pointed = step;
    ask(current());
  }

  const change = (patch) => store.get().echo !== null && store.set({ echo: { ...store.get().echo, ...patch } });

  return {
    current,
    /** Whether it is of one character for good, and not of the one at the cursor. */
    pinned: () => store.get().echo?.step != null,
    /** @param {number} step */
    point: (step) => point(clamped(step, navigation.read())),
    leave: () => point(null),
    /** @param {number} step */
    pin(step) {
      pointed = null;
      const { echo } = store.get();
      store.set({ echo: { ...(echo ?? PLAIN), step: clamped(step, navigation.read()) } });
    },
    /**
     * The echo goes with the cursor again, which stays where it is. Returns whether there was something to let go of.
     */
    release() {
      const { echo, cursor } = store.get();
      pointed = null;
      if (echo?.step == null) return false;
      store.set({ echo: { ...echo, step: null }, cursor: { ...cursor, step: clamped(echo.step, navigation.read()) } });
      return true;
    },
    /** Move it by so many steps. @param {number} by */
    move(by) {
      const from = current()?.step;
      if (from !== undefined) this.pin(from + by);
    },
    on() {
      if (store.get().echo !== null) return;
      const { cursor } = store.get();
      store.set({ echo: { ...PLAIN, step: cursor.step ?? early(navigation, store.get().text) } });
    },
    off() {
      pointed = null;
      store.set({ echo: null });
    },
    toggle() {
      if (store.get().echo === null) this.on();
      else this.off();
    },
    /** @param {string | null} character null: the default one */
    instead: (character) => change({ instead: character, others: null }),
    /** @param {number | null} count null: one other character */
    others: (count) => change({ others: count, ...(count === null ? {} : { signed: false }) }),
    /** @param {boolean} is */
    signed: (is) => change({ signed: is }),
  };
}

/** @type {import("../state/store.js").Echo} */
const PLAIN = Object.freeze({ step: null, instead: null, others: null, signed: false });

const clamped = (step, length) => Math.max(0, Math.min(step, length - 1));

/** Where a character is after an edit; one that was replaced itself is what stands there now. */
function moved(step, { at, remove }, grown, length) {
  if (at + remove <= step) return step + grown;
  return clamped(step, length);
}

/** The first letter from a little behind the left edge of the window on. */
export function early(navigation, text) {
  const { from, span } = navigation.window();
  const start = Math.min(from + Math.floor(EARLY * span), Math.max(0, navigation.read() - 1));
  const letter = text.characters(start, start + 12).findIndex((character) => /\p{L}/u.test(character));
  return start + Math.max(0, letter);
}
