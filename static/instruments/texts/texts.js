// Two texts: one model reads the text of the page and another one, and the states opposite each other are compared.

import { percentage } from "../../format/counts.js";
import { display, norm, row, sub, subsup } from "../../format/mathml.js";
import { power } from "../../format/powers.js";
import { LONGEST_OPTION } from "../../state/options.js";
import { answered } from "../../state/instrument.js";
import { visible } from "../../text/characters.js";
import { Chart, legendOf } from "../../views/chart.js";
import { make, tell } from "../../views/dom.js";
import { rowOf } from "../../views/instrument-parts.js";
import { SideBySide } from "./side-by-side.js";

/** @import { Colours } from "../../protocol/hello.js" */
/** @import { TextsFacts, TextsTensors } from "../../protocol/answers.js" */
/** @import { Text } from "../../text/document.js" */
/** @import { Acts, Answer, Catalogue, Findings, PanelView, View } from "../../state/instrument.js" */

/** @typedef {{other: string, look: string}} Options */
/** @typedef {Answer<TextsFacts, TextsTensors, {other: string, echo: boolean}>} Found */
/** @typedef {{panel: PanelView, found: Found}} One what was found of a panel */
/**
 * @typedef {{step: number, opposite: number, a: string | null, b: string | null}} Column −1, null: nothing is opposite
 */


/** How long the first difference is felt, in words. @param {TextsFacts} facts */
function feltWords({ first_column: first, felt_columns: columns }) {
  if (first === null) return ": the states are the same";
  return `, felt for ${columns.toLocaleString("en")} ${columns === 1 ? "character" : "characters"}`;
}

/** @param {View<Options>} view @param {Findings} findings @returns {One[]} */
const known = ({ panels }, findings) => answered(panels, findings);

/**
 * The columns of the alignment: the steps and the characters of both texts.
 * @param {Found} found @param {Text} text @returns {Column[]}
 */
function aligned(found, text) {
  const { pairs } = found.tensors;
  const [ours, theirs] = [text.characters(0, found.facts.compared), Array.from(found.measure.other)];
  return Array.from({ length: pairs.data.length / 2 }, (_, k) => {
    const [step, opposite] = [pairs.data[2 * k], pairs.data[2 * k + 1]];
    return {
      step,
      opposite,
      a: step < 0 ? null : (ours[step] ?? null),
      b: opposite < 0 ? null : (theirs[opposite] ?? null),
    };
  });
}

