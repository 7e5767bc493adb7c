// What stands around every instrument: its name and question, its definition, how far it is, and its numbers as a file.

import { splitId } from "../../state/catalogue.js";
import { make, one as onPage, put, tell } from "../dom.js";

/** @import { Catalogue } from "../../state/catalogue.js" */
/** @import { Definition, Findings, PanelView } from "../../state/instrument.js" */

const NARROW = matchMedia("(max-width: 1000px)"); // the page is one column
const QUIET_MS = 300; // work that takes less is not worth words
const ARRIVAL_MS = 1000; // how long after the answers the last chart may come
const MOVES = ["wheel", "touchmove", "pointerdown", "keydown"];

/**
 * In one column, what is opened comes to the top of the screen, and stays there while pictures above it change their
 * height and it fills, until the reader moves.
 * @param {HTMLElement} host
 */
function createArrival(host) {
  let arriving = false;
  let timer = 0;
  const come = () => host.scrollIntoView({ block: NARROW.matches ? "start" : "nearest" });
  const end = () => {
    arriving = false;
    clearTimeout(timer);
  };
  for (const move of MOVES) addEventListener(move, end, { capture: true, passive: true });
  const watch = new ResizeObserver(() => arriving && NARROW.matches && come());
  for (const part of [host, onPage(".work")]) watch.observe(part);
  return {
    begin() {
      arriving = true;
      come();
    },
    /** @param {boolean} busy whether answers are still to come */
    wait(busy) {
      clearTimeout(timer);
      if (arriving && !busy) timer = setTimeout(end, ARRIVAL_MS);
    },
  };
}

/**
 * @typedef {object} FrameView
 * @property {PanelView[]} panels @property {Findings} findings @property {boolean} stopped
 * @property {Catalogue} catalogue
 */

export class InstrumentFrame {
  /**
   * @param {HTMLElement} host
   * @param {{close: () => void, stop: () => void, table: () => void, python: () => void}} acts
   */
  constructor(host, acts) {
    this.host = host;
    this.title = make("h2", { id: "instrument-title", tabIndex: -1 });
    const numbers = make("button", {
      type: "button",
      textContent: "CSV",
      title: "Download the numbers of this instrument as a table (CSV)",
      onclick: acts.table,
    });
    const python = make("button", {
      type: "button",
      className: "python",
      textContent: "Python",
      "aria-label": "Copy as Python",
      title: "Copy as Python: lines that give the numbers of this instrument",
      onclick: acts.python,
    });
    const close = make("button", {
      type: "button",
      className: "remove",
      "aria-label": "Close the instrument",
      title: "Close the instrument",
      textContent: "×",
      onclick: acts.close,
    });
    this.question = make("p", { className: "question" });
    this.explained = make("div", { className: "explained" });
    this.details = make(
      "details",
      { className: "definition" },
      make("summary", { textContent: "Definition" }),
      this.explained,
    );
    this.bars = make("div", { className: "work-bars" });
    const stop = make("button", {
      type: "button",
      className: "quiet",
      textContent: "stop",
      title: "Stop measuring",
      onclick: acts.stop,
    });
    this.working = make("div", { className: "working", role: "status" }, this.bars, stop);
    this.faults = make("div", { className: "faults", role: "status" });
    this.body = make("div", { className: "instrument-body" });
    host.append(
      make("header", {}, this.title, numbers, python, close),
      this.question,
      this.details,
      this.working,
      this.faults,
      this.body,
    );
    this.arrival = createArrival(host);
    this.since = new Map();
    this.timer = 0;
    /** @type {FrameView | null} */
    this.last = null;
  }

