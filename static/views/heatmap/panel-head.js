// The head of a panel: which model and what of it is shown, and the buttons that change it.

import { choose, make, put, tell } from "../dom.js";
import { usesWords } from "../words.js";

export class PanelHead {
  /** @param {any} acts those of the panel */
  constructor(acts) {
    this.swatch = make("i", { className: "swatch", "aria-hidden": "true" });
    this.title = make("h2");
    this.held = make("span", { className: "held" });
    this.bits = make("span", { className: "bits" });
    this.uses = make("span", { className: "uses" });
    this.range = make("span", { className: "range" });
    this.wide = make("span", { className: "wide" });
    this.ends = make("button", {
      type: "button",
      className: "quiet",
      onclick: () => acts.show(this.ends.dataset.show),
    });
    this.wideness = make("span", { className: "wideness", hidden: true }, this.wide, this.ends);
    this.other = make("button", {
      type: "button",
      className: "twin state",
      hidden: true,
      onclick: () => acts.state(this.other.dataset.signal),
    });
    this.extra = make("span", { className: "extra" });
    this.note = make("span", { className: "note instead" });
    this.news = make("span", { className: "note news" });
    this.twin = make("button", {
      type: "button",
      className: "twin",
      textContent: "show untrained",
      onclick: acts.twin,
    });
    this.twin.title = "Show the same network before training";
    this.difference = make("button", {
      type: "button",
      className: "twin",
      textContent: "difference",
      onclick: acts.difference,
    });
    this.difference.title = "Show how much more each value is than without the intervention";
    this.layer = make("select", {
      title: "Layer of this panel",
      onchange: () => acts.layer(this.layer.value === "" ? null : Number(this.layer.value)),
    });
    this.signal = make("select", {
      title: "Signal of this panel",
      onchange: () => acts.signal(this.signal.value === "" ? null : this.signal.value),
    });
    this.remove = make("button", { type: "button", className: "remove", textContent: "×", onclick: acts.remove });
    this.element = make(
      "header",
      { className: "panel-head" },
      this.swatch,
      this.title,
      this.held,
      this.bits,
      this.uses,
      this.extra,
      this.range,
      this.wideness,
      this.note,
      this.news,
      make("span", { className: "spring" }),
      this.other,
      this.layer,
      this.signal,
      this.difference,
      this.twin,
      this.remove,
    );
  }

  /** @param {any} resolved from the catalogue @param {string} color @param {any} panel of the state */
  update(resolved, color, panel) {
    const { model, name } = resolved;
    tell(this.held, resolved.held);
    put(this.held, { title: resolved.held });
    this.difference.hidden = resolved.held === "" || resolved.echo;
    this.difference.setAttribute("aria-pressed", String(resolved.against !== null));
    this.swatch.style.background = color;
    this.title.textContent = model.title;
    this.title.title = model.description;
    tell(this.uses, usesWords(model, resolved));
    this.uses.title =
      `Used context, as the card states it (${model.used_context}): what lies further back is worth less ` +
      "than 0.01 bit to the predictions. The instrument of that name measures it on your text.";
    this.note.textContent = resolved.instead === "" ? "" : resolved.instead;
    this.twin.hidden = !model.steps.includes(0);
    tell(this.twin, resolved.untrained ? "show trained" : "show untrained");
    this.twin.title = resolved.untrained
      ? "Show the network after training"
      : "Show the same network before training; with Shift beside this one";
    this.twin.setAttribute("aria-label", `${this.twin.textContent}: ${model.title}`);
    this.remove.setAttribute("aria-label", `Remove the panel ${name}`);
    this.remove.title = "Remove this panel";
    this.difference.setAttribute("aria-label", `difference of ${name} to the network as it is`);
    this.layer.hidden = model.layers < 2;
    this.layer.setAttribute("aria-label", `Layer of ${name}`);
    this.signal.hidden = model.signals.length < 2;
    this.signal.setAttribute("aria-label", `Signal of ${name}`);
    choose(
      this.layer,
      [
        ["", `layer ${resolved.layer}`],
        ...Array.from({ length: model.layers }, (_, k) => [String(k), `only layer ${k}`]),
      ],
      String(panel.layer ?? ""),
    );
    choose(
      this.signal,
      [["", `${resolved.signal.title}`], ...model.signals.map((one) => [one.name, `only ${one.title.toLowerCase()}`])],
      panel.signal ?? "",
    );
    const states = model.signals.filter(({ kind }) => kind === "state");
    const next = states[(states.indexOf(resolved.signal) + 1) % Math.max(1, states.length)];
    this.other.hidden = next === undefined || next === resolved.signal;
    if (!this.other.hidden) {
      tell(this.other, next.title.toLowerCase());
      this.other.dataset.signal = next.name;
      this.other.title = `Show the ${next.title.toLowerCase()}: what this cell remembers with, too`;
      this.other.setAttribute("aria-label", `${next.title.toLowerCase()} of ${name}`);
    }
    this.layer.classList.toggle("own", panel.layer !== null);
    this.signal.classList.toggle("own", panel.signal !== null);
  }
}
