// What the browser keeps between visits, and the view in the address.

import { fromAddress, toAddress } from "./core/store.js";
import { wellFormed } from "./core/text.js";

const PAUSE_MS = 500;

const read = (storage, key) => {
  try {
    return storage().getItem(key);
  } catch {
    return null; // a browser that keeps nothing
  }
};

const write = (storage, key, value) => {
  try {
    storage().setItem(key, value);
  } catch {
    // See above.
  }
};

/** The state to begin with: what the address says, else what was kept. */
export function recall() {
  const asked = fromAddress(location.hash);
  const text = wellFormed(asked.text ?? read(() => sessionStorage, "text") ?? "");
  return { theme: read(() => localStorage, "theme") ?? "auto", ...asked, text };
}

/**
 * Keep the address and the storage up to the state, a moment after it has come to rest.
 * @param {ReturnType<typeof import("./core/store.js").createStore>} store
 * @param {{rested: () => void, visited: (found: any) => void}} acts `visited`: another address was opened in this page
 */
export function remember(store, acts) {
  let last = location.hash;
  let timer = 0;
  function flush() {
    clearTimeout(timer);
    timer = 0;
    last = `#${toAddress(store.get())}`;
    history.replaceState(null, "", last);
    write(() => sessionStorage, "text", store.get().text);
    write(() => localStorage, "theme", store.get().theme);
  }
  store.subscribe(() => {
    clearTimeout(timer);
    timer = setTimeout(() => {
      flush();
      acts.rested();
    }, PAUSE_MS);
  });
  addEventListener("pagehide", flush);
  addEventListener("hashchange", () => {
    if (location.hash !== last) acts.visited(fromAddress(location.hash));
  });
  return flush;
}
