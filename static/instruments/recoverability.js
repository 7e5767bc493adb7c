// Recoverability: how well a linear probe reads the character k steps back off the hidden state.

import { display, frac, row, sub, words } from "../format/mathml.js";
import { splitId } from "../state/catalogue.js";
import { answerOf } from "../state/instrument.js";
import { Chart, legendOf } from "../views/chart.js";
import { choose, make, put } from "../views/dom.js";
import { chooser, rowOf } from "../views/instrument-parts.js";

/** @import { ProbeCurve, RecoverabilityFacts, RecoverabilityTensors } from "../protocol/answers.js" */
/** @import { Acts, Answer, Findings, View } from "../state/instrument.js" */

/** @typedef {{source: string}} Options */
/** @typedef {{title: string, color: string, dashed: boolean, found: ProbeCurve | null}} Curve */

const SHIPPED = "/api/recoverability";
/** @type {[string, string][]} */
const SOURCES = [
  ["shipped", "the corpus, as shipped"],
  ["text", "your text, now"],
];

/** @typedef {{trained?: ProbeCurve, untrained?: ProbeCurve}} Probes the curves of a model that ship */

/** What the project's own probes found, by model, fetched once. @type {Record<string, Probes> | null} */
let shipped = null;
/** Why they could not be fetched. @type {string | null} */
let fault = null;
/** @type {Promise<unknown> | null} */
let waiting = null;

/** @param {number} share */
const percent = (share) => `${(100 * share).toFixed(share < 0.0995 ? 1 : 0)} %`;

/**
 * The first lag from which on the probe is within a hundredth of chance.
 * @param {number[]} lags @param {number[]} accuracy @param {number} chance
 */
function fades(lags, accuracy, chance) {
  const last = accuracy.findLastIndex((one) => one > chance + 0.01);
  return last === accuracy.length - 1 ? null : lags[last + 1];
}

/**
 * One curve a panel, wherever it comes from.
 * @param {View<Options>} view @param {Findings} findings @returns {Curve[]}
 */
function curves({ panels, options }, findings) {
  if (options.source === "shipped") {
    return panels.map(({ id, title, color, dashed, resolved }) => {
      const { untrained, letters } = splitId(id);
      // What ships was read off networks in which nothing was held.
      const found =
        letters === "" ? (shipped?.[resolved.model.id]?.[untrained ? "untrained" : "trained"] ?? null) : null;
      return { title, color, dashed, found };
    });
  }
  return panels.map(({ id, title, color, dashed }) => {
    const answer = /** @type {Answer<RecoverabilityFacts, RecoverabilityTensors> | null} */ (answerOf(findings, id));
    const found =
      answer === null
        ? null
        : {
            ...answer.facts,
            lags: Array.from(answer.tensors.lags.data),
            accuracy: Array.from(answer.tensors.accuracy.data),
          };
    return { title, color, dashed, found };
  });
}

class Recoverability {
  /** @param {HTMLElement} host @param {Acts} bench */
  constructor(host, bench) {
    this.source = chooser("Measured on", (value) => bench.set({ source: value }));
    this.legend = make("div");
    const charts = make("div");
    this.note = make("p", { className: "inst-note" });
    host.append(rowOf(make("label", {}, "measured on", this.source)), this.legend, charts, this.note);
    this.chart = new Chart(charts, { label: "Accuracy of the probe against the number of steps back", height: 260 });
    /** What was shown last. @type {[View<Options>, Findings] | null} */
    this.last = null;
  }

