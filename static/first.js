// The first minute: three networks, one text, and the question which of them still knows its first letter.

import { createLetters } from "./first/letters.js";
import {
  STEPS,
  beginning,
  betweenOf,
  closedFrom,
  fromAddress,
  insteadOf,
  readable,
  textOf,
  toAddress,
} from "./first/minute.js";
import { onwards } from "./first/onwards.js";
import { createPlayback } from "./first/playback.js";
import { Row } from "./first/row.js";
import { gradient, stopsOf } from "./first/scale.js";
import { createTour } from "./first/tour.js";
import { Levels } from "./picture/levels.js";
import { Exact } from "./state/exact-steps.js";
import { Text } from "./text/document.js";
import { make, one, put, tell } from "./views/dom.js";
import { Connection } from "./wire/connection.js";

const ADDRESS_MS = 250;
const SPOKEN_MS = 600; // a slider that is dragged is not read aloud at every place
/** @type {Omit<import("./wire/connection.js").Platform, "WebSocket">} */
const clock = { setTimeout: (act, pause) => setTimeout(act, pause), clearTimeout: (timer) => clearTimeout(timer) };

/** @import { Hello } from "./protocol/hello.js" */
/** @import { ColumnTensors, ColumnsTensors, Frame, Tensor } from "./protocol/messages.js" */
/** @import { Facts, Minute } from "./first/minute.js" */

/**
 * What the server says of the first minute, and what is shown of it; null: it has not answered.
 * @type {{facts: Facts, minute: Minute} | null}
 */
let state = null;
/** @type {Row[]} */
let rows = [];
const exact = new Exact();
let asked = "";
/**
 * What is painted: the text, and from where on the gate is closed; `key` is another one for another picture.
 * @type {{key: string, text: string, closed: number | null, columns: number}}
 */
let shown = { key: "", text: "", closed: null, columns: 0 };
let played = location.hash.includes("first=") || matchMedia("(prefers-reduced-motion: reduce)").matches;

const letters = createLetters(one("#letters"));
const playback = createPlayback(
  { requestFrame: (act) => requestAnimationFrame(act), cancelFrame: (id) => cancelAnimationFrame(id) },
  reveal,
);
const tour = createTour(
  {
    pages: one(".pages"),
    dots: one("#dots"),
    where: one("#where"),
    back: one("#back", HTMLButtonElement),
    next: one("#next", HTMLButtonElement),
  },
  (step) => change({ step, ...(state?.minute.step === 3 ? { closed: false } : {}) }),
);

const connection = new Connection(
  `${location.protocol === "https:" ? "wss" : "ws"}://${location.host}/ws`,
  {
    hello: greet,
    status(link, reason) {
      asked = "";
      if (link === "lost") {
        say(
          reason ??
            "The server does not answer. What is painted is what it said last; the page tries to reach it again.",
        );
      } else if (link === "live") say("");
    },
    progress() {},
    reach() {},
    measured() {},
    error: (message) => say(message.message),
    cut: (at) => exact.cut(at),
    frame: take,
  },
  { WebSocket, ...clock },
);

/** @param {string} words "": nothing is wrong */
function say(words) {
  tell(one("#notice"), words);
  put(one("#notice"), { hidden: words === "" });
}

// ── from the server ──────────────────────────────────────────────────────────────────────────────────

/** @param {Hello} hello */
function greet(hello) {
  const facts = hello.first_minute;
  if (facts === null) {
    one("#notice").replaceChildren(
      "This server does not have the models that the first minute shows. ",
      make("a", { href: "/explore", textContent: "Open the laboratory" }),
    );
    put(one("#notice"), { hidden: false });
    return;
  }
  for (const row of rows) row.destroy();
  const asks = location.hash.includes("first=");
  state = { facts, minute: state?.minute ?? (asks ? fromAddress(location.hash, facts) : beginning(facts)) };
  rows = rowsOf(hello, facts);
  one("#bar").style.background = gradient(stopsOf(hello.colours));
  createToggle(facts);
  Object.assign(one("#length"), { min: String(facts.shortest), max: String(facts.most) });
  one("#between", HTMLInputElement).maxLength = 4 * facts.most;
  one("#onwards", HTMLAnchorElement).href = onwards(hello.samples, facts);
  tell(
    one("#keepers"),
    rows
      .slice(0, facts.models.length)
      .map(({ model: { cell_title }, keeper }) =>
        keeper === null ? `the ${cell_title} has none` : `in the ${cell_title} the ${keeper.title.toLowerCase()}`,
      )
      .join(", "),
  );
  push();
}

