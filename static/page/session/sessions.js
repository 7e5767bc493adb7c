// The view with its text, its history and its models as a file, and back.

import { instrumentOf } from "../../instruments/index.js";
import { fromAddress, viewAddress } from "../../state/store.js";
import { strangers } from "../../state/unavailable.js";
import { nearest } from "../../text/steps.js";
import { downloadFile } from "../download.js";
import { contentOf, fileOf, givenAs } from "./requests.js";

/** @import { Given, Saved } from "./requests.js" */
/** @import { Past } from "../../text/history.js" */

const NAME = "session.hidden-state";

/**
 * @typedef {object} Parts
 * @property {import("../../state/store.js").Store} store
 * @property {ReturnType<typeof import("../text-actions.js").createEdits>} edits
 * @property {() => import("../../state/catalogue.js").Catalogue | null} catalogue
 * @property {(models: Given["models"]) => void} learn takes in models that came along
 * @property {(found: import("../persistence.js").Opened, how: {history: Past, fresh: boolean}) => void} bring shows it
 * @property {(words: string, cause?: string, offer?: {words: string, act: () => void} | null) => void} say
 */

/** @param {number} count @param {string} word */
const counted = (count, word) => `${count.toLocaleString("en")} ${word}${count === 1 ? "" : "s"}`;

/** @param {unknown} error */
const wordsOf = (error) => (error instanceof Error ? error.message : String(error));

export class Sessions {
  /** @param {Parts} parts */
  constructor(parts) {
    this.parts = parts;
  }

  /** Download what is shown as a file. */
  async save() {
    const { store, edits, catalogue, say } = this.parts;
    const state = store.get();
    /** @type {Saved} */
    const saved = {
      view: viewAddress(state),
      text: state.text.string,
      options: state.options,
      generated: state.generated.map(({ from, to }) => [from, to]),
      author: state.author,
      history: { done: [], undone: [] },
    };
    const taken = new Blob([JSON.stringify(saved)]).size;
    const { done, undone, left } = nearest(edits.past(), (catalogue()?.limits.message_bytes ?? 0) - taken);
    try {
      downloadFile(await fileOf(JSON.stringify({ ...saved, history: { done, undone } })), NAME);
    } catch (error) {
      return say(wordsOf(error), "session");
    }
    const less = left === 0 ? "" : ` It has no room for the ${counted(left, "oldest step")} of “Undo”.`;
    return say(`The session is saved as “${NAME}”: the view, the whole text, and what can be undone.${less}`);
  }

  /** Show what is in a file. @param {File} file */
  async open(file) {
    const { say, catalogue } = this.parts;
    const most = catalogue()?.limits.message_bytes;
    const name = `“${file.name}”`;
    if (most === undefined) {
      return say(`This page has no server, and to open ${name} is a server’s work. Start one with it.`, "session");
    }
    if (file.size > most) {
      return say(
        `${name} has ${counted(file.size, "byte")}; this server takes at most ${most.toLocaleString("en")}. Nothing ` +
          "has changed. Raise HIDDEN_STATE_MESSAGE_LIMIT_BYTES to open it.",
        "session",
      );
    }
    let bytes;
    try {
      bytes = await file.arrayBuffer();
    } catch {
      return say(`${name} could not be read: it has changed or gone since it was chosen. Choose it again.`, "session");
    }
    try {
      this.#show(await contentOf(bytes), `${name} is open.`);
    } catch (error) {
      say(wordsOf(error), "session");
    }
    return undefined;
  }

  /** Show the session that the page was opened with, if it was: `?session=WORD`. */
  async arrive() {
    const word = new URLSearchParams(location.search).get("session");
    if (word === null) return;
    history.replaceState(null, "", `${location.pathname}${location.hash}`); // loaded again, the page has its own text
    try {
      this.#show(await givenAs(word), null);
    } catch (error) {
      this.parts.say(wordsOf(error), "session");
    }
  }

  /** @param {Given} given @param {string | null} opened what is said; null: nothing was here before */
  #show(given, opened) {
    const { edits, catalogue, learn, bring, say } = this.parts;
    learn(given.models);
    const known = catalogue();
    if (known === null) return;
    const back = edits.keep();
    const { text, options, author } = given;
    const generated = given.generated.map(([from, to]) => ({ from, to }));
    const view = { ...fromAddress(given.view), text, options, author, generated };
    bring(view, { history: given.history, fresh: opened === null });
    const lost = [strangers(given.view, known, instrumentOf, "session"), ...given.remarks].filter(Boolean);
    if (opened !== null) say([opened, ...lost].join(" "), "opened", { words: "bring back what was here", act: back });
    else if (lost.length > 0) say(lost.join(" "), "session");
  }
}
