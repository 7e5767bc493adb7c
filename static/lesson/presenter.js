// Presenter mode: a step fills the projector, a clicker leads on, and whoever teaches has notes and a clock elsewhere.

import { make, tell } from "../views/dom.js";

/**
 * @typedef {object} Seen what the lesson tells the window with the notes
 * @property {"seen"} type @property {number} at place of the step @property {number | null} since when it began, as a
 *   time of day in milliseconds; null: nobody presents
 */
/** @typedef {{type: "who"}} Who the window with the notes has opened */
/** @typedef {{type: "move", by: number}} Move */
/** @typedef {Seen | Who | Move} Told */

/** @param {string} lesson */
export const channelOf = (lesson) => new BroadcastChannel(`hidden-state-lesson:${lesson}`);

/**
 * @typedef {object} Parts
 * @property {string} lesson @property {import("./lab.js").Lab} lab @property {import("./steps.js").Steps} steps
 * @property {HTMLElement} button @property {HTMLElement} bar where its own buttons stand
 */

export class Presenter {
  /** @param {Parts} parts */
  constructor(parts) {
    this.parts = parts;
    this.on = false;
    this.pen = false;
    /** How the screen is shared: "both", "words" or "lab". */
    this.share = "both";
    /** @type {number | null} */
    this.since = null;
    this.channel = channelOf(parts.lesson);
    this.channel.addEventListener("message", ({ data }) => this.#hear(data));
    parts.button.addEventListener("click", () => this.toggle());
    document.addEventListener("fullscreenchange", () => {
      if (document.fullscreenElement === null && this.on) this.leave();
    });
    this.#buttons();
  }

  #buttons() {
    /** @param {string} words @param {string} title @param {() => void} onclick */
    const button = (words, title, onclick) => make("button", { type: "button", textContent: words, title, onclick });
    this.penButton = button("Pen (L)", "Makes the pointer large", () => this.togglePen());
    this.parts.bar.append(
      button("Reveal (R)", "Measures what is asked and shows it", () => this.reveal()),
      this.penButton,
      button("Share (F)", "Words and lab, words alone, the lab alone", () => this.nextShare()),
      button("Notes (N)", "Your notes and a clock, in a window that the class does not see", () => this.notes()),
      button("Leave (Esc)", "Leaves presenter mode", () => this.leave()),
    );
  }

  toggle() {
    if (this.on) this.leave();
    else this.enter();
  }

  enter() {
    this.on = true;
    this.since ??= Date.now();
    // Where the browser refuses a full screen, the mode works in the window.
    document.documentElement.requestFullscreen?.().catch(() => {});
    this.#show();
  }

  leave() {
    this.on = this.pen = false;
    this.since = null;
    if (document.fullscreenElement !== null) document.exitFullscreen().catch(() => {});
    this.#show();
  }

  togglePen() {
    this.pen = !this.pen;
    this.#show();
  }

  nextShare() {
    this.share = { both: "lab", lab: "words", words: "both" }[this.share] ?? "both";
    this.#show();
  }

  notes() {
    open(`/lessons/${this.parts.lesson}?notes`, `notes-${this.parts.lesson}`, "popup,width=900,height=640");
  }

  /** Show the next answer of the step that is still covered. Whether there was one. */
  reveal() {
    const asks = [...this.parts.steps.current.querySelectorAll("hs-ask")];
    const covered = asks.find((one) => "covered" in one && one.covered === true);
    if (covered === undefined || !("uncover" in covered) || typeof covered.uncover !== "function") return false;
    covered.uncover();
    covered.scrollIntoView({ block: "nearest" });
    return true;
  }

  /** As a clicker does: first what is covered, then what is below the screen, then a step. @param {number} by */
  click(by) {
    if (by > 0 && this.on && this.reveal()) return;
    if (!scrolled(this.parts.steps.current, by)) this.parts.steps.move(by);
  }

  #show() {
    const root = document.documentElement;
    root.classList.toggle("presenting", this.on);
    root.classList.toggle("pen", this.pen);
    root.dataset.share = this.on ? this.share : "both";
    this.parts.bar.hidden = !this.on;
    this.parts.button.setAttribute("aria-pressed", String(this.on));
    this.penButton?.setAttribute("aria-pressed", String(this.pen));
    this.parts.lab.present({ on: this.on, pen: this.pen });
    this.tell();
  }

  /** Say which step is shown. */
  tell() {
    /** @type {Seen} */
    const seen = { type: "seen", at: this.parts.steps.at, since: this.since };
    this.channel.postMessage(seen);
  }

  /** @param {Told} message */
  #hear(message) {
    if (message.type === "who") this.tell();
    else if (message.type === "move") this.click(message.by);
  }
}

/** Scroll a step by a screen, if there is more of it on that side. @param {HTMLElement} step @param {number} by */
function scrolled(step, by) {
  const { scrollTop, clientHeight, scrollHeight } = step;
  const more = by > 0 ? scrollTop + clientHeight < scrollHeight - 4 : scrollTop > 4;
  if (more) step.scrollBy({ top: by * 0.85 * clientHeight });
  return more;
}

/** Minutes and seconds. @param {number} milliseconds */
export const clock = (milliseconds) => {
  const seconds = Math.max(0, Math.floor(milliseconds / 1000));
  return `${Math.floor(seconds / 60)}:${String(seconds % 60).padStart(2, "0")}`;
};

/**
 * Keep an element up to the time since then.
 * @param {HTMLElement} element @param {() => number | null} since
 */
export function run(element, since) {
  const show = () => {
    const began = since();
    tell(element, began === null ? "–:––" : clock(Date.now() - began));
  };
  setInterval(show, 500);
  show();
  return show;
}
