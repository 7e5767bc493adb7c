// Wires the page: one state, one connection, and the views that show them.

import { instrumentOf } from "./instruments/index.js";
import { attachAccents } from "./page/accents-notice.js";
import { download, downloadTable } from "./page/download.js";
import { createEcho } from "./page/echo.js";
import { Values } from "./page/exact-values.js";
import { figureOf, tableOf } from "./page/export/figure.js";
import { picture } from "./page/export/image.js";
import { Desk } from "./page/heatmaps.js";
import { Bench, MENU } from "./page/instrument-host.js";
import { attachKeys } from "./page/keyboard.js";
import { Navigation } from "./page/navigation.js";
import { lastText, recall, remember, warnOnce } from "./page/persistence.js";
import { createPlayer } from "./page/player.js";
import { createEdits } from "./page/text-actions.js";
import { createChoices } from "./page/view-actions.js";
import { loadPlotly } from "./picture/plotly-loader.js";
import { Catalogue } from "./state/catalogue.js";
import { INITIAL, createStore } from "./state/store.js";
import { strangers } from "./state/unavailable.js";
import { Text } from "./text/document.js";
import { createEditor } from "./views/editor/editor.js";
import { attachFiles } from "./views/editor/files.js";
import { createFind } from "./views/editor/find.js";
import { attachTextKeys } from "./views/editor/shortcuts.js";
import { createLook } from "./views/heatmap/look.js";
import { attachPointer } from "./views/heatmap/pointer.js";
import { createControls } from "./views/shell/controls.js";
import { createHelp } from "./views/shell/help.js";
import { createInspector } from "./views/shell/inspector.js";
import { createMenu } from "./views/shell/menu.js";
import { createPlay } from "./views/shell/play.js";
import { createStatus } from "./views/shell/status.js";
import { keepTheme, nextTheme, wear } from "./views/theme.js";
import { Connection } from "./wire/connection.js";

const HOLE_MS = 3000;
const OPENED_MS = 10_000; // how long it is said that a file is open

const one = (selector) => document.querySelector(selector);
const clock = { setTimeout: (act, pause) => setTimeout(act, pause), clearTimeout: (timer) => clearTimeout(timer) };

const begun = await recall();
const again = performance.getEntriesByType("navigation")[0]?.type === "reload";
const asked = location.hash;
const store = createStore(begun);
const player = createPlayer(store, clock);
/** @type {Catalogue | null} */
let catalogue = null;
let controls = null;

const desk = new Desk(
  { characters: one("#characters"), panels: one("#panels"), surprise: one("#surprise"), overview: one("#overview") },
  {
    panel: (id) => choices.panel(id),
    strip: {
      point: (step) => echo.point(step),
      leave: () => echo.leave(),
      pin: (step) => echo.pin(step),
      move: (by) => echo.move(by),
      instead: (character) => echo.instead(character),
    },
    overview: {
      move: (from) => navigation.move(from),
      frame: (from, to) => navigation.move(from, to - from),
      whole: () => navigation.whole(),
      follow: () => navigation.follow(),
      zoom: (factor) => navigation.zoom(factor),
    },
  },
  () => {
    values.refresh();
    showLook();
    if (!drawing && desk.panels.every(({ columns }) => columns.revision > 0 || desk.read === 0)) drawAxes();
  },
);
const navigation = new Navigation(store, desk);
const echo = createEcho({
  store,
  navigation,
  ask(asked) {
    connection.setEcho(asked);
    desk.setEcho(asked);
  },
});
const look = createLook(one("#look"), {
  ...echo,
  on: () => echo.on(),
  off: () => echo.off(),
  release: () => echo.release(),
});
const values = new Values({
  desk,
  connection: () => connection,
  around: (step) => navigation.around(step),
  small: () => store.get().instrument !== "why",
  inspector: createInspector(one("#inspector"), { why: () => choose("why") }),
});
const choices = createChoices({
  store,
  navigation,
  catalogue: () => catalogue,
  whole: (changes) => edits.whole(changes),
  again: () => arrange(true),
  say: (words) => status.say(words),
  keydown: (event, id) =>
    keys.area(
      event,
      desk.panels.find((panel) => panel.id === id),
    ),
});
const status = createStatus(one("#link"), one("#notice"), {
  cancel: () => connection.cancel(),
  goOn: () => connection.repeatView(),
});
const play = createPlay(one("#play"), { ...player, speed: (speed) => store.set({ speed }) });
const help = createHelp(one("#help"), one("#note"));
const edits = createEdits({ store, navigation, editor: () => editor });
const editor = createEditor(one("#text"), one("#mirror"), {
  input(text, caret) {
    const before = store.get().text;
    const edit = text.since(before);
    navigation.edited(text, edit, caret);
    // Of what is longer than the window the pictures show the start, and so does the editor.
    if (edit !== null && text.length - before.length + edit.remove > navigation.window().span) {
      requestAnimationFrame(follow);
    }
  },
  caret(point) {
    navigation.caretMoved(point);
    desk.setCursor(navigation.focus());
  },
  undo: edits.undo,
  redo: edits.redo,
});
const find = createFind(one("#find"), one("#find-open"), {
  text: () => store.get().text,
  caret: () => editor.selected(),
  show: reach,
  step: (step) => reach(step, step),
  mark: () => showText(),
  close: () => editor.focus(),
});
attachFiles(
  { button: one("#open"), picker: one("#file"), hint: one("#drop") },
  {
    most: () => catalogue?.limits.characters ?? null,
    say: (words) => status.say(words),
    open(text, name) {
      edits.put(text);
      status.say(`“${name}” is open. “Undo” brings back the text that was here.`, "opened");
      setTimeout(() => status.clear("opened"), OPENED_MS);
    },
  },
);

