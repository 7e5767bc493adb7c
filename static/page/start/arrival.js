// What an address brings, and a text that was written here before: what is shown of it, and what is said to be missing.

import { instrumentOf } from "../../instruments/index.js";
import { INITIAL } from "../../state/store.js";
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
          : `The text of this view has ${missing.toLocaleString("en")} characters, too many for an address. Ask ` +
            "for it as a file and open that. ";
    const known = catalogue();
    const words = `${gone}${known === null ? "" : strangers(address, known, instrumentOf)}`.trim();
    const all = `${words} ${more}`.trim();
    if (all !== "") status.say(all, words === "" ? "" : "address");
  }

  /**
   * Show what an address says.
   * @param {import("../persistence.js").Opened} found
   * @param {boolean} [patch] whether all that it does not name stays as it is
   */
  function bring(found, patch = false) {
    const known = catalogue();
    if (known === null) return;
    const panels = actions.valid(found.panels ?? []);
    const kept =
      panels.length > 0 ? { panels, corpus: known.served(panels[0].model).corpus } : { panels: store.get().panels };
    const { text: now } = store.get();
    const text = found.text === undefined || found.text === now.string ? now : Text.of(found.text);
    if (found.text !== undefined) navigation.caret = text.length;
    const echo = patch && found.echo === undefined ? store.get().echo : known.possible(found.echo ?? null);
    edits.whole({ ...(patch ? {} : BEGINNING), ...found, text, ...kept, echo });
    follow();
  }

  /** Another address was opened in this page. @param {import("../persistence.js").Opened} found */
  function visited(found) {
    const before = store.get().text;
    bring(found);
    const taken =
      store.get().text !== before && !common(before)
        ? "The text of this address has taken the place of yours. “Undo” brings it back."
        : "";
    sayMissing(location.hash, found.missing ?? null, taken);
  }

  return { common, begin, bring, visited };
}
