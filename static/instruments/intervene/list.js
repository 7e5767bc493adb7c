// The list of interventions: a row each, with controls for all that it says, and buttons that begin one at the cursor.

import { choose, make, put } from "../../views/dom.js";

/** @import { Model } from "../../protocol/hello.js" */
/** @import { Hold, Intervention } from "../../state/intervention.js" */

/** @param {HTMLInputElement} input @param {boolean} fits */
const mark = (input, fits) => input.setAttribute("aria-invalid", String(!fits));

/**
 * A whole number that the letters can hold, of at most so many digits; what was there before, if the input has none.
 * @param {HTMLInputElement} input @param {number} otherwise @param {{digits?: number, least?: number}} [how]
 */
function whole(input, otherwise, { digits = 9, least = 0 } = {}) {
  const given = input.value.trim();
  const fits = /^\d+$/.test(given) && given.length <= digits && Number(given) >= least;
  mark(input, fits);
  return fits ? Number(given) : otherwise;
}

/**
 * The same where nothing is a value, too.
 * @param {HTMLInputElement} input @param {number | null} otherwise @param {number} [digits]
 */
function wholeOrNone(input, otherwise, digits = 9) {
  const given = input.value.trim();
  const fits = /^\d*$/.test(given) && given.length <= digits;
  mark(input, fits);
  if (!fits) return otherwise;
  return given === "" ? null : Number(given);
}

/** @type {[Intervention["kind"], string][]} */
const KINDS = [
  ["hold", "hold"],
  ["zero", "zero state"],
  ["reset", "chunks of"],
];

/**
 * The gates that keep, of every kind of cell and layer in view, held where they keep nothing.
 * @param {Model[]} models
 * @param {number} from
 */
function closed(models, from) {
  /** @type {Map<string, Hold>} */
  const found = new Map();
  for (const { layers } of models) {
    layers.forEach(({ signals }, layer) => {
      for (const { name, keeps_at } of signals.filter(({ kind, keeps }) => kind === "gate" && keeps)) {
        const value = 1 - (keeps_at ?? 1);
        found.set(`${layer}.${name}`, { kind: "hold", layer, signal: name, unit: null, value, from, until: null });
      }
    });
  }
  return [...found.values()];
}

/** @param {string} label @param {object} properties */
const number = (label, properties) =>
  make("input", { type: "number", min: 0, step: 1, "aria-label": label, title: label, ...properties });

/**
 * @typedef {object} ListView
 * @property {Intervention[]} list @property {{step: number, unit: number} | null} cursor @property {Model[]} models
 * @property {number} most interventions @property {string} signal @property {number} layer
 */

/**
 * @typedef {object} Row the controls of an intervention
 * @property {HTMLElement} line @property {HTMLSelectElement} kind @property {HTMLSelectElement} signal
 * @property {HTMLInputElement} layer @property {HTMLInputElement} unit @property {HTMLInputElement} value
 * @property {HTMLInputElement} every @property {HTMLInputElement} from @property {HTMLInputElement} until
 * @property {HTMLElement} layerLabel @property {HTMLElement[]} held labels of what is held
 * @property {HTMLElement[]} chunk @property {HTMLElement[]} end
 */

export class InterventionList {
  /** @param {(list: import("../../state/intervention.js").Intervention[]) => void} changed */
  constructor(changed) {
    this.changed = changed;
    this.rows = make("div", { className: "iv-list", role: "list" });
    this.starts = make("div", { className: "inst-row iv-starts" });
    this.element = make("div", { className: "iv-holds" }, this.rows, this.starts);
    /** @type {ListView} */
    this.view = { list: [], cursor: null, models: [], most: 0, signal: "hidden", layer: 0 };
    /** @type {Row[]} */
    this.parts = [];
  }

