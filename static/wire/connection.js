// The live connection: keeps the server's copy of the text like ours, counts revisions, and comes back
// after a break with the whole text and view.

import { Text } from "../text/document.js";
import { Edit } from "../text/edit.js";
import { readFrame } from "./safetensors.js";

/** @import { Hello, Limits } from "../protocol/hello.js" */
/** @import { EchoAsk, Fault, Frame, Measuring } from "../protocol/messages.js" */
/** @import { Progress, Reach, Tensor, Unmeasured } from "../protocol/messages.js" */

const FIRST_WAIT_MS = 300;
const LONGEST_WAIT_MS = 2500;
const REMEMBERED_EDITS = 500;

/**
 * @typedef {object} Hearers
 * @property {(hello: Hello) => void} hello
 * @property {(status: "connecting" | "live" | "lost", reason?: string) => void} status
 * @property {(message: Frame, tensors: Record<string, Tensor>) => void} frame
 * @property {(message: Progress) => void} progress
 * @property {(message: Reach) => void} reach how far an edit was felt
 * @property {(message: Measuring | Unmeasured) => void} measured how far an instrument is, or why it has no answer
 * @property {(message: Fault) => void} error
 * @property {(at: number) => void} cut the text from step `at` on is another
 */

/** @typedef {{model: string, layer: number, signal: string, against?: string}} AskedPanel */

/**
 * @typedef {object} Platform
 * @property {new (url: string) => WebSocket} WebSocket
 * @property {(act: () => void, pause: number) => number} setTimeout
 * @property {(timer: number | undefined) => void} clearTimeout
 */

/** @typedef {{text: Text, read: number}} Prefix the first characters of a text */

/**
 * The edit that makes the second prefix out of the first, or null where they are equal: that of the text, if both are
 * whole.
 * @param {Prefix} before @param {Prefix} after
 */
function between(before, after) {
  const edit = after.text.since(before.text);
  const whole = before.read === before.text.length && after.read === after.text.length;
  if (whole) return edit;
  const remainder = exchanged(before, after, Math.min(edit?.at ?? Infinity, before.read, after.read));
  return remainder.remove === 0 && remainder.insert === "" ? null : remainder;
}

/** All from `at` on in place of what was there. @param {Prefix} before @param {Prefix} after @param {number} at */
const exchanged = (before, after, at) => new Edit(at, before.read - at, after.text.slice(at, after.read));

export class Connection {
  /**
   * @param {string} url
   * @param {Hearers} hearers
   * @param {Platform} platform
   */
  constructor(url, hearers, platform) {
    this.url = url;
    this.hearers = hearers;
    this.platform = platform;
    this.revision = 0;
    /** @type {WebSocket | null} */
    this.socket = null;
    this.ready = false;
    /** What the server has: the first `read` characters of `text`. null: nothing yet. @type {Prefix | null} */
    this.sent = null;
    /** What it is to have. @type {Prefix} */
    this.prefix = { text: Text.EMPTY, read: 0 };
    /** @type {[number, number]} */
    this.window = [0, 0];
    /** Characters a column. */
    this.per = 1;
    this.show = "mean";
    /** Columns that the overview of the whole text has room for. */
    this.overview = 0;
    /** @type {AskedPanel[]} */
    this.panels = [];
    /** @type {number | "largest" | null} */
    this.scale = null;
    /** @type {number | null} */
    this.difference = null;
    /** The echo that the panels show, as the `view` message has it; null: values. @type {EchoAsk | null} */
    this.echo = null;
    this.view = "";
    /** The panels of the last view that was sent. */
    this.lookWords = "";
    /** @type {Limits | null} */
    this.limits = null;
    /** @type {Record<string, string>} */
    this.closeCodes = {};
    this.attempts = 0;
    /** @type {number | undefined} */
    this.timer = undefined;
    /** @type {{revision: number, at: number}[]} */
    this.edits = [];
    /** The last that was within the limit. @type {Prefix} */
    this.accepted = this.prefix;
    /** The step from which on the text over the limit is another than the accepted one. */
    this.torn = Infinity;
    this.refused = "";
    this.wholeRevision = 0;
    /** How many have gone either way. */
    this.messages = 0;
  }

