// <hs-ask>: first the guess, then what is measured on the pupil's own text, then both side by side.

import { make, tell } from "../views/dom.js";
import { answerTo } from "./answer.js";
import { Block } from "./block.js";
import { isRight, numberOf, off } from "./verdict.js";

/** @import { Answer } from "./answer.js" */
/** @import { Question } from "./verdict.js" */

/** @extends {Block<Question>} */
export class AskBlock extends Block {
  /** @override */
  create() {
    /** @type {AbortController | null} */
    this.work = null;
    const { question } = this.state;
    this.bar = make("progress", { max: 1, value: 0 });
    this.stop = make("button", { type: "button", textContent: "Stop", onclick: () => this.work?.abort() });
    this.running = make("p", { className: "running", hidden: true }, "Measuring … ", this.bar, this.stop);
    this.fault = make("p", { className: "fault", role: "alert", hidden: true });
    this.found = make("div", { className: "found", role: "status", hidden: true });
    this.form = make(
      "form",
      {
        onsubmit: (/** @type {Event} */ event) => {
          event.preventDefault();
          this.#ask(this.#guess());
        },
      },
      make("fieldset", {}, make("legend", { textContent: question }), this.#entry(), this.#buttons()),
    );
    this.replaceChildren(this.form, this.running, this.fault, this.found);
    this.#enable();
    this.is("ready");
  }

  /** Where the guess is entered. */
  #entry() {
    const { id, unit, choices } = this.state;
    const before = this.parts.guess(id);
    const oninput = () => this.#enable();
    if (choices === null) {
      this.field = make("input", { type: "text", inputMode: "decimal", autocomplete: "off", size: 8, oninput });
      this.field.value = before ?? "";
      return make("label", { className: "guess" }, "Your guess: ", this.field, ` ${unit}`);
    }
    return make(
      "div",
      { className: "choices-of" },
      ...choices.map((words, k) => {
        const checked = before === String(k);
        return make("label", {}, make("input", { type: "radio", name: id, value: String(k), checked, oninput }), words);
      }),
    );
  }

  #buttons() {
    this.submit = make("button", { type: "submit", className: "main", textContent: "Measure it" });
    this.reveal = make("button", {
      type: "button",
      className: "reveal",
      textContent: "Reveal (R)",
      title: "Measures it without a guess of yours: for whoever presents",
      onclick: () => this.#ask(this.#guess()),
    });
    this.hint = make("small", { textContent: "First guess; then it is measured." });
    return make("p", { className: "ask-buttons" }, this.submit, this.reveal, this.hint);
  }

  /** The guess as it is kept; null where none makes sense yet. @returns {string | null} */
  #guess() {
    if (this.state.choices === null) {
      const words = this.field?.value ?? "";
      return numberOf(words) === null ? null : words;
    }
    return this.querySelector("input:checked")?.getAttribute("value") ?? null;
  }

  #enable() {
    const made = this.#guess() !== null;
    const wrong = !made && (this.field?.value ?? "").trim() !== "";
    if (this.submit !== undefined) this.submit.disabled = !made;
    this.field?.setAttribute("aria-invalid", String(wrong));
    if (this.hint !== undefined) {
      this.hint.hidden = made;
      tell(this.hint, wrong ? "That is no number yet." : "First guess; then it is measured.");
    }
  }

  /** Whether the answer is still to be shown. */
  get covered() {
    return this.found?.hidden !== false && this.work === null;
  }

  /** Show the answer to a class, with whatever guess there is. */
  uncover() {
    this.#ask(this.#guess());
  }

  /** @override */
  closed() {
    this.work?.abort();
  }

  /** @param {string | null} guess */
  async #ask(guess) {
    const { running, fault, found, bar, parts } = this;
    if (this.work !== null || !running || !fault || !found || !bar) return;
    const { id, own } = this.state;
    if (guess !== null) parts.keepGuess(id, guess);
    const work = (this.work = new AbortController());
    Object.assign(bar, { value: 0 });
    fault.hidden = found.hidden = true;
    running.hidden = false;
    try {
      const { text, cursor } = own ? await parts.lab.text() : { text: "", cursor: null };
      const about = { lesson: parts.lesson, ask: id, text, cursor };
      this.#show(await answerTo(about, (share) => (bar.value = share), work.signal), guess);
    } catch (error) {
      tell(fault, work.signal.aborted ? "Stopped." : error instanceof Error ? error.message : String(error));
      fault.hidden = false;
    }
    running.hidden = true;
    this.work = null;
  }

  /** Both side by side. @param {Answer} answer @param {string | null} guess */
  #show(answer, guess) {
    const { found } = this;
    if (!found) return;
    const { unit, choices } = this.state;
    const right = isRight(this.state, guess, answer);
    /** @param {string | null} words */
    const named = (words) => {
      if (words === null) return "–";
      return choices === null ? `${words} ${unit}`.trim() : choices[Number(words)];
    };
    const truth = choices === null ? answer.words : String(answer.choice);
    const after = make("div", { className: "after" });
    after.innerHTML = answer.after; // the server's own, made of Markdown without HTML
    for (const place of after.querySelectorAll("[data-say]")) {
      const which = place.getAttribute("data-say") === "guess" ? guess : truth;
      if (which === null) place.textContent = "nothing";
      else place.textContent = choices === null ? which : named(which);
    }
    for (const claim of after.querySelectorAll("hs-claim")) if (claim instanceof Block) claim.begin(this.parts);
    found.replaceChildren(
      make(
        "dl",
        { className: "both" },
        make("div", { className: "guessed" }, make("dt", { textContent: "Guess" }), make("dd", {}, named(guess))),
        make("div", { className: "truth" }, make("dt", { textContent: "Measured" }), make("dd", {}, named(truth))),
      ),
      make("p", { className: "verdict", textContent: this.#verdict(right, guess, answer) }),
      after,
    );
    found.dataset.right = String(right);
    found.hidden = false;
    found.scrollIntoView({ block: "nearest" });
  }

  /** @param {boolean | null} right @param {string | null} guess @param {Answer} answer */
  #verdict(right, guess, { value }) {
    if (right === null) return "";
    if (right) return "Right.";
    const number = this.state.choices === null && guess !== null ? numberOf(guess) : null;
    return number === null ? "Not so." : `Not so: ${off(number, value)}.`;
  }
}