  /** @param {number} k @param {Intervention} one */
  #replace(k, one) {
    return this.changed(this.view.list.map((other, at) => (at === k ? one : other)));
  }

  /** What begins at the cursor: a word for its button, and the interventions. */
  #beginnings() {
    const { cursor, models, signal, layer } = this.view;
    const [from, unit] = [cursor?.step ?? 0, cursor?.unit ?? 0];
    const signals = models.flatMap(({ layers }) => layers.flatMap((one) => one.signals));
    const gates = signals.filter(({ kind }) => kind === "gate");
    const gate = gates.find(({ name }) => name === signal) ?? gates.find(({ keeps }) => keeps) ?? gates[0];
    const keeping = closed(models, from);
    /** @type {(signal: string, unit: number | null) => Hold} */
    const silent = (name, one) => ({ kind: "hold", layer, signal: name, unit: one, value: 0, from, until: null });
    /** @type {[string, Intervention[]][]} */
    const all = [[`silence unit ${unit}`, [silent("hidden", unit)]]];
    if (keeping.length > 1) all.push(["close the gates that keep", keeping]);
    if (gate !== undefined) all.push([`${gate.title.toLowerCase()} at 0`, [silent(gate.name, null)]]);
    all.push([`zero the state at ${from.toLocaleString("en")}`, [{ kind: "zero", from }]]);
    all.push(["read in chunks of 50", [{ kind: "reset", every: 50, from: 0 }]]);
    return all;
  }

  /** @param {number} k */
  #createRow(k) {
    const kind = make("select", { "aria-label": "What is done", onchange: () => this.#changeKind(k, kind.value) });
    const signal = make("select", { "aria-label": "Signal", onchange: () => this.#read(k) });
    const layer = number("Layer", { oninput: () => this.#read(k) });
    const unit = make("input", {
      type: "text",
      inputMode: "numeric",
      "aria-label": "Unit; empty for all",
      title: "Unit; empty for all units",
      placeholder: "all",
      oninput: () => this.#read(k),
    });
    const value = number("Value", { min: "", step: "any", oninput: () => this.#read(k) });
    const every = number("Characters", { min: 1, oninput: () => this.#read(k) });
    const from = number("From step", { oninput: () => this.#read(k) });
    const until = make("input", {
      type: "text",
      inputMode: "numeric",
      "aria-label": "Until before step; empty for the end",
      title: "Until before step; empty for the end",
      placeholder: "end",
      oninput: () => this.#read(k),
    });
    const remove = make("button", {
      type: "button",
      className: "remove",
      textContent: "×",
      "aria-label": "Remove this intervention",
      title: "Remove this intervention",
      onclick: () => this.changed(this.view.list.filter((_, at) => at !== k)),
    });
    const layerLabel = make("label", { className: "layer" }, "layer", layer);
    const held = [make("label", {}, "unit", unit), layerLabel, make("label", {}, "at", value)];
    const chunk = [make("label", {}, every, "characters")];
    const end = [make("label", {}, "until", until)];
    const line = make(
      "div",
      { className: "inst-row iv-row", role: "listitem" },
      kind,
      signal,
      ...held,
      ...chunk,
      make("label", {}, "from", from),
      ...end,
      remove,
    );
    this.rows.append(line);
    return { line, kind, signal, layer, unit, value, every, from, until, layerLabel, held, chunk, end };
  }

  /** Take in what the controls of a row say, if they make sense. @param {number} k */
  #read(k) {
    const one = this.view.list[k];
    const part = this.parts[k];
    const from = whole(part.from, one.from);
    if (one.kind === "zero") this.#replace(k, { ...one, from });
    else if (one.kind === "reset") {
      this.#replace(k, { ...one, from, every: whole(part.every, one.every, { least: 1 }) });
    } else {
      const given = Number(part.value.value);
      const fits = part.value.value !== "" && Math.abs(given) < 1e7;
      mark(part.value, fits);
      this.#replace(k, {
        ...one,
        from,
        signal: part.signal.value,
        layer: whole(part.layer, one.layer, { digits: 3 }),
        unit: wholeOrNone(part.unit, one.unit, 6),
        value: fits ? given : one.value,
        until: wholeOrNone(part.until, one.until),
      });
    }
  }

  /** @param {number} k @param {string} kind */
  #changeKind(k, kind) {
    const { from } = this.view.list[k];
    const { cursor, signal, layer } = this.view;
    if (kind === "hold") {
      this.#replace(k, { kind, layer, signal, unit: cursor?.unit ?? 0, value: 0, from, until: null });
    } else this.#replace(k, kind === "zero" ? { kind, from } : { kind: "reset", every: 50, from });
  }

  /** @param {Row} part @param {Intervention} one */
  #showRow(part, one) {
    const { models } = this.view;
    /** @type {Map<string, string>} */
    const titles = new Map(
      models.flatMap(({ layers }) => layers.flatMap(({ signals }) => signals.map(({ name, title }) => [name, title]))),
    );
    /** @param {HTMLInputElement} input @param {string} value */
    const set = (input, value) => {
      if (document.activeElement === input) return;
      put(input, { value });
      mark(input, true);
    };
    choose(part.kind, KINDS, one.kind);
    part.signal.hidden = one.kind !== "hold";
    for (const label of [...part.held, ...part.end]) label.hidden = one.kind !== "hold";
    for (const label of part.chunk) label.hidden = one.kind !== "reset";
    set(part.from, String(one.from));
    if (one.kind === "reset") set(part.every, String(one.every));
    if (one.kind !== "hold") return;
    if (!titles.has(one.signal)) titles.set(one.signal, one.signal.replaceAll("_", " "));
    choose(part.signal, [...titles], one.signal);
    part.layerLabel.hidden = models.every(({ layers }) => layers.length === 1) && one.layer === 0;
    set(part.layer, String(one.layer));
    set(part.unit, one.unit === null ? "" : String(one.unit));
    set(part.value, String(one.value));
    set(part.until, one.until === null ? "" : String(one.until));
  }

  /** @param {ListView} next */
  update(next) {
    this.view = next;
    while (this.parts.length > next.list.length) this.parts.pop()?.line.remove();
    while (this.parts.length < next.list.length) this.parts.push(this.#createRow(this.parts.length));
    this.parts.forEach((part, k) => this.#showRow(part, next.list[k]));
    const all = this.#beginnings();
    const said = JSON.stringify(all);
    if (this.starts.dataset.said !== said) {
      this.starts.dataset.said = said;
      const focused = [...this.starts.children].findIndex((child) => child === document.activeElement);
      this.starts.replaceChildren(
        ...all.map(([label, some]) =>
          make("button", {
            type: "button",
            className: "quiet",
            textContent: `+ ${label}`,
            onclick: () => this.changed([...this.view.list, ...some].slice(0, this.view.most)),
          }),
        ),
      );
      const again = this.starts.children[focused];
      if (again instanceof HTMLElement) again.focus();
    }
    for (const button of this.starts.children) put(button, { disabled: next.list.length >= next.most });
  }
}
