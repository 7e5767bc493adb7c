// Play: the text types itself. The models are sent the part up to `position`; the whole stays in the editor.

const SHORTEST_TICK_MS = 16;

/**
 * @typedef {object} Player
 * @property {() => void} toggle plays from the start, or goes on, or pauses
 * @property {(by: number) => void} step one character on or back, paused; `by` is 1 or −1
 * @property {() => void} stop reads the whole text again
 */

/**
 * @param {import("../state/store.js").Store} store
 * @param {Omit<import("../wire/connection.js").Platform, "WebSocket">} clock
 * @returns {Player}
 */
export function createPlayer(store, clock) {
  /** @type {number | undefined} */
  let timer;
  const halt = () => {
    clock.clearTimeout(timer);
    timer = undefined;
  };
  const length = () => store.get().text.length;

  /** @param {number} position @param {boolean} running */
  function goTo(position, running) {
    const end = length();
    const to = Math.max(0, Math.min(position, end));
    if (to >= end) {
      halt();
      store.set({ play: null, from: null, cursor: { ...store.get().cursor, step: null } });
    } else store.set({ play: { position: to, running }, from: null, cursor: { ...store.get().cursor, step: null } });
  }

  function tick() {
    const { play, speed } = store.get();
    if (!play?.running) return halt();
    const pause = Math.max(SHORTEST_TICK_MS, 1000 / speed);
    timer = clock.setTimeout(tick, pause);
    goTo(play.position + Math.max(1, Math.round((pause * speed) / 1000)), true);
  }

  return {
    toggle() {
      const { play } = store.get();
      halt();
      if (play?.running) return goTo(play.position, false);
      if (length() === 0) return;
      goTo(play?.position ?? 0, true);
      timer = clock.setTimeout(tick, 1000 / store.get().speed);
    },
    step(by) {
      halt();
      goTo((store.get().play?.position ?? length()) + by, false);
    },
    stop() {
      halt();
      if (store.get().play !== null) goTo(length(), false);
    },
  };
}