  open() {
    this.platform.clearTimeout(this.timer);
    this.hearers.status("connecting");
    const socket = new this.platform.WebSocket(this.url);
    socket.binaryType = "arraybuffer";
    socket.onmessage = (event) => this.#receive(event.data);
    socket.onclose = (event) => this.#closed(event);
    this.socket = socket;
  }

  /** Try again now instead of after the pause. */
  hurry() {
    if (this.socket === null) this.open();
  }

  /**
   * Tell the text, how much of it is to be read, and the window that goes with it.
   * @param {Text} text @param {number} read characters @param {[number, number]} window steps @param {number} per
   */
  setText(text, read, window, per) {
    const before = this.prefix;
    this.prefix = { text, read };
    this.window = window;
    this.per = per;
    if (this.ready) return this.#sendText(before);
    const edit = between(before, this.prefix);
    if (edit !== null) this.hearers.cut(edit.at); // what is painted is of the text before the break
  }

  /** @param {number} step */
  inspect(step) {
    this.#send({ type: "inspect", step });
  }

  /**
   * @param {{model: string, layer: number, signal: string}} panel
   * @param {{from: number, columns: number, per: number}} sorted the columns that the order is made from
   */
  arrange({ model, layer, signal }, { from, columns, per }) {
    this.#send({ type: "arrange", model, layer, signal, window: [from, from + columns * per], per });
  }

  /** Ask an instrument. @param {number} id @param {string} model @param {object} measure */
  measure(id, model, measure) {
    this.#send({ type: "measure", id, model, measure });
  }

  /** The answer to a question is wanted no more. @param {number} id */
  dismiss(id) {
    this.#send({ type: "dismiss", id });
  }

  /** Look at the echo of a step, and at nothing else anew. @param {EchoAsk | null} echo */
  setEcho(echo) {
    this.echo = echo;
    if (this.ready && this.sent !== null) this.#sendView();
  }

  /** Say the view again, and to go on reading after a cancel. */
  repeatView() {
    this.view = this.#viewWords();
    this.lookWords = this.#looks();
    this.#send({ ...JSON.parse(this.view), go_on: true });
  }

  cancel() {
    this.#send({ type: "cancel" });
  }

  /** Say everything anew: the remedy whenever the two sides may differ. */
  resync() {
    if (!this.ready) return;
    this.sent = null;
    this.view = "";
    this.#sendView();
    this.#sendText(this.prefix);
  }

  /**
   * The first step edited after revision `revision`: pictures made then are right only before it.
   * @param {number} revision
   */
  cutSince(revision) {
    if (revision >= this.revision) return this.torn;
    let at = this.edits.length > 0 && this.edits[0].revision <= revision + 1 ? Infinity : 0;
    for (const edit of this.edits) if (edit.revision > revision) at = Math.min(at, edit.at);
    return Math.min(at, this.torn);
  }

