// One network: what it is, its picture, and what it says at the mark.

import { Columns } from "../picture/columns.js";
import { raster } from "../picture/raster.js";
import { contextOf, make, put, tell } from "../views/dom.js";
import { linearTable, stopsOf } from "./scale.js";

/** @import { Levels } from "../picture/levels.js" */
/** @import { Colours, EchoFormat, Model } from "../protocol/hello.js" */
/** @import { ColumnsMessage, ColumnsTensors, EchoFacts } from "../protocol/messages.js" */

/** @param {number} probability */
const percent = (probability) => `${(100 * probability).toFixed(1)} %`;
/** @param {string[]} words */
const list = (words) => (words.length < 2 ? words.join("") : `${words.slice(0, -1).join(", ")} and ${words.at(-1)}`);
/** @param {number} number */
const letters = (number) => `${number} ${number === 1 ? "letter" : "letters"}`;

/** What is said of a cell's gates. @param {Model} model */
function gatesOf({ layers: [{ signals }] }) {
  const gates = signals
    .filter(({ kind }) => kind === "gate")
    .map(({ title }) => title.toLowerCase().replace(/ gate$/, ""));
  return gates.length === 0 ? "no gates" : `${gates.length} ${gates.length === 1 ? "gate" : "gates"}: ${list(gates)}`;
}

/** How long the first letter is felt, in words. @param {EchoFacts | null} echo of the columns @param {number} length */
function feltOf(echo, length) {
  const felt = echo?.felt ?? null;
  if (felt === null) return "";
  if (felt < 0) return "no difference";
  return felt >= length - 1 ? "felt to the end" : `felt for ${letters(felt)}`;
}

export class Row {
  /**
   * @param {HTMLElement} host
   * @param {Model} model
   * @param {{colours: Colours, levels: Levels, echo: EchoFormat}} format of pictures, as `hello` says
   * @param {string} under its title
   */
  constructor(host, model, { colours, levels, echo }, under) {
    this.model = model;
    this.colours = colours;
    this.levels = levels;
    this.id = model.id;
    /** The signal that is shown: the first that a cell declares is what its neighbours hear of it. */
    const [{ signals, units }] = model.layers;
    this.signal = signals[0].name;
    this.keeper = signals.find(({ keeps }) => keeps) ?? null;
    this.units = units;
    this.columns = new Columns(units, levels);
    /** Pixels by level. @type {Uint32Array | null} */
    this.table = null;
    /** The model whose columns are here, its intervention included. @type {string | null} */
    this.of = null;
    /** @type {Int32Array | null} */
    this.order = null;
    this.painted = 0;
    const title = make("h2", { textContent: model.cell_title, title: model.description });
    this.gate = make("p", { className: "about" });
    this.felt = make("p", {
      className: "felt",
      title: `The last letter at which the two states are at least ${100 * echo.felt} % as far apart as at the first`,
    });
    this.canvas = make("canvas", { className: "heatmap", role: "img" });
    this.context = contextOf(this.canvas);
    this.shut = make("i", { className: "shut-from", hidden: true, "aria-hidden": "true" });
    this.said = make("p", { className: "said" });
    this.sure = make("p", { className: "sure" });
    this.other = make("p", { className: "sure" });
    const about = make(
      "header",
      {},
      title,
      ...(under === "" ? [] : [make("p", { className: "about own", textContent: under })]),
      this.gate,
      this.felt,
    );
    const picture = make("div", { className: "picture" }, this.canvas, this.shut);
    this.element = make(
      "article",
      { className: "network", "data-steps": "0", "data-window": "0:0", "data-echo": "", "data-felt": "" },
      about,
      picture,
      make("div", { className: "answer" }, this.said, this.sure, this.other),
    );
    this.element.dataset.model = model.id;
    this.element.dataset.signal = this.signal;
    this.element.dataset.layer = "0";
    this.element.setAttribute("aria-label", model.title);
    this.canvas.setAttribute("aria-label", `${model.title}: not read yet`);
    host.append(this.element);
    tell(this.gate, gatesOf(model));
  }

  /**
   * What the server is asked for.
   * @param {number | null} closed the column from which on the gate that keeps is closed
   */
  panel(closed) {
    this.id =
      closed === null || this.keeper === null ? this.model.id : `${this.model.id}~0.${this.keeper.name}=0@${closed}`;
    return { model: this.id, layer: 0, signal: this.signal };
  }

