// Says once, of a text whose accents no model in view knows as they are written, what to do about it.

import { accentsHint } from "../text/accents.js";
import { Text } from "../text/document.js";

const REST_MS = 800; // nothing is said in the middle of a word

/**
 * @param {import("../state/store.js").Store} store
 * @param {{models: () => {name: string, known: Set<string>}[],
 *   status: import("../views/shell/status.js").Status, put: (text: Text) => void}} parts
 */
export function attachAccents(store, { models, status, put }) {
  let timer = 0;
  /** @type {string | null} */
  let said = null; // what was said of this text, so that it is not said again with each letter
  function look() {
    const { text, play } = store.get();
    if (play !== null) return;
    const hint = accentsHint(text.string, models());
    if (hint === null) {
      said = null;
      status.clear("accents");
    } else if (hint.form !== said && status.quiet()) {
      said = hint.form;
      status.say(hint.words, "accents", {
        words: `convert to ${hint.form}`,
        act: () => put(Text.of(store.get().text.string.normalize(hint.form))),
      });
    }
  }
  store.subscribe((state, changed) => {
    if (!changed.has("text") && !changed.has("panels")) return;
    clearTimeout(timer);
    timer = setTimeout(look, REST_MS);
  });
}
