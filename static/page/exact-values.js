// The exact values at the cursor: asks for them, keeps them, and hands them to the inspector.

import { inStyle, rampOf } from "../picture/colour.js";
import { Exact } from "../state/exact-steps.js";

/** @import { Signal } from "../protocol/hello.js" */
/** @import { ColumnMessage, ColumnTensors } from "../protocol/messages.js" */
/** @import { Columns } from "../picture/columns.js" */
/** @import { Resolved } from "../state/catalogue.js" */
/** @import { Row } from "../views/shell/inspector.js" */

/** @typedef {{step: number, unit: number} | null} Cursor */

const PATIENCE_MS = 250;
const ANSWER_MS = 120;
const TRAIL = 12; // steps that the cursor has left, whose values may stand in until its own have come

/**
 * The difference that a cell of an echo stands for, by its level.
 * @param {Columns} columns @param {Resolved} resolved @param {number} step @param {number} unit
 */
function echoAt(columns, resolved, step, unit) {
  const { echo, cells, units, state, per, levels } = columns;
  const column = columns.at(step);
  if (!resolved.echo || per > 1 || echo === null || column < 0 || !(state[column] > 0) || unit >= units) return null;
  return levels.differenceOf(cells[column * units + unit], echo.signed, columns);
}

export class Values {
  /**
   * @param {{desk: import("./heatmaps.js").Desk, connection: () => import("../wire/connection.js").Connection,
   *   around: (step: number) => {character: string, truth: string | null},
   *   small: () => boolean,
   *   inspector: Pick<import("../views/shell/inspector.js").Inspector, "update" | "waiting">}} parts
   */
  constructor({ desk, connection, around, small, inspector }) {
    this.desk = desk;
    this.connection = connection;
    this.around = around;
    this.small = small;
    this.inspector = inspector;
    this.exact = new Exact();
    /** The characters of each model. @type {Map<string, string[]>} */
    this.letters = new Map();
    this.asked = "";
    /** @type {{set: string, words: string} | null} */
    this.shown = null;
    /** Where the cursor has been, the newest first. @type {number[]} */
    this.trail = [];
    /** The question that has gone out last. @type {{step: number, until: number} | null} */
    this.pending = null;
    this.late = 0;
    this.timer = 0;
    this.frame = 0;
  }

  /** @param {import("../state/catalogue.js").Catalogue} catalogue */
  setCatalogue(catalogue) {
    this.letters = new Map(catalogue.models.map((model) => [model.id, Array.from(model.vocabulary)]));
    this.asked = "";
  }

  /** @param {number} at */
  cut(at) {
    this.exact.cut(at);
  }

  /** @param {ColumnMessage} message @param {ColumnTensors} tensors @param {number} cut */
  take(message, tensors, cut) {
    this.exact.take(message, tensors, cut);
    // One frame a model comes; the pictures need no paint for them.
    this.frame ||= requestAnimationFrame(() => {
      this.frame = 0;
      this.refresh();
    });
  }

  /** A new connection has been asked nothing yet. */
  forget() {
    this.asked = "";
    this.pending = null;
  }

  /** After each paint: show what is here, and ask for what is not. The newest wins. */
  refresh() {
    const { cursor, panels } = this.desk;
    this.#show(cursor);
    const connection = this.connection();
    if (cursor === null || !connection.ready) return;
    /** @param {number} step */
    const lacks = (step) =>
      step >= 0 &&
      panels.some(
        ({ resolved, columns }) =>
          step < columns.steps && this.exact.at(resolved.id, resolved.layer, step) === undefined,
      );
    // The step before comes second: equations need its state.
    const step = lacks(cursor.step) ? cursor.step : lacks(cursor.step - 1) ? cursor.step - 1 : null;
    if (step === null) return;
    const question = `${step}/${connection.revision}/${connection.view}`;
    if (question === this.asked) return;
    // A question takes the place of the one before: let that one be answered first, if it soon is.
    const now = performance.now();
    if (this.pending !== null && now < this.pending.until && lacks(this.pending.step)) {
      this.late ||= setTimeout(() => {
        this.late = 0;
        this.refresh();
      }, ANSWER_MS);
      return;
    }
    this.pending = { step, until: now + ANSWER_MS };
    this.asked = question;
    connection.inspect(step);
  }

