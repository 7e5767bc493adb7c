// What the browser keeps between visits, and the view in the address.

import { read, write } from "../state/browser-storage.js";
import { pack, unpack } from "../state/packed-text.js";
import { completes, fromAddress, isLong, toAddress } from "../state/store.js";
import { Text } from "../text/document.js";
import { keptTheme } from "../views/theme.js";

const PAUSE_MS = 500;
const LONG = 20_000; // characters; a longer text is written only when the page has been at rest for a while
const LONG_PAUSE_MS = 3000;

/** @typedef {Omit<ReturnType<typeof fromAddress>, "packed">} Opened what an address says */

/** Whether this page stands in a lesson, beside its words: what is kept then is the lesson's. */
export const inLesson = () => document.documentElement.classList.contains("lab") && parent !== window;

/**
 * What an address says, with its text unpacked. A packed text that cannot be read is missing. No `await` where there is
 * none.
 * @param {string} address
 */
export async function opened(address) {
  const { packed, ...asked } = fromAddress(address);
  if (packed === undefined) return asked;
  const text = await unpack(packed);
  return text === null ? { ...asked, missing: 0 } : { ...asked, text };
}

/** Whether the page was loaded anew, and not opened. */
export function wasReloaded() {
  const [navigation] = performance.getEntriesByType("navigation");
  return navigation instanceof PerformanceNavigationTiming && navigation.type === "reload";
}

/** The state to begin with: what the address says, else what was kept. */
export async function recall() {
  const asked = await opened(location.hash);
  const kept = inLesson() ? null : read(() => sessionStorage, "text");
  // The address follows a moment after the typing: where the page is only loaded again, what was kept is newer.
  const again = wasReloaded();
  if (kept !== null && completes(asked, Text.of(kept))) {
    return { theme: keptTheme(), ...asked, text: Text.of(kept), missing: null }; // who comes back lacks nothing
  }
  const text = Text.of((again ? (kept ?? asked.text) : (asked.text ?? kept)) ?? "");
  return { theme: keptTheme(), ...asked, text };
}

/** The text that was typed here last, in any tab; null where there is none. */
export const lastText = () => (inLesson() ? null : read(() => localStorage, "last-text"));

/**
 * Whether this is the first time in this browser that it is asked about; one that keeps nothing is asked each time.
 * @param {string} key
 */
export function warnOnce(key) {
  const first = read(() => localStorage, key) === null;
  write(() => localStorage, key, "1");
  return first;
}

/**
 * Keep the address and the storage up to the state, a moment after it has come to rest.
 * @param {import("../state/store.js").Store} store
 * @param {{rested: () => void, visited: (found: Opened) => void, common: (text: Text) => boolean}} acts `visited`:
 *   another
 *   address was opened in this page; `common`: whether a text is one that the page brings along
 */
export function remember(store, acts) {
  let last = location.hash;
  let timer = 0;
  let textTimer = 0;
  /** @type {Text | null} */
  let kept = null;
  /** @type {{text: Text | null, packed: string | null}} */
  let latest = { text: null, packed: null };

  function keepText() {
    clearTimeout(textTimer);
    textTimer = 0;
    const { text } = store.get();
    if (text === kept || inLesson()) return;
    kept = text;
    write(() => sessionStorage, "text", text.string);
    if (!acts.common(text) && text.length > 0) write(() => localStorage, "last-text", text.string);
  }
  function put() {
    clearTimeout(timer);
    timer = 0;
    if (location.hash !== last) return; // another address was opened just now, and the page hears of it next
    const state = store.get();
    history.replaceState(null, "", `#${toAddress(state, latest.text === state.text ? latest.packed : null)}`);
    last = location.hash;
  }
  /** Bring the address up to the state. @returns {Promise<void>} */
  async function flush() {
    const { text } = store.get();
    if (isLong(text) && latest.text !== text) {
      latest = { text, packed: await pack(text.string) };
      if (store.get().text !== text) return flush(); // it is another one by now
    }
    return put();
  }
  store.subscribe((state, changed) => {
    clearTimeout(timer);
    timer = setTimeout(() => {
      flush();
      acts.rested();
    }, PAUSE_MS);
    if (!changed.has("text")) return;
    clearTimeout(textTimer);
    textTimer = setTimeout(keepText, state.text.length > LONG ? LONG_PAUSE_MS : PAUSE_MS);
  });
  addEventListener("pagehide", () => {
    put(); // there is no time to pack anything
    keepText();
  });
  addEventListener("hashchange", () => {
    const { hash } = location;
    if (hash === last) return;
    last = hash;
    opened(hash).then(acts.visited);
  });
  return flush;
}
