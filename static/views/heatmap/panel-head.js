// The head of a panel: which model and what of it is shown, and the buttons that change it.

import { choose, make, put, tell } from "../dom.js";
import { usesWords } from "../words.js";

/** @param {any} acts those of the panel */
export function createHead(acts) {
  const swatch = make("i", { className: "swatch", "aria-hidden": "true" });
  const title = make("h2");
  const held = make("span", { className: "held" });
  const bits = make("span", { className: "bits" });
  const uses = make("span", { className: "uses" });
  const range = make("span", { className: "range" });
  const wide = make("span", { className: "wide" });
  const ends = make("button", { type: "button", className: "quiet", onclick: () => acts.show(ends.dataset.show) });
  const wideness = make("span", { className: "wideness", hidden: true }, wide, ends);
  const other = make("button", {
    type: "button",
    className: "twin state",
    hidden: true,
    onclick: () => acts.state(other.dataset.signal),
  });
  const extra = make("span", { className: "extra" });
  const note = make("span", { className: "note instead" });
  const news = make("span", { className: "note news" });
  const twin = make("button", { type: "button", className: "twin", textContent: "show untrained", onclick: acts.twin });
  twin.title = "Show the same network before training";
  const difference = make("button", {
    type: "button",
    className: "twin",
    textContent: "difference",
    onclick: acts.difference,
  });
  difference.title = "Show how much more each value is than without the intervention";
  const layer = make("select", {
    title: "Layer of this panel",
    onchange: () => acts.layer(layer.value === "" ? null : Number(layer.value)),
  });
  const signal = make("select", {
    title: "Signal of this panel",
    onchange: () => acts.signal(signal.value === "" ? null : signal.value),
  });
  const remove = make("button", { type: "button", className: "remove", textContent: "×", onclick: acts.remove });
  const element = make(
    "header",
    { className: "panel-head" },
    swatch,
    title,
    held,
    bits,
    uses,
    extra,
    range,
    wideness,
    note,
    news,
    make("span", { className: "spring" }),
    other,
    layer,
    signal,
    difference,
    twin,
    remove,
  );

  return {
    element,
    bits,
    range,
    wideness,
    wide,
    ends,
    extra,
    news,

    /** @param {any} resolved from the catalogue @param {string} color @param {any} panel of the state */
    update(resolved, color, panel) {
      const { model, name } = resolved;
      tell(held, resolved.held);
      put(held, { title: resolved.held });
      difference.hidden = resolved.held === "" || resolved.echo;
      difference.setAttribute("aria-pressed", String(resolved.against !== null));
      swatch.style.background = color;
      title.textContent = model.title;
      title.title = model.description;
      tell(uses, usesWords(model, resolved));
      uses.title =
        `Used context, as the card states it (${model.used_context}): what lies further back is worth less ` +
        "than 0.01 bit to the predictions. The instrument of that name measures it on your text.";
      note.textContent = resolved.instead === "" ? "" : resolved.instead;
      twin.hidden = !model.steps.includes(0);
      tell(twin, resolved.untrained ? "show trained" : "show untrained");
      twin.title = resolved.untrained
        ? "Show the network after training"
        : "Show the same network before training; with Shift beside this one";
      twin.setAttribute("aria-label", `${twin.textContent}: ${model.title}`);
      remove.setAttribute("aria-label", `Remove the panel ${name}`);
      remove.title = "Remove this panel";
      difference.setAttribute("aria-label", `difference of ${name} to the network as it is`);
      layer.hidden = model.layers < 2;
      layer.setAttribute("aria-label", `Layer of ${name}`);
      signal.hidden = model.signals.length < 2;
      signal.setAttribute("aria-label", `Signal of ${name}`);
      choose(
        layer,
        [
          ["", `layer ${resolved.layer}`],
          ...Array.from({ length: model.layers }, (_, k) => [String(k), `only layer ${k}`]),
        ],
        String(panel.layer ?? ""),
      );
      choose(
        signal,
        [
          ["", `${resolved.signal.title}`],
          ...model.signals.map((one) => [one.name, `only ${one.title.toLowerCase()}`]),
        ],
        panel.signal ?? "",
      );
      const states = model.signals.filter(({ kind }) => kind === "state");
      const next = states[(states.indexOf(resolved.signal) + 1) % Math.max(1, states.length)];
      other.hidden = next === undefined || next === resolved.signal;
      if (!other.hidden) {
        tell(other, next.title.toLowerCase());
        other.dataset.signal = next.name;
        other.title = `Show the ${next.title.toLowerCase()}: what this cell remembers with, too`;
        other.setAttribute("aria-label", `${next.title.toLowerCase()} of ${name}`);
      }
      layer.classList.toggle("own", panel.layer !== null);
      signal.classList.toggle("own", panel.signal !== null);
    },
  };
}
