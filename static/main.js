// Wires the page: one state, one connection, and the views that show them.

import { Catalogue, UNTRAINED, splitId } from "./core/catalogue.js";
import { Exact } from "./core/exact.js";
import { createPlayer } from "./core/player.js";
import { LONGEST_TEXT_IN_ADDRESS, createStore, fromAddress, toAddress } from "./core/store.js";
import { characters, difference, toPoints, toUnits, visible, wellFormed } from "./core/text.js";
import { atEnd, centred, clamp, clampColumns, showing, zoomed } from "./core/window.js";
import { Desk } from "./desk.js";
import { attachKeys } from "./keys.js";
import { picture } from "./picture.js";
import { createControls } from "./views/controls.js";
import { createEditor } from "./views/editor.js";
import { createHelp } from "./views/help.js";
import { createInspector } from "./views/inspector.js";
import { createPlay } from "./views/play.js";
import { attachPointer } from "./views/pointer.js";
import { createStatus } from "./views/status.js";
import { Connection } from "./wire/socket.js";

const ADDRESS_PAUSE_MS = 500;
const SETTLE_MS = 3000;
const PATIENCE_MS = 200;
const TEXT_KEY = "text";

const one = (selector) => document.querySelector(selector);
const kept = {
  get(storage, key) {
    try {
      return storage().getItem(key);
    } catch {
      return null; // a browser that keeps nothing
    }
  },
  set(storage, key, value) {
    try {
      storage().setItem(key, value);
    } catch {
      // See above.
    }
  },
};

const asked = fromAddress(location.hash);
const store = createStore({
  theme: kept.get(() => localStorage, "theme") ?? "auto",
  ...asked,
  text: wellFormed(asked.text ?? kept.get(() => sessionStorage, TEXT_KEY) ?? ""),
});
const exact = new Exact();
const player = createPlayer(store, { setTimeout: (f, ms) => setTimeout(f, ms), clearTimeout: (id) => clearTimeout(id) });
/** @type {Catalogue | null} */
let catalogue = null;
let controls = null;
let hover = null;
let caret = 0;
let inspected = "";
let shownValues = "";
let waitingSince = 0;
let valuesTimer = 0;
let panned = 0;
let holes = false;
let letters = new Map();

// ── what follows from the state ──────────────────────────────────────────────────────────────────────

const lengthOf = () => toPoints(store.get().text);
const readTo = () => store.get().play?.position ?? lengthOf();

function windowOf({ columns, from } = store.get()) {
  const { legible, most } = desk.room();
  const width = columns === null ? legible : clampColumns(columns, most);
  return from === null ? atEnd(width, readTo()) : clamp({ from, columns: width }, lengthOf());
}

function focus() {
  const { cursor, play } = store.get();
  if (hover !== null) return { ...hover, held: true };
  const last = readTo() - 1;
  const step = cursor.step ?? (play === null ? caret - 1 : last);
  return last < 0 ? null : { step: Math.max(0, Math.min(step, last)), unit: cursor.unit, held: cursor.step !== null };
}

const known = (character) => desk.panels.every((panel) => panel.known.has(character));

/** Bring the desk and the server up to the state. */
function push() {
  if (catalogue === null) return;
  const { text, play } = store.get();
  const length = toPoints(text);
  const read = play?.position ?? length;
  const window = windowOf();
  desk.setText(text, length, read, window);
  const columns = [window.from, window.from + window.columns];
  const panels = desk.panels.map(({ resolved }) => ({ model: resolved.id, layer: resolved.layer, signal: resolved.signal.name }));
  connection.panels = panels;
  connection.setText(play === null ? text : text.slice(0, toUnits(text, play.position)), columns);
  desk.setCursor(focus());
}

function arrange(again = false) {
  if (store.get().order !== "similarity") return;
  for (const { resolved, order } of desk.panels) {
    if (again || order === null) connection.arrange({ model: resolved.id, layer: resolved.layer, signal: resolved.signal.name });
  }
}

// ── views ────────────────────────────────────────────────────────────────────────────────────────────

const changePanel = (id, patch) => store.set({ panels: store.get().panels.map((panel) => (panel.model === id ? { ...panel, ...patch } : panel)) });
const twinOf = (id) => (splitId(id).untrained ? splitId(id).base : id + UNTRAINED);

