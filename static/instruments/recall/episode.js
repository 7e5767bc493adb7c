// Delayed recall, played: an episode goes into the editor, and what each network answers at the mark is shown.

import { splitId } from "../../state/catalogue.js";
import { answered } from "../../state/instrument.js";
import { Text } from "../../text/document.js";
import { keyOf } from "../../views/chart.js";
import { choose, make, put, tell } from "../../views/dom.js";
import { chooser, numberHead, rowOf, tableOf } from "../../views/instrument-parts.js";
import { createNumber } from "../../views/lag-curves.js";
import { episode } from "./episode-text.js";

/** @import { Overlays } from "../../picture/overlay.js" */
/** @import { RecallTensors } from "../../protocol/answers.js" */
/** @import { RecallTask } from "../../protocol/hello.js" */
/** @import { Acts, Answer, Findings, PanelView, View } from "../../state/instrument.js" */

/** @typedef {{teaching: string, longest: number, key: string, delay: number, seed: number}} Options */
/** @typedef {{from: number, to: number}} Stretch from the key to the mark */

const CORPUS = "recall";
const KEY_LEVEL = 6; // of the text's colours
const LONGEST = 1000; // delay that may be asked for
const COLOURS = { key: "#d6601b", mark: "#2b71b2" };
/** @param {number} share */
const percent = (share) =>
  share < 0.0005
    ? "< 0.1 %"
    : share > 0.9995
      ? "> 99.9 %"
      : `${(100 * share).toFixed(share < 0.0995 || share > 0.9945 ? 1 : 0)} %`;

/**
 * The mark to speak of: the last at or before the cursor, else the first.
 * @param {Int32Array} marks
 * @param {number | null} step
 */
function markAt(marks, step) {
  const before = marks.findLastIndex((mark) => step !== null && mark <= step);
  return before < 0 ? 0 : before;
}

/** @param {Stretch} stretch */
function tintOf({ from, to }) {
  const levels = new Int8Array(to - from + 1);
  levels[0] = KEY_LEVEL;
  levels[to - from] = -KEY_LEVEL;
  return { from, levels };
}

/** @param {Stretch} stretch @param {PanelView[]} panels */
function overlayOf({ from, to }, panels) {
  /** @type {import("../../picture/overlay.js").Draw} */
  const draw = (context, { width, height, window }) => {
    for (const { step, color } of [
      { step: from, color: COLOURS.key },
      { step: to, color: COLOURS.mark },
    ]) {
      const across = width / window.span;
      context.fillStyle = color;
      context.fillRect((step - window.from) * across - 1, 0, 2, height);
      context.fillRect((step + 1 - window.from) * across - 1, 0, 2, height);
    }
  };
  return Object.fromEntries(panels.map(({ id }) => [id, { draw }]));
}

/**
 * What a panel's network says at the mark.
 * @param {PanelView} panel @param {{tensors: RecallTensors}} found @param {number} k @param {string} keys
 */
function answer(panel, { tensors }, k, keys) {
  const chances = tensors.probabilities.data.subarray(k * keys.length, (k + 1) * keys.length);
  const right = tensors.keys.data[k];
  const best = chances.indexOf(Math.max(...chances));
  const bars = make("td", {
    className: "recall-bars",
    role: "img",
    "aria-label": [...keys].map((one, n) => `${one} ${percent(chances[n])}`).join(", "),
  });
  chances.forEach((share, n) => {
    const bar = make("i", { className: n === right ? "right" : "" });
    bar.style.height = `${Math.max(4, 100 * share)}%`;
    bars.append(make("span", {}, bar));
  });
  return make(
    "tr",
    { "data-for": panel.id },
    make("td", {}, keyOf(panel), panel.title),
    make("td", {
      "data-fact": "says",
      className: best === right ? "recall-right" : "recall-wrong",
      textContent: `${keys[best]} ${best === right ? "✓" : "✗"}`,
    }),
    make("td", { "data-fact": "right", className: "number", textContent: percent(chances[right]) }),
    bars,
  );
}

/** @param {RecallTask} task */
const heading = ({ longest }) =>
  make(
    "h3",
    {},
    "Play it ",
    make("small", {
      className: "inst-note",
      textContent: `with the networks that ship: one of each taught up to ${longest}`,
    }),
  );

/** @param {RecallTask} task */
const heads = ({ keys }) => [
  make("th", { textContent: "model" }),
  make("th", { textContent: "says" }),
  numberHead("p(right)"),
  make("th", { className: "recall-bars" }, ...[...keys].map((one) => make("span", { textContent: one }))),
];

