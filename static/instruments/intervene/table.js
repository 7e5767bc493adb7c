// What interventions cost, as a table: a row a network, and below it the same with exactly so many characters.

import { keyOf } from "../../views/chart.js";
import { make } from "../../views/dom.js";
import { bits, roundingOf, signed } from "./networks.js";

/** @import { InterveneFacts } from "../../protocol/answers.js" */
/** @import { Intervention } from "../../state/intervention.js" */
/** @import { Network } from "./networks.js" */

/** @param {string[]} words */
const cellsOf = (words) => words.map((textContent) => make("td", { className: "number", textContent }));

export const heads = () =>
  ["model", "bits/char", "held", "more", "KL", "show"].map((textContent, k) =>
    make("th", { scope: "col", textContent, className: k > 0 && k < 5 ? "number" : "" }),
  );

/**
 * The row of a network, with the two buttons that open its panels.
 * @param {Network} network @param {InterveneFacts | undefined} facts
 * @param {{panel: HTMLElement, difference: HTMLElement}} buttons
 */
export function tableRow(network, facts, { panel, difference }) {
  const more =
    facts === undefined || facts.free_bits === null ? "" : signed((facts.held_bits ?? NaN) - facts.free_bits);
  const cells =
    facts === undefined
      ? ["", "", "", ""]
      : [bits(facts.free_bits), bits(facts.held_bits), more, bits(facts.divergence)];
  return make(
    "tr",
    { "data-for": network.id },
    make("th", { scope: "row" }, keyOf(network), network.title),
    ...cellsOf(cells),
    make("td", {}, panel, difference),
  );
}

/**
 * The row of a network that is read in chunks, with exactly so many characters before each one.
 * @param {Network} network @param {InterveneFacts | undefined} facts
 */
export function nearRow(network, facts) {
  if (facts?.exactly === undefined) return [];
  const { exactly, exact_free_bits: free, exact_bits: exact, exact_error: error = null } = facts;
  const title =
    `Each character with exactly ${exactly} before it, read from a state of ` +
    `zero${error === null ? "" : `; more: ± ${error.toFixed(3)}`}`;
  return [
    make(
      "tr",
      { "data-exact": network.id, title },
      make("th", { scope: "row", textContent: `exactly ${exactly} characters` }),
      ...cellsOf([bits(free), bits(exact), signed((exact ?? NaN) - (free ?? NaN)), ""]),
      make("td"),
    ),
  ];
}

/**
 * Of the answers so far: what was counted, and where nothing was. `letters`: what the address asks for.
 * @param {Intervention[]} all @param {Network[]} able
 * @param {(network: Network) => InterveneFacts | undefined} factsOf @param {string} letters
 */
export function noteOf(all, able, factsOf, letters) {
  if (all.length === 0 && letters !== "") {
    return "The interventions of this address cannot be read: nothing is held. Begin anew with one of the buttons.";
  }
  if (all.length === 0) {
    return "Nothing is held yet. Begin with one of the buttons: they take the unit and the step of the cursor.";
  }
  const facts = able.map(factsOf).find((one) => one !== undefined);
  if (facts === undefined) return "";
  const first = facts.first.toLocaleString("en");
  if (facts.scored === 0) {
    return `Nothing follows step ${first} that could be scored: write on, or begin earlier.`;
  }
  const shaky = able.flatMap((network) => roundingOf(network, factsOf(network)));
  const more = able.length > 1 ? "Each network is compared with itself." : "";
  const near =
    facts.exactly === undefined
      ? ""
      : ` “Exactly ${facts.exactly.toLocaleString("en")} characters”: every character has that many before ` +
        "it, read from a state of zero, while in a chunk most have fewer " +
        `(${(facts.exact_positions ?? 0).toLocaleString("en")} characters).`;
  return (
    `Mean surprise of the ${facts.scored.toLocaleString("en")} characters after step ` +
    `${first}, as it is and held; KL, the mean divergence. ` +
    `${more}${near}${shaky.join("")}`
  );
}
