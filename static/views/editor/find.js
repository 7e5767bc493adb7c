// The bar that looks for words in the text, or for a step.

import { toPoints } from "../../text/characters.js";
import { make } from "../dom.js";

const MOST_COUNTED = 10_000;
const COUNT_MS = 200; // after the last change of the words
const told = (count) => count.toLocaleString("en");

/**
 * @param {HTMLElement} host @param {HTMLElement} button that opens it
 * @param {{text: () => import("../../text/document.js").Text, caret: () => {from: number, to: number},
 *   show: (from: number, to: number) => void, step: (step: number) => void, mark: () => void, close: () => void}} acts
 *   `show` a match, `step` to a step, `mark` what `found` says anew
 */
export function createFind(host, button, acts) {
  const press = (label, text, keys, onclick) =>
    make("button", {
      type: "button",
      className: "icon",
      "aria-label": label,
      title: `${label} (${keys})`,
      textContent: text,
      onclick,
    });
  const what = make(
    "select",
    { "aria-label": "Look for" },
    make("option", { value: "words", textContent: "text" }),
    make("option", { value: "step", textContent: "step" }),
  );
  const field = make("input", { type: "text", spellcheck: false, autocomplete: "off", "aria-describedby": "found" });
  const back = press("Previous match", "↑", "Shift + Enter", () => seek(true));
  const on = press("Next match", "↓", "Enter", () => seek(false));
  const box = make("input", { type: "checkbox" });
  const matchCase = make(
    "label",
    { className: "match-case", title: "Only with the same capital and small letters" },
    box,
    "match case",
  );
  const go = make("button", { type: "button", textContent: "Go", onclick: () => toStep() });
  const words = make("span", { id: "found", className: "found", role: "status" });
  const close = make("button", {
    type: "button",
    className: "remove",
    "aria-label": "Close",
    title: "Close (Escape)",
    textContent: "×",
    onclick: () => shut(),
  });
  host.append(what, field, back, on, go, matchCase, words, close);
  let found = null;
  let timer = 0;

  const stepping = () => what.value === "step";
  function mode(name) {
    what.value = name;
    const step = name === "step";
    for (const part of [back, on, matchCase]) part.hidden = step;
    go.hidden = !step;
    field.inputMode = step ? "numeric" : "text";
    field.setAttribute("aria-label", step ? "Step" : "Find");
    field.placeholder = step ? `0 … ${told(Math.max(0, acts.text().length - 1))}` : "Find";
    say("");
  }
  const say = (message, fault = false) => {
    words.textContent = message;
    words.classList.toggle("fault", fault);
  };

  function hit(at) {
    found = at === null ? null : { from: at, to: at + toPoints(field.value) };
    if (found !== null) acts.show(found.from, found.to);
    acts.mark();
  }

  /** @param {boolean} backwards @param {number} [from] */
  function seek(backwards, from) {
    if (field.value === "") return (hit(null), say(""));
    const place = acts.caret();
    const start = from ?? (backwards ? place.from : place.to);
    const at = acts.text().find(field.value, start, { backwards, matchCase: box.checked });
    hit(at);
    clearTimeout(timer);
    if (at === null) return say("no match", true);
    const wrapped = backwards ? at >= start : at < start;
    const way = !wrapped ? "" : backwards ? " · from the end again" : " · from the start again";
    timer = setTimeout(() => {
      const matches = acts.text().count(field.value, box.checked, MOST_COUNTED);
      const many = matches >= MOST_COUNTED ? `${told(MOST_COUNTED)} or more` : told(matches);
      say(`${many} ${matches === 1 ? "match" : "matches"}${way}`);
    }, COUNT_MS);
  }

  function toStep() {
    const length = acts.text().length;
    const number = Number(field.value.replace(/^#|[\s,]/g, "") || NaN);
    if (length === 0) return say("there is no text yet", true);
    if (!Number.isInteger(number) || number < 0 || number >= length) {
      return say(`a step is a number from 0 to ${told(length - 1)}`, true);
    }
    say("");
    acts.step(number);
  }

  function open(name) {
    const { from, to } = acts.caret();
    const chosen = to - from > 0 && to - from <= 200 ? acts.text().slice(from, to) : "";
    host.hidden = false;
    button.setAttribute("aria-expanded", "true");
    mode(name);
    if (name === "words" && chosen !== "" && !chosen.includes("\n")) field.value = chosen;
    else if (name === "step") field.value = "";
    field.focus();
    field.select();
  }

  function shut() {
    clearTimeout(timer);
    found = null;
    host.hidden = true;
    button.setAttribute("aria-expanded", "false");
    acts.mark();
    acts.close();
  }

  what.addEventListener("change", () => open(what.value));
  field.addEventListener("input", () => {
    if (stepping()) return say("");
    seek(false, acts.caret().from);
  });
  box.addEventListener("change", () => seek(false, acts.caret().from));
  host.addEventListener("keydown", (event) => {
    if (event.key === "Escape") {
      event.stopPropagation(); // the page's own Escape ends play and lets the cursor go
      shut();
    } else if (event.key === "Enter" && event.target === field && !event.isComposing) {
      event.preventDefault();
      if (stepping()) toStep();
      else seek(event.shiftKey);
    }
  });
  button.addEventListener("click", () => (host.hidden ? open("words") : shut()));

  return {
    open,
    /** On to the next match; the bar opens where there are no words yet. @param {boolean} backwards */
    next: (backwards) => (host.hidden || stepping() || field.value === "" ? open("words") : seek(backwards)),
    /** The match that is shown. */
    found: () => found,
    /** The text has changed: what was found may be elsewhere. */
    forget() {
      found = null;
    },
  };
}
