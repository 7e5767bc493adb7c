// Generate: a model writes on from the caret. The server draws the characters; here they are typed, so that all models
// read along.

import { display, element, frac, row, sub, sup } from "../format/mathml.js";
import { answerOf } from "../state/instrument.js";
import { visible } from "../text/characters.js";
import { createWriter } from "../text/typewriter.js";
import { choose, make, put, tell } from "../views/dom.js";
import { chooser, rowOf } from "../views/instrument-parts.js";

/** @import { GenerateFacts } from "../protocol/answers.js" */
/** @import { Acts, Answer, Catalogue, Findings, Measure, View } from "../state/instrument.js" */

/** @typedef {{model: string, count: number, temperature: number, seed: number, speed: number}} Options */
/** @typedef {{step: number, name: string, temperature: number, seed: number, text: string}} Written */

const SPEEDS = [10, 20, 40, 80, 200];

/**
 * The numbers that are asked for: name, words, step.
 * @type {["count" | "temperature" | "seed", string, number][]}
 */
const NUMBERS = [
  ["count", "characters", 1],
  ["temperature", "temperature", 0.1],
  ["seed", "seed", 1],
];

/** @param {View<Options>} view */
const chosen = ({ panels, options: { model: id } }) => panels.find((panel) => panel.id === id) ?? panels[0] ?? null;

/** What a text was written by, in words that go into the address too. @param {Written} written */
const howOf = ({ name, step, temperature, seed }) =>
  `${name} after step ${step.toLocaleString("en")}, temperature ${temperature}, seed ${seed}`;