class TwoTexts {
  #exchange = () => {
    const text = this.bench.text.get();
    const other = this.area.value;
    this.bench.text.put(text.edited({ at: 0, remove: text.length, insert: other }));
    this.bench.set({ other: text.slice(0, this.longest) });
  };

  /** @param {number} to @param {number | null} unit */
  #pick = (to, unit) => {
    this.column = to;
    const { step } = this.columns[to];
    if (step >= 0) this.bench.placeCursor(step, unit ?? this.view?.cursor?.unit ?? 0);
    this.pictures.reveal(to);
    this.bench.again();
  };

  /** @param {HTMLElement} host @param {Acts} bench @param {Catalogue} catalogue */
  constructor(host, bench, catalogue) {
    this.bench = bench;
    /** The most characters of either text that are compared. */
    this.longest = catalogue.bound("texts", "other").max;
    this.area = make("textarea", {
      className: "tx-area",
      rows: 3,
      spellcheck: false,
      maxLength: this.longest,
      placeholder: "The second text …",
      "aria-label": "The second text",
      oninput: () => bench.set({ other: this.area.value }),
    });
    this.look = make(
      "select",
      { "aria-label": "The picture shows", onchange: () => bench.set({ look: this.look.value }) },
      make("option", { value: "echo", textContent: "echo: how much, log scale" }),
      make("option", { value: "difference", textContent: "difference, with signs" }),
    );
    const copy = make("button", {
      type: "button",
      className: "quiet",
      textContent: "begin with your text",
      title: "Put the text of the page here, to change a word of it",
      onclick: () => bench.set({ other: bench.text.get().slice(0, this.longest) }),
    });
    const swap = make("button", {
      type: "button",
      className: "quiet",
      textContent: "swap",
      title: "Put this text in the place of yours, and yours here",
      onclick: this.#exchange,
    });
    this.note = make("p", { className: "inst-note" });
    this.legend = make("div");
    this.charts = make("div");
    this.readout = make("p", { className: "tx-readout", role: "status" });
    host.append(this.area, rowOf(copy, swap, this.look), this.note, this.legend, this.charts);
    this.chart = new Chart(this.charts, {
      label: "Distance of the states opposite each other, one line a model",
      height: 170,
    });
    this.pictures = new SideBySide(host, { pick: this.#pick });
    host.append(this.readout);
    /** What was shown last. @type {View<Options> | null} */
    this.view = null;
    /** @type {Column[]} */
    this.columns = [];
    this.column = -1;
  }

  /** @param {View<Options>} view @param {One[]} shown */
  #showNote(view, shown) {
    const { other: second } = view.options;
    if (second === "") {
      return tell(
        this.note,
        "Write a second text, or begin with yours and change a word: the difference shows how long the " +
          "word is remembered.",
      );
    }
    if (shown.length === 0) return tell(this.note, "");
    const { edits, compared, cut } = shown[0].found.facts;
    const length = Math.min(view.length, this.longest);
    const parts = [
      `${edits.toLocaleString("en")} ${edits === 1 ? "edit leads" : "edits lead"} from one text to the other.`,
    ];
    if (compared < view.length) {
      parts.push(`Only the first ${compared.toLocaleString("en")} characters of your text are compared.`);
    }
    if (cut) {
      parts.push(
        `Only the first ${this.columns.length.toLocaleString("en")} columns are drawn: the window is wider, or ` +
          "more of the second text follows it.",
      );
    }
    const { length: other } = second;
    if (other >= this.longest) {
      parts.push(
        `The second text has the ${this.longest.toLocaleString("en")} characters that it may have; what was ` +
          "pasted beyond them is not in it.",
      );
    }
    if (other > LONGEST_OPTION) {
      parts.push("It is too long for the address: loaded again, the page will not have it.");
    }
    if (length > 0) {
      parts.push(
        shown
          .map(({ panel, found }) => {
            const [a, b] = found.facts.bits;
            return `${panel.title}: ${a?.toFixed(2) ?? "–"} and ${b?.toFixed(2) ?? "–"} bits/char`;
          })
          .join("; "),
        ".",
      );
    }
    return tell(this.note, parts.join(" ").replace(" .", "."));
  }

  /** @param {One[]} shown @param {View<Options>} view */
  #showChart(shown, { theme, Plotly }) {
    this.charts.hidden = shown.length === 0;
    this.legend.replaceChildren(
      ...(shown.length > 1
        ? [legendOf(shown.map(({ panel: { title: name, color, dashed } }) => ({ name, color, dashed })))]
        : []),
    );
    if (this.charts.hidden) return;
    const lines = shown.map(({ panel: { title, color, dashed, resolved }, found }) => {
      const { distance, pairs } = found.tensors;
      const at = Array.from(distance.data, (_, k) => k).filter((k) => pairs.data[2 * k] >= 0);
      return {
        name: `${title}, ${resolved.signal.title.toLowerCase()}`,
        color,
        dashed,
        x: at.map((k) => pairs.data[2 * k]),
        y: at.map((k) => distance.data[k]),
      };
    });
    this.chart.update({
      lines,
      xTitle: "step of your text",
      yTitle: "distance ‖h − h′‖",
      onPick: (step) =>
        this.#pick(
          this.columns.findIndex((one) => one.step === Math.round(step)),
          null,
        ),
      theme,
      Plotly,
    });
  }

  /** @param {One[]} shown */
  #say(shown) {
    if (this.column < 0 || this.columns[this.column] === undefined) {
      return tell(
        this.readout,
        this.columns.length > 0 ? "Click a column, or take the arrow keys, to read its numbers." : "",
      );
    }
    const { step, opposite, a, b } = this.columns[this.column];
    /** @param {string | null} character @param {number} at */
    const side = (character, at) =>
      character === null ? "nothing" : `step ${at.toLocaleString("en")} “${visible(character)}”`;
    const numbers = shown.map(({ panel: { title }, found }) => {
      const { distance, surprise } = found.tensors;
      const [far, first, second] = [
        distance.data[this.column],
        surprise.data[2 * this.column],
        surprise.data[2 * this.column + 1],
      ];
      const bits = [first, second].map((one) => (Number.isNaN(one) ? "–" : one.toFixed(2))).join(" and ");
      return (
        `${title}: ${Number.isNaN(far) ? "nothing to compare" : `distance ${far.toPrecision(3)}`}, surprise ` +
        `${bits} bits`
      );
    });
    return tell(this.readout, `${side(a, step)} against ${side(b, opposite)} · ${numbers.join(" · ")}`);
  }

  /** @param {View<Options>} view */
  asks({ panels, window, options: { other, look: how }, text }) {
    return other === "" || text.length === 0
      ? []
      : panels.map(({ id, resolved }) => ({
          model: id,
          measure: {
            name: "texts",
            other: other.toWellFormed(),
            layer: resolved.layer,
            signal: resolved.signal.name,
            start: window.from,
            stop: window.from + window.span,
            echo: how === "echo",
          },
        }));
  }

  /** @param {View<Options>} seen @param {Findings} findings */
  show(seen, findings) {
    this.view = seen;
    this.look.value = seen.options.look;
    if (document.activeElement !== this.area && this.area.value !== seen.options.other) {
      this.area.value = seen.options.other;
    }
    const shown = known(seen, findings);
    this.columns = shown.length === 0 ? [] : aligned(shown[0].found, seen.text);
    const { echo, signed } = seen.catalogue.tables;
    const { cursor } = seen;
    const at = cursor?.held ? this.columns.findIndex(({ step }) => step === cursor.step) : -1;
    if (at >= 0 && this.columns[this.column]?.step !== -1) this.column = at;
    if (this.column >= this.columns.length) this.column = -1;
    this.#showNote(seen, shown);
    this.#showChart(shown, seen);
    this.pictures.update({
      columns: this.columns.map(({ a, b }) => ({ a, b })),
      cursor: this.column,
      theme: seen.theme,
      models: shown.map(({ panel: { id, title, color, resolved }, found }) => {
        const { facts, tensors, measure, id: number } = found;
        const layer = resolved.model.layers.length > 1 ? `, layer ${resolved.layer}` : "";
        const range = measure.echo ? `echo${feltWords(facts)}` : `difference ±${Number(facts.high.toPrecision(3))}`;
        const table = measure.echo ? echo : signed;
        return {
          id,
          title,
          color,
          range: `${resolved.signal.title.toLowerCase()}${layer}, ${range}`,
          cells: tensors.cells.data,
          units: resolved.signal.width,
          table,
          key: `${number}/${facts.high}`,
        };
      }),
    });
    this.#say(shown);
  }

  /** @param {View<Options>} seen @param {Findings} findings */
  table(seen, findings) {
    const { csv } = seen.catalogue;
    const record = csv.recorder("texts");
    const rows = known(seen, findings).flatMap(({ panel: { title, resolved }, found }) => {
      const signal = `${resolved.layer}.${resolved.signal.name}`;
      return this.columns.map(({ a, b }, k) =>
        record(found, k, { model: title, signal, character: a ?? "", character_of_second: b ?? "" }),
      );
    });
    return csv.of("texts", "texts", rows);
  }

  destroy() {
    return this.chart.destroy();
  }
}

