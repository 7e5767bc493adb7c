// One model's panel: its head, and the heatmap under the axes.

import { raster } from "../../picture/raster.js";
import { fitted, make, put, tell, themeColours } from "../dom.js";
import { reachWords, readingWords, standsFor } from "../words.js";
import { otherUnits, panelFigure } from "./axes.js";
import { createLane } from "./lane.js";
import { createHead } from "./panel-head.js";

/**
 * What an instrument adds to a picture: it draws over it, in a strip below it, and has a word in its head.
 * @typedef {object} Overlay
 * @property {(context: any, place: any) => void} [draw]
 * @property {{draw: (context: any, place: any) => void, label: string, top: string, bottom: string}} [lane]
 * @property {string} [words]
 */

const MARK = 5; // CSS pixels of an unknown character's bars, over and under its column
const NUMBERS_MS = 160;
const QUIET_MS = 350; // reading that takes less is not worth words
const NO_LANE = { draw: () => {}, label: "", top: "", bottom: "" };
const LOGARITHMIC =
  "A logarithmic scale to either side of 0: each power of ten is a step of the same size, below 0.1 it is linear";
const FARTHEST = 200; // times that a picture is stretched to stand in for the next zoom level

/**
 * @param {HTMLElement} host
 * @param {any} colours from `hello`
 * @param {{twin: () => void, remove: () => void, layer: (value: number | null) => void, signal: (value: string | null)
 *   => void, state: (value: string) => void, show: (what: string) => void, keydown: (event: KeyboardEvent) => void}}
 *   acts
 */
