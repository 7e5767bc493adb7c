// The head of a panel: which model and what of it is shown, and the buttons that change it.

import { choose, make, put, tell } from "../dom.js";
import { standsFor, usesTitle, usesWords } from "../words.js";

/** @type {Record<string, (fold: number) => string>} */
const SCALES = {
  linear: () => "",
  log: (fold) =>
    `A logarithmic scale to either side of 0: each power of ten is a step of the same size, below ${fold} it is linear`,
  positive_log: () => "Drawn by its logarithm, with 1 in the middle: each power of ten is a step of the same size",
};

/**
 * Where the colours end, and on what scale.
 * @param {import("../../picture/columns.js").Columns} columns @param {string} beyond
 */
function rangeWords({ low, high, scale }, beyond) {
  const end = Number(high.toPrecision(3)).toLocaleString("en");
  if (scale === "positive_log") return `log scale, 1/${end} to ${end}`;
  if (low === 0) return `range 0 to ${end}${beyond}`;
  return scale === "log" ? `log scale, ±${end}` : `range ±${end}${beyond}`;
}

/** @param {string} textContent @param {string} title @param {(event: MouseEvent) => void} onclick */
const button = (textContent, title, onclick) =>
  make("button", { type: "button", className: "twin", textContent, title, onclick });

/**
 * @typedef {object} PanelActs what one panel's head and picture do
 * @property {(event: MouseEvent) => void} twin @property {() => void} remove
 * @property {(layer: number | null) => void} layer null: that of all panels
 * @property {(signal: string | null) => void} signal likewise
 * @property {(signal: string) => void} state @property {(show: import("../../state/store.js").Show) => void} show
 * @property {() => void} difference @property {(event: KeyboardEvent) => void} keydown
 */

export class PanelHead {
  /** @param {PanelActs} acts */
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
      onclick: () => acts.show(this.ends.dataset.show === "mean" ? "mean" : "extreme"),
    });
    this.wideness = make("span", { className: "wideness", hidden: true }, this.wide, this.ends);
    this.other = make("button", {
      type: "button",
      className: "twin state",
      hidden: true,
      onclick: () => acts.state(this.other.dataset.signal ?? ""),
    });
    this.extra = make("span", { className: "extra" });
    this.note = make("span", { className: "note instead" });
    this.news = make("span", { className: "note news" });
    this.twin = button("show untrained", "Show the same network before training", acts.twin);
    this.difference = button(
      "difference",
      "Show how much more each value is than without the intervention",
      acts.difference,
    );
    this.layer = make("select", {
      title: "Layer of this panel",
      onchange: () => acts.layer(this.layer.value === "" ? null : Number(this.layer.value)),
    });
    this.signal = make("select", {
      title: "Signal of this panel",
      onchange: () => acts.signal(this.signal.value === "" ? null : this.signal.value),
    });
    this.take = make("button", {
      type: "button",
      className: "take",
      textContent: "↓",
      title: "Take this panel away: its picture, its numbers, lines of Python",
      "aria-haspopup": "menu",
      popovertarget: "panel-menu",
    });
    this.remove = make("button", { type: "button", className: "remove", textContent: "×", onclick: acts.remove });
    const { swatch, title, held, bits, uses, extra, range, wideness, note, news } = this;
    const { other, layer, signal, difference, twin, take, remove } = this;
    this.element = make("header", { className: "panel-head" });
    this.element.append(swatch, title, held, bits, uses, extra, range, wideness, note, news);
    this.element.append(make("span", { className: "spring" }), other, layer, signal, difference, twin, take, remove);
  }

  /**
   * @param {import("../../state/catalogue.js").Resolved} resolved @param {string} color
   * @param {import("../../state/catalogue.js").Panel} panel
   * @param {number} worth bits below which what lies further back is not counted as used
   */
  update(resolved, color, panel, worth) {
    const { model, name } = resolved;
    tell(this.held, resolved.interventions);
    put(this.held, { title: resolved.interventions });
    this.difference.hidden = resolved.interventions === "" || resolved.echo;
    this.difference.setAttribute("aria-pressed", String(resolved.against !== null));
    this.swatch.style.background = color;
    this.title.textContent = model.title;
    this.title.title = model.description;
    tell(this.uses, usesWords(model, resolved));
    this.uses.title = usesTitle(model, worth);
    this.note.textContent = resolved.instead === "" ? "" : resolved.instead;
    this.twin.hidden = !model.steps.includes(0);
    tell(this.twin, resolved.untrained ? "show trained" : "show untrained");
    this.twin.title = resolved.untrained
      ? "Show the network after training"
      : "Show the same network before training; with Shift beside this one";
    this.twin.setAttribute("aria-label", `${this.twin.textContent}: ${model.title}`);
    this.remove.setAttribute("aria-label", `Remove the panel ${name}`);
    this.remove.title = "Remove this panel";
    this.take.setAttribute("aria-label", `Take away the panel ${name}`);
    this.difference.setAttribute("aria-label", `difference of ${name} to the network as it is`);
    const own = resolved.declared.signals;
    this.layer.hidden = model.layers.length < 2;
    this.layer.setAttribute("aria-label", `Layer of ${name}`);
    this.signal.hidden = own.length < 2;
    this.signal.setAttribute("aria-label", `Signal of ${name}`);
    /** @type {[string, string][]} */
    const layers = model.layers.map((_, k) => [String(k), `only layer ${k}`]);
    choose(this.layer, [["", `layer ${resolved.layer}`], ...layers], String(panel.layer ?? ""));
    /** @type {[string, string][]} */
    const signals = own.map((one) => [one.name, `only ${one.title.toLowerCase()}`]);
    choose(this.signal, [["", resolved.signal.title], ...signals], panel.signal ?? "");
    const states = own.filter(({ kind }) => kind === "state");
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

  /**
   * What is said of what is painted.
   * @param {import("../../picture/columns.js").Columns} columns
   * @param {{echo: boolean, open: boolean, beyond: string}} how `open`: whether the signal has no range of its own;
   *   `beyond`: what is said of values beyond the end
   */
  say(columns, { echo, open, beyond }) {
    const { bitsPerCharacter: mean, steps, scored, per, show } = columns;
    tell(this.bits, mean === null || steps === 0 ? "" : `${mean.toFixed(2)} bits/char`);
    put(this.bits, { title: `Mean surprise of the ${scored.toLocaleString("en")} characters read so far` });
    tell(this.range, open && Number.isFinite(columns.high) ? rangeWords(columns, beyond) : "");
    put(this.range, { title: SCALES[columns.scale](columns.levels.fold) });
    put(this.wideness, { hidden: per === 1 });
    tell(this.wide, standsFor(per, show));
    const what = show === "extreme" ? "mean" : "extreme";
    put(this.ends, {
      hidden: echo,
      textContent: `show ${what}`,
      title:
        what === "mean"
          ? "Let wide columns show the mean of their values"
          : "Let wide columns show the value farthest from the middle of the scale",
    });
    put(this.ends.dataset, { show: what });
  }
}