  /** @param {FrameView} view */
  #showWork({ panels, findings, catalogue }) {
    const now = performance.now();
    /** @param {string} id */
    const titleOf = (id) => panels.find((panel) => panel.id === id)?.title ?? nameOf(catalogue, id);
    const busy = [...findings].filter(([, found]) => found.share < 1);
    this.since = new Map(busy.map(([model, { id }]) => [`${model}/${id}`, this.since.get(`${model}/${id}`) ?? now]));
    const late = busy.filter(([model, { id }]) => now - this.since.get(`${model}/${id}`) >= QUIET_MS);
    put(this.working, { hidden: late.length === 0 });
    this.bars.replaceChildren(
      ...late.map(([model, { share }]) => {
        /** @param {PanelView} panel */
        const same = (panel) => splitId(panel.id).base === splitId(model).base;
        const color = (panels.find((panel) => panel.id === model) ?? panels.find(same))?.color ?? "";
        const bar = make("progress", {
          max: 1,
          value: share,
          "aria-label": `${titleOf(model)}: ${Math.floor(100 * share)} % measured`,
        });
        bar.style.accentColor = color;
        return make(
          "label",
          {},
          make("span", { textContent: titleOf(model) }),
          bar,
          make("small", { textContent: `${Math.floor(100 * share)} %` }),
        );
      }),
    );
    clearTimeout(this.timer);
    if (late.length < busy.length) {
      this.timer = setTimeout(() => this.last !== null && this.#showWork(this.last), QUIET_MS);
    }
  }

  /**
   * Show another instrument, or none. Returns where it may draw.
   * @param {Definition | null} definition @param {Catalogue | null} catalogue null where nothing can be shown yet
   */
  open(definition, catalogue) {
    this.body.replaceChildren();
    clearTimeout(this.timer);
    this.last = null;
    this.host.hidden = definition === null;
    put(this.working, { hidden: true });
    this.faults.replaceChildren();
    if (definition === null || catalogue === null) {
      delete this.host.dataset.opened;
      return this.body;
    }
    this.host.dataset.instrument = definition.name;
    tell(this.title, definition.title);
    tell(this.question, definition.question);
    this.explained.replaceChildren(...definition.definition(catalogue));
    this.details.open = false;
    if (this.host.dataset.opened !== definition.name) this.arrival.begin();
    this.host.dataset.opened = definition.name;
    return this.body;
  }

  /** @param {FrameView} view */
  update(view) {
    this.last = view;
    const { panels, findings, stopped, catalogue } = view;
    this.#showWork(view);
    const wrong = new Map(); // what is wrong with several is said once
    for (const [model, { error }] of findings) {
      if (error !== undefined) {
        wrong.set(error, [
          ...(wrong.get(error) ?? []),
          panels.find((panel) => panel.id === model)?.title ?? nameOf(catalogue, model),
        ]);
      }
    }
    const sentences = [...wrong].map(([error, names]) =>
      make("p", {}, make("b", { textContent: names.join(", ") }), ` ${error}`),
    );
    for (const [model, { rounding }] of findings) {
      if (rounding) {
        sentences.push(
          make(
            "p",
            { className: "rounding" },
            make("b", { textContent: panels.find((panel) => panel.id === model)?.title ?? nameOf(catalogue, model) }),
            ` ${rounding}`,
          ),
        );
      }
    }
    if (stopped) {
      sentences.push(make("p", { textContent: "Stopped. Change the text, the cursor or an option to measure again." }));
    }
    if (panels.length === 0) sentences.push(make("p", { textContent: "No model is open. Choose one to measure." }));
    const said = sentences.map((one) => one.textContent).join("\n");
    if (this.faults.dataset.said !== said) {
      this.faults.dataset.said = said;
      this.faults.replaceChildren(...sentences);
    }
    this.host.classList.toggle(
      "stale",
      [...findings.values()].some(({ stale }) => stale),
    );
  }

  /** Whether what is shown is not yet the answer to what is asked. @param {boolean} is */
  busy(is) {
    this.host.setAttribute("aria-busy", String(is));
    this.arrival.wait(is);
  }

  focus() {
    return this.title.focus({ preventScroll: true });
  }
}

/** @param {Catalogue} catalogue @param {string} id */
const nameOf = (catalogue, id) => catalogue.name(id);