  /** @param {object} message */
  #send(message) {
    if (this.ready) this.#put(JSON.stringify(message));
  }

  /** @param {string} words */
  #put(words) {
    this.messages += 1;
    this.socket?.send(words);
  }

  /** @param {Prefix} before what it was to have until now */
  #sendText(before) {
    const { sent } = this;
    const whole = sent === null;
    const fits = this.prefix.read <= (this.limits?.characters ?? Infinity);
    if (!fits && !whole) {
      this.#sendView(); // the columns that leave the window here are to be sent again when it comes back
      return this.#refuse(before);
    }
    const prefix = fits ? this.prefix : this.accepted; // after a reload: nothing, until the text is shortened
    const edit = whole ? new Edit(0, 0, prefix.text.slice(0, prefix.read)) : this.#edit(sent, prefix);
    this.torn = Infinity;
    this.refused = "";
    this.sent = this.accepted = prefix;
    if (edit === null) return this.#sendView();
    if (this.#looks() !== this.lookWords) this.#sendView(); // an edit carries a window and nothing else of the view
    const revision = this.revision + 1;
    this.revision = revision;
    this.edits.push({ revision, at: edit.at });
    if (this.edits.length > REMEMBERED_EDITS) this.edits.shift();
    if (whole) this.wholeRevision = revision;
    this.view = this.#viewWords();
    this.hearers.cut(edit.at);
    const { window } = this;
    const { at, remove, insert } = edit;
    const message = whole ? { type: "text", revision, text: insert } : { type: "edit", revision, at, remove, insert };
    this.#put(JSON.stringify({ ...message, window }));
    if (!fits) this.#refuse(prefix);
  }

  /**
   * From what the server has to `prefix`; it begins early enough to bring back the columns that were let go.
   * @param {Prefix} sent @param {Prefix} prefix
   */
  #edit(sent, prefix) {
    const edit = between(sent, prefix);
    if (this.torn >= (edit?.at ?? sent.read)) return edit;
    return exchanged(sent, prefix, this.torn);
  }

  /**
   * A text over the limit is not sent. The server keeps the text before; from where the two part, its columns are
   * those of other characters, and none is shown until the text fits again.
   * @param {Prefix} before
   */
  #refuse(before) {
    const at = between(before, this.prefix)?.at ?? Infinity;
    if (at < this.torn) {
      this.torn = at;
      this.hearers.cut(at);
    }
    const [characters, most] = [this.prefix.read, this.limits?.characters ?? 0].map((n) => n.toLocaleString("en"));
    const message = `The text has ${characters} characters; this server reads at most ${most}. Shorten it.`;
    if (message === this.refused) return;
    this.refused = message;
    this.hearers.error({ type: "error", code: "text_too_long", message, revision: this.revision });
  }

  #looks() {
    return JSON.stringify([this.panels, this.per, this.show, this.scale, this.difference, this.overview, this.echo]);
  }

  #viewWords() {
    const { panels, window, per, show, scale, difference, overview, echo } = this;
    return JSON.stringify({ type: "view", panels, window, per, show, scale, difference, overview, echo });
  }

  #sendView() {
    const words = this.#viewWords();
    if (words === this.view || this.panels.length === 0) return;
    this.view = words;
    this.lookWords = this.#looks();
    this.#put(words);
  }

  /** @param {string | ArrayBuffer} data */
  #receive(data) {
    this.messages += 1;
    if (typeof data !== "string") {
      const { message, tensors } = readFrame(data);
      this.hearers.frame(message, tensors);
      return;
    }
    const message = JSON.parse(data);
    if (message.type === "hello") this.#greeted(message);
    else if (message.type === "progress") this.hearers.progress(message);
    else if (message.type === "reach") this.hearers.reach(message);
    else if (message.type === "measuring" || message.type === "unmeasured") this.hearers.measured(message);
    else if (message.type === "error") this.#failed(message);
  }

  /** @param {Hello} hello */
  #greeted(hello) {
    this.limits = hello.limits;
    this.closeCodes = hello.close_codes;
    this.attempts = 0;
    this.hearers.hello(hello); // nothing goes out before both panels and text are known
    this.ready = true;
    this.resync();
    this.hearers.status("live");
  }

  /** @param {Fault} message */
  #failed(message) {
    if (message.code === "out_of_sync") {
      // What was sent before the last whole text is past mending; the whole text has mended it.
      if ((message.revision ?? 0) >= this.wholeRevision) this.resync();
      return;
    }
    this.hearers.error(message);
  }

  /** @param {CloseEvent} event */
  #closed(event) {
    this.ready = false;
    this.socket = null;
    this.sent = null;
    this.hearers.status("lost", this.closeCodes[String(event.code)]);
    const wait = Math.min(LONGEST_WAIT_MS, FIRST_WAIT_MS * 2 ** this.attempts) * (0.75 + Math.random() / 2);
    this.attempts += 1;
    this.timer = this.platform.setTimeout(() => this.open(), wait);
  }
}
