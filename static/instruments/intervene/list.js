// The list of interventions: a row each, with controls for all that it says, and buttons that begin one at the cursor.

import { choose, make, put } from "../../views/dom.js";

const mark = (input, fits) => input.setAttribute("aria-invalid", String(!fits));

/**
 * A whole number that the letters can hold, of at most so many digits; what was there before, if the input has none.
 */
function whole(input, otherwise, { digits = 9, least = 0, empty } = {}) {
  const given = input.value.trim();
  const none = given === "" && empty !== undefined;
  const fits = none || (/^\d+$/.test(given) && given.length <= digits && Number(given) >= least);
  mark(input, fits);
  if (!fits) return otherwise;
  return none ? empty : Number(given);
}
const KINDS = [
  ["hold", "hold"],
  ["zero", "zero state"],
  ["reset", "chunks of"],
];

/**
 * The gates that keep, of every kind of cell and layer in view, held where they keep nothing.
 * @param {any[]} models
 * @param {number} from
 */
function closed(models, from) {
  const found = new Map();
  for (const { signals, layers } of models) {
    for (const { name, keeps_at } of signals.filter(({ kind, keeps }) => kind === "gate" && keeps)) {
      for (let layer = 0; layer < layers; layer++) {
        const value = 1 - keeps_at;
        found.set(`${layer}.${name}`, { kind: "hold", layer, signal: name, unit: null, value, from, until: null });
      }
    }
  }
  return [...found.values()];
}

/** @param {(list: import("../../state/intervention.js").Intervention[]) => void} changed */
export function createHolds(changed) {
  const rows = make("div", { className: "iv-list", role: "list" });
  const starts = make("div", { className: "inst-row iv-starts" });
  const element = make("div", { className: "iv-holds" }, rows, starts);
  let view = null;
  let parts = [];

  const replace = (k, one) => changed(view.list.map((other, at) => (at === k ? one : other)));

  /** What begins at the cursor: a word for its button, and the interventions. */
  function beginnings() {
    const { cursor, models, signal, layer } = view;
    const [from, unit] = [cursor?.step ?? 0, cursor?.unit ?? 0];
    const gates = models.flatMap((model) => model.signals).filter(({ kind }) => kind === "gate");
    const gate = gates.find(({ name }) => name === signal) ?? gates.find(({ keeps }) => keeps) ?? gates[0];
    const keeping = closed(models, from);
    return [
      [`silence unit ${unit}`, [{ kind: "hold", layer, signal: "hidden", unit, value: 0, from, until: null }]],
      ...(keeping.length < 2 ? [] : [["close the gates that keep", keeping]]),
      ...(gate === undefined
        ? []
        : [
            [
              `${gate.title.toLowerCase()} at 0`,
              [{ kind: "hold", layer, signal: gate.name, unit: null, value: 0, from, until: null }],
            ],
          ]),
      [`zero the state at ${from.toLocaleString("en")}`, [{ kind: "zero", from }]],
      ["read in chunks of 50", [{ kind: "reset", every: 50, from: 0 }]],
    ];
  }

  const number = (label, properties) =>
    make("input", { type: "number", min: 0, step: 1, "aria-label": label, title: label, ...properties });

  function createRow(k) {
    const kind = make("select", { "aria-label": "What is done", onchange: () => changeKind(k, kind.value) });
    const signal = make("select", { "aria-label": "Signal", onchange: () => read(k) });
    const layer = number("Layer", { oninput: () => read(k) });
    const unit = make("input", {
      type: "text",
      inputMode: "numeric",
      "aria-label": "Unit; empty for all",
      title: "Unit; empty for all units",
      placeholder: "all",
      oninput: () => read(k),
    });
    const value = number("Value", { min: "", step: "any", oninput: () => read(k) });
    const every = number("Characters", { min: 1, oninput: () => read(k) });
    const from = number("From step", { oninput: () => read(k) });
    const until = make("input", {
      type: "text",
      inputMode: "numeric",
      "aria-label": "Until before step; empty for the end",
      title: "Until before step; empty for the end",
      placeholder: "end",
      oninput: () => read(k),
    });
    const remove = make("button", {
      type: "button",
      className: "remove",
      textContent: "×",
      "aria-label": "Remove this intervention",
      title: "Remove this intervention",
      onclick: () => changed(view.list.filter((_, at) => at !== k)),
    });
    const held = [
      make("label", {}, "unit", unit),
      make("label", { className: "layer" }, "layer", layer),
      make("label", {}, "at", value),
    ];
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
    rows.append(line);
    return { line, kind, signal, layer, unit, value, every, from, until, held, chunk, end };
  }

  /** Take in what the controls of a row say, if they make sense. */
  function read(k) {
    const one = view.list[k];
    const part = parts[k];
    const next = { ...one, from: whole(part.from, one.from) };
    if (one.kind === "reset") next.every = whole(part.every, one.every, { least: 1 });
    if (one.kind === "hold") {
      const given = Number(part.value.value);
      const fits = part.value.value !== "" && Math.abs(given) < 1e7;
      mark(part.value, fits);
      Object.assign(next, {
        signal: part.signal.value,
        layer: whole(part.layer, one.layer, { digits: 3 }),
        unit: whole(part.unit, one.unit, { digits: 6, empty: null }),
        value: fits ? given : one.value,
        until: whole(part.until, one.until, { empty: null }),
      });
    }
    replace(k, next);
  }

  function changeKind(k, kind) {
    const { from } = view.list[k];
    const { cursor, signal, layer } = view;
    if (kind === "hold") replace(k, { kind, layer, signal, unit: cursor?.unit ?? 0, value: 0, from, until: null });
    else replace(k, kind === "zero" ? { kind, from } : { kind, every: 50, from });
  }

  function showRow(part, one) {
    const { models } = view;
    const titles = new Map(models.flatMap(({ signals }) => signals.map(({ name, title }) => [name, title])));
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
    const known = titles.has(one.signal) ? [...titles] : [...titles, [one.signal, one.signal.replaceAll("_", " ")]];
    choose(part.signal, known, one.signal);
    part.held.find((label) => label.classList.contains("layer")).hidden =
      models.every(({ layers }) => layers === 1) && one.layer === 0;
    set(part.layer, String(one.layer));
    set(part.unit, one.unit === null ? "" : String(one.unit));
    set(part.value, String(one.value));
    set(part.until, one.until === null ? "" : String(one.until));
  }

  return {
    element,
    /** @param {{list: any[], cursor: any, models: any[], most: number, signal: string, layer: number}} next */
    update(next) {
      view = next;
      while (parts.length > next.list.length) parts.pop().line.remove();
      while (parts.length < next.list.length) parts.push(createRow(parts.length));
      parts.forEach((part, k) => showRow(part, next.list[k]));
      const all = beginnings();
      const said = JSON.stringify(all);
      if (starts.dataset.said !== said) {
        starts.dataset.said = said;
        const focused = [...starts.children].indexOf(document.activeElement);
        starts.replaceChildren(
          ...all.map(([label, some]) =>
            make("button", {
              type: "button",
              className: "quiet",
              textContent: `+ ${label}`,
              onclick: () => changed([...view.list, ...some].slice(0, view.most)),
            }),
          ),
        );
        starts.children[focused]?.focus();
      }
      for (const button of starts.children) put(button, { disabled: next.list.length >= next.most });
    },
  };
}