  /** @param {Cursor} cursor */
  #show(cursor) {
    const moved = cursor !== null && this.trail[0] !== cursor.step;
    if (moved) this.trail = [cursor.step, ...this.trail.filter((step) => step !== cursor.step)].slice(0, TRAIL);
    const aim = cursor?.step ?? null;
    // A moving cursor outruns its values: the last place that has all of its own is shown, under its own name.
    const step = aim === null ? null : (this.trail.find((one) => this.#complete(one)) ?? aim);
    const complete = step === null || this.#complete(step);
    this.#wait(complete && step === aim, complete && moved);
    const rows = step === null ? [] : this.#rows(step);
    const small = this.small();
    const set = JSON.stringify([small, rows.map(({ resolved }) => resolved.key), this.desk.theme]);
    const words = this.#wordsOf(step, cursor, rows);
    if (this.shown?.set === set && (this.shown.words === words || !complete)) return;
    this.shown = { set, words };
    if (step === null || cursor === null) return this.inspector.update(null);
    this.inspector.update({
      step,
      unit: cursor.unit,
      ...this.around(step),
      rows,
      set,
      small,
      stretch: this.#stretch(step),
      paint: (signal, value, ends, scale) => this.#colour(signal, value, ends, scale),
    });
  }

  /**
   * Where the cursor rests and the values do not come, those of the place before fade.
   * @param {boolean} here whether its own values are shown @param {boolean} news whether those of another place are
   */
  #wait(here, news) {
    if (here || news) {
      clearTimeout(this.timer);
      this.timer = 0;
      this.inspector.waiting(false);
    }
    if (!here) this.timer ||= setTimeout(() => this.inspector.waiting(true), PATIENCE_MS);
  }

  /**
   * All that the inspector shows, as words: the same words are not shown again.
   * @param {number | null} step @param {Cursor} cursor @param {Row[]} rows
   */
  #wordsOf(step, cursor, rows) {
    const unit = cursor?.unit;
    const numbers = rows.map(({ at, before, ends, scale, echo }) => [
      at?.number,
      before?.number,
      ends,
      scale,
      echo(unit ?? 0),
    ]);
    return JSON.stringify([step, unit, numbers, this.desk.window.per, this.desk.look]);
  }

  /**
   * The first and last step of the column in which a step lies; null where a column is one step.
   * @param {number} step @returns {[number, number] | null}
   */
  #stretch(step) {
    const { per } = this.desk.window;
    const first = Math.floor(step / per) * per;
    return per === 1 ? null : [first, Math.min(first + per, this.desk.read) - 1];
  }

  /** @param {number} step */
  #complete(step) {
    return this.desk.panels.every(({ resolved }) => this.exact.at(resolved.id, resolved.layer, step) !== undefined);
  }

  /** @param {number} step @returns {Row[]} */
  #rows(step) {
    return this.desk.panels.map(({ resolved, color, columns, known }) => ({
      resolved,
      color,
      known,
      // A share has no scale of values, nor has a difference.
      ends:
        resolved.against !== null || (columns.show === "saturated" && columns.per > 1)
          ? null
          : [columns.low, columns.high],
      scale: columns.scale,
      /** How far a unit is from what it would be, to the resolution of the picture; null where no echo is shown. */
      echo: (/** @type {number} */ unit) => echoAt(columns, resolved, step, unit),
      at: this.exact.at(resolved.id, resolved.layer, step),
      before: this.exact.at(resolved.id, resolved.layer, step - 1),
      letters: this.letters.get(resolved.model.id) ?? [],
    }));
  }

  /**
   * The colour of a value, the same as in the pictures; none where its scale is not in view.
   * @param {Signal} signal @param {number} value @param {[number, number] | null} ends of the picture's scale
   * @param {string} scale
   */
  #colour(signal, value, ends, scale) {
    const shown = this.desk.panels.some(({ resolved }) => resolved.signal === signal);
    const [low, high] = signal.range ?? (shown ? ends : null) ?? [NaN, NaN];
    if (Number.isNaN(high)) return "transparent";
    const { catalogue } = this.desk;
    if (catalogue === null) return "transparent";
    const { tables, levels } = catalogue;
    const level = levels.levelOf(value, low, high, signal.range === null ? scale : "linear");
    return inStyle(tables[rampOf(signal)][level]);
  }
}
