// Stands in for the live connection in a page without a server: the same questions, answered by the page itself. What
// only a server can do is answered with a sentence.

import { Levels } from "../picture/levels.js";
import { perOf } from "../picture/window.js";
import { splitId } from "../state/catalogue.js";
import { echoColumns, HIGHEST, LOWEST } from "./echo.js";
import { endsOf, largestOf, reals, surpriseColumns, valueCells } from "./columns.js";
import { embedded } from "./embedded.js";
import { Network } from "./network.js";
import { Reader } from "./reader.js";
import { defaultReplacement } from "./replacement.js";

/** @import { Hello, Signal } from "../protocol/hello.js" */
/** @import { EchoAsk, Frame } from "../protocol/messages.js" */
/** @import { Show } from "../state/store.js" */
/** @import { Text } from "../text/document.js" */
/** @import { AskedPanel, Hearers, Platform } from "../wire/connection.js" */
/** @import { Ends, Span } from "./columns.js" */
/** @import { Run } from "./network.js" */

const SLICE_MS = 12; // of computing, between which the page can listen and paint
const FRAMES_MS = 60; // between two pictures of a text that is still being read

const TURN = 32; // steps that a model reads before the next one does

/** Of a share of steps. @type {Ends} */
const SHARE = { low: 0, high: 1, scale: "linear" };

export class Connection {
  /** @param {string} url of no use here @param {Hearers} hearers @param {Platform} platform */
  constructor(url, hearers, platform) {
    this.url = url;
    this.hearers = hearers;
    this.platform = platform;
    this.stored = embedded();
    /** @type {Hello} */
    this.hello = this.stored.hello;
    this.levels = new Levels(this.hello.picture);
    this.ready = false;
    this.revision = 0;
    this.messages = 0;
    /** @type {AskedPanel[]} */
    this.panels = [];
    /** @type {[number, number]} */
    this.window = [0, 0];
    this.per = 1;
    /** @type {Show} */
    this.show = "mean";
    /** @type {number | "largest" | null} */
    this.scale = null;
    /** @type {number | null} */
    this.difference = null;
    this.overview = 0;
    /** @type {EchoAsk | null} */
    this.echo = null;
    this.view = "";
    /** The characters that are read, and all that the page is to read. @type {string[]} */
    this.characters = [];
    this.length = 0;
    /** @type {Map<string, Reader>} */
    this.readers = new Map();
    /** The step whose exact values were asked for last. @type {number | null} */
    this.asked = null;
    this.working = false;
    this.framed = 0;
    this.refused = false;
  }

  open() {
    this.hearers.status("connecting");
    this.hearers.hello(this.hello);
    this.ready = true;
    this.resync();
    this.hearers.status("live");
  }

  hurry() {}

  /**
   * Tell the text, how much of it is to be read, and the window that goes with it.
   * @param {Text} text @param {number} read characters @param {[number, number]} window steps @param {number} per
   */
  setText(text, read, window, per) {
    Object.assign(this, { window, per });
    const most = this.hello.limits.characters;
    const characters = text.characters(0, Math.min(read, most));
    let at = 0;
    const shorter = Math.min(characters.length, this.characters.length);
    while (at < shorter && characters[at] === this.characters[at]) at++;
    if (at < characters.length || at < this.characters.length || this.revision === 0) this.#edited(characters, at);
    this.length = read;
    if (read > most && !this.refused) this.#refuse(read, most);
    this.refused = read > most;
    this.#changed();
  }

