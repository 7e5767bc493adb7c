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
import { Exact } from "./state/exact-steps.js";
import { Text } from "./text/document.js";
import { make, put, tell } from "./views/dom.js";
import { Connection } from "./wire/connection.js";

const ADDRESS_MS = 250;
const SPOKEN_MS = 600; // a slider that is dragged is not read aloud at every place
const one = (selector) => document.querySelector(selector);
const clock = { setTimeout: (act, pause) => setTimeout(act, pause), clearTimeout: (timer) => clearTimeout(timer) };

/** @type {import("./first/minute.js").Facts | null} */
let facts = null;
/** @type {import("./first/minute.js").Minute | null} */
let minute = null;
/** @type {Row[]} */
let rows = [];
const exact = new Exact();
let asked = "";
/** What is painted: the text, and from where on the gate is closed. */
let shown = { text: "", closed: null, columns: 0 };
let played = location.hash.includes("first=") || matchMedia("(prefers-reduced-motion: reduce)").matches;

const letters = createLetters(one("#letters"));
const playback = createPlayback(
  { requestFrame: (act) => requestAnimationFrame(act), cancelFrame: (id) => cancelAnimationFrame(id) },
  reveal,
);
const tour = createTour(
  { pages: one(".pages"), dots: one("#dots"), where: one("#where"), back: one("#back"), next: one("#next") },
  (step) => change({ step, ...(minute?.step === 3 ? { closed: false } : {}) }),
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

/** @param {any} hello */
function greet(hello) {
  if (hello.first_minute === null) {
    one("#notice").replaceChildren(
      "This server does not have the models that the first minute shows. ",
      make("a", { href: "/explore", textContent: "Open the laboratory" }),
    );
    put(one("#notice"), { hidden: false });
    return;
  }
  for (const row of rows) row.destroy();
  facts = hello.first_minute;
  minute ??= location.hash.includes("first=") ? fromAddress(location.hash, facts) : beginning(facts);
  const model = (id) => hello.models.find((candidate) => candidate.id === id);
  const host = one("#networks");
  rows = facts.models.map((id) => new Row(host, model(id), hello.colours, ""));
  rows.push(new Row(host, model(facts.taught_otherwise), hello.colours, "taught with short texts first"));
  one("#bar").style.background = gradient(stopsOf(hello.colours));
  createToggle();
  Object.assign(one("#length"), { min: String(facts.shortest), max: String(facts.most) });
  one("#between").maxLength = 4 * facts.most;
  one("#onwards").href = onwards(hello);
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

function take(message, tensors) {
  const cut = connection.cutSince(message.revision);
  if (message.type === "column") {
    exact.take(message, tensors, cut);
    answer();
  } else if (message.type === "columns" && message.echo !== undefined) {
    const row = visible().find(({ id }) => id === message.model);
    row?.take(message, tensors, cut, minute.length);
    if (row?.painted > 0 && row.columns.echo !== null) row.measure(); // its lengths come later than its columns
    show();
  }
}

// ── to the server ────────────────────────────────────────────────────────────────────────────────────

/** The networks of this step: the last one has one more. */
const visible = () => rows.slice(0, minute.step === STEPS ? rows.length : facts.models.length);

/** Ask for what is to be seen. */
function push() {
  const closed = minute.closed ? closedFrom(minute) : null;
  const text = textOf(minute, facts);
  connection.panels = visible().map((row) => row.panel(closed));
  connection.echo = { step: 0, instead: insteadOf(minute, facts), signed: true };
  connection.setText(Text.of(text), text.length, [0, text.length], 1);
  showControls();
  show();
}

/** @param {Partial<import("./first/minute.js").Minute>} patch */
function change(patch) {
  if (minute === null) return;
  minute = { ...minute, ...patch };
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
  history.replaceState(null, "", `/first#${toAddress(minute, facts)}`);
}

// ── what is seen ─────────────────────────────────────────────────────────────────────────────────────

/** Paint once the pictures of all networks are here: they are of one text. */
function show() {
  const now = visible();
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
  put(one("#replay"), { hidden: end < shown.columns || minute.step > 1 });
}

let spokenTimer = 0;

/** What each says at the mark; what is not known yet is asked for. */
function answer() {
  if (facts === null || shown.text !== textOf(minute, facts)) return;
  const step = shown.columns - 1;
  const found = visible().map((row) => exact.at(row.id, 0, step)?.logProbabilities ?? null);
  const words = visible().map((row, k) => row.answer(found[k], minute.letter));
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

function showControls() {
  tour.update(minute.step);
  const instead = insteadOf(minute, facts);
  const words = {
    letter: minute.letter,
    instead,
    lower: `lower with ${minute.letter}`,
    higher: `higher with ${minute.letter}`,
  };
  for (const place of document.querySelectorAll("[data-say]")) tell(place, words[place.dataset.say]);
  for (const button of one("#letter").querySelectorAll("button")) {
    const is = button.textContent === minute.letter;
    put(button, { ariaChecked: String(is), tabIndex: is ? 0 : -1 });
  }
  one("#length").value = String(minute.length);
  tell(one("#length-words"), String(minute.length));
  put(one("#gate"), {
    ariaPressed: String(minute.closed),
    textContent: minute.closed ? "Let it work again" : "Close the gate that keeps",
  });
  const between = betweenOf(minute, facts);
  if (readable(one("#between").value, facts) !== between) one("#between").value = between;
}

// ── what one does ────────────────────────────────────────────────────────────────────────────────────

/** The choice of the first letter: one stop of the tabulator, arrows choose. */
function createToggle() {
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
    const by = { ArrowRight: 1, ArrowDown: 1, ArrowLeft: -1, ArrowUp: -1 }[event.key];
    if (by === undefined) return;
    event.preventDefault();
    const next = buttons[(buttons.indexOf(event.target) + by + buttons.length) % buttons.length];
    next.focus();
    next.click();
  };
}

one("#length").addEventListener("input", ({ target }) => change({ length: Number(target.value) }));
one("#gate").addEventListener("click", () => change({ closed: !minute.closed }));
one("#between").addEventListener("input", ({ target, isComposing }) => {
  if (isComposing || facts === null) return;
  const between = readable(target.value, facts);
  const lost = Array.from(target.value).length - between.length;
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
  if (facts === null || !location.hash.includes("first=")) return;
  minute = fromAddress(location.hash, facts);
  push();
});
addEventListener("pagehide", () => addressTimer !== 0 && minute !== null && flush());

connection.open();