function toggleTwin(id, beside) {
  const { panels } = store.get();
  const other = twinOf(id);
  if (panels.some((panel) => panel.model === other)) return;
  if (!beside) return changePanel(id, { model: other });
  const at = panels.findIndex((panel) => panel.model === id);
  setPanels(panels.toSpliced(at + 1, 0, { ...panels[at], model: other }));
}

function setPanels(panels) {
  const most = catalogue.limits.panels ?? Infinity;
  if (panels.length > most) return status.say(`${most} panels are the most that can be open at once. Remove one first.`);
  store.set({ panels });
}

const desk = new Desk(
  { characters: one("#characters"), panels: one("#panels"), surprise: one("#surprise"), overview: one("#overview") },
  {
    panel: (id) => ({
      twin: (event) => toggleTwin(id, event.shiftKey),
      remove: () => store.set({ panels: store.get().panels.filter((panel) => panel.model !== id) }),
      layer: (layer) => changePanel(id, { layer }),
      signal: (signal) => changePanel(id, { signal }),
      keydown: (event) => keys.area(event, desk.panels.find((panel) => panel.id === id)),
    }),
    move: (from) => moveWindow({ ...windowOf(), from }),
    follow: () => store.set({ from: null }),
  },
  inspect,
);

const status = createStatus(one("#link"), one("#notice"), {
  cancel: () => connection.cancel(),
  goOn: () => {
    connection.view = "";
    push();
  },
});
const inspector = createInspector(one("#inspector"));
const play = createPlay(one("#play"), { ...player, speed: (speed) => store.set({ speed }) });
const help = createHelp(one("#help"), one("#note"));
const editor = createEditor(one("#text"), one("#mirror"), {
  input(text, point) {
    const { text: before, from, cursor } = store.get();
    const edit = difference(before, text);
    if (edit === null) return;
    caret = point;
    const length = toPoints(text);
    const at = edit.at + toPoints(edit.insert);
    const window = windowOf();
    // Typing at the end makes the window follow it; an edit elsewhere is brought into view.
    const next = at >= length ? null : at >= window.from && at < window.from + window.columns ? (from === null ? null : window.from) : centred(window, at, length).from;
    hover = null;
    store.set({ text, from: next, play: null, cursor: { ...cursor, step: null } });
  },
  caret(point) {
    if (point === caret) return;
    caret = point;
    const { cursor } = store.get();
    if (store.get().play !== null) return;
    const window = windowOf();
    const step = Math.max(0, point - 1);
    const patch = { cursor: { ...cursor, step: null } };
    if (step < window.from || step >= window.from + window.columns) patch.from = point >= lengthOf() ? null : centred(window, step, lengthOf()).from;
    store.set(patch);
    desk.setCursor(focus());
  },
});

/** @param {{from: number, columns: number}} window */
function moveWindow(window) {
  const next = clamp(window, lengthOf());
  const { legible } = desk.room();
  const ends = next.from + next.columns >= readTo() && next.columns <= readTo();
  store.set({ from: ends ? null : next.from, columns: next.columns === legible ? null : next.columns });
}

function zoom(factor, share = 0.5) {
  const { legible, most } = desk.room();
  const window = windowOf();
  const columns = factor === 0 ? legible : clampColumns(Math.abs(factor - 1) * window.columns < 1 ? window.columns + Math.sign(factor - 1) : window.columns * factor, most);
  const step = focus()?.step ?? 0;
  const about = factor === 0 && step >= window.from && step < window.from + window.columns ? (step - window.from + 0.5) / window.columns : share;
  moveWindow(zoomed(window, about, columns, lengthOf()));
}

function moveCursor(step, unit) {
  const last = readTo() - 1;
  if (last < 0) return;
  const to = Math.max(0, Math.min(step, last));
  const window = windowOf();
  const next = showing(window, to, lengthOf());
  hover = null;
  store.set({ cursor: { step: to, unit }, from: next.from === window.from ? store.get().from : next.from });
}