export function createPanel(host, colours, acts) {
  const head = createHead(acts);
  const { bits, range, wideness, wide, ends, extra, news } = head;
  const axes = make("div", { className: "axes", "aria-hidden": "true" });
  const canvas = make("canvas", { className: "heatmap" });
  const marks = make("canvas", { className: "marks", hidden: true });
  const over = make("canvas", { className: "overlay", hidden: true });
  const step = make("div", { className: "cursor-step" });
  const unit = make("div", { className: "cursor-unit" });
  const area = make(
    "div",
    { className: "area", tabIndex: 0, role: "application", "aria-roledescription": "heatmap", onkeydown: acts.keydown },
    canvas,
    over,
    marks,
    unit,
    step,
  );
  const plot = make("div", { className: "plot" }, axes, area);
  const element = make(
    "article",
    { className: "panel", "data-steps": "0", "data-window": "0:0", "data-revision": "0" },
    head.element,
    plot,
  );
  host.append(element);

  // Its pixels come from here, byte by byte, and go out into exports: nothing is ever drawn on it by a graphics card.
  const context = canvas.getContext("2d", { willReadFrequently: true });
  let image = null;
  /** What the canvas shows: columns, table and order, and the steps under it. */
  let painted = null;
  /** The picture of the zoom level before, in its place until the columns have come. */
  let ghost = null;
  let figure = null;
  let shown = null;
  let beyond = "";
  let geometry = null;
  /** The strip below the picture, while an instrument has one. */
  let lane = null;
  let since = 0;
  let numbering = 0;
  const said = { reading: "", reach: "" };

  const echoing = (columns) => shown.echo && columns.echo?.signed !== true;
  const gate = (columns) =>
    !shown.echo &&
    shown.against === null &&
    (shown.signal.kind === "gate" || (columns.show === "saturated" && columns.per > 1));

  /** Paint columns `from` to before `to`. */
  function patch(columns, table, order, from, to) {
    if (from >= to) return;
    const whole = to - from === canvas.width;
    const part =
      whole && image?.width === canvas.width && image.height === canvas.height
        ? image
        : context.createImageData(to - from, columns.units);
    if (whole) image = part; // the largest is used again
    raster(new Uint32Array(part.data.buffer), columns, table, order, from, to);
    context.putImageData(part, from, 0);
  }

  function say(words) {
    Object.assign(said, words);
    const now = said.reading || said.reach;
    tell(news, now);
    put(news, { title: now });
  }

  /** The canvas with all that it shows moved to the left. */
  function shift(by) {
    context.globalCompositeOperation = "copy";
    context.drawImage(canvas, -by, 0);
    context.globalCompositeOperation = "source-over";
  }

  function dropGhost() {
    ghost?.canvas.remove();
    ghost = null;
  }

  function placeGhost(columns) {
    if (ghost === null) return;
    const span = columns.per * columns.state.length;
    if (columns.complete() || ghost.span > span * FARTHEST) return dropGhost();
    put(ghost.canvas.style, {
      left: `${((ghost.from - columns.from) / span) * 100}%`,
      width: `${(ghost.span / span) * 100}%`,
    });
  }

  return {
    element,
    area,

    /** @param {any} resolved from the catalogue @param {{color: string, panel: any, clipped: boolean}} look */
    update(resolved, { color, panel, clipped }) {
      shown = resolved;
      beyond = clipped ? ", beyond it the end colour" : "";
      const { model, name } = resolved;
      head.update(resolved, color, panel);
      element.dataset.model = resolved.id;
      element.dataset.layer = String(resolved.layer);
      element.dataset.signal = resolved.signal.name;
      const look = `${resolved.echo ? "echo in the " : ""}${resolved.against === null ? "" : "difference of "}`;
      const shows = `${look}${resolved.signal.title.toLowerCase()}`;
      element.setAttribute("aria-label", name);
      area.setAttribute(
        "aria-label",
        `${name}, ${shows}, layer ${resolved.layer}, ${model.units} units. Arrow keys move the cursor.`,
      );
    },

    /** Lay out: the size of the plot area in CSS pixels, and what stands around it. @param {any} place */
    place(place) {
      geometry = place;
      Object.assign(area.style, { left: `${place.left}px`, width: `${place.width}px`, height: `${place.height}px` });
      plot.style.height = `${place.height + 2 + (place.lane?.all ?? 0)}px`;
      if (place.lane === null) lane?.destroy();
      lane = place.lane === null ? null : (lane ?? createLane(plot));
      lane?.place(place);
    },

    /** What kind of scale its colours have; see axes.js. @param {import("../../picture/columns.js").Columns} columns */
    scale: (columns) =>
      shown.echo ? (echoing(columns) ? "log" : "symlog") : columns.scale === "log" ? "folded" : "linear",

    /** The colour scale of a picture. @param {import("../../picture/columns.js").Columns} columns */
    stops: (columns) => (echoing(columns) ? colours.echo : gate(columns) ? colours.gate : colours.signed),

    /**
     * What a column stands for, in words; nothing where it is one character.
     * @param {import("../../picture/columns.js").Columns} columns
     */
    stands: ({ per, show }) => standsFor(per, show),

    /** Draw the axes anew if anything about them changed. @param {any} Plotly @param {string} theme */
    axes(Plotly, columns, order, theme) {
      if (geometry === null || Plotly === undefined) return;
      const { low, high, units } = columns;
      const plan = { ...geometry, units, low, high, stops: this.stops(columns), order, scale: this.scale(columns) };
      const next = { ...plan, theme };
      const other = figure === null ? null : Object.keys(next).filter((name) => !Object.is(figure[name], next[name]));
      clearTimeout(numbering);
      if (other?.length === 0) return;
      // An echo that moves with the pointer sorts the rows anew each time: their numbers wait until it rests.
      if (shown.echo && other?.join() === "order") numbering = setTimeout(() => this.numbers(Plotly, next), NUMBERS_MS);
      else {
        figure = next;
        const { data, layout, config } = panelFigure(next);
        Plotly.react(axes, data, layout, config);
      }
    },

    /** Have Plotly write other numbers beside the rows. @param {any} Plotly @param {any} next */
    numbers(Plotly, next) {
      if (!element.isConnected) return;
      figure = next;
      Plotly.relayout(axes, otherUnits(next));
    },

    /**
     * Paint the heatmap and say what is painted.
     * @param {import("../../picture/columns.js").Columns} columns
     * @param {{signed: Uint32Array, gate: Uint32Array}} tables
     * @param {Int32Array | null} order
     * @param {[number, number][]} unknown runs of steps that the model does not know
     */
    paint(columns, tables, order, unknown) {
      const width = columns.state.length;
      if (width === 0) return;
      const table = echoing(columns) ? tables.echo : gate(columns) ? tables.gate : tables.signed;
      const changes = columns.changes();
      const sized = canvas.width === width && canvas.height === columns.units;
      if (!sized) Object.assign(canvas, { width, height: columns.units });
      const alike = sized && painted?.columns === columns && painted.table === table && painted.order === order;
      if (!alike || changes.moved === null) patch(columns, table, order, 0, width);
      else {
        if (changes.moved !== 0) shift(changes.moved);
        patch(columns, table, order, changes.from, changes.to);
      }
      painted = { columns, table, order, from: columns.from, span: width * columns.per };
      placeGhost(columns);
      this.mark(unknown, columns.from, width);
      this.claim(columns);
      put(element.dataset, { revision: String(columns.revision) });
      tell(
        bits,
        columns.bitsPerCharacter === null || columns.steps === 0
          ? ""
          : `${columns.bitsPerCharacter.toFixed(2)} bits/char`,
      );
      put(bits, { title: `Mean surprise of the ${columns.scored.toLocaleString("en")} characters read so far` });
      const saturated = gate(columns) && shown.signal.kind !== "gate";
      const open = !shown.echo && (shown.against !== null || (shown.signal.range === null && !saturated));
      tell(range, open && Number.isFinite(columns.high) ? rangeWords(columns, beyond) : "");
      put(range, { title: columns.scale === "log" ? LOGARITHMIC : "" });
      put(wideness, { hidden: columns.per === 1 });
      tell(wide, this.stands(columns));
      const what = columns.show === "extreme" ? "mean" : "extreme";
      put(ends, {
        hidden: shown.echo,
        textContent: `show ${what}`,
        title:
          what === "mean"
            ? "Let wide columns show the mean of their values"
            : "Let wide columns show the value farthest from the middle of the scale",
      });
      put(ends.dataset, { show: what });
      element.classList.toggle("behind", columns.steps < columns.length);
      if (columns.steps >= columns.length && since !== 0) this.progress(columns);
    },

    /**
     * Which echo is shown, and for how long it is felt.
     * @param {any} echo of the columns
     * @param {string} title
     */
    echo(echo, title) {
      put(element.dataset, {
        echo: echo === null ? "" : String(echo.step),
        felt: echo?.felt == null ? "" : String(echo.felt),
      });
      put(extra, { title });
    },

    /**
     * Another zoom level comes: what is painted stands in for it.
     * @param {import("../../picture/columns.js").Columns} columns those painted
     */
    keep(columns) {
      if (painted?.columns !== columns || columns.state.length === 0) return;
      const { from, span } = painted;
      const copy = make("canvas", {
        className: "ghost",
        width: canvas.width,
        height: canvas.height,
        "aria-hidden": "true",
      });
      const brush = copy.getContext("2d", { willReadFrequently: true });
      brush.imageSmoothingEnabled = false;
      const across = canvas.width / span;
      if (ghost !== null) {
        brush.drawImage(ghost.canvas, (ghost.from - from) * across, 0, ghost.span * across, canvas.height);
      }
      brush.drawImage(canvas, 0, 0);
      dropGhost();
      ghost = { canvas: copy, from, span };
      area.prepend(copy);
      painted = null;
    },

    /** The panel is of other columns now. @param {import("../../picture/columns.js").Columns} columns */
    forget(columns) {
      dropGhost();
      this.claim(columns);
    },

    /** Say up to where the picture is right. @param {import("../../picture/columns.js").Columns} columns */
    claim(columns) {
      put(element.dataset, { steps: String(columns.steps), window: `${columns.from}:${columns.end()}` });
    },

    /** How far the model has read. @param {{steps: number, length: number}} message `progress` */
    progress(message) {
      if (message.steps >= message.length) return this.rest();
      since ||= performance.now();
      if (message.stopped || performance.now() - since >= QUIET_MS) say({ reading: readingWords(message) });
      return undefined;
    },

    /** Nothing is being read, or nobody hears of it. */
    rest() {
      since = 0;
      say({ reading: "" });
    },

    /** How far the last edit was felt; null: the text is another now. @param {any} message `reach` */
    reach(message) {
      say({ reach: message === null ? "" : reachWords(message) });
    },

    /** @param {[number, number][]} runs @param {number} from @param {number} width */
    mark(runs, from, width) {
      marks.hidden = runs.length === 0 || geometry === null;
      if (marks.hidden) return;
      const context = fitted(marks, geometry.width, geometry.height);
      const [bad, surface] = themeColours("--bad", "--surface");
      // A whole pixel of the device.
      const edge = (step) => Math.round(((step - from) / width) * marks.width) / devicePixelRatio;
      for (const [colour, height] of [
        [surface, MARK + 1],
        [bad, MARK],
      ]) {
        context.fillStyle = colour;
        for (const [start, end] of runs) {
          context.fillRect(edge(start), 0, edge(end) - edge(start), height);
          context.fillRect(edge(start), geometry.height - height, edge(end) - edge(start), height);
        }
      }
    },

    /**
     * What an instrument adds to the picture; null: nothing.
     * @param {Overlay | null} what @param {any} where columns, order and window
     */
    overlay(what, where) {
      over.hidden = what?.draw === undefined || geometry === null;
      tell(extra, what?.words ?? "");
      if (geometry === null) return;
      const { width, height } = geometry;
      const place = { ...where, width, height, units: where.columns.units };
      if (!over.hidden) what.draw(fitted(over, width, height), place);
      lane?.draw(what?.lane ?? NO_LANE, place);
    },

    /**
     * @param {{step: number, unit: number, held: boolean} | null} cursor the unit is drawn only when it is held
     * @param {import("../../picture/columns.js").Columns} columns
     * @param {Int32Array | null} order
     */
    cursor(cursor, columns, order) {
      if (geometry === null) return;
      const width = columns.state.length;
      const column = cursor === null ? -1 : columns.at(cursor.step);
      const across = geometry.width / width;
      const row =
        cursor === null || !cursor.held || cursor.unit >= columns.units
          ? -1
          : order === null
            ? cursor.unit
            : order.indexOf(cursor.unit);
      const down = geometry.height / columns.units;
      lane?.cursor(column, across, width);
      put(step, { hidden: !(column >= 0 && column < width) });
      if (!step.hidden) {
        put(step.style, { width: `${Math.max(1, across)}px`, transform: `translateX(${column * across}px)` });
      }
      put(unit, { hidden: row < 0 });
      if (!unit.hidden) put(unit.style, { height: `${Math.max(1, down)}px`, transform: `translateY(${row * down}px)` });
    },

    /** What is under a point of the plot area. @param {number} y @param {Int32Array | null} order */
    unitAt(y, order) {
      const row = Math.max(0, Math.min(shown.model.units - 1, Math.floor((y / geometry.height) * shown.model.units)));
      return order === null ? row : order[row];
    },

    canvas,
    destroy() {
      window.Plotly?.purge(axes);
      element.remove();
    },
  };
}

/** Where the colours end, and on what scale. */
function rangeWords({ high, scale }, beyond) {
  const end = Number(high.toPrecision(3)).toLocaleString("en");
  return scale === "log" ? `log scale, ±${end}` : `range ±${end}${beyond}`;
}
