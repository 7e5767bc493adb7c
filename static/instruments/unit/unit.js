// One unit over time: its line and its gates, the text coloured by it, and what of the text it follows.

import { display, frac, over, row, sub, subsup, words } from "../../format/mathml.js";
import { choose, make, put, tell } from "../../views/dom.js";
import { createFeatures } from "./features.js";
import { createUnitLines } from "./lines.js";
import { COLUMNS, levelsOf, rowsOf, spanOf } from "./words.js";

const MOST_STEPS = 16_384; // as many as the server looks at
const SCOPES = [
  ["text", "of the text, 16,384 at most"],
  ["window", "of the window"],
];

const seenTo = ({ window, length }) => Math.min(window.from + window.span, length);

/** The steps over which it is found what the unit follows: around the window, as many as can be. */
function scopeOf(view) {
  const last = seenTo(view);
  if (view.options.steps === "window") return [view.window.from, last];
  const stop = Math.max(last, Math.min(view.length, MOST_STEPS));
  return [Math.max(0, stop - MOST_STEPS), stop];
}

/** The panel of which the table and the colours speak. */
const firstOf = ({ panels, options }) => panels.find(({ id }) => id === options.model) ?? panels[0] ?? null;

export const unit = {
  name: "unit",
  title: "Unit",
  question: "What does one unit do over time, and what of the text does it follow?",
  defaults: { model: "", steps: "text", colour: true, pattern: "", feature: "" },
  definition: () => [
    make("p", {
      textContent:
        "A unit follows a feature of the text as closely as their correlation over the steps says: Pearson's " +
        "r. A feature that is true or false counts as 1 or 0, as it stands after the character has been " +
        "read; d tells the same in standard deviations within the two groups. For features that count, ρ is " +
        "the correlation of the ranks.",
    }),
    display(
      "r",
      "=",
      frac(
        row(over("∑", "t", ""), row("(", sub("v", "t"), "−", "v̄", ")", "(", sub("y", "t"), "−", "ȳ", ")")),
        row("T", sub("s", "v"), sub("s", "y")),
      ),
    ),
    display("d", "=", frac(row(sub("v̄", "1"), "−", sub("v̄", "0")), sub("s", words("within")))),
    make("p", {
      textContent:
        "Chance: both change slowly, so that they agree now and then by luck alone. The text is shifted " +
        "against the unit by every number of steps, 50 at least, its end put in front: each keeps its " +
        "rhythm, and what the one has to do with the other is lost. The tick on a bar is the |r| below which " +
        "95 in 100 of these shifts stay. Among many features, or many units, the best is often beyond its " +
        "own tick by luck; what the best of all gets is told beside it.",
    }),
    make("p", {
      textContent:
        "Half-life by the gate: the number of steps in which the product of the gate that keeps falls to one " +
        "half, the median over starts in the first half of the steps. A cell without such a gate: the " +
        "product of the absolute diagonal of the Jacobian. By its own past: the lag at which the signal's " +
        "autocorrelation falls to one half; it says how slowly the unit changes on this text.",
    }),
    display(
      words("half-life"),
      "=",
      words("least\u00a0"),
      "k",
      words(":\u00a0"),
      subsup("∏", row("j", "=", "1"), "k"),
      sub("f", row("t", "+", "j")),
      "≤",
      frac("1", "2"),
    ),
    make("p", {
      textContent:
        'Quotations: "…" up to the next " or an empty line, “…”, three marks in a row up to the same ' +
        "three, and '…' within a line if no letter stands before the first ' and none behind the last: the " +
        "apostrophes of gav'st and 'tis do not count. Brackets are counted outside quotations and comments; " +
        "an empty line closes all. The other features say what they mean where one points at them.",
    }),
  ],
  create(host, bench) {
    const number = make("input", {
      type: "number",
      min: 0,
      step: 1,
      "aria-label": "Unit",
      oninput: () => number.value !== "" && pick(Number(number.value)),
    });
    const model = make("select", {
      "aria-label": "Model of which the table and the colours speak",
      onchange: () => bench.set({ model: model.value }),
    });
    const colour = make("input", { type: "checkbox", onchange: () => bench.set({ colour: colour.checked }) });
    const scale = make("span", { className: "unit-scale" });
    const scope = make("select", {
      "aria-label": "Steps that are looked at",
      onchange: () => bench.set({ steps: scope.value }),
    });
    const pattern = make("input", {
      type: "text",
      spellcheck: false,
      autocomplete: "off",
      maxLength: 500,
      placeholder: "e.g. \\b[Tt]h",
      "aria-label": "Regular expression",
      oninput: () => bench.set({ pattern: pattern.value, feature: pattern.value === "" ? "" : "pattern" }),
    });
    const fault = make("p", { className: "unit-fault", role: "status" });
    const models = make("div", { className: "unit-models" });
    host.append(
      make("div", { className: "inst-row" }, make("label", {}, "unit", number), make("label", {}, "of", model)),
      make("div", { className: "inst-row" }, make("label", {}, colour, "colour the text"), scale),
      models,
    );
    const looked = make(
      "div",
      { className: "inst-row" },
      make("label", {}, "steps", scope),
      make("label", {}, "expression", pattern),
    );
    const features = createFeatures([looked, fault], { hold: pick, focus: (feature) => bench.set({ feature }) });
    const rest = make("h3", { textContent: "The unit of that number in the other models" });
    let seen = null;
    let parts = new Map();
    let painted = { tensors: null, good: 0, span: null, tint: null };

    /** Look at another unit, at the step where one is. @param {number} which */
    function pick(which) {
      if (seen === null || seen.cursor === null || !Number.isInteger(which) || which < 0) return;
      bench.hold(seen.cursor.step, Math.min(which, most(seen) - 1));
    }

    const most = ({ panels }) => Math.max(1, ...panels.map(({ resolved }) => resolved.model.units));

    /** Whose picture one goes to, of that the table speaks. */
    function entered({ target }) {
      const id = target.closest?.(".area")?.closest("[data-model]")?.dataset.model;
      if (
        id !== undefined &&
        seen !== null &&
        firstOf(seen)?.id !== id &&
        seen.panels.some((panel) => panel.id === id)
      ) {
        bench.set({ model: id });
      }
    }
    document.addEventListener("focusin", entered);

    /** The colours of the text as far as it is what was measured, and between which values they go. */
    function tintOf(view, panel, finding) {
      const { facts, tensors, measure, revision } = finding ?? {};
      if (!view.options.colour || facts === undefined || measure.signal !== panel.resolved.signal.name) {
        return { tint: null, span: null };
      }
      const values = tensors.values.data;
      const good = Math.max(0, Math.min(values.length, bench.cutSince(revision) - facts.start));
      if (painted.tensors !== tensors || painted.good !== good) {
        const span = spanOf(panel.resolved.signal.range, values);
        painted = {
          tensors,
          good,
          span,
          tint: { from: facts.start, levels: levelsOf(values.subarray(0, good), span) },
        };
      }
      return painted;
    }

    function paint(view, panel, finding) {
      const { tint, span } = tintOf(view, panel, finding);
      bench.tint(tint);
      put(scale, { hidden: span === null });
      if (span === null) return;
      const ends = [span.middle - span.half, span.middle, span.middle + span.half].map((end) =>
        String(Number(end.toPrecision(3))).replace("-", "−"),
      );
      const said = ends.join();
      if (scale.dataset.said === said) return;
      scale.dataset.said = said;
      scale.replaceChildren(
        make("small", { textContent: ends[0] }),
        make("i", { "aria-hidden": "true" }),
        make("small", { textContent: ends[2] }),
      );
      scale.title = `Blue: towards ${ends[0]}. No colour: ${ends[1]}. Orange: towards ${ends[2]}.`;
    }

    /**
     * The one that the table speaks of, the table, and then the others.
     * @param {HTMLElement[]} sections
     * @param {number} first
     */
    function arrange(sections, first) {
      const [chosen, others] = [sections.filter((_, k) => k === first), sections.filter((_, k) => k !== first)];
      const wanted = [...chosen, features.element, ...(others.length > 0 ? [rest, ...others] : [])];
      if (wanted.length === models.children.length && wanted.every((one, k) => models.children[k] === one)) return;
      const focused = document.activeElement;
      models.replaceChildren(...wanted);
      if (models.contains(focused)) focused.focus({ preventScroll: true });
    }

    function showModels(view, findings, first) {
      const next = new Map();
      for (const panel of view.panels) {
        const key = `${panel.id}/${panel.resolved.layer}`;
        const part =
          parts.get(key) ??
          createUnitLines(models, panel.resolved, {
            choose: () => bench.set({ model: panel.id }),
            hold: (step) => bench.hold(step, seen.cursor?.unit ?? 0),
          });
        parts.delete(key);
        next.set(key, part);
        part.update(panel, findings.get(panel.id), { ...view, first: panel.id === first?.id });
      }
      for (const part of parts.values()) part.destroy();
      parts = next;
      arrange(
        [...next.values()].map(({ element }) => element),
        view.panels.indexOf(first),
      );
    }

    return {
      asks(view) {
        const { panels, window, options, cursor } = view;
        if (cursor === null) return [];
        const [start, stop] = scopeOf(view);
        return panels.map(({ id, resolved }) => ({
          model: id,
          measure: {
            name: "unit",
            layer: resolved.layer,
            signal: resolved.signal.name,
            unit: cursor.unit,
            start,
            stop,
            first: window.from,
            last: seenTo(view),
            per: window.per,
            pattern: options.pattern,
            feature: options.feature,
          },
        }));
      },
      show(view, findings) {
        seen = view;
        const { panels, options, cursor } = view;
        const first = firstOf(view);
        const finding = first === null ? undefined : findings.get(first.id);
        put(number, { max: most(view) - 1 });
        if (document.activeElement !== number) number.value = String(cursor?.unit ?? 0);
        choose(
          model,
          panels.map(({ id, title }) => [id, title]),
          first?.id ?? "",
        );
        colour.checked = options.colour;
        choose(scope, SCOPES, options.steps === "window" ? "window" : "text");
        if (document.activeElement !== pattern) pattern.value = options.pattern;
        const wrong = finding?.facts?.rows.find(({ name, why }) => name === "pattern" && why !== null)?.why ?? "";
        tell(fault, options.pattern === "" ? "" : wrong);
        pattern.setAttribute("aria-invalid", String(options.pattern !== "" && wrong !== ""));
        showModels(view, findings, first);
        features.update(first, finding, cursor?.unit ?? 0);
        paint(view, first, finding);
      },
      table(view, findings) {
        const known = view.panels.filter(({ id }) => findings.get(id)?.facts !== undefined);
        return {
          name: `unit-${view.cursor?.unit ?? 0}`,
          columns: COLUMNS,
          rows: known.flatMap((panel) => rowsOf(panel, findings.get(panel.id))),
        };
      },
      destroy() {
        document.removeEventListener("focusin", entered);
        for (const part of parts.values()) part.destroy();
      },
    };
  },
};