const stepOf = (share) => {
  const window = windowOf();
  return window.from + Math.floor(share * window.columns);
};
const unitOf = (area, y) => {
  const panel = desk.panels.find((one) => one.view.area === area);
  return panel === undefined ? store.get().cursor.unit : panel.view.unitAt(y, desk.orderOf(panel));
};
attachPointer(one("#pictures"), {
  hover(share, y, area) {
    const step = stepOf(share);
    hover = step < readTo() ? { step, unit: unitOf(area, y) } : null;
    desk.setCursor(focus());
  },
  leave() {
    if (hover === null) return;
    hover = null;
    desk.setCursor(focus());
  },
  pick(share, y, area) {
    if (stepOf(share) < readTo()) moveCursor(stepOf(share), unitOf(area, y));
  },
  box(left, right) {
    const window = windowOf();
    const from = window.from + Math.floor(left * window.columns);
    const columns = clampColumns(Math.ceil((right - left) * window.columns), desk.room().most);
    hover = null;
    moveWindow({ from, columns });
  },
  wheel(share, across, factor) {
    if (across !== 0) return this.pan(across);
    zoom(factor, share);
  },
  pan(share) {
    const window = windowOf();
    panned += share * window.columns;
    const whole = Math.trunc(panned);
    if (whole === 0) return;
    panned -= whole;
    moveWindow({ ...window, from: window.from + whole });
  },
  reset: () => zoom(0),
});
const keys = attachKeys(document, {
  player,
  help: help.open,
  zoom,
  cursor: moveCursor,
  release: () => store.set({ cursor: { ...store.get().cursor, step: null } }),
  page: (by) => {
    const window = windowOf();
    moveWindow({ ...window, from: window.from + by * window.columns });
  },
  focus,
  last: () => readTo() - 1,
  orderOf: (panel) => desk.orderOf(panel),
});

// ── exact values ─────────────────────────────────────────────────────────────────────────────────────

/** After each paint: ask for the values at the cursor, if they are not here. The newest wins. */
function inspect() {
  const cursor = desk.cursor;
  showValues();
  if (cursor === null || !connection.ready) return;
  const lacks = (step) => step >= 0 && desk.panels.some(({ resolved, columns }) => step < columns.steps && exact.at(resolved.id, resolved.layer, step) === undefined);
  // The step before comes second: equations need its state.
  const step = lacks(cursor.step) ? cursor.step : lacks(cursor.step - 1) ? cursor.step - 1 : null;
  if (step === null) return;
  const question = `${step}/${connection.revision}/${connection.view}`;
  if (question === inspected) return;
  inspected = question;
  connection.inspect(step);
}

function showValues() {
  const cursor = desk.cursor;
  const rows = cursor === null ? [] : valuesAt(cursor.step);
  // Values on their way are worth waiting for: the place would flash empty between two keys.
  const complete = rows.every(({ at }) => at !== undefined);
  const words = JSON.stringify([cursor?.step, cursor?.unit, exact.version, rows.map(({ resolved }) => resolved.key), desk.theme]);
  if (words === shownValues) return;
  if (complete) waitingSince = 0;
  else if (shownValues !== "") {
    waitingSince ||= performance.now();
    if (performance.now() - waitingSince < PATIENCE_MS) {
      valuesTimer ||= setTimeout(() => ((valuesTimer = 0), showValues()), PATIENCE_MS);
      return;
    }
  }
  shownValues = words;
  if (cursor === null) return inspector.update({ step: null });
  const { text } = store.get();
  const [character, truth] = characters(text, cursor.step, cursor.step + 2);
  inspector.update({
    ...cursor,
    character: character ?? "",
    truth: truth ?? null,
    paint: (signal, value, high = 1) => swatch(signal, value, high),
    rows,
  });
}

function valuesAt(step) {
  return desk.panels.map(({ resolved, color, columns }) => ({
    resolved,
    color,
    high: columns.high,
    at: exact.at(resolved.id, resolved.layer, step),
    before: exact.at(resolved.id, resolved.layer, step - 1),
    letters: letters.get(resolved.model.id),
  }));
}

/** The colour of a value, the same as in the picture. */
function swatch(signal, value, high) {
  if (signal.range === null && high === 1) return "transparent"; // its scale is known only where it is in view
  const [low, top] = signal.range ?? [-high, high];
  const byte = Number.isFinite(value) ? Math.max(0, Math.min(254, Math.round(((value - low) / (top - low)) * 254))) : 255;
  const pixel = desk.tables[signal.kind === "gate" ? "gate" : "signed"][byte];
  return `rgb(${pixel & 255} ${(pixel >> 8) & 255} ${(pixel >> 16) & 255})`;
}

// ── the connection ───────────────────────────────────────────────────────────────────────────────────