  /**
   * Whether the picture of what is asked for is here.
   * @param {number} length
   * @param {string} instead
   * @param {number} revision
   */
  complete(length, instead, revision) {
    const { columns } = this;
    return (
      this.of === this.id &&
      columns.length === length &&
      columns.steps >= length &&
      columns.revision === revision &&
      columns.complete() &&
      columns.echo?.instead === instead &&
      columns.echo.signed
    );
  }

  /**
   * A `columns` frame.
   * @param {ColumnsMessage} message @param {ColumnsTensors} tensors @param {number} cut @param {number} length
   */
  take(message, tensors, cut, length) {
    if (message.model !== this.id) return;
    if (this.of !== this.id || this.columns.to !== length) {
      if (this.of !== this.id) this.columns = new Columns(this.units, this.levels);
      this.of = this.id;
      this.columns.setWindow(0, length);
    }
    this.columns.apply(message, tensors, cut);
  }

  /** Paint the picture, the cells that keep the letter longest on top. */
  paint() {
    const { columns, canvas } = this;
    const width = columns.state.length;
    this.table ??= linearTable(stopsOf(this.colours), this.colours.none, this.levels, columns);
    if (canvas.width !== width || canvas.height !== columns.units) {
      Object.assign(canvas, { width, height: columns.units });
    }
    const image = this.context.createImageData(width, columns.units);
    this.order = columns.longest();
    raster(new Uint32Array(image.data.buffer), columns, this.table, this.order);
    this.context.putImageData(image, 0, 0);
    this.painted = width;
    put(this.element.dataset, { steps: String(columns.steps), echo: String(columns.echo?.step ?? ""), model: this.id });
    this.measure();
  }

  /** How long the first letter is felt. */
  measure() {
    const { echo, length } = this.columns;
    put(this.element.dataset, { felt: String(echo?.felt ?? "") });
    tell(this.felt, feltOf(echo, length));
    this.canvas.setAttribute(
      "aria-label",
      `${this.units} memory cells over ${length} letters: what the first letter changes, ${feltOf(echo, length)}`,
    );
  }

  /** Show so many columns. @param {number} columns @param {number | null} closed */
  reveal(columns, closed) {
    const width = Math.max(1, this.painted);
    put(this.element.dataset, { window: `0:${Math.min(columns, this.painted)}` });
    put(this.canvas.style, { clipPath: columns >= width ? "none" : `inset(0 ${100 * (1 - columns / width)}% 0 0)` });
    put(this.shut, { hidden: closed === null || this.keeper === null });
    if (closed !== null) put(this.shut.style, { left: `${(100 * closed) / width}%` });
    this.gate.classList.toggle("closed", closed !== null && this.keeper !== null);
    tell(
      this.gate,
      closed === null
        ? gatesOf(this.model)
        : this.keeper === null
          ? "no gate to close"
          : `${this.keeper.title.toLowerCase()} held at 0 from the red line on`,
    );
  }

  /**
   * What it says at the mark: the character that it takes for the most probable.
   * @param {Float32Array | null} logProbabilities in nats; null: not known yet @param {string} letter the right one
   */
  answer(logProbabilities, letter) {
    const known = logProbabilities !== null;
    this.element.classList.toggle("waiting", !known);
    if (!known) return "";
    const vocabulary = [...this.model.vocabulary];
    const best = logProbabilities.indexOf(Math.max(...logProbabilities));
    const [said, right] = [vocabulary[best], vocabulary[best] === letter];
    /** @param {string} character */
    const chance = (character) => Math.exp(logProbabilities[vocabulary.indexOf(character)]);
    this.said.className = `said ${right ? "right" : "wrong"}`;
    this.said.replaceChildren(
      "says ",
      make("b", { textContent: said }),
      make("span", { textContent: right ? " ✓ right" : " ✗ wrong" }),
    );
    tell(this.sure, `${percent(chance(said))} sure`);
    tell(this.other, right ? "" : `gives ${letter} ${percent(chance(letter))}`);
    Object.assign(this.element.dataset, { says: said, right: String(right), probability: String(chance(said)) });
    return `${this.model.cell_title} says ${said}, ${right ? "right" : "wrong"}, ${percent(chance(said))}`;
  }

  /** Nothing is said before the mark has been reached. @param {boolean} is */
  speaks(is) {
    this.element.classList.toggle("silent", !is);
  }

  destroy() {
    this.element.remove();
  }
}