/** Show a stretch of the text everywhere: caret, window and cursor go there. @param {number} from @param {number} to */
function reach(from, to) {
  editor.select(from, to);
  navigation.caret = to;
  navigation.hold(from, store.get().cursor.unit);
}

attachPointer(one("#pictures"), {
  hover: (share, y, area) => navigation.hover(share, y, area),
  leave: () => navigation.leave(),
  pick: (share, y, area) => navigation.pick(share, y, area),
  box: (left, right) => navigation.box(left, right),
  glide: (share, across, factor) => navigation.glide(share, across, factor),
  grip: (share) => navigation.grip(share),
  stretch: (grip, share, factor) => navigation.stretch(grip, share, factor),
  reset: () => navigation.zoom(0),
});

// ── instruments ──────────────────────────────────────────────────────────────────────────────────────

/** Open an instrument, or none. @param {string | null} name */
function choose(name) {
  const within = one("#instrument").contains(document.activeElement);
  store.set({ instrument: name, options: bench.optionsOf(name) });
  if (name !== null) bench.view.focus();
  else if (within || document.activeElement === document.body) one("#instruments").focus();
}
/** The same while the keyboard stays on a picture. */
function explain() {
  store.set({ instrument: "why", options: bench.optionsOf("why") });
}
const bench = new Bench({
  store,
  desk,
  navigation,
  connection: () => connection,
  editor: () => editor,
  edits: () => edits,
  player,
  host: one("#instrument"),
  choose,
  say: (words) => status.say(words),
});
const menu = createMenu(one("#instruments"), one("#menu"), MENU, choose);

/** The choices make room for an instrument, and come back when it is closed. */
function makeRoom(instrument) {
  menu.update(instrument);
  const place = one(".desk");
  const open = instrument !== null;
  if (open === place.classList.contains("measuring")) return;
  place.classList.toggle("measuring", open);
  const details = one("#choices");
  if (open) details.dataset.was = String(details.open);
  details.open = open ? false : details.dataset.was !== "false";
}

const keys = attachKeys(document, {
  player,
  help: help.open,
  menu: menu.toggle,
  why: explain,
  navigation,
  release: () => echo.release() || store.set({ cursor: navigation.released() }),
  echo,
  orderOf: (panel) => desk.orderOf(panel),
});

// ── the connection ───────────────────────────────────────────────────────────────────────────────────

const connection = new Connection(
  `${location.protocol === "https:" ? "wss" : "ws"}://${location.host}/ws`,
  {
    hello: greet,
    status(link, reason) {
      status.link(link, reason);
      values.forget();
      if (link !== "live") return desk.rest();
      status.clear("too_many_sessions");
      arrange(); // an order that the address asks for, or that was asked for while nobody listened
      bench.live();
    },
    progress(message) {
      desk.progress(message);
      status.progress(message);
    },
    reach: (message) => desk.reach(message, connection.cutSince(message.revision)),
    measured: (message) => bench.take(message),
    error: (message) => status.say(message.message, message.code),
    cut(at) {
      if (connection.ready) desk.expect();
      desk.cut(at);
      values.cut(at);
    },
    frame(message, tensors) {
      const cut = connection.cutSince(message.revision);
      if (message.type === "measured") bench.take(message, tensors);
      else if (message.type === "column") values.take(message, tensors, cut);
      else if (message.type === "order") desk.ordered(message, tensors);
      else if (message.type === "columns") {
        desk.columns(message, tensors, cut);
        if (desk.caughtUp()) status.done();
      } else if (message.type === "overview") desk.along(message, tensors, cut);
    },
  },
  { WebSocket, ...clock },
);

