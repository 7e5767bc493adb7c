// What the browser keeps between visits, and the view in the address.

import { Text } from "./core/document.js";
import { fromAddress, toAddress } from "./core/store.js";

const PAUSE_MS = 500;
const LONG = 20_000; // characters; a longer text is written only when the page has been at rest for a while
const LONG_PAUSE_MS = 3000;

const read = (storage, key) => {
  try {
    return storage().getItem(key);
  } catch {
    return null; // a browser that keeps nothing
  }
};

/** What the browser has no room for is not kept, and what stood there before must not come back in its place. */
const write = (storage, key, value) => {
  try {
    storage().setItem(key, value);
  } catch {
    try {
      storage().removeItem(key);
    } catch {
      // See above.
    }
  }
};

/** The state to begin with: what the address says, else what was kept. */
export function recall() {
  const asked = fromAddress(location.hash);
  const kept = read(() => sessionStorage, "text");
  // The address follows a moment behind the typing: where the page is only loaded again, what was kept is newer.
  const again = performance.getEntriesByType("navigation")[0]?.type === "reload";
  const text = Text.of((again ? (kept ?? asked.text) : (asked.text ?? kept)) ?? "");
  return { theme: read(() => localStorage, "theme") ?? "auto", ...asked, text };
}

/** Keep the theme that somebody has chosen here; one that an address asks for is that address' own. @param {string} theme */
export const keepTheme = (theme) => write(() => localStorage, "theme", theme);

/**
 * Keep the address and the storage up to the state, a moment after it has come to rest.
 * @param {ReturnType<typeof import("./core/store.js").createStore>} store
 * @param {{rested: () => void, visited: (found: any) => void}} acts `visited`: another address was opened in this page
 */
export function remember(store, acts) {
  let last = location.hash;
  let timer = 0;
  let textTimer = 0;
  let kept = null;

  function keepText() {
    clearTimeout(textTimer);
    textTimer = 0;
    const { text } = store.get();
    if (text === kept) return;
    kept = text;
    write(() => sessionStorage, "text", text.string);
  }
  function flush() {
    clearTimeout(timer);
    timer = 0;
    last = `#${toAddress(store.get())}`;
    history.replaceState(null, "", last);
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
    flush();
    keepText();
  });
  addEventListener("hashchange", () => {
    if (location.hash !== last) acts.visited(fromAddress(location.hash));
  });
  return flush;
}
