// The curves of recall that ship: accuracy against the delay, over the seeds of each architecture.

import { Chart, keyOf } from "../../views/chart.js";
import { choose, make, put, tell } from "../../views/dom.js";
import { numberCell, chooser, numberHead, rowOf, tableOf } from "../../views/instrument-parts.js";

/** @import { RecallCurvesAnswer, RecallSummary } from "../../protocol/answers.js" */
/** @import { Acts, View } from "../../state/instrument.js" */
/** @import { Options } from "./episode.js" */

/** @typedef {{summary: RecallSummary, model: RecallCurvesAnswer["models"][number], color: string}} Architecture */

/**
 * The ways of teaching in a word; `teachings` of the server has them at length.
 * @type {Record<string, string>}
 */
const TAUGHT = {
  mixed: "all delays at once",
  growing: "short delays first",
  penalised: "short delays only, small states",
};

/** @param {number} value */
const number = (value) => value.toLocaleString("en");

/**
 * A reach as it is said: the last delay that was measured means "at least".
 * @param {number} reach
 * @param {number} most
 */
const spanWords = (reach, most) => (reach >= most ? `≥ ${most}` : number(reach));

/** @param {RecallSummary} summary @param {number} most */
function rangeWords({ reach_lowest: lowest, reach_highest: highest }, most) {
  return lowest === highest ? spanWords(lowest, most) : `${spanWords(lowest, most)} … ${spanWords(highest, most)}`;
}

/**
 * What the same architectures come to if they are taught the other way, where that is something else.
 * @param {RecallCurvesAnswer} answer @param {Architecture[]} lines @param {Options} options
 */
function otherwise({ summaries, delays, teachings }, lines, { teaching }) {
  const most = delays[delays.length - 1];
  const said = Object.keys(teachings)
    .filter((one) => one !== teaching)
    .map((other) => {
      const reaches = lines.flatMap(({ summary, model }) => {
        const there = summaries.find((one) => one.model === model.id && one.teaching === other && one.longest === most);
        if (there === undefined || there.reach_median === summary.reach_median) return [];
        return [`${model.title} ${spanWords(there.reach_median, most)}`];
      });
      if (reaches.length === 0) return "";
      return `Taught ${TAUGHT[other] ?? teachings[other]}: ${reaches.join(", ")}.`;
    });
  return said.filter(Boolean).join(" ");
}

/**
 * The longest delays that were taught in one way, the longest first.
 * @param {RecallCurvesAnswer} answer @param {string} teaching
 */
const longests = ({ summaries }, teaching) =>
  [...new Set(summaries.filter((one) => one.teaching === teaching).map(({ longest }) => longest))].sort(
    (a, b) => b - a,
  );

/**
 * Which trainings are shown: how they were taught, and up to which delay; the longest if there are none of that one.
 * @param {RecallCurvesAnswer} found @param {Options} options
 */
function shownOf(found, { teaching, longest }) {
  const all = longests(found, teaching);
  return { teaching, longest: all.includes(longest) ? longest : all[0] };
}

/**
 * One line an architecture, in the colour of its model.
 * @param {RecallCurvesAnswer} found @param {View<Options>} view @returns {Architecture[]}
 */
export function linesOf(found, { options, catalogue, theme }) {
  const { summaries, models } = found;
  const shown = shownOf(found, options);
  const chosen = summaries.filter(({ teaching, longest }) => teaching === shown.teaching && longest === shown.longest);
  return chosen.flatMap((summary) => {
    const model = models.find(({ id }) => id === summary.model);
    return model === undefined ? [] : [{ summary, model, color: catalogue.colorOf(summary.model, theme, model.cell) }];
  });
}

export class RecallCurves {
  /** @param {Acts} bench */
  constructor(bench) {
    this.bench = bench;
    this.teaching = chooser("Taught", (value) => bench.set({ teaching: value }));
    this.longest = chooser("Longest delay taught", (value) => bench.set({ longest: Number(value) }));
    this.upTo = make("label", {}, "up to", this.longest);
    this.rows = make("tbody");
    this.at = make("th", { className: "number" });
    const charts = make("div");
    this.note = make("p", { className: "inst-note" });
    this.element = make(
      "div",
      { className: "recall-curves", hidden: true },
      rowOf(make("label", {}, "taught", this.teaching), this.upTo),
      charts,
      tableOf(
        [
          make("th", { textContent: "model" }),
          numberHead("up to"),
          numberHead("worst … best"),
          this.at,
          numberHead("weights"),
        ],
        this.rows,
      ),
      this.note,
    );
    this.chart = new Chart(charts, {
      label: "Share of keys recalled against the delay, by architecture",
      height: 230,
    });
  }

