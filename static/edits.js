// What changes the text beside the typing: undo, redo, and a text that comes as a whole.

import { History } from "./core/history.js";

/**
 * @param {{store: ReturnType<typeof import("./core/store.js").createStore>, navigation: import("./navigation.js").Navigation,
 *   editor: () => ReturnType<typeof import("./views/editor.js").createEditor>}} parts
 */
export function createEdits({ store, navigation, editor }) {
  const history = new History(() => performance.now());
  history.begin(store.get().text);
  store.subscribe((state, changed) => changed.has("text") && history.note(state.text));

  function show(step) {
    if (step === null) return;
    navigation.edited(step.text, step.text.since(store.get().text), step.caret);
    editor().reveal(step.caret);
  }

  return {
    /** The text that the page begins with: nothing leads back behind it. @param {import("./core/document.js").Text} text */
    begin: (text) => history.begin(text),
    undo: () => show(history.undo()),
    redo: () => show(history.redo()),
    /** Whether there is something to undo, and to redo. */
    can: () => ({ undo: history.done.length > 0, redo: history.undone.length > 0 }),
    /** Another text in the place of all that was there, seen from its start. @param {import("./core/document.js").Text} text */
    put(text) {
      navigation.caret = 0;
      store.set({ text, play: null, from: 0, cursor: navigation.released() });
    },
  };
}
