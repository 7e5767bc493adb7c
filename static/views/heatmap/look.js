// The row above the pictures: whether they show values or an echo, and in one sentence what the colours say.

import { spoken } from "../../text/characters.js";
import { make, put, tell } from "../dom.js";

/** How many other characters the mean is taken over. */
const OTHERS = 8;

/** @type {Record<string, string>} */
const WORDS = {
  values: "Each row is one unit of a network’s memory; red: above zero, blue: below, pale: near zero.",
  gates: "Each row is one unit’s gate; yellow: open (1), dark blue: closed (0).",
  half_line: "Each row is one unit; dark blue: zero, yellow: as much as there is.",
  logarithmic: "Each row is one unit’s factor, by its logarithm; red: above one, blue: below, pale: near one.",
};

/**
 * The words that a signal needs, if the pictures show no other kind.
 * @param {import("../../protocol/hello.js").Signal} signal
 */
export function lookOf({ kind, scale }) {
  if (scale === "interval") return kind === "gate" ? "gates" : "values";
  return scale in WORDS ? scale : "values";
}

export class Look {
  /**
   * @param {HTMLElement} host
   * @param {{on: () => void, off: () => void, instead: (character: string | null) => void,
   *   others: (count: number | null) => void, signed: (is: boolean) => void, release: () => void}} acts
   */
  constructor(host, acts) {
    this.acts = acts;
    this.values = make("button", {
      type: "button",
      textContent: "Values",
      title: "Show what each unit holds (E)",
      onclick: acts.off,
    });
    this.echo = make("button", {
      type: "button",
      textContent: "Echo",
      title: "Show what of one character is left in each unit (E)",
      onclick: acts.on,
    });
    const choice = { className: "ways", role: "group", "aria-label": "The pictures show" };
    this.plain = make("span", { className: "look-words" });
    this.lead = make("span");
    this.input = make("input", {
      type: "text",
      maxLength: 2,
      size: 1,
      className: "instead-of",
      autocomplete: "off",
      spellcheck: false,
      "aria-label": "The other character",
    });
    this.tail = make("span", { className: "look-words" });
    this.how = make(
      "select",
      {
        "aria-label": "Compared with",
        title: "Compared with",
        onchange: () => acts.others(this.how.value === "one" ? null : OTHERS),
      },
      make("option", { value: "one", textContent: "one other" }),
      make("option", { value: "mean", textContent: `mean of ${OTHERS} others` }),
    );
    this.signed = make("input", { type: "checkbox", onchange: () => acts.signed(this.signed.checked) });
    this.signs = make(
      "label",
      { className: "signs", title: "Red: higher than it would be, blue: lower" },
      this.signed,
      "signs",
    );
    this.free = make("button", {
      type: "button",
      className: "quiet",
      textContent: "let go",
      title: "The echo follows the cursor (Esc)",
      onclick: acts.release,
    });
    const { lead, input, tail, how, signs, free } = this;
    this.asked = make("div", { className: "echo-of" }, lead, input, tail, how, signs, free);
    host.append(make("div", choice, this.values, this.echo), this.plain, this.asked);
    this.#listen();
  }

  /** What is typed into the field is the other character. */
  #listen() {
    const { input, acts } = this;
    input.addEventListener("focus", () => input.select());
    input.addEventListener("input", (event) => {
      if (/** @type {InputEvent} */ (event).isComposing) return;
      const [character] = [...input.value].slice(-1);
      acts.instead(character ?? null);
      input.select();
    });
    input.addEventListener("keydown", (event) => {
      if (event.key === "Enter") acts.instead("\n");
      else if (event.key === "Tab" || event.key.length > 1) return;
      else if (event.ctrlKey || event.metaKey || event.altKey) return;
      else acts.instead(event.key);
      event.preventDefault();
    });
  }

  /**
   * @param {{state: import("../../state/store.js").State, scales: Set<string>, pinned: boolean,
   *   of: {step: number, character: string, instead: string | null, others: number | null} | null}} view
   */
  update({ state, scales, pinned, of }) {
    const { echo } = state;
    const is = echo !== null;
    put(this.values, { ariaPressed: String(!is) });
    put(this.echo, { ariaPressed: String(is) });
    put(this.plain, { hidden: is });
    put(this.asked, { hidden: !is });
    const [only = "values"] = scales;
    tell(this.plain, WORDS[scales.size === 1 ? only : "values"]);
    if (echo === null) return;
    const mean = echo.others !== null;
    tell(
      this.lead,
      of === null
        ? "There is no character yet."
        : `Had ${spoken(of.character)} at step ${of.step.toLocaleString("en")} been`,
    );
    put(this.lead, { title: "Point along the characters to see another one’s echo; click to keep it" });
    const instead = of?.instead ?? null;
    put(this.input, { hidden: mean || of === null });
    if (this.input.value !== (of?.instead ?? "")) this.input.value = of?.instead ?? "";
    put(this.input, {
      title: instead === null ? "" : `${spoken(instead)}. Type another character; empty: the default`,
    });
    put(this.how, { value: mean ? "mean" : "one" });
    put(this.signs, { hidden: mean });
    put(this.signed, { checked: echo.signed });
    put(this.free, { hidden: !pinned });
    tell(
      this.tail,
      echo.signed && !mean
        ? "red: higher for it, blue: lower, pale: forgotten."
        : "dark: the unit would differ, white: forgotten.",
    );
  }
}