const url = `${location.protocol === "https:" ? "wss" : "ws"}://${location.host}/ws`;
const connection = new Connection(
  url,
  {
    hello: greet,
    status: (link, reason) => {
      status.link(link, reason);
      inspected = "";
    },
    progress: (message) => status.progress(message),
    error: (message) => status.say(message.message, message.code),
    cut(at) {
      if (connection.ready) desk.expect();
      desk.cut(at);
      exact.cut(at);
    },
    frame(message, tensors) {
      const cut = connection.cutSince(message.revision);
      if (message.type === "columns") {
        desk.columns(message, tensors, cut);
        if (message.steps >= message.length && desk.settled()) status.done();
      } else if (message.type === "column") {
        exact.take(message, tensors, cut);
        desk.touch("cursor");
      } else if (message.type === "order") desk.ordered(message, tensors);
    },
  },
  { WebSocket, setTimeout: (f, ms) => setTimeout(f, ms), clearTimeout: (id) => clearTimeout(id) },
);

/** @param {any} hello */
function greet(hello) {
  catalogue = new Catalogue(hello);
  letters = new Map(catalogue.models.map((model) => [model.id, Array.from(model.vocabulary)]));
  const state = store.get();
  const seen = new Set();
  let panels = state.panels.filter(({ model }) => catalogue.has(model) && !seen.has(model) && seen.add(model));
  panels = panels.slice(0, catalogue.limits.panels ?? panels.length);
  const first = state.corpus === "";
  const corpus = panels.length > 0 ? catalogue.model(panels[0].model).corpus : catalogue.corpora.includes(state.corpus) ? state.corpus : catalogue.corpora[0];
  if (panels.length === 0 && first) panels = catalogue.plain(corpus);
  const text = first && state.text === "" && asked.text === undefined ? (catalogue.samplesOf(corpus)[0]?.text ?? "") : state.text;
  controls?.destroy();
  controls = createControls(one("#controls"), catalogue, choices);
  desk.setCatalogue(catalogue);
  if (first) {
    caret = toPoints(text);
    editor.setText(text);
  }
  store.set({ panels, corpus, text: wellFormed(text) });
  one("#limit").textContent = `of ${catalogue.limits.characters.toLocaleString("en")}`;
}

const choices = {
  corpus(corpus) {
    const { text, signal } = store.get();
    const panels = catalogue.plain(corpus);
    const own = text !== "" && !catalogue.samples.some((sample) => sample.text === text);
    const signals = catalogue.signalsOf(panels);
    store.set({ corpus, panels, signal: signals.some((one) => one.name === signal) ? signal : (signals[0]?.name ?? signal) });
    if (!own) choices.sample(catalogue.samplesOf(corpus)[0]?.id);
  },
  sample(id) {
    const text = catalogue.samples.find((sample) => sample.id === id)?.text;
    if (text === undefined) return;
    caret = toPoints(text);
    store.set({ text: wellFormed(text), play: null, from: null, cursor: { ...store.get().cursor, step: null } });
  },
  model(id) {
    const { panels, corpus } = store.get();
    const without = panels.filter((panel) => splitId(panel.model).base !== id);
    if (without.length < panels.length) store.set({ panels: without });
    else {
      const rank = new Map(catalogue.family(corpus).map((model, k) => [model.id, k]));
      const place = ({ model }) => rank.get(splitId(model).base) ?? -1;
      setPanels([...panels, { model: id, layer: null, signal: null }].sort((a, b) => place(a) - place(b)));
    }
    controls.refocus(id);
  },
  signal: (signal) => store.set({ signal, panels: store.get().panels.map((panel) => ({ ...panel, signal: null })) }),
  layer: (layer) => store.set({ layer, panels: store.get().panels.map((panel) => ({ ...panel, layer: null })) }),
  order: (order) => store.set({ order }),
  again: () => arrange(true),
  untrained() {
    const { panels } = store.get();
    const all = panels.every(({ model }) => splitId(model).untrained);
    const seen = new Set();
    const turned = panels.map((panel) => ({ ...panel, model: all ? splitId(panel.model).base : splitId(panel.model).base + UNTRAINED }));
    store.set({ panels: turned.filter(({ model }) => catalogue.has(model) && !seen.has(model) && seen.add(model)) });
  },
  zoom: (factor) => zoom(factor),
};

// ── from one state to the next ───────────────────────────────────────────────────────────────────────

const darkness = matchMedia("(prefers-color-scheme: dark)");
function applyTheme() {
  const { theme } = store.get();
  if (theme === "auto") delete document.documentElement.dataset.theme;
  else document.documentElement.dataset.theme = theme;
  one("#theme").textContent = `Theme: ${theme}`;
  desk.setTheme(theme === "auto" ? (darkness.matches ? "dark" : "light") : theme);
}

