// Where the live socket is: its address names the models that only some pages know of.

/** An id that a server gives to a model out of a session file. */
const OPENED = /-[0-9a-f]{8,}$/;

/**
 * @param {string} socket its address @param {{id?: string, model?: string}[]} known models, or panels of models: the
 *   server is to list those that came with session files, which it tells nobody else of
 */
export function socketAddress(socket, known) {
  const names = known.map(({ id, model }) => (id ?? model ?? "").split(/[@~]/)[0]).filter((name) => OPENED.test(name));
  const words = [...new Set(names)].map((name) => `opened=${encodeURIComponent(name)}`);
  return words.length === 0 ? socket : `${socket}?${words.join("&")}`;
}