  /** @param {View<Options>} view @param {RecallCurvesAnswer | null} found null while it is awaited */
  show(view, found) {
    put(this.element, { hidden: found === null });
    if (found === null) return;
    const { options } = view;
    this.#showChoices(found, options);
    const lines = linesOf(found, view);
    this.#draw(view, found, lines);
    this.#showTable(found, lines, options);
    const seeds = lines[0]?.summary.seeds.length ?? 0;
    tell(
      this.note,
      `“Up to”: characters over which a key is recalled, the median of ${seeds} trainings from different ` +
        `seeds; ${number(found.episodes)} episodes at each delay. ${otherwise(found, lines, options)}`,
    );
  }

  /** @param {RecallCurvesAnswer} found @param {Options} options */
  #showChoices(found, options) {
    const { teachings } = found;
    choose(
      this.teaching,
      Object.entries(teachings).map(([name, words]) => [name, TAUGHT[name] ?? words]),
      options.teaching,
    );
    put(this.teaching, { title: teachings[options.teaching] ?? "" });
    const all = longests(found, options.teaching);
    choose(
      this.longest,
      all.map((one) => [String(one), String(one)]),
      String(shownOf(found, options).longest),
    );
    put(this.upTo, { hidden: all.length < 2 });
  }

  /** @param {View<Options>} view @param {RecallCurvesAnswer} found @param {Architecture[]} lines */
  #draw({ options, theme, Plotly }, found, lines) {
    const { delays, chance, criterion } = found;
    const most = delays[delays.length - 1];
    const taught = shownOf(found, options).longest;
    this.chart.update({
      lines: lines.map(({ summary, model, color }) => ({
        name: model.title,
        color,
        x: delays,
        y: summary.median,
        low: summary.lowest,
        high: summary.highest,
        hover: `%{y:.1%}<extra>${model.title}</extra>`,
      })),
      xTitle: "delay k, characters (logarithmic)",
      yTitle: "keys recalled",
      logX: true,
      xRange: [1, most],
      yRange: [0, 1.02],
      horizontals: [
        { y: chance, text: "chance" },
        { y: criterion, text: "criterion" },
      ],
      verticals: [{ x: options.delay }, ...(taught < most ? [{ x: taught, text: " taught up to here" }] : [])],
      onPick: (x) => this.bench.set({ delay: Math.round(x) }),
      theme,
      Plotly,
    });
  }

  /** @param {RecallCurvesAnswer} answer @param {Architecture[]} lines @param {Options} options */
  #showTable({ delays }, lines, { delay }) {
    const most = delays[delays.length - 1];
    const place = delays.indexOf(delay);
    tell(this.at, `at ${delay}`);
    this.rows.replaceChildren(
      ...lines.map(({ summary, model, color }) =>
        make(
          "tr",
          { "data-for": model.id },
          make("td", {}, keyOf({ color }), model.title),
          numberCell("reach", spanWords(summary.reach_median, most)),
          numberCell("range", rangeWords(summary, most)),
          numberCell("at", place < 0 ? "–" : `${Math.round(100 * summary.median[place])} %`),
          make("td", { className: "number", textContent: number(model.parameters) }),
        ),
      ),
    );
  }

  /** @param {View<Options>} view @param {RecallCurvesAnswer} found */
  table({ options, catalogue: { csv } }, found) {
    const { summaries, models, runs, delays, chance } = found;
    const titles = new Map(models.map(({ id, title }) => [id, title]));
    const shown = shownOf(found, options);
    const record = csv.recorder("recall_curves");
    /** @param {{teaching: string, longest: number}} one */
    const taught = (one) => one.teaching === shown.teaching && one.longest === shown.longest;
    /**
     * @param {{model: string, teaching: string, longest: number}} one
     * @param {string} which @param {number[]} curve
     */
    const rowsOf = ({ model, teaching, longest }, which, curve) =>
      delays.map((delay, k) => {
        const run = { taught: teaching, taught_up_to: longest, of: which };
        return record({}, k, { architecture: titles.get(model), ...run, delay, accuracy: curve[k], chance });
      });
    const of = runs.filter(taught).flatMap((run) => rowsOf(run, `seed ${run.seed}`, run.accuracy));
    const all = summaries
      .filter(taught)
      .flatMap((one) =>
        /** @type {const} */ (["median", "lowest", "highest"]).flatMap((which) => rowsOf(one, which, one[which])),
      );
    return csv.of("recall_curves", `recall-${options.teaching}`, [...all, ...of]);
  }

  destroy() {
    return this.chart.destroy();
  }
}
