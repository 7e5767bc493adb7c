// One model's panel: its head, and the heatmap under the axes.

import { rampOf } from "../../picture/colour.js";
import { loadedPlotly } from "../../picture/plotly-loader.js";
import { fitted, make, put, tell, themeColours } from "../dom.js";
import { numbersOf, reachWords, readingWords, standsFor } from "../words.js";
import { otherUnits, panelFigure } from "./axes.js";
import { createLane } from "./lane.js";
import { PanelHead } from "./panel-head.js";
import { Picture } from "./picture.js";

/** @import { Columns } from "../../picture/columns.js" */
/** @import { Lane, Overlay, Place } from "../../picture/overlay.js" */
/** @import { Plotly } from "../../picture/plotly-loader.js" */
/** @import { Colours } from "../../protocol/hello.js" */
/** @import { EchoFacts, Progress, Reach } from "../../protocol/messages.js" */
/** @import { Resolved } from "../../state/catalogue.js" */

/** @typedef {Record<"signed" | "gate" | "echo", Uint32Array>} Tables pixels by level */

/**
 * @typedef {object} Geometry of the plot area, in CSS pixels
 * @property {number} left @property {number} right @property {number} width @property {number} height
 * @property {{height: number, all: number} | null} lane the strip below it
 */

const MARK = 5; // CSS pixels of an unknown character's bars, over and under its column
const NUMBERS_MS = 160;
const QUIET_MS = 350; // reading that takes less is not worth words
/** @type {Lane} */
const NO_LANE = { draw: () => {}, label: "", top: "", bottom: "" };

/** @typedef {import("./axes.js").Plot & {theme: string} & Record<string, unknown>} Figure */

export class Panel {
  /**
   * @param {HTMLElement} host
   * @param {Colours} colours
   * @param {import("./panel-head.js").PanelActs} acts
   * @param {Resolved} resolved what it shows at first
   */
  constructor(host, colours, acts, resolved) {
    this.colours = colours;
    this.shown = resolved;
    this.head = new PanelHead(acts);
    this.axesHost = make("div", { className: "axes", "aria-hidden": "true" });
    this.picture = new Picture();
    this.canvas = this.picture.canvas;
    this.marks = make("canvas", { className: "marks", hidden: true });
    this.over = make("canvas", { className: "overlay", hidden: true });
    this.step = make("div", { className: "cursor-step" });
    this.unit = make("div", { className: "cursor-unit" });
    this.area = make(
      "div",
      {
        className: "area",
        tabIndex: 0,
        role: "application",
        "aria-roledescription": "heatmap",
        onkeydown: acts.keydown,
      },
      this.canvas,
      this.over,
      this.marks,
      this.unit,
      this.step,
    );
    this.plot = make("div", { className: "plot" }, this.axesHost, this.area);
    this.element = make(
      "article",
      { className: "panel", "data-steps": "0", "data-window": "0:0", "data-revision": "0" },
      this.head.element,
      this.plot,
    );
    host.append(this.element);

    /** What the axes were drawn of. @type {Figure | null} */
    this.figure = null;
    this.beyond = "";
    /** @type {Geometry | null} */
    this.geometry = null;
    /** The strip below the picture, while an instrument has one. @type {ReturnType<typeof createLane> | null} */
    this.lane = null;
    this.since = 0;
    this.numbering = 0;
    this.said = { reading: "", reach: "" };
  }