  #fetched() {
    if (waiting !== null) return;
    waiting = fetch(SHIPPED)
      .then((answer) => (answer.ok ? answer.json() : Promise.reject(new Error(answer.statusText))))
      .then((found) => (shipped = found))
      .catch((error) => {
        fault = `The probes that ship could not be fetched (${error.message}). Load the page again.`;
      })
      .finally(() => this.last !== null && this.show(...this.last));
  }

  /** @param {View<Options>} view */
  asks({ panels, options }) {
    return options.source === "text"
      ? panels.map(({ id }) => ({ model: id, measure: { name: "recoverability" } }))
      : [];
  }

  /** @param {View<Options>} view @param {Findings} findings */
  show(view, findings) {
    this.last = [view, findings];
    const { options, theme, Plotly } = view;
    choose(this.source, SOURCES, options.source);
    if (options.source === "shipped") this.#fetched();
    const all = curves(view, findings);
    const known = all.flatMap(({ found, ...line }) => (found === null ? [] : [{ ...line, found }]));
    this.legend.replaceChildren(
      legendOf(
        all.map(({ title, color, dashed, found }) => {
          const gone = found === null ? null : fades(found.lags, found.accuracy, found.chance);
          return {
            name: title,
            color,
            dashed,
            note:
              found === null
                ? "not measured"
                : gone === null
                  ? `beyond ${found.lags.at(-1)} steps`
                  : `at chance from ${gone} on`,
          };
        }),
      ),
    );
    this.chart.update({
      lines: known.map(({ title, color, dashed, found }) => ({
        name: title,
        color,
        dashed,
        x: found.lags,
        y: found.accuracy,
        hover: `%{y:.1%}<extra>${title}</extra>`,
      })),
      xTitle: "k, steps back (logarithmic)",
      yTitle: "accuracy",
      logX: true,
      xRange: [1, Math.max(10, ...known.map(({ found }) => found.lags.at(-1) ?? 1))],
      yRange: [0, 1],
      horizontals: known.slice(0, 1).map(({ found }) => ({ y: found.chance, text: `chance ${percent(found.chance)}` })),
      theme,
      Plotly,
    });
    const first = known[0]?.found;
    const missing = all.filter(({ found }) => found === null).map(({ title }) => title);
    const words_ = [];
    if (first !== undefined) {
      words_.push(
        `Fitted on ${first.trained_on.toLocaleString("en")} characters, scored on ` +
          `${first.held_out.toLocaleString("en")} ` +
          `others${options.source === "text" ? " of your text" : ""}.`,
      );
    }
    if (options.source === "shipped" && missing.length > 0 && (shipped ?? fault) !== null) {
      words_.push(fault ?? `No probe ships for ${missing.join(", ")}; measure it on your text.`);
    }
    put(this.note, { textContent: words_.join(" ") });
  }

  /** @param {View<Options>} view @param {Findings} findings */
  table(view, findings) {
    const { csv } = view.catalogue;
    const record = csv.recorder("recoverability");
    const known = curves(view, findings).flatMap(({ title, found }) => (found === null ? [] : [{ title, found }]));
    const rows = known.flatMap(({ title, found: { lags, accuracy, ...facts } }) => {
      const tensors = { lags: { data: lags }, accuracy: { data: accuracy } };
      return lags.map((_, k) => record({ facts, tensors }, k, { model: title }));
    });
    return csv.of("recoverability", `recoverability-${view.options.source}`, rows);
  }

  destroy() {
    return this.chart.destroy();
  }
}

/** @type {import("../state/instrument.js").Definition} */
export const recoverability = {
  name: "recoverability",
  title: "Recoverability",
  question: "How far back can the characters be read off the state?",
  defaults: () => ({ source: "shipped" }),
  definition: () => [
    make("p", {
      textContent:
        "For each k, a linear probe is fitted that reads the character k steps back off the hidden state of " +
        "the last layer, and is scored on text that it was not fitted on: the share of characters that it " +
        "names rightly.",
    }),
    display(
      words("accuracy"),
      row("(", "k", ")"),
      "=",
      frac(
        row(
          "#",
          "{",
          "t",
          ":",
          sub("ŷ", row("t", "−", "k")),
          row("(", sub("h", "t"), ")"),
          "=",
          sub("x", row("t", "−", "k")),
          "}",
        ),
        row("#", "{", "t", "}"),
      ),
    ),
    make("p", {
      textContent:
        "Chance, the dotted line: always to name the character that is the most frequent where the probe was " +
        "fitted. What a probe cannot read may still be in the state, in a form that is not linear.",
    }),
  ],
  create: (host, bench) => new Recoverability(host, bench),
};
