// What is said of one unit: in levels of colour, in words, and as a table. Knows no page.

/** @import { FeatureRow, UnitFacts } from "../../protocol/answers.js" */
/** @import { PanelView, TableRow } from "../../state/instrument.js" */
/** @import { Tables } from "../../state/tables.js" */

/** @import { Found } from "./lines.js" */
/** @typedef {ReturnType<typeof liner>} Liner */
/** @typedef {import("../../state/instrument.js").TableRow[number]} Cell */
const NEAREST = 8; // levels to either side

/**
 * The middle of a signal's values and how far they go to either side: by its range, or by the values where it has none.
 * `log`: of their logarithms.
 * @param {Pick<import("../../protocol/hello.js").Signal, "range" | "scale">} signal @param {ArrayLike<number>} values
 */
export function spanOf({ range, scale }, values) {
  if (range !== null) return { middle: (range[0] + range[1]) / 2, half: (range[1] - range[0]) / 2, log: false };
  const log = scale === "logarithmic";
  let far = 0;
  for (let k = 0; k < values.length; k++) {
    const size = Math.abs(log ? Math.log(values[k]) : values[k]);
    if (Number.isFinite(size)) far = Math.max(far, size);
  }
  far ||= 1;
  return scale === "half_line" ? { middle: far / 2, half: far / 2, log } : { middle: 0, half: far, log };
}

/**
 * The colour of each value: −8 at the lower end, 0 in the middle and where there is no number, 8 at the upper end.
 * @param {ArrayLike<number>} values @param {ReturnType<typeof spanOf>} span
 */
export function levelsOf(values, { middle, half, log }) {
  return Int8Array.from(values, (value) => {
    const level = Math.round((NEAREST * ((log ? Math.log(value) : value) - middle)) / half);
    return Number.isNaN(level) ? 0 : Math.max(-NEAREST, Math.min(NEAREST, level));
  });
}

/** A number of steps as it is read. @param {number} steps */
const counted = (steps) => {
  const words = steps < 10 && !Number.isInteger(steps) ? steps.toFixed(1) : Math.round(steps).toLocaleString("en");
  return `${words} ${words === "1" ? "step" : "steps"}`;
};

/** A number of steps, or that it lies beyond what was looked at. @param {number | null} steps @param {number} limit */
const within = (steps, limit) => (steps === null ? `not within ${counted(limit)}` : counted(steps));

/**
 * The half-life by the gate that keeps, in words.
 * @param {UnitFacts} facts @param {(name: string) => string} titleOf
 */
export function keptWords({ keeps, kept }, titleOf) {
  const by = keeps === null ? "by the diagonal of its Jacobian (no gate keeps)" : `by its ${titleOf(keeps)}`;
  if (kept === null) return `${by} it is not known`;
  const [low, middle, high] = kept.quartiles;
  const spread = middle === null || low === high ? "" : ` (quartiles ${low}–${high ?? "beyond"})`;
  return `${by} ${within(middle, kept.limit)}${spread}`;
}

/** The half-life by its own past, in words. @param {UnitFacts} facts */
export function pastWords({ autocorrelation, half, stop, start }) {
  if (autocorrelation === null) {
    return stop - start < 2
      ? "by its own past it takes more than one step to tell"
      : "by its own past there is none: it never changes here";
  }
  return `by its own past ${within(autocorrelation.steps, half)}`;
}

/**
 * Whether a row is beyond what chance gives it, and beyond what it gives the best of all.
 * @param {FeatureRow} row
 * @param {number | null} best
 */
export function beyond({ r, usual }, best) {
  if (r === null || usual === null) return { known: false, own: false, all: false };
  return { known: true, own: Math.abs(r) > usual, all: best !== null && Math.abs(r) > best * usual };
}

/**
 * What makes rows of one unit's table.
 * @param {{title: string}} panel @param {Found} finding @param {ReturnType<Tables["recorder"]>} row
 */