/**
 * The networks, from top to bottom; the last one is of the last step only.
 * @param {Hello} hello @param {Facts} facts
 */
function rowsOf({ models, colours, picture, echo }, facts) {
  const host = one("#networks");
  const format = { colours, levels: new Levels(picture), echo };
  const wanted = [...facts.models.map((id) => ({ id, under: "" }))];
  wanted.push({ id: facts.taught_otherwise, under: "taught with short texts first" });
  return wanted.flatMap(({ id, under }) => {
    const model = models.find((candidate) => candidate.id === id);
    return model === undefined ? [] : [new Row(host, model, format, under)];
  });
}

/** A frame; which arrays it has, its type says. @param {Frame} message @param {Record<string, Tensor>} tensors */
function take(message, tensors) {
  const cut = connection.cutSince(message.revision);
  const given = /** @type {unknown} */ (tensors);
  if (message.type === "column") {
    exact.take(message, /** @type {ColumnTensors} */ (given), cut);
    answer();
  } else if (message.type === "columns" && message.echo !== undefined && state !== null) {
    const row = visible(state).find(({ id }) => id === message.model);
    row?.take(message, /** @type {ColumnsTensors} */ (given), cut, state.minute.length);
    // Its lengths come later than its columns.
    if (row !== undefined && row.painted > 0 && row.columns.echo !== null) row.measure();
    show();
  }
}

// ── to the server ────────────────────────────────────────────────────────────────────────────────────

/** The networks of this step: the last one has one more. @param {{facts: Facts, minute: Minute}} state */
const visible = ({ facts, minute }) => rows.slice(0, minute.step === STEPS ? rows.length : facts.models.length);

/** Ask for what is to be seen. */
function push() {
  if (state === null) return;
  const { facts, minute } = state;
  const closed = minute.closed ? closedFrom(minute) : null;
  const text = textOf(minute, facts);
  connection.panels = visible(state).map((row) => row.panel(closed));
  connection.echo = { step: 0, instead: insteadOf(minute, facts), signed: true };
  connection.setText(Text.of(text), text.length, [0, text.length], 1);
  showControls(facts, minute);
  show();
}

/** @param {Partial<Minute>} patch */
function change(patch) {
  if (state === null) return;
  state = { ...state, minute: { ...state.minute, ...patch } };
  push();
  keepAddress();
}

let addressTimer = 0;
function keepAddress() {
  clearTimeout(addressTimer);
  addressTimer = setTimeout(flush, ADDRESS_MS);
}
function flush() {
  clearTimeout(addressTimer);
  if (state !== null) history.replaceState(null, "", `/first#${toAddress(state.minute, state.facts)}`);
}

// ── what is seen ─────────────────────────────────────────────────────────────────────────────────────

/** Paint once the pictures of all networks are here: they are of one text. */
function show() {
  if (state === null) return;
  const { facts, minute } = state;
  const now = visible(state);
  rows.forEach((row) => put(row.element, { hidden: !now.includes(row) }));
  one("#networks").classList.toggle("four", now.length > 3);
  const instead = insteadOf(minute, facts);
  const done = now.every((row) => row.complete(minute.length, instead, connection.revision));
  put(one("#networks"), { ariaBusy: String(!done) });
  if (!done) return;
  const closed = minute.closed ? closedFrom(minute) : null;
  const key = JSON.stringify([connection.revision, now.map(({ id }) => id)]);
  if (key !== shown.key) {
    for (const row of now) row.paint();
    shown = { key, text: textOf(minute, facts), closed, columns: minute.length };
    if (played) playback.end();
    if (played) reveal(minute.length);
    else playback.begin(minute.length);
    played = true;
  }
  answer();
}

/** @param {number} columns */
function reveal(columns) {
  const end = Math.min(columns || shown.columns, shown.columns);
  for (const row of rows) row.reveal(end, shown.closed);
  for (const row of rows) row.speaks(end >= shown.columns);
  letters.update(shown.text, { width: one("#letters").clientWidth, shown: end, closed: shown.closed });
  put(one("#replay"), { hidden: end < shown.columns || (state?.minute.step ?? 1) > 1 });
}