  /** @param {Columns} columns */
  #echoing(columns) {
    return this.shown.echo && columns.echo?.signed !== true;
  }

  /** Whether a column shows the share of its values that are saturated. @param {Columns} columns */
  #share(columns) {
    return columns.show === "saturated" && columns.per > 1;
  }

  /** Whether the colours go from none to all. @param {Columns} columns */
  #gate(columns) {
    const { echo, against, signal } = this.shown;
    return !echo && against === null && (rampOf(signal) === "gate" || this.#share(columns));
  }

  /** @param {{reading?: string, reach?: string}} words */
  #say(words) {
    Object.assign(this.said, words);
    const now = this.said.reading || this.said.reach;
    tell(this.head.news, now);
    put(this.head.news, { title: now });
  }

  /** @param {Resolved} resolved
   * @param {{color: string, panel: import("../../state/catalogue.js").Panel, clipped: boolean, worth: number}} look */
  update(resolved, { color, panel, clipped, worth }) {
    this.shown = resolved;
    this.beyond = clipped ? ", beyond it the end colour" : "";
    const { name } = resolved;
    this.head.update(resolved, color, panel, worth);
    this.element.dataset.model = resolved.id;
    this.element.dataset.layer = String(resolved.layer);
    this.element.dataset.signal = resolved.signal.name;
    const look = `${resolved.echo ? "echo in the " : ""}${resolved.against === null ? "" : "difference of "}`;
    const shows = `${look}${resolved.signal.title.toLowerCase()}`;
    this.element.setAttribute("aria-label", name);
    this.area.setAttribute(
      "aria-label",
      `${name}, ${shows}, layer ${resolved.layer}, ${numbersOf(resolved.signal)}. Arrow keys move the cursor.`,
    );
  }

  /** Lay out: the size of the plot area in CSS pixels, and what stands around it. @param {Geometry} place */
  place(place) {
    this.geometry = place;
    Object.assign(this.area.style, { left: `${place.left}px`, width: `${place.width}px`, height: `${place.height}px` });
    this.plot.style.height = `${place.height + 2 + (place.lane?.all ?? 0)}px`;
    const { lane } = place;
    if (lane === null) {
      this.lane?.destroy();
      this.lane = null;
      return;
    }
    this.lane ??= createLane(this.plot);
    this.lane.place({ ...place, lane });
  }

  /** What kind of scale its colours have; see axes.js. @param {Columns} columns */
  scale(columns) {
    if (this.shown.echo) return this.#echoing(columns) ? "log" : "symlog";
    return { log: "folded", positive_log: "factors", linear: "linear" }[columns.scale];
  }

  /** The colour scale of a picture. @param {Columns} columns */
  stops(columns) {
    return this.#echoing(columns) ? this.colours.echo : this.#gate(columns) ? this.colours.gate : this.colours.signed;
  }

  /**
   * What a column stands for, in words; nothing where it is one character.
   * @param {Columns} columns
   */
  stands({ per, show }) {
    return standsFor(per, show);
  }

  /**
   * Draw the axes anew if anything about them changed.
   * @param {Plotly | undefined} Plotly @param {Columns} columns @param {Int32Array | null} order @param {string} theme
   */
  axes(Plotly, columns, order, theme) {
    if (this.geometry === null || Plotly === undefined) return;
    const { low, high, units, levels } = columns;
    const { left, right, width, height } = this.geometry;
    const scale = this.scale(columns);
    const stops = this.stops(columns);
    /** @type {Figure} */
    const next = { left, right, width, height, units, low, high, stops, order, scale, levels, theme };
    const { figure } = this;
    const other = figure === null ? null : Object.keys(next).filter((name) => !Object.is(figure[name], next[name]));
    clearTimeout(this.numbering);
    if (other?.length === 0) return;
    // An echo that moves with the pointer sorts the rows anew each time: their numbers wait until it rests.
    if (this.shown.echo && other?.join() === "order") {
      this.numbering = setTimeout(() => this.numbers(Plotly, next), NUMBERS_MS);
    } else {
      this.figure = next;
      const { data, layout, config } = panelFigure(next);
      Plotly.react(this.axesHost, data, layout, config);
    }
  }

  /** Have Plotly write other numbers beside the rows. @param {Plotly} Plotly @param {Figure} next */
  numbers(Plotly, next) {
    if (!this.element.isConnected) return;
    this.figure = next;
    Plotly.relayout(this.axesHost, otherUnits(next));
  }

  /**
   * Paint the heatmap and say what is painted.
   * @param {Columns} columns
   * @param {Tables} tables
   * @param {Int32Array | null} order
   * @param {[number, number][]} unknown runs of steps that the model does not know
   */
  paint(columns, tables, order, unknown) {
    if (columns.state.length === 0) return;
    const table = this.#echoing(columns) ? tables.echo : this.#gate(columns) ? tables.gate : tables.signed;
    this.picture.paint(columns, table, order);
    this.mark(unknown, columns.from, columns.state.length);
    this.claim(columns);
    put(this.element.dataset, { revision: String(columns.revision) });
    const { echo, against, signal } = this.shown;
    const open = !echo && (against !== null || (signal.range === null && !this.#share(columns)));
    this.head.say(columns, { echo, open, beyond: this.beyond });
    this.element.classList.toggle("behind", columns.steps < columns.length);
    if (columns.steps >= columns.length && this.since !== 0) this.rest();
  }

  /**
   * Which echo is shown, and for how long it is felt.
   * @param {EchoFacts | null} echo of the columns
   * @param {string} title
   */
  echo(echo, title) {
    put(this.element.dataset, {
      echo: echo === null ? "" : String(echo.step),
      felt: String(echo?.felt ?? ""),
    });
    put(this.head.extra, { title });
  }

  /**
   * Another zoom level comes: what is painted stands in for it.
   * @param {Columns} columns those painted
   */
  keep(columns) {
    this.picture.keep(columns);
  }

  /** The panel is of other columns now. @param {Columns} columns */
  forget(columns) {
    this.picture.dropGhost();
    this.claim(columns);
  }

  /** Say up to where the picture is right. @param {Columns} columns */
  claim(columns) {
    put(this.element.dataset, { steps: String(columns.steps), window: `${columns.from}:${columns.end()}` });
  }

  /** How far the model has read. @param {Progress} message */
  progress(message) {
    if (message.steps >= message.length) return this.rest();
    this.since ||= performance.now();
    if (message.stopped || performance.now() - this.since >= QUIET_MS) this.#say({ reading: readingWords(message) });
    return undefined;
  }

  /** Nothing is being read, or nobody hears of it. */
  rest() {
    this.since = 0;
    this.#say({ reading: "" });
  }

  /** How far the last edit was felt; null: the text is another now. @param {Reach | null} message */
  reach(message) {
    this.#say({ reach: message === null ? "" : reachWords(message) });
  }

  /** @param {[number, number][]} runs @param {number} from @param {number} width */
  mark(runs, from, width) {
    const { geometry } = this;
    this.marks.hidden = runs.length === 0 || geometry === null;
    if (runs.length === 0 || geometry === null) return;
    const context = fitted(this.marks, geometry.width, geometry.height);
    const [bad, surface] = themeColours("--bad", "--surface");
    // A whole pixel of the device.
    /** @param {number} step */
    const edge = (step) => Math.round(((step - from) / width) * this.marks.width) / devicePixelRatio;
    for (const { colour, height } of [
      { colour: surface, height: MARK + 1 },
      { colour: bad, height: MARK },
    ]) {
      context.fillStyle = colour;
      for (const [start, end] of runs) {
        context.fillRect(edge(start), 0, edge(end) - edge(start), height);
        context.fillRect(edge(start), geometry.height - height, edge(end) - edge(start), height);
      }
    }
  }

  /**
   * What an instrument adds to the picture; null: nothing.
   * @param {Overlay | null} what @param {Pick<Place, "columns" | "order" | "window">} where
   */
  overlay(what, where) {
    const draw = what?.draw;
    this.over.hidden = draw === undefined || this.geometry === null;
    tell(this.head.extra, what?.words ?? "");
    if (this.geometry === null) return;
    const { width, height } = this.geometry;
    const place = { ...where, width, height, units: where.columns.units };
    if (draw !== undefined) draw(fitted(this.over, width, height), place);
    this.lane?.draw(what?.lane ?? NO_LANE, place);
  }

  /**
   * @param {{step: number, unit: number, held: boolean} | null} cursor the unit is drawn only when it is held
   * @param {Columns} columns
   * @param {Int32Array | null} order
   */
  cursor(cursor, columns, order) {
    if (this.geometry === null) return;
    const width = columns.state.length;
    const column = cursor === null ? -1 : columns.at(cursor.step);
    const across = this.geometry.width / width;
    const row =
      cursor === null || !cursor.held || cursor.unit >= columns.units
        ? -1
        : order === null
          ? cursor.unit
          : order.indexOf(cursor.unit);
    const down = this.geometry.height / columns.units;
    this.lane?.cursor(column, across, width);
    put(this.step, { hidden: !(column >= 0 && column < width) });
    if (!this.step.hidden) {
      put(this.step.style, { width: `${Math.max(1, across)}px`, transform: `translateX(${column * across}px)` });
    }
    put(this.unit, { hidden: row < 0 });
    if (!this.unit.hidden) {
      put(this.unit.style, { height: `${Math.max(1, down)}px`, transform: `translateY(${row * down}px)` });
    }
  }

  /** What lies over the pixels now, from below: what an instrument adds, the marks of unknown characters. */
  get covers() {
    return [this.over, this.marks].filter(({ hidden }) => !hidden);
  }

  /** The strip below the picture; null: there is none. */
  get strip() {
    const { lane, geometry } = this;
    const place = geometry?.lane ?? null;
    return lane === null || place === null ? null : { canvas: lane.canvas, words: lane.words(), ...place };
  }

  /** What is under a point of the plot area. @param {number} y @param {Int32Array | null} order */
  unitAt(y, order) {
    const units = this.shown.signal.width;
    const height = this.geometry?.height ?? 1;
    const row = Math.max(0, Math.min(units - 1, Math.floor((y / height) * units)));
    return order === null ? row : order[row];
  }

  destroy() {
    loadedPlotly()?.purge(this.axesHost);
    this.element.remove();
  }
}