export class Episode {
  /** @param {Acts} bench @param {RecallTask} task */
  constructor(bench, task) {
    this.bench = bench;
    this.task = task;
    this.key = chooser("Key", (value) => this.#change({ key: value }));
    this.delay = createNumber({
      label: "delay",
      name: "Delay",
      min: 1,
      max: LONGEST,
      set: (value) => this.#change({ delay: value ?? 1 }),
    });
    this.slide = make("input", {
      type: "range",
      min: "1",
      max: String(task.longest),
      "aria-label": `Delay, up to ${task.longest}`,
      oninput: () => this.#change({ delay: Number(this.slide.value) }),
    });
    this.seed = createNumber({
      label: "noise no.",
      name: "Noise number",
      min: 0,
      max: 999_999,
      set: (value) => this.#change({ seed: value ?? 0 }),
    });
    const open = make("button", {
      type: "button",
      textContent: "Put it into the editor",
      onclick: () => this.view !== null && this.#open(this.view.options),
    });
    const play = make("button", {
      type: "button",
      textContent: "Play it",
      title: "Let it type itself, and stop at the moment of recall",
      onclick: () => this.#start(),
    });
    this.preview = make("code", { className: "recall-preview" });
    this.said = make("p", { className: "recall-said", role: "status" });
    this.rows = make("tbody");
    this.tableElement = tableOf(heads(task), this.rows, "inst-table recall-answers");
    this.element = make(
      "div",
      { className: "recall-episode" },
      heading(task),
      rowOf(make("label", {}, "key", this.key), this.delay.element, this.slide),
      rowOf(this.seed.element, open, play),
      this.preview,
      this.said,
      this.tableElement,
    );
    /** What was shown last. @type {View<Options> | null} */
    this.view = null;
    /** The step of the mark at which play is to pause. @type {number | null} */
    this.stop = null;
    /** @type {{words: string, tint: import("../../state/instrument.js").Tint | null, overlay: Overlays | null}} */
    this.marked = { words: "", tint: null, overlay: null };
  }

  /** @param {Partial<Options>} patch */
  #change(patch) {
    const { view } = this;
    this.bench.set(patch);
    if (view === null || view.text.string !== episode(this.task, view.options)) return;
    this.#open({ ...view.options, ...patch });
  }

  /** The networks that were trained on the task, unless some are open already. */
  #openModels() {
    if (this.view === null) return;
    const panels = this.bench.panels.get();
    const { catalogue } = this.view;
    const family = catalogue.family(CORPUS);
    const ids = new Set(family.map(({ id }) => id));
    if (family.length === 0) {
      return this.bench.say(
        "No networks that were trained on recall are here: train some with “hidden-state train-recall”.",
      );
    }
    if (panels.length > 0 && panels.every(({ model }) => ids.has(splitId(model).base))) return;
    const most = catalogue.limits.panels ?? Infinity;
    this.bench.panels.set({
      corpus: CORPUS,
      signal: "hidden",
      panels: family.slice(0, most).map(({ id }) => ({ model: id, layer: null, signal: null })),
    });
  }

  /** @param {Options} of */
  #open(of) {
    this.stop = null;
    this.#openModels();
    this.bench.text.put(Text.of(episode(this.task, of)));
    this.bench.placeCursor(of.delay, this.view?.cursor?.unit ?? 0);
  }

  #start() {
    if (this.view === null) return;
    const { options } = this.view;
    this.#open(options);
    this.stop = options.delay;
    this.bench.play.toggle();
  }

  /** Play ends for a moment where the mark has been read and the key not yet. */
  #pause() {
    const position = this.bench.play.position();
    if (this.stop === null) return;
    if (position === null) this.stop = null;
    else if (position > this.stop) {
      const to = this.stop + 1;
      this.stop = null;
      this.bench.play.step(to - position);
    }
  }

  /**
   * The key and the mark, in the text and over the pictures.
   * @param {View<Options>} view @param {Stretch | null} place
   */
  #mark(view, place) {
    const name = place === null ? "" : JSON.stringify([place, view.panels.map(({ id }) => id)]);
    if (name !== this.marked.words) {
      this.marked = {
        words: name,
        tint: place === null ? null : tintOf(place),
        overlay: place === null ? null : overlayOf(place, view.panels),
      };
    }
    this.bench.tint(this.marked.tint);
    this.bench.overlay(this.marked.overlay);
  }

  /** @param {View<Options>} view @param {Findings} findings */
  show(view, findings) {
    this.view = view;
    const { options } = view;
    const { keys: letters } = this.task;
    choose(
      this.key,
      Array.from(letters, (one) => [one, one]),
      options.key,
    );
    this.delay.update(options.delay);
    if (document.activeElement !== this.slide) this.slide.value = String(options.delay);
    this.seed.update(options.seed);
    tell(this.preview, episode(this.task, options).trimEnd());
    this.#pause();
    const all = /** @type {{panel: PanelView, found: Answer<object, RecallTensors>}[]} */ (
      answered(view.panels, findings)
    );
    put(this.tableElement, { hidden: all.length === 0 });
    if (all.length === 0) {
      this.#mark(view, null);
      return tell(this.said, "");
    }
    const { marks, keys_at, keys } = all[0].found.tensors;
    const k = markAt(marks.data, view.cursor?.step ?? null);
    const place = { from: keys_at.data[k], to: marks.data[k] };
    this.#mark(view, place);
    tell(
      this.said,
      `At the mark, step ${place.to.toLocaleString("en")}, ${place.to - place.from} ` +
        `step${place.to - place.from === 1 ? "" : "s"} after the key ${letters[keys.data[k]]}:`,
    );
    this.rows.replaceChildren(
      ...all
        .filter(({ found }) => found.tensors.marks.data.length === marks.data.length)
        .map(({ panel, found }) => answer(panel, found, k, letters)),
    );
  }

  /** @param {View<Options>} view @param {Findings} findings */
  table(view, findings) {
    const { csv } = view.catalogue;
    const { keys: letters } = this.task;
    const record = csv.recorder("recall");
    const all = /** @type {{panel: PanelView, found: Answer<object, RecallTensors>}[]} */ (
      answered(view.panels, findings)
    );
    const rows = all.flatMap(({ panel: { title }, found }) => {
      const { marks, keys_at, keys } = found.tensors;
      return Array.from(marks.data, (step, k) =>
        record(found, k, { model: title, delay: step - keys_at.data[k], key: letters[keys.data[k]] }),
      );
    });
    return csv.of("recall", "recall-answers", rows);
  }

  destroy() {
    this.stop = null;
  }
}
