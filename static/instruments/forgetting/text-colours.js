// The colours of the text: how much each earlier character still moves the prediction at the cursor.

import { amount } from "../../format/powers.js";
import { spoken } from "../../text/characters.js";
import { choose, make, put, tell } from "../../views/dom.js";
import { rowOf } from "../../views/instrument-parts.js";

/** @import { Tint } from "../../state/instrument.js" */

/** Level n begins at 10^(LOWEST + (n − 1) / 2) logits: eight half decades, the same for every text and model. */
const LOWEST = -3;
const LEVELS = 8;

/** @param {number} log of a derivative, in logits @returns {number} 0 … 8 */
export function levelOf(log) {
  if (!(log >= LOWEST)) return 0;
  return Math.min(LEVELS, 1 + Math.floor(2 * (log - LOWEST)));
}

/** @param {import("../../state/instrument.js").Acts} bench */
export function createPull(bench) {
  const model = make("select", {
    "aria-label": "The text is coloured for",
    onchange: () => bench.set({ colour: model.value }),
  });
  const said = make("p", { className: "inst-note" });
  const scale = make("div", {
    className: "pull-scale",
    role: "img",
    "aria-label":
      `Colours of the text: eight levels from ${amount(LOWEST)} to ${amount(LOWEST + (LEVELS - 1) / 2)} logits ` +
      "and more, each half a decade; no colour below",
  });
  for (let level = 1; level <= LEVELS; level++) {
    scale.append(make("span", { className: `pull-${level}`, textContent: amount(LOWEST + (level - 1) / 2, 1) }));
  }
  const element = make("div", { className: "pull" }, rowOf(make("label", {}, "Text coloured for", model)), scale, said);
  /**
   * What is coloured now, and for which numbers.
   * @type {{data: Float32Array | null, step: number, tint: Tint | null}}
   */
  let painted = { data: null, step: -1, tint: null };

  /** @param {Float32Array} data by the number of steps back @param {number} step */
  function tintOf(data, step) {
    if (painted.data === data && painted.step === step) return painted.tint;
    const levels = Int8Array.from(data, levelOf).reverse();
    painted = { data, step, tint: { from: step - data.length + 1, levels } };
    return painted.tint;
  }

  return {
    element,
    /**
     * @param {import("../../state/instrument.js").View<{colour: string}>} view
     * @param {import("./forgetting.js").One[]} all what was measured, in the order of the panels
     */
    show({ options, panels }, all) {
      /** @type {[string, string][]} */
      const names = panels.map(({ id, title }) => [id, title]);
      const wanted =
        options.colour === "first" || !panels.some(({ id }) => id === options.colour)
          ? options.colour === "none"
            ? "none"
            : panels[0]?.id
          : options.colour;
      choose(model, [...names, ["none", "nobody: no colours"]], wanted ?? "none");
      const found = all.find(({ panel }) => panel.id === wanted)?.found;
      put(scale, { hidden: wanted === "none" });
      if (found === undefined) {
        bench.tint(null);
        return tell(said, "");
      }
      const { facts, tensors } = found;
      bench.tint(tintOf(tensors.backward.data, facts.step));
      const of = {
        next: `${spoken(facts.target)}, which came next`,
        expected: `${spoken(facts.target)}, which it expects next`,
        unknown: `${spoken(facts.target)}, which it expected: it does not know what came`,
      }[facts.target_is];
      const upTo = `each of the ${facts.back + 1} characters up to the cursor`;
      tell(said, `How much ${facts.back === 0 ? "the character at the cursor" : upTo} moves the logit of ${of}.`);
    },
  };
}
