// What changes the text beside the typing: undo, redo, and a text that comes as a whole.

import { History } from "../text/history.js";
import { edited, joined } from "../text/spans.js";

/**
 * @param {{store: import("../state/store.js").Store,
 *   navigation: import("./navigation.js").Navigation, editor: () =>
 *   import("../views/editor/editor.js").Editor}} parts
 */
export function createEdits({ store, navigation, editor }) {
  const history = new History(() => performance.now());
  history.begin(store.get().text);
  store.subscribe((state, changed, edit) => {
    if (edit === null) return;
    history.note(state.text, edit);
    // What a model has written stays marked, as long as it stands there.
    if (state.generated.length > 0 && !changed.has("generated")) {
      store.set({ generated: edited(state.generated, edit) });
    }
  });

  /** @param {{text: import("../text/document.js").Text, caret: number} | null} step */
  function show(step) {
    if (step === null) return;
    navigation.edited(step.text, step.caret);
    editor().reveal(step.caret);
  }

  /**
   * Changes that bring a text as a whole: it is a step of its own, however soon it comes after the typing.
   * @param {Partial<import("../state/store.js").State>} changes
   */
  function whole(changes) {
    history.close();
    store.set(changes);
    history.close();
  }

  return {
    whole,
    /**
     * The text that the page begins with: no undo leads back beyond it.
     * @param {import("../text/document.js").Text} text
     */
    begin: (text) => history.begin(text),
    undo: () => show(history.undo()),
    redo: () => show(history.redo()),
    /** Whether there is something to undo, and to redo. */
    can: () => ({ undo: history.done.length > 0, redo: history.undone.length > 0 }),
    /** What can be undone, and done again. */
    past: () => history.copy(),
    /**
     * The text that comes next is one from elsewhere, with steps of its own.
     * @param {import("../text/document.js").Text} text @param {import("../text/history.js").Past} past
     * @param {boolean} [fresh] whether no undo leads back to what is here
     */
    adopt: (text, past, fresh) => history.adopt(text, past, fresh),
    /** @returns {() => void} brings back all that is shown now, with its history */
    keep() {
      const past = history.copy();
      const state = store.get();
      return () => {
        history.restore(past);
        navigation.caret = state.text.length;
        store.set({ ...state, play: null });
      };
    },
    /** What comes next is a step of its own. */
    apart: () => history.close(),
    /** Whether the reader has put the caret elsewhere. @param {number} place */
    elsewhere: (place) => editor().focused() && editor().selected().to !== place,
    /** Write letters at a place, marked as a model's. @param {number} at @param {string} insert */
    generate(at, insert) {
      const { text } = store.get();
      const next = text.edited({ at, remove: 0, insert });
      const to = at + (next.since(text)?.grown ?? 0);
      history.together = true;
      navigation.edited(next, to);
      history.together = false;
      store.set({ generated: joined([...store.get().generated, { from: at, to }]) });
      editor().reveal(to);
      return to;
    },
    /**
     * Another text in the place of all that was there, seen from its start.
     * @param {import("../text/document.js").Text} text
     */
    put(text) {
      navigation.caret = 0;
      whole({ text, play: null, from: 0, cursor: navigation.released() });
    },
  };
}