class Generate {
  /** Esc stops the writing, wherever one is. @param {KeyboardEvent} event */
  #stopAtEscape = (event) => {
    if (event.key === "Escape" && (this.writer.running || this.asked !== null)) this.#halt();
  };

  /** @param {HTMLElement} host @param {Acts} bench @param {Catalogue} catalogue */
  constructor(host, bench, catalogue) {
    this.bench = bench;
    this.model = chooser("The model that writes", (value) => bench.set({ model: value }));
    this.inputs = NUMBERS.map(([name, label, step]) => {
      const { min, max } = catalogue.bound("generate", name);
      const input = make("input", {
        type: "number",
        min,
        max,
        step,
        oninput: () => this.#take(name, input, min, max, step === 1),
      });
      return { name, input, label: make("label", {}, label, input) };
    });
    const dice = make("button", {
      type: "button",
      className: "quiet",
      textContent: "another",
      title: "Another seed",
      onclick: () => bench.set({ seed: Math.floor(Math.random() * 1e6) }),
    });
    this.speed = chooser("Speed", (value) => bench.set({ speed: Number(value) }));
    this.go = make("button", {
      type: "button",
      className: "gen-go",
      onclick: () => (this.writer.running || this.asked !== null ? this.#halt() : this.#begin()),
    });
    this.said = make("p", { className: "inst-note", role: "status" });
    host.append(
      rowOf(make("label", {}, "model", this.model), make("label", {}, "speed", this.speed), this.go),
      make("div", { className: "inst-row gen-numbers" }, ...this.inputs.map(({ label }) => label), dice),
      this.said,
    );
    /**
     * What is being asked: the model and the question.
     * @type {{model: string, measure: Measure & Pick<Written, "temperature" | "seed">} | null}
     */
    this.asked = null;
    /**
     * What is being written.
     * @type {{step: number, name: string, temperature: number, seed: number, text: string} | null}
     */
    this.last = null;
    this.place = 0;
    /** @type {import("../text/document.js").Text | null} */
    this.text = null;
    /** @type {View<Options> | null} */
    this.view = null;

    this.writer = createWriter(
      {
        setTimeout: (act, pause) => setTimeout(act, pause),
        clearTimeout: (timer) => clearTimeout(timer),
        now: () => performance.now(),
      },
      {
        put: (letters) => {
          // Somebody else writes, or is about to, elsewhere.
          if (bench.text.get() !== this.text || bench.text.elsewhere(this.place)) return false;
          const next = bench.text.generate(this.place, letters);
          this.text = bench.text.get();
          this.place = next;
          return next <= (this.view?.catalogue.limits.characters ?? Infinity);
        },
        ended: () => {
          bench.text.apart();
          if (this.view !== null) this.show(this.view, new Map());
        },
      },
    );
    document.addEventListener("keydown", this.#stopAtEscape, true);
  }

  /**
   * @param {keyof Options} name @param {HTMLInputElement} input @param {number} least @param {number} most
   * @param {boolean} whole
   */
  #take(name, input, least, most, whole) {
    const value = Number(input.value);
    const fits = input.value !== "" && value >= least && value <= most && (!whole || Number.isInteger(value));
    input.setAttribute("aria-invalid", String(!fits));
    if (fits) this.bench.set({ [name]: value });
  }

  #begin() {
    const writing = this.view === null ? null : chosen(this.view);
    if (this.view === null || writing === null) return;
    this.bench.play.stop();
    this.place = this.bench.text.caret();
    this.text = this.bench.text.get();
    const { count, temperature, seed } = this.view.options;
    this.asked = { model: writing.id, measure: { name: "generate", step: this.place - 1, count, temperature, seed } };
    this.last = null;
    this.bench.again();
  }

  #halt() {
    this.asked = null;
    this.writer.stop();
    this.bench.again();
  }

  /** @param {View<Options>} view @param {Findings} findings */
  #receive({ catalogue, options }, findings) {
    const { asked } = this;
    if (asked === null) return;
    if (findings.get(asked.model)?.error !== undefined) this.asked = null;
    const found = /** @type {Answer<GenerateFacts, object> | null} */ (answerOf(findings, asked.model));
    if (found === null || found.stale) return;
    this.asked = null;
    if (this.bench.text.get() !== this.text) return;
    const { temperature, seed } = asked.measure;
    const { step, text } = found.facts;
    this.last = { step, name: catalogue.name(asked.model), temperature, seed, text };
    this.bench.text.apart();
    this.bench.text.sign(howOf(this.last));
    this.writer.begin(text, options.speed);
    this.bench.again();
  }

  /** What an address says of a text that was written elsewhere. */
  #restored() {
    const { author, characters } = this.bench.text.written();
    return author === "" || characters === 0
      ? ""
      : `${characters.toLocaleString("en")} characters written by ${author}.`;
  }

  #words_() {
    if (this.asked !== null) return "The model is asked …";
    const { written, of } = this.writer.progress;
    if (this.last === null) return this.#restored();
    const how = howOf(this.last);
    if (this.writer.running) {
      return `${written.toLocaleString("en")} of ${of.toLocaleString("en")} characters · ${how}. Esc stops it.`;
    }
    // Edited since, or undone: neither the number nor "Undo" would be right.
    if (this.bench.text.get() !== this.text) return "";
    return (
      `${written.toLocaleString("en")} characters written by ${how}.${written < of ? " Stopped." : ""} One ` +
      "“Undo” removes them."
    );
  }

  asks() {
    return this.asked === null ? [] : [this.asked];
  }

  /** @param {View<Options>} seen @param {Findings} findings */
  show(seen, findings) {
    this.view = seen;
    const { options } = seen;
    const writing = chosen(seen);
    choose(
      this.model,
      seen.panels.map(({ id, title }) => [id, title]),
      writing?.id ?? "",
    );
    choose(
      this.speed,
      SPEEDS.map((one) => [String(one), `${one} char/s`]),
      String(options.speed),
    );
    for (const { name, input } of this.inputs) {
      if (document.activeElement !== input) put(input, { value: String(options[name]) });
    }
    this.#receive(seen, findings);
    const busy = this.writer.running || this.asked !== null;
    tell(this.go, busy ? "Stop" : "Write on");
    put(this.go, { disabled: writing === null, title: busy ? "Stop here (Esc)" : "Write on from the caret" });
    const before = seen.text.slice(Math.max(0, this.bench.text.caret() - 12), this.bench.text.caret());
    tell(
      this.said,
      this.#words_() ||
        (before === ""
          ? "Write a character first: before it the model expects nothing."
          : `It goes on from the caret, after “${Array.from(before, visible).join("")}”.`),
    );
  }

  /** @param {View<Options>} view */
  table({ catalogue: { csv } }) {
    const { last } = this;
    const { step = 0, name: model = "", temperature = 0, seed = 0, text = "" } = last ?? {};
    const record = csv.recorder("generate");
    const rows = Array.from(text, (character, k) =>
      record({}, k, { step: step + 1 + k, character, model, temperature, seed }),
    );
    return csv.of("generate", "generate", rows);
  }

  destroy() {
    document.removeEventListener("keydown", this.#stopAtEscape, true);
    this.asked = null;
    this.writer.stop();
  }
}

/** @type {import("../state/instrument.js").Definition} */
export const generate = {
  name: "generate",
  title: "Generate",
  question: "What would the model write here?",
  defaults: (catalogue) => ({
    ...catalogue.usual("generate", "count", "seed"),
    model: "",
    temperature: 0.7,
    speed: 40,
  }),
  definition: () => [
    make("p", {
      textContent:
        "The model writes from the caret on: a character is drawn from what it expects, the model reads it, " +
        "and draws the next. At temperature τ the character k has the probability",
    }),
    display(
      sub("p", "k"),
      "=",
      frac(
        sup("e", row(sub("z", "k"), "/", "τ")),
        row(sub(element("mo", null, "∑"), "j"), sup("e", row(sub("z", "j"), "/", "τ"))),
      ),
    ),
    make("p", {
      textContent:
        "with z the model's scores. At τ = 1 that is what it expects; below, the likely becomes likelier; at " +
        "τ = 0 the likeliest is taken each time. The seed decides the draw: the same text before, model, " +
        "temperature and seed write the same again.",
    }),
    make("p", {
      textContent:
        "What a model has written is underlined in the text, character by character, until it is removed; " +
        "what you write into it is yours.",
    }),
  ],
  create: (host, bench, catalogue) => new Generate(host, bench, catalogue),
};
