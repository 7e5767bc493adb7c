// Generate: a model writes on from the caret. The server draws the characters; here they are typed, so that all models
// read along.

import { display, element, frac, row, sub, sup } from "../format/mathml.js";
import { visible } from "../text/characters.js";
import { createWriter } from "../text/typewriter.js";
import { choose, make, put, tell } from "../views/dom.js";
import { chooser, rowOf } from "../views/instrument-parts.js";

const SPEEDS = [10, 20, 40, 80, 200];
const MOST = 5000;

/** The numbers that are asked for: name, words, least, most, step. */
const NUMBERS = [
  ["count", "characters", 1, MOST, 1],
  ["temperature", "temperature", 0, 10, 0.1],
  ["seed", "seed", 0, 2 ** 32 - 1, 1],
];

const chosen = ({ panels, options: { model: id } }) => panels.find((panel) => panel.id === id) ?? panels[0] ?? null;

/** What a text was written by, in words that go into the address too. */
const howOf = ({ name, step, temperature, seed }) =>
  `${name} behind step ${step.toLocaleString("en")}, temperature ${temperature}, seed ${seed}`;

class Generate {
  /** Esc stops the writing, wherever one is. */
  #stopAtEscape = (event) => {
    if (event.key === "Escape" && (this.writer.running || this.asked !== null)) this.#halt();
  };

  constructor(host, bench) {
    this.bench = bench;
    this.model = chooser("The model that writes", (value) => bench.set({ model: value }));
    this.inputs = NUMBERS.map(([name, label, least, most, step]) => {
      const input = make("input", {
        type: "number",
        min: least,
        max: most,
        step,
        oninput: () => this.#take(name, input, least, most, step === 1),
      });
      return [name, input, make("label", {}, label, input)];
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
      make("div", { className: "inst-row gen-numbers" }, ...this.inputs.map(([, , label]) => label), dice),
      this.said,
    );
    /** What is being asked: the model and the question. @type {{model: string, measure: any} | null} */
    this.asked = null;
    /**
     * What is being written.
     * @type {{step: number, name: string, temperature: number, seed: number, text: string} | null}
     */
    this.last = null;
    this.place = 0;
    this.text = null;
    this.options = generate.defaults;
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
          if (bench.store.get().text !== this.text || bench.edits().elsewhere(this.place)) return false;
          const next = bench.edits().generate(this.place, letters);
          this.text = bench.store.get().text;
          this.place = next;
          return next <= (this.view?.catalogue.limits.characters ?? Infinity);
        },
        ended: () => {
          bench.edits().apart();
          if (this.view !== null) this.show(this.view, new Map());
        },
      },
    );
    document.addEventListener("keydown", this.#stopAtEscape, true);
  }

  #take(name, input, least, most, whole) {
    const value = Number(input.value);
    const fits = input.value !== "" && value >= least && value <= most && (!whole || Number.isInteger(value));
    input.setAttribute("aria-invalid", String(!fits));
    if (fits) this.bench.set({ [name]: value });
  }

  #begin() {
    const writing = chosen(this.view);
    if (writing === null) return;
    this.bench.player.stop();
    this.place = this.bench.navigation.caret;
    this.text = this.bench.store.get().text;
    const { count, temperature, seed } = this.options;
    this.asked = { model: writing.id, measure: { name: "generate", step: this.place - 1, count, temperature, seed } };
    this.last = null;
    this.bench.again();
  }

  #halt() {
    this.asked = null;
    this.writer.stop();
    this.bench.again();
  }

  #receive(findings) {
    const found = this.asked === null ? undefined : findings.get(this.asked.model);
    if (found?.error !== undefined) this.asked = null;
    if (found?.facts === undefined || found.stale) return;
    if (this.bench.store.get().text !== this.text) {
      this.asked = null;
      return;
    }
    const { temperature, seed } = this.asked.measure;
    this.last = {
      step: found.facts.step,
      name: this.view.catalogue.name(this.asked.model),
      temperature,
      seed,
      text: found.facts.text,
    };
    this.asked = null;
    this.bench.edits().apart();
    this.bench.store.set({ author: howOf(this.last) });
    this.writer.begin(this.last.text, this.options.speed);
    this.bench.again();
  }

  /** What an address says of a text that was written elsewhere. */
  #restored() {
    const { author, generated } = this.bench.store.get();
    const count = generated.reduce((sum, { from, to }) => sum + to - from, 0);
    return author === "" || count === 0 ? "" : `${count.toLocaleString("en")} characters written by ${author}.`;
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
    if (this.bench.store.get().text !== this.text) return "";
    return (
      `${written.toLocaleString("en")} characters written by ${how}.${written < of ? " Stopped." : ""} One ` +
      "“Undo” removes them."
    );
  }

  asks() {
    return this.asked === null ? [] : [this.asked];
  }

  show(seen, findings) {
    this.view = seen;
    this.options = seen.options;
    const writing = chosen(seen);
    choose(
      this.model,
      seen.panels.map(({ id, title }) => [id, title]),
      writing?.id ?? "",
    );
    choose(
      this.speed,
      SPEEDS.map((one) => [String(one), `${one} char/s`]),
      String(this.options.speed),
    );
    for (const [name, input] of this.inputs) {
      if (document.activeElement !== input) put(input, { value: String(this.options[name]) });
    }
    this.#receive(findings);
    const busy = this.writer.running || this.asked !== null;
    tell(this.go, busy ? "Stop" : "Write on");
    put(this.go, { disabled: writing === null, title: busy ? "Stop here (Esc)" : "Write on from the caret" });
    const before = seen.text.slice(Math.max(0, this.bench.navigation.caret - 12), this.bench.navigation.caret);
    tell(
      this.said,
      this.#words_() ||
        (before === ""
          ? "Write a character first: before it the model expects nothing."
          : `It goes on from the caret, behind “${Array.from(before, visible).join("")}”.`),
    );
  }

  table() {
    const rows =
      this.last === null
        ? []
        : Array.from(this.last.text, (character, k) => [
            this.last.step + 1 + k,
            character,
            this.last.name,
            this.last.temperature,
            this.last.seed,
          ]);
    return { name: "generate", columns: ["step", "character", "model", "temperature", "seed"], rows };
  }

  destroy() {
    document.removeEventListener("keydown", this.#stopAtEscape, true);
    this.asked = null;
    this.writer.stop();
  }
}

export const generate = {
  name: "generate",
  title: "Generate",
  question: "What would the model write here?",
  defaults: { model: "", count: 200, temperature: 0.7, seed: 0, speed: 40 },
  definition: () => [
    make("p", {
      textContent:
        "The model writes behind the caret: a character is drawn from what it expects, the model reads it, " +
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
  create: (host, bench) => new Generate(host, bench),
};
