// Generate: a model writes on from the caret. The server draws the characters; here they are typed, so that all models
// read along.

import { display, element, frac, row, sub, sup } from "../format/mathml.js";
import { visible } from "../text/characters.js";
import { createWriter } from "../text/typewriter.js";
import { choose, make, put, tell } from "../views/dom.js";

const SPEEDS = [10, 20, 40, 80, 200];
const MOST = 5000;

/** The numbers that are asked for: name, words, least, most, step. */
const NUMBERS = [
  ["count", "characters", 1, MOST, 1],
  ["temperature", "temperature", 0, 10, 0.1],
  ["seed", "seed", 0, 2 ** 32 - 1, 1],
];

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
  create(host, bench) {
    const model = make("select", {
      "aria-label": "The model that writes",
      onchange: () => bench.set({ model: model.value }),
    });
    const inputs = NUMBERS.map(([name, label, least, most, step]) => {
      const input = make("input", {
        type: "number",
        min: least,
        max: most,
        step,
        oninput: () => take(name, input, least, most, step === 1),
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
    const speed = make("select", { "aria-label": "Speed", onchange: () => bench.set({ speed: Number(speed.value) }) });
    const go = make("button", {
      type: "button",
      className: "gen-go",
      onclick: () => (writer.running || asked !== null ? halt() : begin()),
    });
    const said = make("p", { className: "inst-note", role: "status" });
    host.append(
      make("div", { className: "inst-row" }, make("label", {}, "model", model), make("label", {}, "speed", speed), go),
      make("div", { className: "inst-row gen-numbers" }, ...inputs.map(([, , label]) => label), dice),
      said,
    );
    /** What is being asked: the model and the question. @type {{model: string, measure: any} | null} */
    let asked = null;
    /**
     * What is being written.
     * @type {{step: number, name: string, temperature: number, seed: number, text: string} | null}
     */
    let last = null;
    let place = 0;
    let text = null;
    let options = generate.defaults;
    let view = null;

    const writer = createWriter(
      {
        setTimeout: (act, pause) => setTimeout(act, pause),
        clearTimeout: (timer) => clearTimeout(timer),
        now: () => performance.now(),
      },
      {
        put(letters) {
          // Somebody else writes, or is about to, elsewhere.
          if (bench.store.get().text !== text || bench.edits().elsewhere(place)) return false;
          const next = bench.edits().generate(place, letters);
          text = bench.store.get().text;
          place = next;
          return next <= (view?.catalogue.limits.characters ?? Infinity);
        },
        ended() {
          bench.edits().apart();
          if (view !== null) instrument.show(view, new Map());
        },
      },
    );

    function take(name, input, least, most, whole) {
      const value = Number(input.value);
      const fits = input.value !== "" && value >= least && value <= most && (!whole || Number.isInteger(value));
      input.setAttribute("aria-invalid", String(!fits));
      if (fits) bench.set({ [name]: value });
    }

    function begin() {
      const writing = chosen(view);
      if (writing === null) return;
      bench.player.stop();
      place = bench.navigation.caret;
      text = bench.store.get().text;
      const { count, temperature, seed } = options;
      asked = { model: writing.id, measure: { name: "generate", step: place - 1, count, temperature, seed } };
      last = null;
      bench.again();
    }

    function halt() {
      asked = null;
      writer.stop();
      bench.again();
    }

    const chosen = ({ panels, options: { model: id } }) => panels.find((panel) => panel.id === id) ?? panels[0] ?? null;

    function receive(findings) {
      const found = asked === null ? undefined : findings.get(asked.model);
      if (found?.error !== undefined) asked = null;
      if (found?.facts === undefined || found.stale) return;
      if (bench.store.get().text !== text) {
        asked = null;
        return;
      }
      const { temperature, seed } = asked.measure;
      last = {
        step: found.facts.step,
        name: view.catalogue.name(asked.model),
        temperature,
        seed,
        text: found.facts.text,
      };
      asked = null;
      bench.edits().apart();
      bench.store.set({ author: howOf(last) });
      writer.begin(last.text, options.speed);
      bench.again();
    }

    /** Esc stops the writing, wherever one is. */
    const stopAtEscape = (event) => {
      if (event.key === "Escape" && (writer.running || asked !== null)) halt();
    };
    document.addEventListener("keydown", stopAtEscape, true);

    /** What a text was written by, in words that go into the address too. */
    const howOf = ({ name, step, temperature, seed }) =>
      `${name} behind step ${step.toLocaleString("en")}, temperature ${temperature}, seed ${seed}`;

    /** What an address says of a text that was written elsewhere. */
    function restored() {
      const { author, generated } = bench.store.get();
      const count = generated.reduce((sum, { from, to }) => sum + to - from, 0);
      return author === "" || count === 0 ? "" : `${count.toLocaleString("en")} characters written by ${author}.`;
    }

    function words_() {
      if (asked !== null) return "The model is asked …";
      const { written, of } = writer.progress;
      if (last === null) return restored();
      const how = howOf(last);
      if (writer.running) {
        return `${written.toLocaleString("en")} of ${of.toLocaleString("en")} characters · ${how}. Esc stops it.`;
      }
      // Edited since, or undone: neither the number nor "Undo" would be right.
      if (bench.store.get().text !== text) return "";
      return (
        `${written.toLocaleString("en")} characters written by ${how}.${written < of ? " Stopped." : ""} One ` +
        "“Undo” removes them."
      );
    }

    const instrument = {
      asks: () => (asked === null ? [] : [asked]),
      show(seen, findings) {
        view = seen;
        options = seen.options;
        const writing = chosen(seen);
        choose(
          model,
          seen.panels.map(({ id, title }) => [id, title]),
          writing?.id ?? "",
        );
        choose(
          speed,
          SPEEDS.map((one) => [String(one), `${one} char/s`]),
          String(options.speed),
        );
        for (const [name, input] of inputs) {
          if (document.activeElement !== input) put(input, { value: String(options[name]) });
        }
        receive(findings);
        const busy = writer.running || asked !== null;
        tell(go, busy ? "Stop" : "Write on");
        put(go, { disabled: writing === null, title: busy ? "Stop here (Esc)" : "Write on from the caret" });
        const before = seen.text.slice(Math.max(0, bench.navigation.caret - 12), bench.navigation.caret);
        tell(
          said,
          words_() ||
            (before === ""
              ? "Write a character first: before it the model expects nothing."
              : `It goes on from the caret, behind “${Array.from(before, visible).join("")}”.`),
        );
      },
      table() {
        const rows =
          last === null
            ? []
            : Array.from(last.text, (character, k) => [
                last.step + 1 + k,
                character,
                last.name,
                last.temperature,
                last.seed,
              ]);
        return { name: "generate", columns: ["step", "character", "model", "temperature", "seed"], rows };
      },
      destroy() {
        document.removeEventListener("keydown", stopAtEscape, true);
        asked = null;
        writer.stop();
      },
    };
    return instrument;
  },
};