const showChoices = () => controls?.update(store.get(), windowOf().columns, store.get().panels.map((_, k) => desk.colorOf(k)));

let lastAddress = "";
let addressTimer = 0;
function writeAddress() {
  clearTimeout(addressTimer);
  addressTimer = 0;
  lastAddress = `#${toAddress(store.get())}`;
  history.replaceState(null, "", lastAddress);
  kept.set(() => sessionStorage, TEXT_KEY, store.get().text);
}

const PUSHED = ["text", "play", "from", "columns", "panels", "layer", "signal", "corpus"];
store.subscribe((state, changed) => {
  const has = (...names) => names.some((name) => changed.has(name));
  if (catalogue !== null) {
    if (has("panels", "layer", "signal", "order", "corpus")) desk.setPanels(state);
    if (has(...PUSHED)) push();
    if (has("panels", "layer", "signal", "order")) arrange();
    if (has("panels", "layer", "signal", "order", "corpus", "columns", "theme")) showChoices();
  }
  if (has("cursor", "play")) desk.setCursor(focus());
  if (has("text")) editor.setText(state.text);
  if (has("text", "cursor", "play", "panels")) showText();
  if (has("text", "play", "speed")) play.update(state.play, state.speed, toPoints(state.text));
  if (has("theme")) {
    kept.set(() => localStorage, "theme", state.theme);
    applyTheme();
  }
  addressTimer ||= setTimeout(rest, ADDRESS_PAUSE_MS);
});

/** What need not keep pace with the typing. */
function rest() {
  writeAddress();
  showChoices();
}

function showText() {
  const { text, play } = store.get();
  const length = toPoints(text);
  const over = catalogue !== null && length > catalogue.limits.characters;
  one("#count").textContent = length.toLocaleString("en");
  one("#count").classList.toggle("over", over);
  if (!over) status.clear("text_too_long");
  editor.update({ text, known, cursor: focus()?.held ? focus().step : null, read: play?.position ?? null });
}

addEventListener("hashchange", () => {
  if (location.hash === lastAddress || catalogue === null) return;
  const found = fromAddress(location.hash);
  const panels = found.panels?.filter(({ model }) => catalogue.has(model));
  store.set({ order: "index", columns: null, from: null, signal: "hidden", layer: 0, ...found, ...(panels?.length ? { panels, corpus: catalogue.model(panels[0].model).corpus } : { panels: store.get().panels }) });
});
addEventListener("pagehide", writeAddress);
addEventListener("online", () => connection.hurry());
darkness.addEventListener("change", applyTheme);
new ResizeObserver(() => {
  if (desk.measure() && catalogue !== null) {
    push();
    showChoices();
  }
}).observe(one("#panels"));
addEventListener("resize", () => desk.measure());
new ResizeObserver(() => desk.measure()).observe(one("#editor"));

// If a frame were ever lost, the picture would stay wrong without a word; so a picture that has a hole is asked for anew.
setInterval(() => {
  if (connection.ready && connection.sent !== null && desk.panels.length > 0 && !desk.settled()) {
    if (holes) connection.resync();
    holes = !holes;
  } else holes = false;
}, SETTLE_MS);

one("#theme").addEventListener("click", () => {
  const themes = ["auto", "light", "dark"];
  store.set({ theme: themes[(themes.indexOf(store.get().theme) + 1) % themes.length] });
});
one("#help-open").addEventListener("click", help.open);
one("#share").addEventListener("click", async () => {
  writeAddress();
  const left = store.get().text.length > LONGEST_TEXT_IN_ADDRESS ? " The text is too long for an address and is not in it." : "";
  try {
    await navigator.clipboard.writeText(location.href);
    status.say(`The address of this view is copied.${left}`);
  } catch {
    status.say(`The browser does not let the page copy; the address of this view stands in its address bar.${left}`);
  }
});
one("#download").addEventListener("click", async () => {
  if (globalThis.Plotly === undefined || desk.panels.length === 0) return;
  const link = document.createElement("a");
  link.href = await picture(globalThis.Plotly, desk.figure(visible));
  link.download = "hidden-state.png";
  link.click();
});

applyTheme();
caret = toPoints(store.get().text);
editor.setText(store.get().text);
play.update(null, store.get().speed, lengthOf());
connection.open();
