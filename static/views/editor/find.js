// The bar that looks for words in the text, or for a step.

import { toPoints } from "../../text/characters.js";
import { make } from "../dom.js";

const MOST_COUNTED = 10_000;
const COUNT_MS = 200; // after the last change of the words
/** @param {number} count */
const counted = (count) => count.toLocaleString("en");

/** @param {string} label @param {string} text @param {string} keys @param {() => void} onclick */
const press = (label, text, keys, onclick) =>
  make("button", {
    type: "button",
    className: "icon",
    "aria-label": label,
    title: `${label} (${keys})`,
    textContent: text,
    onclick,
  });

export class Find {
  /**
   * @param {HTMLElement} host @param {HTMLElement} button that opens it
   * @param {{text: () => import("../../text/document.js").Text, caret: () => {from: number, to: number},
   *   show: (from: number, to: number) => void, step: (step: number) => void, mark: () => void,
   *   close: () => void}} acts `show` a match, `step` to a step, `mark` what `found` says anew
   */
  constructor(host, button, acts) {
    this.host = host;
    this.button = button;
    this.acts = acts;
    this.what = make(
      "select",
      { "aria-label": "Look for" },
      make("option", { value: "words", textContent: "text" }),
      make("option", { value: "step", textContent: "step" }),
    );
    this.field = make("input", { type: "text", spellcheck: false, autocomplete: "off", "aria-describedby": "found" });
    this.back = press("Previous match", "↑", "Shift + Enter", () => this.#seek(true));
    this.on = press("Next match", "↓", "Enter", () => this.#seek(false));
    this.box = make("input", { type: "checkbox" });
    this.matchCase = make(
      "label",
      { className: "match-case", title: "Only with the same capital and small letters" },
      this.box,
      "match case",
    );
    this.go = make("button", { type: "button", textContent: "Go", onclick: () => this.#toStep() });
    this.words = make("span", { id: "found", className: "found", role: "status" });
    const close = make("button", {
      type: "button",
      className: "remove",
      "aria-label": "Close",
      title: "Close (Escape)",
      textContent: "×",
      onclick: () => this.#shut(),
    });
    host.append(this.what, this.field, this.back, this.on, this.go, this.matchCase, this.words, close);
    this.match = null;
    this.timer = 0;

    this.what.addEventListener("change", () => this.open(this.what.value));
    this.field.addEventListener("input", () => {
      if (this.#stepping()) return this.#say("");
      this.#seek(false, acts.caret().from);
    });
    this.box.addEventListener("change", () => this.#seek(false, acts.caret().from));
    host.addEventListener("keydown", (event) => {
      if (event.key === "Escape") {
        event.stopPropagation(); // the page's own Escape ends play and lets the cursor go
        this.#shut();
      } else if (event.key === "Enter" && event.target === this.field && !event.isComposing) {
        event.preventDefault();
        if (this.#stepping()) this.#toStep();
        else this.#seek(event.shiftKey);
      }
    });
    button.addEventListener("click", () => (host.hidden ? this.open("words") : this.#shut()));
  }

  #stepping() {
    return this.what.value === "step";
  }

  /** @param {string} name */
  #mode(name) {
    this.what.value = name;
    const step = name === "step";
    for (const part of [this.back, this.on, this.matchCase]) part.hidden = step;
    this.go.hidden = !step;
    this.field.inputMode = step ? "numeric" : "text";
    this.field.setAttribute("aria-label", step ? "Step" : "Find");
    this.field.placeholder = step ? `0 … ${counted(Math.max(0, this.acts.text().length - 1))}` : "Find";
    this.#say("");
  }

  /** @param {string} message @param {boolean} [fault] */
  #say(message, fault = false) {
    this.words.textContent = message;
    this.words.classList.toggle("fault", fault);
  }

  /** @param {number | null} at */
  #hit(at) {
    this.match = at === null ? null : { from: at, to: at + toPoints(this.field.value) };
    if (this.match !== null) this.acts.show(this.match.from, this.match.to);
    this.acts.mark();
  }

  /** @param {boolean} backwards @param {number} [from] */
  #seek(backwards, from) {
    if (this.field.value === "") return (this.#hit(null), this.#say(""));
    const place = this.acts.caret();
    const start = from ?? (backwards ? place.from : place.to);
    const at = this.acts.text().find(this.field.value, start, { backwards, matchCase: this.box.checked });
    this.#hit(at);
    clearTimeout(this.timer);
    if (at === null) return this.#say("no match", true);
    const wrapped = backwards ? at >= start : at < start;
    const way = !wrapped ? "" : backwards ? " · from the end again" : " · from the start again";
    this.timer = setTimeout(() => {
      const matches = this.acts.text().count(this.field.value, this.box.checked, MOST_COUNTED);
      const many = matches >= MOST_COUNTED ? `${counted(MOST_COUNTED)} or more` : counted(matches);
      this.#say(`${many} ${matches === 1 ? "match" : "matches"}${way}`);
    }, COUNT_MS);
  }

  #toStep() {
    const length = this.acts.text().length;
    const number = Number(this.field.value.replace(/^#|[\s,]/g, "") || NaN);
    if (length === 0) return this.#say("there is no text yet", true);
    if (!Number.isInteger(number) || number < 0 || number >= length) {
      return this.#say(`a step is a number from 0 to ${counted(length - 1)}`, true);
    }
    this.#say("");
    this.acts.step(number);
  }

  /** @param {string} name */
  open(name) {
    const { from, to } = this.acts.caret();
    const chosen = to - from > 0 && to - from <= 200 ? this.acts.text().slice(from, to) : "";
    this.host.hidden = false;
    this.button.setAttribute("aria-expanded", "true");
    this.#mode(name);
    if (name === "words" && chosen !== "" && !chosen.includes("\n")) this.field.value = chosen;
    else if (name === "step") this.field.value = "";
    this.field.focus();
    this.field.select();
  }

  #shut() {
    clearTimeout(this.timer);
    this.match = null;
    this.host.hidden = true;
    this.button.setAttribute("aria-expanded", "false");
    this.acts.mark();
    this.acts.close();
  }

  /** On to the next match; the bar opens where there are no words yet. @param {boolean} backwards */
  next(backwards) {
    return this.host.hidden || this.#stepping() || this.field.value === "" ? this.open("words") : this.#seek(backwards);
  }

  /** The match that is shown. */
  found() {
    return this.match;
  }

  /** The text has changed: what was found may be elsewhere. */
  forget() {
    this.match = null;
  }
}
