// The curves of recall that ship: accuracy against the delay, over the seeds of each architecture.

import { LINES } from "../core/colour.js";
import { splitId } from "../core/catalogue.js";
import { createChart, keyOf } from "../views/chart.js";
import { choose, make, put, tell } from "../views/dom.js";

const number = (value) => value.toLocaleString("en");

/** A reach as it is said: the last delay that was measured means "at least". @param {number} reach @param {number} most */
const reachWords = (reach, most) => (reach >= most ? `≥ ${most}` : number(reach));

/** One line an architecture, in the colour of its panel where it has one. */
export function linesOf({ summaries, models, delays }, { options, panels, theme }) {
  const full = delays.at(-1);
  const chosen = summaries.filter(({ teaching, longest }) => teaching === options.teaching && longest === full);
  const own = new Map(panels.filter(({ dashed }) => !dashed).map(({ id, color }) => [splitId(id).base, color]));
  const free = LINES[theme].filter((color) => !chosen.some(({ model }) => own.get(model) === color));
  return chosen.map((summary) => ({ summary, model: models.find(({ id }) => id === summary.model), color: own.get(summary.model) ?? free.shift() }));
}

/** @param {any} bench the acts of an instrument */
export function createCurves(bench) {
  const teaching = make("select", { "aria-label": "Taught", onchange: () => bench.set({ teaching: teaching.value }) });
  const rows = make("tbody");
  const at = make("th", { className: "number" });
  const charts = make("div");
  const note = make("p", { className: "inst-note" });
  const element = make("div", { className: "recall-curves", hidden: true }, make("div", { className: "inst-row" }, make("label", {}, "taught", teaching)), charts,
    make("table", { className: "inst-table" }, make("thead", {}, make("tr", {}, make("th", {}), make("th", { className: "number", textContent: "recalls up to" }), make("th", { className: "number", textContent: "worst … best" }), at, make("th", { className: "number", textContent: "parameters" }))), rows), note);
  const chart = createChart(charts, { label: "Share of keys recalled against the delay, by architecture", height: 230 });

  return {
    element,
    /** @param {any} view @param {any} found the answer of the server, null while it is awaited */
    show(view, found) {
      put(element, { hidden: found === null });
      if (found === null) return;
      const { options, theme, Plotly } = view;
      const { delays, chance, criterion, episodes, teachings } = found;
      const most = delays.at(-1);
      choose(teaching, Object.entries(teachings), options.teaching);
      const lines = linesOf(found, view);
      chart.update({
        lines: lines.map(({ summary, model, color }) => ({ name: model.title, color, x: delays, y: summary.median, low: summary.lowest, high: summary.highest, hover: `%{y:.1%}<extra>${model.title}</extra>` })),
        xTitle: "delay k, characters (logarithmic)", yTitle: "keys recalled", logX: true, xRange: [1, most], yRange: [0, 1.02],
        horizontals: [{ y: chance, text: "chance" }, { y: criterion, text: "criterion" }],
        verticals: [{ x: options.delay }], onPick: (x) => bench.set({ delay: Math.round(x) }), theme, Plotly,
      });
      const seeds = lines[0]?.summary.seeds.length ?? 0;
      const place = delays.indexOf(options.delay);
      tell(at, `at ${options.delay}`);
      rows.replaceChildren(...lines.map(({ summary, model, color }) => make("tr", { "data-for": model.id },
        make("td", {}, keyOf({ color }), model.title),
        make("td", { className: "number", "data-fact": "reach", textContent: reachWords(summary.reach_median, most) }),
        make("td", { className: "number", "data-fact": "range", textContent: `${reachWords(summary.reach_lowest, most)} … ${reachWords(summary.reach_highest, most)}` }),
        make("td", { className: "number", "data-fact": "at", textContent: place < 0 ? "–" : `${Math.round(100 * summary.median[place])} %` }),
        make("td", { className: "number", textContent: number(model.parameters) }))));
      tell(note, `Characters; the median of ${seeds} trainings from different seeds. ${number(episodes)} episodes at each delay.`);
    },
    table({ options }, { summaries, models, runs, delays, chance }) {
      const titles = new Map(models.map(({ id, title }) => [id, title]));
      const full = delays.at(-1);
      const taught = ({ teaching: by, longest }) => by === options.teaching && longest === full;
      const of = runs.filter(taught).flatMap((run) => delays.map((delay, k) => [titles.get(run.model), run.teaching, `seed ${run.seed}`, delay, run.accuracy[k], chance]));
      const all = summaries.filter(taught).flatMap((one) => ["median", "lowest", "highest"].flatMap((which) => delays.map((delay, k) => [titles.get(one.model), one.teaching, which, delay, one[which][k], chance])));
      return { name: `recall-${options.teaching}`, columns: ["architecture", "taught", "of", "delay", "accuracy", "chance"], rows: [...all, ...of] };
    },
    destroy: () => chart.destroy(),
  };
}