/** The server has said what there is: begin, or go on after a break. @param {any} hello */
function greet(hello) {
  const first = catalogue === null;
  catalogue = new Catalogue(hello);
  values.setCatalogue(catalogue);
  const state = store.get();
  let panels = choices.valid(state.panels).slice(0, catalogue.limits.panels ?? Infinity);
  const corpus =
    panels.length > 0
      ? catalogue.model(panels[0].model).corpus
      : catalogue.corpora.includes(state.corpus)
        ? state.corpus
        : catalogue.corpora[0];
  if (panels.length === 0 && first) panels = catalogue.plain(corpus);
  // A first visit begins with a sample; an address that names an empty text means it.
  const text =
    first && state.text.length === 0 && !location.hash.includes("text=")
      ? Text.of(catalogue.samplesOf(corpus)[0]?.text ?? "")
      : state.text;
  controls?.destroy();
  controls = createControls(one("#controls"), catalogue, choices);
  desk.setCatalogue(catalogue);
  if (first) {
    navigation.caret = text.length;
    edits.begin(text);
  }
  one("#limit").textContent = `of ${catalogue.limits.characters.toLocaleString("en")}`;
  document.documentElement.style.setProperty("--no-number", catalogue.colours.none);
  // Who comes without a view of his own is shown what memory looks like.
  const begins = first && location.hash.length < 2 && text !== state.text;
  store.set({ panels, corpus, text });
  if (first) beginAt(text);
  if (begins) echo.on();
  bench.setCatalogue(catalogue);
}

/** Whether a text is empty or a sample: nothing that anybody has written. @param {Text} text */
const common = (text) => text.length === 0 || (catalogue?.samples.some((one) => one.text === text.string) ?? true);

/** Show the place in the editor that the pictures show, and say what is missing. @param {Text} text */
function beginAt(text) {
  follow();
  if (CSS.highlights === undefined && warnOnce("no-marks")) {
    return status.say(
      "This browser cannot mark characters in the text: what is unknown, found, read or written by a model " +
        "is shown in the strip above the pictures only. Chrome and Edge from 105, Safari from 17.2 and Firefox " +
        "from 140 can.",
    );
  }
  if (asked.length > 1) return sayMissing(asked, begun.missing ?? null);
  const before = again ? null : lastText();
  if (before === null || !common(text)) return undefined;
  const length = Text.of(before).length.toLocaleString("en");
  return status.say(`The text that you wrote here last is kept: ${length} characters.`, "", {
    words: "bring it back",
    act: () => edits.put(Text.of(before)),
  });
}

/**
 * What an address asks for and does not get.
 * @param {string} address
 * @param {number | null} missing
 * @param {string} [more] what is said besides
 */
function sayMissing(address, missing, more = "") {
  const gone =
    missing === null
      ? ""
      : missing === 0
        ? "The text of this address was cut off on its way and cannot be read. Ask for the address again, or " +
          "for the text as a file. "
        : `The text of this view has ${missing.toLocaleString("en")} characters, too many for an address. Ask ` +
          "for it as a file and open that. ";
  const words = `${gone}${strangers(address, catalogue, instrumentOf)}`.trim();
  const all = `${words} ${more}`.trim();
  if (all !== "") status.say(all, words === "" ? "" : "address");
}

const FOLLOW_MS = 90;
let following = 0;
/**
 * The editor goes to where the pictures are: to what is held or the caret if that is in view, else to the window's
 * start.
 */
function follow() {
  clearTimeout(following);
  following = 0;
  if (store.get().play !== null) return;
  const { from, span } = navigation.window();
  const step = navigation.place()?.step ?? 0;
  const seen = step >= from && step < from + span;
  const typing = editor.focused() && store.get().cursor.step === null;
  if (seen && typing) return; // the browser shows the caret by itself, and keeps its column on the way down
  editor.reveal(seen ? (store.get().cursor.step === null ? navigation.caret : step) : from);
}

