// What a unit follows: a row a feature with a bar for |r|, on it a tick for what chance gives; and who else follows it.

import { visible } from "../../text/characters.js";
import { decimal, make, put, tell } from "../../views/dom.js";
import { beyond } from "./words.js";

/** @import { FeatureRow, UnitFacts } from "../../protocol/answers.js" */
/** @import { PanelView } from "../../state/instrument.js" */
/** @import { Found } from "./lines.js" */

/** @typedef {FeatureRow & {r: number}} Answered a feature that has a number */

/** @param {FeatureRow[]} rows @returns {Answered[]} */
const answeredOf = (rows) => rows.flatMap((row) => (row.r === null ? [] : [{ ...row, r: row.r }]));

/** A correlation with its sign. @param {number} r */
const signed = (r) => `${r > 0 ? "+" : ""}${decimal(r, Math.abs(r) < 9.995 ? 2 : 1)}`;

/** @param {FeatureRow} row */
const shareOf = ({ counts, mean }) =>
  mean === null
    ? ""
    : counts
      ? `, ${decimal(mean, 2)} on average`
      : `, at ${(100 * mean).toFixed(mean > 0 && mean < 0.1 ? 1 : 0)} % of the steps`;

/** The bar of a correlation. @param {Answered} row */
function barOf({ r, usual }) {
  const fill = make("i", { className: r < 0 ? "negative" : "positive" });
  fill.style.width = `${100 * Math.abs(r)}%`;
  const bar = make("span", { className: "unit-bar", "aria-hidden": "true" }, fill);
  if (usual !== null) {
    const tick = make("b");
    tick.style.left = `${100 * usual}%`;
    bar.append(tick);
  }
  return bar;
}

/** @param {number} unit @param {number} r @param {(unit: number) => void} hold @param {boolean} here */
const unitButton = (unit, r, hold, here) =>
  make(
    "button",
    {
      type: "button",
      className: "unit-jump",
      "aria-current": String(here),
      title: here ? "This is the unit in view" : `Look at unit ${unit}`,
      onclick: () => hold(unit),
    },
    `${unit} `,
    make("small", { textContent: signed(r) }),
  );

/** @param {UnitFacts} facts @param {number} fewest steps from which the level of chance is estimated */
function keyWords({ rows, best_of_all: best, stop, start }, fewest) {
  const known = rows.filter(({ r }) => r !== null);
  if (known.length === 0) return "";
  if (best === null) {
    const few = (stop - start).toLocaleString("en");
    return `What chance would give cannot be estimated from ${few} steps: it takes ${fewest}.`;
  }
  return (
    "Tick: chance; 95 in 100 shifts of the text against the unit stay below it. Grey: not beyond it. Bold: " +
    `beyond what the best of ${known.length} features gets by chance, ${decimal(best, 2)} × its tick.`
  );
}

/** The features without a number, by the reason why. @param {UnitFacts} facts */
function missingOf({ rows }) {
  const reasons = new Map();
  for (const { name, title, why } of rows) {
    if (why !== null && name !== "pattern") reasons.set(why, [...(reasons.get(why) ?? []), title]);
  }
  return [...reasons]
    .map(([why, titles]) => `No number for ${titles.join(", ")}: ${why.slice(0, 1).toLowerCase()}${why.slice(1)}`)
    .join(" ");
}

/** @param {UnitFacts} facts */
function lettersOf({ characters }) {
  if (characters.length === 0) return [];
  return [
    "By single characters: ",
    ...characters.map(({ character, count, r, mark }) => {
      const words = make("span", {
        className: mark !== null && Math.abs(r) <= mark ? "unit-chance" : "",
        title:
          `${count.toLocaleString("en")} ` +
          `times${mark === null ? "" : `; the best of all characters gets ${decimal(mark, 2)} by chance`}`,
      });
      words.append(make("code", { textContent: visible(character) }), ` ${signed(r)}`);
      return words;
    }),
  ];
}