function liner({ title: model }, finding, row) {
  const to = finding.facts.stop - 1;
  /** @param {string} about @param {Cell} name @param {Cell} value @param {Record<string, Cell>} [rest] by column */
  return (about, name, value, rest = {}) => row(finding, 0, { model, to, about, name, value, ...rest });
}

/** @param {Liner} line @param {Found} found */
function featureRows(line, { facts }) {
  const rows = facts.rows.map((one) =>
    line(one.counts ? "feature, mean" : "feature, share", one.title, one.mean, {
      r: one.r,
      cohens_d: one.d,
      rank_r: one.rank_r,
      chance_95: one.usual,
      chance_99: one.rare,
      shifts_as_good: one.as_good,
      best_unit: one.best?.[0],
      best_unit_r: one.best?.[1],
      note: one.why,
    }),
  );
  if (facts.best_of_all === null) return rows;
  return [...rows, line("chance", "best of all features, in multiples of its chance_95", facts.best_of_all)];
}

/** @param {Liner} line @param {Found} found */
function characterRows(line, { facts }) {
  return facts.characters.map(({ character, count, mean, r, mark }) => {
    const note = `${count} times; chance_95 is that of the best of all characters`;
    return line("character, mean of the unit", character, mean, { r, chance_95: mark, note });
  });
}

/** @param {Liner} line @param {Found} found */
function followerRows(line, { facts }) {
  const note = "chance_95 is that of the best of all units";
  const { units, mark } = facts.followers ?? { units: [], mark: null };
  return units.map(([unit, r]) => line("follower", facts.focus, unit, { r, chance_95: mark, note }));
}

/** @param {Liner} line @param {Found} found */
function halfLifeRows(line, { facts, measure }) {
  const { kept, half, autocorrelation } = facts;
  const by = facts.keeps ?? "diagonal of the Jacobian";
  /** @param {number | null} steps @param {number} limit */
  const beyondLimit = (steps, limit) => ({ note: steps === null ? `not within ${limit} steps` : null });
  const rows = [];
  if (kept !== null) {
    ["lower quartile", "median", "upper quartile"].forEach((which, k) => {
      const steps = kept.quartiles[k];
      rows.push(line(`half-life by gate, ${which}`, by, steps, beyondLimit(steps, kept.limit)));
    });
    const note = kept.steady === null ? "it keeps all" : null;
    rows.push(line("half-life by gate, of the mean log", by, kept.steady, { note }));
  }
  if (autocorrelation !== null) {
    const { steps } = autocorrelation;
    rows.push(line("half-life by autocorrelation", measure.signal, steps, beyondLimit(steps, half)));
  }
  return rows;
}

/** The lines over the window, a row a point. @param {Liner} line @param {Found} found */
function pointRows(line, { facts, tensors, measure }) {
  const [shows, signals, columns] = tensors.lines.shape;
  const which = shows === 1 ? [""] : [", lowest", ", mean", ", highest"];
  /** @type {TableRow[]} */
  const rows = [];
  for (let s = 0; s < signals; s++) {
    which.forEach((words, w) => {
      for (let k = 0; k < columns; k++) {
        const value = tensors.lines.data[(w * signals + s) * columns + k];
        rows.push(line(`${facts.signals[s]}${words}`, measure.first + k * measure.per, value));
      }
    });
  }
  return rows;
}

/**
 * Everything that was found of one unit, as rows of its table.
 * @param {PanelView} panel @param {Found} finding @param {ReturnType<Tables["recorder"]>} row
 */
export function rowsOf(panel, finding, row) {
  const { facts } = finding;
  const line = liner(panel, finding, row);
  const saturated = panel.resolved.declared.signals.flatMap(({ name }, s) => {
    const shares = facts.saturated[s];
    if (shares === null) return [];
    return [line("saturated low, share", name, shares[0]), line("saturated high, share", name, shares[1])];
  });
  return [
    ...featureRows(line, finding),
    ...characterRows(line, finding),
    ...followerRows(line, finding),
    ...saturated,
    ...halfLifeRows(line, finding),
    ...pointRows(line, finding),
  ];
}