  /** @param {string[]} characters of the text now @param {number} at the first that is another */
  #edited(characters, at) {
    this.characters = characters;
    this.revision += 1;
    for (const reader of this.readers.values()) reader.cut(characters, at);
    this.hearers.cut(at);
  }

  /** @param {number} read @param {number} most */
  #refuse(read, most) {
    const [length, limit] = [read, most].map((count) => count.toLocaleString("en"));
    const message = `The text has ${length} characters; this page, which has no server, reads the first ${limit}.`;
    this.hearers.error({ type: "error", code: "text_too_long", message, revision: this.revision });
  }

  /** @param {EchoAsk | null} echo */
  setEcho(echo) {
    this.echo = echo;
    this.#changed();
  }

  repeatView() {
    this.#changed();
  }

  resync() {
    if (this.ready) this.#changed();
  }

  /** Reading takes moments here: there is nothing to stop. */
  cancel() {}

  /** @param {number} step */
  inspect(step) {
    this.asked = step;
    this.#changed();
  }

  arrange() {
    this.#cannot("Ordering rows by similarity is a server's work, and this page has none.");
  }

  /** @param {number} id @param {string} model */
  measure(id, model) {
    const message = this.hello.models[0].inapplicable.why ?? "This page has no server to measure with.";
    this.hearers.measured({ type: "unmeasured", id, model, code: "no_server", message });
  }

  dismiss() {}

  /** Every picture is of the text as it is. */
  cutSince() {
    return Infinity;
  }

  /** @param {string} message */
  #cannot(message) {
    this.hearers.error({ type: "error", code: "no_server", message, revision: this.revision });
  }

  // ── reading ────────────────────────────────────────────────────────────────────────────────────────

  /** The reader of a model, made when it is first in view. @param {string} model */
  #reader(model) {
    let reader = this.readers.get(model);
    if (reader === undefined) {
      reader = new Reader(new Network(this.stored.networks[model], this.stored.codes));
      reader.cut(this.characters, 0);
      this.readers.set(model, reader);
    }
    return reader;
  }

  /** Something else is to be shown. */
  #changed() {
    const { panels, window, per, show, scale, overview, echo } = this;
    this.view = JSON.stringify([panels, window, per, show, scale, overview, echo]);
    this.messages += 1;
    if (this.working || !this.ready) return;
    this.working = true;
    this.platform.setTimeout(() => this.#piece(), 0);
  }

  /** Compute for a moment, show what has come of it, and go on if there is more to do. */
  #piece() {
    this.working = false;
    const end = performance.now() + SLICE_MS;
    const over = () => performance.now() >= end;
    const models = [...new Set(this.panels.map(({ model }) => model))];
    const complete = this.#advance(models, over);
    if (complete || performance.now() - this.framed >= FRAMES_MS) {
      this.framed = performance.now();
      this.#frames(models);
      if (complete && this.asked !== null) this.#exact(this.asked);
    }
    if (complete) return;
    this.working = true;
    this.platform.setTimeout(() => this.#piece(), 0);
  }

  /** All models in turns, then their echoes. @param {string[]} models @param {() => boolean} over */
  #advance(models, over) {
    const readers = models.map((model) => this.#reader(model));
    const { length } = this.characters;
    let until = Math.min(...readers.map(({ run }) => run.steps));
    while (until < length) {
      until = Math.min(length, until + TURN);
      for (const reader of readers) if (!reader.read(until, over)) return false;
    }
    const instead = this.#instead();
    for (const reader of readers) reader.listen(this.echo, instead);
    return readers.every((reader) => reader.compare(over));
  }

  /** The character that takes the other's place, where a single one does. */
  #instead() {
    const { echo, panels, characters } = this;
    if (echo === null || echo.others !== undefined) return null;
    const models = [...new Set(panels.map(({ model }) => model))];
    const alphabets = models.map((model) => this.#reader(model).network.letters);
    return echo.instead ?? defaultReplacement(characters[echo.step] ?? "", alphabets, this.stored.kinds);
  }

  // ── frames ─────────────────────────────────────────────────────────────────────────────────────────

  /** @param {string[]} models in view */
  #frames(models) {
    for (const panel of this.panels) this.#columns(panel);
    for (const model of models) {
      const { run } = this.#reader(model);
      this.#overview(model);
      this.hearers.progress({
        type: "progress",
        revision: this.revision,
        model,
        steps: run.steps,
        length: this.characters.length,
        steps_per_second: null,
        remaining_seconds: null,
        stopped: false,
      });
    }
  }

  /** What a panel shows. @param {AskedPanel} panel */
  #shown({ model, layer, signal }) {
    const { base } = splitId(model);
    const signals = this.hello.models.find(({ id }) => id === base)?.layers[layer].signals ?? [];
    const index = signals.findIndex(({ name }) => name === signal);
    return { layer, index, signal: signals[index] };
  }

  /** How far the values go that any panel of the same form shows. @param {AskedPanel} panel */
  #reach(panel) {
    const { range, scale: form } = this.#shown(panel).signal;
    if (range !== null) return 1;
    const alike = this.panels.filter((other) => this.#shown(other).signal.scale === form);
    return Math.max(0, ...alike.map((other) => largestOf(this.#reader(other.model).run, this.#shown(other)))) || 1;
  }

  /**
   * Whole columns of what has been read, in a stretch of steps.
   * @param {[number, number]} stretch @param {number} per @param {number} steps read @returns {Span}
   */
  #span([from, to], per, steps) {
    const whole = steps >= this.characters.length ? steps : Math.floor(steps / per) * per;
    return { from, to: Math.max(from, Math.min(to, whole)), per };
  }

  /**
   * What a column of a signal shows. An echo shows its largest, and saturation does not apply to all signals.
   * @param {Signal} signal @returns {Show}
   */
  #show({ saturated }) {
    const none = this.echo !== null || this.per === 1 || (this.show === "saturated" && saturated === null);
    return none ? "extreme" : this.show;
  }

  /** @param {AskedPanel} panel */
  #columns(panel) {
    const reader = this.#reader(panel.model);
    const { run, ids, echo } = reader;
    const { layer, index, signal } = this.#shown(panel);
    const compared = this.echo === null ? run.steps : (echo?.steps ?? Math.min(this.echo.step, run.steps));
    const span = this.#span(this.window, this.per, compared);
    const { mean, peak } = surpriseColumns(run, ids, span);
    const tensors = { surprise: reals(mean), peak: reals(peak) };
    const show = this.#show(signal);
    const about = { type: /** @type {const} */ ("columns"), layer, signal: panel.signal, show };
    const message = { ...this.#common(panel.model, run, span), ...reader.score(), ...about };
    if (this.echo === null) {
      const ends = show === "saturated" ? SHARE : endsOf(signal, this.scale, this.#reach(panel));
      const data = valueCells(run, { layer, index, signal }, span, show, ends, this.levels);
      this.#send({ ...message, ...ends }, { ...tensors, cells: { shape: [], data } });
      return;
    }
    const { felt, decades } = this.hello.echo;
    const facts = reader.facts(this.echo, this.#instead(), layer, index, felt);
    const place = { layer, index, units: run.network.layers[layer].units };
    const how = { signed: facts.signed, levels: this.levels, decades };
    const { cells, strength } = echoColumns(echo, place, span, how, reader.strengths(layer, index));
    const frame = { ...message, low: LOWEST, high: HIGHEST, scale: /** @type {const} */ ("linear"), echo: facts };
    this.#send(frame, { ...tensors, cells: { shape: [], data: cells }, strength: reals(strength) });
  }

  /** @param {string} model @param {Run} run @param {Span} span */
  #common(model, run, span) {
    const { revision, characters } = this;
    return { ...span, revision, model, steps: run.steps, length: characters.length };
  }

  /** @param {string} model */
  #overview(model) {
    if (this.overview === 0) return;
    const { run, ids } = this.#reader(model);
    const span = this.#span([0, this.characters.length], perOf(this.length, this.overview), run.steps);
    const { mean } = surpriseColumns(run, ids, span);
    this.#send({ type: "overview", ...this.#common(model, run, span) }, { surprise: reals(mean) });
  }

  /** The exact values of all panels' layers at a step. @param {number} step */
  #exact(step) {
    this.asked = null;
    const places = new Map(this.panels.map(({ model, layer }) => [`${model}/${layer}`, { model, layer }]));
    for (const { model, layer } of places.values()) {
      const { run } = this.#reader(model);
      if (step >= run.steps) continue;
      const { signals, units } = run.network.layers[layer];
      const values = { shape: [signals, units], data: run.at(layer, step).slice() };
      const tensors = { signals: values, log_probabilities: reals(run.prediction(step).slice()) };
      this.#send({ type: "column", revision: this.revision, model, layer, step }, tensors);
    }
  }

  /** @param {Frame} message @param {Record<string, import("../protocol/messages.js").Tensor>} tensors */
  #send(message, tensors) {
    this.messages += 1;
    this.hearers.frame(message, tensors);
  }
}