/** The pictures are there: now what draws axes and charts may come. It takes the browser a moment to take in. */
let drawing = false;
function drawAxes() {
  drawing = true;
  requestAnimationFrame(() =>
    setTimeout(async () => {
      try {
        await loadPlotly();
      } catch (error) {
        drawing = false; // asked for again with the next picture
        return status.say(error.message, "plotly");
      }
      status.clear("plotly");
      desk.drawAxes();
      return bench.touch();
    }),
  );
}

// ── from one state to the next ───────────────────────────────────────────────────────────────────────

/** Bring the desk and the server up to the state. */
function push() {
  const { text, show } = store.get();
  const window = navigation.window();
  desk.setText(text, navigation.read(), window, show);
  connection.panels = desk.panels.map(({ resolved }) => ({
    model: resolved.id,
    layer: resolved.layer,
    signal: resolved.signal.name,
    ...(resolved.against === null ? {} : { against: resolved.against }),
  }));
  connection.scale = store.get().scale;
  connection.difference = store.get().contrast;
  connection.show = show;
  connection.echo = echo.current();
  desk.setEcho(connection.echo);
  connection.overview = desk.breadth;
  connection.setText(text, navigation.read(), [window.from, window.from + window.columns * window.per], window.per);
  desk.setCursor(navigation.focus());
}

/** Ask for the orders that are not there; `again`: for all, by what the window shows now. */
function arrange(again = false) {
  const { order, sorted } = store.get();
  if (order !== "similarity") return;
  const { from, columns, per } = navigation.window();
  const by = again || sorted === null ? { from, columns, per } : sorted;
  if (by !== sorted) store.set({ sorted: by });
  for (const { resolved, order: known } of desk.panels) {
    if (again || known === null) {
      connection.arrange({ model: resolved.id, layer: resolved.layer, signal: resolved.signal.name }, by);
    }
  }
}

function showChoices() {
  const state = store.get();
  controls?.update(state, navigation.window(), (id) => catalogue.colorOf(id, desk.theme));
}

/** What the pictures show, in words. */
function showLook() {
  const state = store.get();
  const gates = desk.panels.length > 0 && desk.panels.every(({ resolved }) => resolved.signal.kind === "gate");
  look.update({ state, gates, pinned: echo.pinned(), of: desk.echoed() });
}

function showText() {
  const { text, generated, play: playing } = store.get();
  const over = catalogue !== null && text.length > catalogue.limits.characters;
  one("#count").textContent = text.length.toLocaleString("en");
  one("#count").classList.toggle("over", over);
  if (!over) status.clear("text_too_long");
  const { undo, redo } = edits.can();
  one("#undo").disabled = !undo;
  one("#redo").disabled = !redo;
  const focus = navigation.focus();
  editor.update({
    known,
    cursor: focus?.held ? focus.step : null,
    read: playing?.position ?? null,
    found: find.found(),
    written: generated,
  });
}

attachAccents(store, {
  models: () => desk.panels.map(({ id, known: has }) => ({ name: catalogue.name(id), known: has })),
  status,
  put: (text) => edits.put(text),
});

/** Whether all models in view know a character; another function for other models. */
let known = () => true;
function learn() {
  const panels = desk.panels.map((panel) => panel.known);
  known = (character) => panels.every((one) => one.has(character));
}

const darkness = matchMedia("(prefers-color-scheme: dark)");
function showTheme() {
  const { theme } = store.get();
  wear(one("#theme"), theme);
  desk.setTheme(theme === "auto" ? (darkness.matches ? "dark" : "light") : theme);
}

store.subscribe((state, changed) => {
  const has = (...names) => names.some((name) => changed.has(name));
  const looks =
    has("panels", "layer", "signal", "order", "scale", "contrast", "corpus") ||
    (has("echo") && (state.echo === null) === desk.panels.some(({ resolved }) => resolved.echo));
  if (catalogue !== null) {
    if (looks) {
      desk.setPanels(state);
      learn();
    }
    one("#no-panels").hidden = state.panels.length > 0;
    if (looks || has("text", "play", "from", "columns", "show", "echo")) push();
    else if (state.echo !== null && state.echo.step === null && has("cursor")) push();
    if (has("echo")) showLook();
    if (looks) arrange();
    if (looks || has("columns", "theme", "show")) showChoices();
  }
  if (has("theme")) showTheme();
  if (has("cursor", "play")) desk.setCursor(navigation.focus());
  if (has("text")) {
    find.forget();
    editor.setText(state.text, navigation.caret);
    status.clear("opened");
  }
  if (has("generated") && state.generated.length === 0) store.set({ author: "" });
  if (catalogue !== null && !has("text", "play")) {
    if (has("cursor") && state.cursor.step !== null) follow();
    else if (has("from", "columns")) following ||= setTimeout(follow, FOLLOW_MS);
  }
  if (has("text", "cursor", "play", "panels", "generated")) showText();
  if (has("instrument")) {
    makeRoom(state.instrument);
    values.refresh();
  }
  if (
    catalogue !== null &&
    (looks || has("text", "play", "from", "columns", "show", "cursor", "theme", "instrument", "options"))
  ) {
    bench.changed();
  }
  if (has("text", "play", "speed")) play.update(state.play, state.speed, state.text.length);
});