export class Features {
  /**
   * @param {HTMLElement[]} controls of what is looked at
   * @param {{hold: (unit: number) => void, focus: (feature: string) => void}} acts
   */
  constructor(controls, acts) {
    this.acts = acts;
    this.heading = make("h3");
    this.body = make("tbody");
    const head = make(
      "tr",
      {},
      ...[
        ["feature", ""],
        ["|r|", "unit-wide"],
        ["r", "number"],
        ["effect", "number"],
        ["best unit", "number"],
      ].map(([words, className]) => make("th", { scope: "col", className, textContent: words })),
    );
    this.table = make("table", { className: "inst-table unit-features" }, make("thead", {}, head), this.body);
    this.key = make("p", { className: "inst-note" });
    this.without = make("p", { className: "inst-note" });
    this.letters = make("p", { className: "unit-line unit-letters" });
    this.others = make("div", { className: "unit-line unit-followers" });
    this.found = [this.table, this.key, this.others, this.letters, this.without];
    this.element = make("section", { className: "unit-follows" }, this.heading, ...controls, ...this.found);
    /** @type {UnitFacts | null} */
    this.drawn = null;
  }

  /** @param {Answered} row @param {UnitFacts} facts @param {number} unit */
  #rowOf(row, facts, unit) {
    const { own, all, known } = beyond(row, facts.best_of_all);
    const told = known
      ? `; chance: 95 in 100 shifts below ${decimal(row.usual ?? NaN, 2)}, 99 below ${decimal(row.rare ?? NaN, 2)}; ` +
        `${(100 * (row.as_good ?? NaN)).toPrecision(2)} % of shifts do as well`
      : "";
    const name = make("button", {
      type: "button",
      className: "unit-feature",
      "aria-pressed": String(row.name === facts.focus),
      title: `${row.note}${shareOf(row)}. Show which units follow it most${told}.`,
      onclick: () => this.acts.focus(row.name),
      textContent: row.title,
    });
    const effect = row.counts
      ? row.rank_r === null
        ? "–"
        : `ρ ${signed(row.rank_r)}`
      : row.d === null
        ? "–"
        : `d ${signed(row.d)}`;
    const best = row.best === null ? "–" : unitButton(row.best[0], row.best[1], this.acts.hold, row.best[0] === unit);
    return make(
      "tr",
      { className: known && !own ? "unit-chance" : all ? "unit-beyond" : "", "data-feature": row.name },
      make("td", {}, name),
      make("td", { className: "unit-wide" }, barOf(row)),
      make("td", { className: "number", textContent: signed(row.r) }),
      make("td", { className: "number", textContent: effect }),
      make("td", { className: "number" }, best),
    );
  }

  /** @param {UnitFacts} facts @param {number} unit @param {number} layer */
  #othersOf(facts, unit, layer) {
    const title = facts.rows.find(({ name }) => name === facts.focus)?.title ?? facts.focus;
    if (facts.followers === null) {
      return [
        make("p", {
          className: "inst-note",
          textContent: `No unit can follow “${title}”: it never changes in these steps.`,
        }),
      ];
    }
    const { units, mark } = facts.followers;
    const chance = mark === null ? "" : ` The best of all units gets ${decimal(mark, 2)} by chance.`;
    return [
      make("p", { textContent: `The units of layer ${layer} that follow “${title}” most:` }),
      make("p", {}, ...units.map(([one, r]) => unitButton(one, r, this.acts.hold, one === unit))),
      make("p", { className: "inst-note", textContent: chance.trim() }),
    ];
  }

  /**
   * @param {PanelView | null} panel of the model that it speaks of @param {Found | null} finding @param {number} unit
   * @param {number} fewest steps from which the level of chance is estimated
   */
  update(panel, finding, unit, fewest) {
    const known = finding !== null;
    for (const one of this.found) {
      put(one, { hidden: !known || (one === this.table && finding.facts.rows.every(({ r }) => r === null)) });
    }
    tell(
      this.heading,
      panel === null ? "" : `What unit ${known ? finding.measure.unit : unit} of ${panel.title} follows`,
    );
    if (!known || this.drawn === finding.facts) return;
    this.drawn = finding.facts;
    const { facts, measure } = finding;
    const focused = document.activeElement?.closest("tr[data-feature]")?.getAttribute("data-feature");
    this.body.replaceChildren(...answeredOf(facts.rows).map((row) => this.#rowOf(row, facts, measure.unit)));
    if (focused !== undefined && focused !== null) {
      /** @type {HTMLElement | null} */
      const again = this.body.querySelector(`tr[data-feature="${focused}"] button`);
      again?.focus({ preventScroll: true });
    }
    tell(this.key, keyWords(facts, fewest));
    tell(this.without, missingOf(facts));
    this.letters.replaceChildren(...lettersOf(facts));
    this.others.replaceChildren(...this.#othersOf(facts, measure.unit, measure.layer));
  }
}