/** @type {import("../../state/instrument.js").Definition} */
export const texts = {
  name: "texts",
  title: "Two texts",
  question: "Where do the states of two texts part, and do they meet again?",
  defaults: () => ({ other: "", look: "echo" }),
  definition: ({ echo }) => [
    make("p", {
      textContent:
        "The model reads both texts from their beginnings, each by itself. They are aligned with as few " +
        "replacements, insertions and deletions of characters as lead from one to the other (the edit " +
        "distance); where two characters stand opposite each other, equal or not, the states after them are " +
        "subtracted:",
    }),
    display(row(sub("h", "s"), "−", subsup("h", "t", "′")), ",", norm(row(sub("h", "s"), "−", subsup("h", "t", "′")))),
    make("p", {
      textContent:
        "The picture shows the first for every unit, as an echo (its size, from white at " +
        `${power(-echo.decades)} to dark at 1, as in the pictures of an echo) or as a difference (text above ` +
        "minus text below); the curve the second, over the units of the layer. It is felt for as long as the " +
        `second is at least ${percentage(echo.felt)} of what it is where the states first differ, within the ` +
        "window. Where a character has nothing opposite, nothing is compared and nothing painted: the hatching " +
        "shows through.",
    }),
  ],
  create: (host, bench, catalogue) => new TwoTexts(host, bench, catalogue),
};
