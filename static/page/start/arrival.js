// What an address brings, and a text that was written here before: what is shown of it, and what is said to be missing.

import { instrumentOf } from "../../instruments/index.js";
import { proper } from "../../state/options.js";
import { completes, INITIAL } from "../../state/store.js";
import { strangers } from "../../state/unavailable.js";
import { Text } from "../../text/document.js";
import { lastText, warnOnce } from "../persistence.js";

/** Of a view that its address does not name; the theme, the speed and the family of models are of the page. */
const BEGINNING = Object.fromEntries(
  Object.entries(INITIAL).filter(([name]) => !["corpus", "theme", "speed"].includes(name)),
);

/**
 * @typedef {object} Parts
 * @property {import("../../state/store.js").Store} store @property {import("../navigation.js").Navigation} navigation
 * @property {import("../../views/shell/status.js").Status} status
 * @property {ReturnType<typeof import("../text-actions.js").createEdits>} edits
 * @property {import("../view-actions.js").ViewActions} actions
 * @property {() => import("../../state/catalogue.js").Catalogue | null} catalogue asked for when it is needed
 * @property {() => void} follow brings the editor to where the pictures are
 * @property {{missing?: number | null}} begun the state that the page began with
 * @property {string} asked the address then @property {boolean} again whether it was loaded anew
 */

/**
 * The panels and the options that an address names, as far as there are such.
 * @param {import("../persistence.js").Opened} found @param {import("../../state/catalogue.js").Catalogue} known
 * @param {import("../../state/catalogue.js").Panel[]} panels those that it names and that there are
 * @param {Pick<import("../../state/store.js").State, "panels" | "corpus">} now
 */
function chosen(found, known, panels, now) {
  const none = found.corpus !== undefined && known.corpora.includes(found.corpus);
  const shown = { panels: now.panels, corpus: now.corpus };
  if (panels.length > 0) Object.assign(shown, { panels, corpus: known.served(panels[0].model).corpus });
  else if (none) Object.assign(shown, { panels, corpus: found.corpus });
  const defaults = instrumentOf(found.instrument ?? null)?.defaults(known);
  return defaults === undefined ? shown : { ...shown, options: proper(defaults, found.options ?? {}) };
}

/** @param {Parts} parts */
export function createArrival({ store, navigation, status, edits, actions, catalogue, follow, begun, asked, again }) {
  /** Whether a text is empty or a sample: nothing that anybody has written. @param {Text} text */
  const common = (text) => text.length === 0 || (catalogue()?.samples.some((one) => one.text === text.string) ?? true);

  /** Show the place in the editor that the pictures show, and say what is missing. @param {Text} text */
  function begin(text) {
    follow();
    if (CSS.highlights === undefined && warnOnce("no-marks")) {
      return status.say(
        "This browser cannot mark characters in the text: what is unknown, found, read or written by a model " +
          "is shown in the strip above the pictures only. Chrome and Edge from 105, Safari from 17.2 and Firefox " +
          "from 140 can.",
      );
    }
    if (asked.length > 1) return sayMissing(asked, begun.missing ?? null);
    const before = again ? null : lastText();
    if (before === null || !common(text)) return undefined;
    const length = Text.of(before).length.toLocaleString("en");
    return status.say(`The text that you wrote here last is kept: ${length} characters.`, "", {
      words: "bring it back",
      act: () => edits.put(Text.of(before)),
    });
  }

  /**
   * What an address asks for and does not get.
   * @param {string} address
   * @param {number | null} missing
   * @param {string} [more] what is said besides
   */
  function sayMissing(address, missing, more = "") {
    const gone =
      missing === null
        ? ""
        : missing === 0
          ? "The text of this address was cut off on its way and cannot be read. Ask for the address again, or " +
            "for the text as a file. "
          : `The text of this view has ${missing.toLocaleString("en")} characters, too many for an address, and only ` +
            "its start is here. Ask for the session as a file (“Save session”) and open that. ";
    const known = catalogue();
    const words = `${gone}${known === null ? "" : strangers(address, known, instrumentOf)}`.trim();
    const all = `${words} ${more}`.trim();
    if (all !== "") status.say(all, words === "" ? "" : "address");
  }

  /**
   * Show what an address says.
   * @param {import("../persistence.js").Opened} found
   * @param {{patch?: boolean, history?: import("../../text/history.js").Past | null, fresh?: boolean}} [how] `patch`:
   *   all that it does not name stays as it is; `history`: of its text; `fresh`: no undo leads back beyond that
   */
  function bring(found, { patch = false, history = null, fresh = false } = {}) {
    const known = catalogue();
    if (known === null) return;
    const { text: now } = store.get();
    const same = found.text === undefined || found.text === now.string || completes(found, now);
    const text = same ? now : Text.of(found.text ?? "");
    if (found.text !== undefined) navigation.caret = text.length;
    if (history !== null) edits.adopt(text, history, fresh);
    const echo = patch && found.echo === undefined ? store.get().echo : known.possible(found.echo ?? null);
    const named = chosen(found, known, actions.valid(found.panels ?? []), store.get());
    edits.whole({ ...(patch ? {} : BEGINNING), ...found, text, ...named, echo });
    follow();
  }

  /** Another address was opened in this page. @param {import("../persistence.js").Opened} found */
  function visited(found) {
    const before = store.get().text;
    const missing = completes(found, before) ? null : (found.missing ?? null);
    bring(found);
    const taken =
      store.get().text !== before && !common(before)
        ? "The text of this address has taken the place of yours. “Undo” brings it back."
        : "";
    sayMissing(location.hash, missing, taken);
  }

  return { common, begin, bring, visited };
}
