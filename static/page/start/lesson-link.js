// The laboratory beside a lesson's words: shows the states that the lesson asks for, and says what is done in it.

import { instrumentOf } from "../../instruments/index.js";
import { strangers } from "../../state/unavailable.js";
import { inLesson, opened } from "../persistence.js";

/** @import { Apply, FromLab, ToLab } from "../../protocol/lab.js" */

const REST_MS = 500;
const LONGEST = 100_000; // characters of a text that is told of while it rests

/**
 * @typedef {object} Parts
 * @property {import("../../state/store.js").Store} store @property {import("../heatmaps.js").Desk} desk
 * @property {import("../navigation.js").Navigation} navigation @property {import("../instrument-host.js").Bench} bench
 * @property {ReturnType<typeof import("../text-actions.js").createEdits>} edits
 * @property {ReturnType<typeof import("./arrival.js").createArrival>} arrival
 * @property {() => import("../../state/catalogue.js").Catalogue | null} catalogue
 * @property {(theme: import("../../state/store.js").State["theme"]) => void} theme
 */

/** Lights one element of the page, which may come and go. */
class Lamp {
  constructor() {
    /** @type {string | null} */
    this.selector = null;
    /** @type {Element | null} */
    this.lit = null;
    this.frame = 0;
    new MutationObserver(() => {
      if (this.selector !== null) this.frame ||= requestAnimationFrame(() => this.#light(false));
    }).observe(document.body, { childList: true, subtree: true, attributes: true, attributeFilter: ["hidden"] });
  }

  /** @param {string | null} selector @returns {boolean} whether there is such a thing */
  point(selector) {
    this.selector = selector;
    return this.#light(true);
  }

  /** @param {boolean} scroll */
  #light(scroll) {
    this.frame = 0;
    const found = this.selector === null ? null : document.querySelector(this.selector);
    if (found !== this.lit) {
      this.lit?.classList.remove("pointed-at");
      // What is folded away cannot be pointed at.
      found?.closest("details")?.setAttribute("open", "");
      found?.classList.add("pointed-at");
      this.lit = found;
      if (scroll || found !== null) found?.scrollIntoView({ block: "nearest" });
    }
    return found !== null;
  }
}

export class LessonLink {
  /** @param {Parts} parts */
  constructor(parts) {
    this.parts = parts;
    this.active = inLesson();
    this.typed = 0;
    this.moved = 0;
    this.applying = false;
    this.presented = false;
    this.latest = 0;
    /** The state that the lesson last had shown, by its number. */
    this.shown = 0;
    this.timer = 0;
    this.frame = 0;
    if (!this.active) return;
    this.lamp = new Lamp();
    this.#listen();
  }

  #listen() {
    const { store, theme } = this.parts;
    addEventListener("message", (event) => {
      if (event.origin === location.origin && event.source === parent) this.#hear(event.data);
    });
    addEventListener("storage", (event) => {
      const found = /** @type {const} */ (["auto", "light", "dark"]).find((one) => one === event.newValue);
      if (event.key === "theme" && found !== undefined) theme(found);
    });
    document.addEventListener("keydown", (event) => this.#key(event), true);
    store.subscribe((_, changed, edit) => {
      if (!this.applying) {
        this.typed += Number(edit !== null);
        this.moved += Number(changed.has("cursor"));
      }
      if (changed.has("text")) {
        clearTimeout(this.timer);
        this.timer = setTimeout(() => this.#giveText(null), REST_MS);
      }
      this.report();
    });
  }

  /** @param {FromLab} message */
  #say(message) {
    if (this.active) parent.postMessage(message, location.origin);
  }

  /** The server has answered: states can be shown. */
  ready() {
    this.#say({ type: "ready" });
    this.report();
  }

  /** An instrument has answered. @param {import("../../protocol/messages.js").Measured} message */
  answered({ name, model, facts }) {
    this.#say({ type: "answer", instrument: name, model, facts: /** @type {Record<string, unknown>} */ (facts) });
  }

  /** @param {ToLab} message */
  #hear(message) {
    if (message.type === "apply") this.#apply(message);
    else if (message.type === "point") {
      this.#say({ type: "pointed", found: this.lamp?.point(message.selector) ?? false });
    } else if (message.type === "text?") this.#giveText(message.id);
    else if (message.type === "presenting") {
      this.presented = message.on;
      document.documentElement.classList.toggle("presented", message.on);
      document.documentElement.classList.toggle("pen", message.pen);
    }
  }

  /** @param {Apply} message */
  async #apply({ id, address, text, patch }) {
    const { store, arrival, catalogue, edits } = this.parts;
    const known = catalogue();
    if (known === null) return; // the lesson asks again once this page is ready
    if (!patch) this.latest = id;
    const found = await opened(address);
    // By now it may show another one.
    if (!patch && this.latest !== id) return this.#say({ type: "applied", id, missing: "" });
    const before = store.get().text;
    this.applying = true;
    arrival.bring({ ...found, ...(text === null ? {} : { text }) }, { patch });
    if (!patch && store.get().text !== before) edits.begin(store.get().text);
    this.applying = false;
    if (!patch) [this.typed, this.moved, this.shown] = [0, 0, id];
    this.#say({ type: "applied", id, missing: strangers(address, known, instrumentOf) });
    return this.report();
  }

  /** @param {number | null} id of a question for it; null: it has rested */
  #giveText(id) {
    const { text } = this.parts.store.get();
    if (id === null && text.length > LONGEST) return;
    const cursor = this.parts.navigation.focus()?.step ?? null;
    this.#say({ type: "text", id, text: text.string, cursor });
  }

  /** Say what is shown now, at the next frame. */
  report() {
    if (!this.active || this.parts.catalogue() === null) return;
    this.frame ||= requestAnimationFrame(() => {
      this.frame = 0;
      const { store, desk, bench } = this.parts;
      const { instrument, order, echo, cursor, text, generated } = store.get();
      this.#say({
        type: "state",
        shown: this.shown,
        models: desk.panels.map(({ id }) => id),
        signals: desk.panels.map(({ resolved }) => resolved.signal.name),
        layers: desk.panels.map(({ resolved }) => resolved.layer),
        instrument,
        options: bench.options(),
        order,
        echo: echo !== null,
        step: cursor.step,
        unit: cursor.unit,
        length: text.length,
        generated: generated.reduce((sum, { from, to }) => sum + to - from, 0),
        typed: this.typed,
        moved: this.moved,
      });
    });
  }

  /** Keys of the lesson, which whoever clicked here last may press here. @param {KeyboardEvent} event */
  #key(event) {
    const { key, target } = event;
    if (event.ctrlKey || event.altKey || event.metaKey) return;
    const pages = key === "PageUp" || key === "PageDown";
    const within = target instanceof Element && target.matches("textarea, input, select, .area, [role=menuitemradio]");
    const mine = this.presented ? pages || (key === "Escape" && !within) : pages && !within;
    if (!mine) return;
    event.preventDefault();
    event.stopPropagation();
    this.#say({ type: "key", key });
  }
}