let spokenTimer = 0;

/** What each says at the mark; what is not known yet is asked for. */
function answer() {
  if (state === null) return;
  const { facts, minute } = state;
  if (shown.text !== textOf(minute, facts)) return;
  const step = shown.columns - 1;
  const found = visible(state).map((row) => exact.at(row.id, 0, step)?.logProbabilities ?? null);
  const words = visible(state).map((row, k) => row.answer(found[k], minute.letter));
  const question = `${connection.revision}/${connection.view}`;
  if (found.includes(null)) {
    if (question === asked || !connection.ready) return;
    asked = question;
    connection.inspect(step);
    return;
  }
  clearTimeout(spokenTimer);
  spokenTimer = setTimeout(() => tell(one("#spoken"), `${words.join(". ")}.`), SPOKEN_MS);
}

/** @param {Facts} facts @param {Minute} minute */
function showControls(facts, minute) {
  tour.update(minute.step);
  const instead = insteadOf(minute, facts);
  /** @type {Record<string, string>} */
  const words = {
    letter: minute.letter,
    instead,
    lower: `lower with ${minute.letter}`,
    higher: `higher with ${minute.letter}`,
  };
  for (const place of document.querySelectorAll("[data-say]")) {
    tell(place, words[place.getAttribute("data-say") ?? ""] ?? "");
  }
  for (const button of one("#letter").querySelectorAll("button")) {
    const is = button.textContent === minute.letter;
    put(button, { ariaChecked: String(is), tabIndex: is ? 0 : -1 });
  }
  one("#length", HTMLInputElement).value = String(minute.length);
  tell(one("#length-words"), String(minute.length));
  put(one("#gate"), {
    ariaPressed: String(minute.closed),
    textContent: minute.closed ? "Let it work again" : "Close the gate that keeps",
  });
  const between = betweenOf(minute, facts);
  const field = one("#between", HTMLInputElement);
  if (readable(field.value, facts) !== between) field.value = between;
}

// ── what one does ────────────────────────────────────────────────────────────────────────────────────

/** The choice of the first letter: one stop of the tabulator, arrows choose. @param {Facts} facts */
function createToggle(facts) {
  const host = one("#letter");
  for (const old of host.querySelectorAll("button")) old.remove();
  const buttons = facts.letters.map((letter) =>
    make("button", {
      type: "button",
      role: "radio",
      textContent: letter,
      "aria-checked": "false",
      onclick: () => change({ letter }),
    }),
  );
  host.append(...buttons);
  host.onkeydown = (event) => {
    /** @type {Record<string, number>} */
    const steps = { ArrowRight: 1, ArrowDown: 1, ArrowLeft: -1, ArrowUp: -1 };
    const by = steps[event.key];
    if (by === undefined) return;
    event.preventDefault();
    const next =
      buttons[(buttons.findIndex((button) => button === event.target) + by + buttons.length) % buttons.length];
    next.focus();
    next.click();
  };
}

const slider = one("#length", HTMLInputElement);
slider.addEventListener("input", () => change({ length: Number(slider.value) }));
one("#gate").addEventListener("click", () => change({ closed: !state?.minute.closed }));
const typed = one("#between", HTMLInputElement);
typed.addEventListener("input", (event) => {
  if (state === null || (event instanceof InputEvent && event.isComposing)) return;
  const { facts } = state;
  const between = readable(typed.value, facts);
  const lost = Array.from(typed.value).length - between.length;
  tell(
    one("#left-out"),
    lost === 0
      ? ""
      : `${lost} ${lost === 1 ? "character is" : "characters are"} left out; there is room for ` +
          `${facts.most - 2} small letters.`,
  );
  change({ between, length: between.length + 2 });
});
one("#replay").addEventListener("click", () => playback.begin(shown.columns));
addEventListener("resize", () => shown.columns > 0 && reveal(playback.running ? 1 : shown.columns));
addEventListener("online", () => connection.hurry());
document.addEventListener("visibilitychange", () => document.hidden || connection.hurry());
addEventListener("hashchange", () => {
  if (state === null || !location.hash.includes("first=")) return;
  state = { ...state, minute: fromAddress(location.hash, state.facts) };
  push();
});
addEventListener("pagehide", () => addressTimer !== 0 && flush());

connection.open();