const flush = remember(store, {
  rested: showChoices,
  common,
  visited(found) {
    if (catalogue === null) return;
    const before = store.get().text;
    const {
      author,
      missing,
      order,
      sorted,
      echo: none,
      scale,
      contrast,
      show,
      columns,
      from,
      signal,
      layer,
      cursor,
      instrument,
      options,
      generated,
    } = INITIAL;
    const panels = choices.valid(found.panels ?? []);
    const kept =
      panels.length > 0 ? { panels, corpus: catalogue.model(panels[0].model).corpus } : { panels: store.get().panels };
    const text = found.text === undefined ? store.get().text : Text.of(found.text);
    if (found.text !== undefined) navigation.caret = text.length;
    edits.whole({
      author,
      missing,
      order,
      sorted,
      echo: none,
      scale,
      contrast,
      show,
      columns,
      from,
      signal,
      layer,
      cursor,
      instrument,
      options,
      generated,
      play: null,
      ...found,
      text,
      ...kept,
    });
    follow();
    const taken =
      text !== before && !common(before)
        ? "The text of this address has taken the place of yours. “Undo” brings it back."
        : "";
    sayMissing(location.hash, found.missing ?? null, taken);
  },
});

// ── the page around it ───────────────────────────────────────────────────────────────────────────────

darkness.addEventListener("change", showTheme);
addEventListener("online", () => connection.hurry());
document.addEventListener("visibilitychange", () => document.hidden || connection.hurry());
one("#text").addEventListener("keydown", () => connection.hurry());
/** Whoever hears first of a new width tells of it: the next to measure finds it unchanged. */
function resized() {
  if (!desk.measure() || catalogue === null) return;
  push();
  showChoices();
}
addEventListener("resize", resized);
for (const place of ["#editor", "#panels"]) new ResizeObserver(resized).observe(one(place));

// Were a frame ever lost, the picture would stay wrong without a word; one that keeps a hole is asked for anew.
// Nothing is lost while anything comes or is asked for: every new window and every edit is a message too.
let messages = 0;
setInterval(() => {
  const still = messages === connection.messages;
  messages = connection.messages;
  if (still && connection.ready && desk.lacks()) connection.resync();
}, HOLE_MS);

one("#theme").addEventListener("click", () => {
  const theme = nextTheme(store.get().theme);
  store.set({ theme });
  keepTheme(theme);
});
one("#undo").addEventListener("click", edits.undo);
one("#redo").addEventListener("click", edits.redo);
attachTextKeys(document, { undo: edits.undo, redo: edits.redo, find });
one("#help-open").addEventListener("click", help.open);
one("#share").addEventListener("click", async () => {
  await flush();
  const left = location.hash.includes("&missing=")
    ? " The text is too long for an address and is not in it: send it along as a file."
    : "";
  try {
    await navigator.clipboard.writeText(location.href);
    status.say(`The address of this view is copied.${left}`);
  } catch {
    status.say(`The browser does not let the page copy; the address of this view stands in its address bar.${left}`);
  }
});
one("#numbers").addEventListener("click", () => {
  const table = tableOf(desk);
  if (table.rows.length === 0) {
    return status.say("There are no numbers yet: the window shows nothing that has been read.");
  }
  return downloadTable(table);
});
one("#download").addEventListener("click", async () => {
  if (desk.panels.length === 0) return;
  try {
    download(await picture(await loadPlotly(), figureOf(desk)), "hidden-state.png");
  } catch (error) {
    status.say(error.message);
  }
});

showTheme();
makeRoom(begun.instrument ?? null);
navigation.caret = begun.text.length;
editor.setText(begun.text, navigation.caret);
play.update(null, store.get().speed, navigation.length());
connection.open();
