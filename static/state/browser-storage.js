// What a browser keeps between visits, if it keeps anything.

/** @param {() => Storage} storage @param {string} key @returns {string | null} */
export function read(storage, key) {
  try {
    return storage().getItem(key);
  } catch {
    return null; // a browser that keeps nothing
  }
}

/**
 * What the browser has no room for is not kept, and what stood there before must not come back in its place.
 * @param {() => Storage} storage @param {string} key @param {string} value
 */
export function write(storage, key, value) {
  try {
    storage().setItem(key, value);
  } catch {
    try {
      storage().removeItem(key);
    } catch {
      // See above.
    }
  }
}
