// Wires the page: one state, one connection, and the views that show them.

import { attachAccents } from "./page/accents-notice.js";
import { Echoes } from "./page/echo.js";
import { Values } from "./page/exact-values.js";
import { attachExports } from "./page/export/buttons.js";
import { Desk } from "./page/heatmaps.js";
import { Bench, MENU } from "./page/instrument-host.js";
import { Keys } from "./page/keyboard.js";
import { Navigation } from "./page/navigation.js";
import { recall, remember, wasReloaded } from "./page/persistence.js";
import { createPlayer } from "./page/player.js";
import { Sessions } from "./page/session/sessions.js";
import { createArrival } from "./page/start/arrival.js";
import { Greeting } from "./page/start/greeting.js";
import { LessonLink } from "./page/start/lesson-link.js";
import { attachHurry, attachSize, attachTheme, mendHoles } from "./page/start/surroundings.js";
import { createEdits } from "./page/text-actions.js";
import { Updates } from "./page/updates.js";
import { ViewActions } from "./page/view-actions.js";
import { createStore } from "./state/store.js";
import { one } from "./views/dom.js";
import { Editor } from "./views/editor/editor.js";
import { attachFiles } from "./views/editor/files.js";
import { Find } from "./views/editor/find.js";
import { attachTextKeys } from "./views/editor/shortcuts.js";
import { Look } from "./views/heatmap/look.js";
import { attachPointer } from "./views/heatmap/pointer.js";
import { createHelp } from "./views/shell/help.js";
import { Inspector } from "./views/shell/inspector.js";
import { createMenu } from "./views/shell/menu.js";
import { createPlay } from "./views/shell/play.js";
import { Status } from "./views/shell/status.js";
import { Connection } from "./wire/connection.js";
import { socketAddress } from "./wire/socket-address.js";

/** @import { ColumnTensors, ColumnsTensors, Whole } from "./protocol/messages.js" */

const OPENED_MS = 10_000; // how long it is said that a file is open

/** @type {Omit<import("./wire/connection.js").Platform, "WebSocket">} */
const clock = { setTimeout: (act, pause) => setTimeout(act, pause), clearTimeout: (timer) => clearTimeout(timer) };

const begun = await recall();
const again = wasReloaded();
const asked = location.hash;
const store = createStore(begun);
const player = createPlayer(store, clock);

const desk = new Desk(
  { characters: one("#characters"), panels: one("#panels"), surprise: one("#surprise"), overview: one("#overview") },
  {
    panel: (id) => actions.panel(id),
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
      window: () => navigation.window(),
    },
  },
  () => {
    values.refresh();
    updates.painted();
  },
);
const navigation = new Navigation(store, desk);
const echo = new Echoes({
  store,
  navigation,
  ask(wanted) {
    connection.setEcho(wanted);
    desk.setEcho(wanted);
  },
});
const look = new Look(one("#look"), {
  on: () => echo.on(),
  off: () => echo.off(),
  release: () => echo.release(),
  instead: (character) => echo.instead(character),
  others: (count) => echo.others(count),
  signed: (is) => echo.signed(is),
});
const values = new Values({
  desk,
  connection: () => connection,
  around: (step) => navigation.around(step),
  small: () => store.get().instrument !== "why",
  inspector: new Inspector(one("#inspector"), { why: () => choose("why") }),
});
const actions = new ViewActions({
  store,
  navigation,
  catalogue: () => greeting.catalogue,
  whole: (changes) => edits.whole(changes),
  again: () => updates.arrange(true),
  say: (words) => status.say(words),
  keydown(event, id) {
    const panel = desk.panels.find((shown) => shown.id === id);
    if (panel !== undefined) keys.area(event, panel);
  },
});
const status = new Status(one("#link"), one("#notice"), {
  cancel: () => connection.cancel(),
  goOn: () => connection.repeatView(),
});
const play = createPlay(one("#play"), { ...player, speed: (speed) => store.set({ speed }) });
const help = createHelp(one("#help"), one("#note"));
const edits = createEdits({ store, navigation, editor: () => editor });
const editor = new Editor(one("#text"), one("#mirror"), {
  input(text, caret) {
    const edit = navigation.edited(text, caret);
    // Of what is longer than the window the pictures show the start, and so does the editor.
    if (edit !== null && edit.inserted > navigation.window().span) requestAnimationFrame(() => updates.follow());
  },
  caret(point) {
    navigation.caretMoved(point);
    desk.setCursor(navigation.focus());
  },
  undo: edits.undo,
  redo: edits.redo,
});
const find = new Find(one("#find"), one("#find-open"), {
  text: () => store.get().text,
  caret: () => editor.selected(),
  show: showRange,
  step: (step) => showRange(step, step),
  mark: () => updates.showText(),
  close: () => editor.focus(),
});
attachFiles(
  { button: one("#open"), picker: one("#file"), hint: one("#drop") },
  {
    most: () => greeting.catalogue?.limits.characters ?? null,
    say: (words) => status.say(words),
    open(text, name) {
      edits.put(text);
      status.say(`“${name}” is open. “Undo” brings back the text that was here.`, "opened");
      setTimeout(() => status.clear("opened"), OPENED_MS);
    },
    session: (file) => sessions.open(file),
  },
);

/** Show a stretch of the text everywhere: caret, window and cursor go there. @param {number} from @param {number} to */
function showRange(from, to) {
  editor.select(from, to);
  navigation.caret = to;
  navigation.placeCursor(from, store.get().cursor.unit);
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
  answered: (message) => lesson.answered(message),
});
const menu = createMenu(one("#instruments"), one("#menu"), MENU, choose, (name) => bench.inapplicable(name));

/** The choices make room for an instrument, and come back when it is closed. @param {string | null} instrument */
function makeRoom(instrument) {
  menu.update(instrument);
  const place = one(".desk");
  const open = instrument !== null;
  if (open === place.classList.contains("measuring")) return;
  place.classList.toggle("measuring", open);
  const details = one("#choices", HTMLDetailsElement);
  if (open) details.dataset.was = String(details.open);
  details.open = open ? false : details.dataset.was !== "false";
}

const keys = new Keys(document, {
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

const socket = `${location.protocol === "https:" ? "wss" : "ws"}://${location.host}/ws`;
const connection = new Connection(
  socketAddress(socket, begun.panels ?? []),
  {
    hello(hello) {
      greeting.take(hello);
      menu.setViews(hello.views);
      lesson.ready();
      sessions.arrive();
    },
    status(link, reason) {
      status.link(link, reason);
      values.forget();
      if (link !== "live") return desk.rest();
      status.clear("too_many_sessions");
      updates.arrange(); // an order that the address asks for, or that was asked for while nobody listened
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
    // Which arrays a frame has, its type says.
    frame(message, tensors) {
      const cut = connection.cutSince(message.revision);
      const given = /** @type {unknown} */ (tensors);
      if (message.type === "measured") bench.answer(message, tensors);
      else if (message.type === "column") values.take(message, /** @type {ColumnTensors} */ (given), cut);
      else if (message.type === "order") desk.ordered(message, /** @type {{order: Whole}} */ (given));
      else if (message.type === "columns") {
        desk.columns(message, /** @type {ColumnsTensors} */ (given), cut);
        if (desk.caughtUp()) status.done();
      } else if (message.type === "overview") desk.along(message, /** @type {ColumnsTensors} */ (given), cut);
    },
  },
  { WebSocket, ...clock },
);

// ── from one state to the next ───────────────────────────────────────────────────────────────────────

const greeting = new Greeting({
  store,
  desk,
  navigation,
  echo,
  values,
  bench,
  actions,
  edits,
  arrival: () => arrival,
});

attachAccents(store, {
  models: () => desk.panels.map(({ id, known: has }) => ({ name: greeting.catalogue?.name(id) ?? id, known: has })),
  status,
  put: (text) => edits.put(text),
});

const showTheme = attachTheme({ store, desk });
const updates = new Updates({
  store,
  desk,
  navigation,
  echo,
  look,
  editor,
  find,
  edits,
  status,
  values,
  bench,
  play,
  catalogue: () => greeting.catalogue,
  controls: () => greeting.controls,
  connection: () => connection,
  theme: showTheme,
  room: makeRoom,
});
const arrival = createArrival({
  store,
  navigation,
  status,
  edits,
  actions,
  catalogue: () => greeting.catalogue,
  follow: () => updates.follow(),
  begun,
  asked,
  again,
});
const sessions = new Sessions({
  store,
  edits,
  catalogue: () => greeting.catalogue,
  learn(models) {
    greeting.learn(models);
    connection.url = socketAddress(socket, greeting.hello?.models ?? []);
  },
  bring: arrival.bring,
  say: (words, cause, offer) => status.say(words, cause, offer),
});
const lesson = new LessonLink({
  store,
  desk,
  navigation,
  bench,
  edits,
  arrival,
  catalogue: () => greeting.catalogue,
  theme: (theme) => store.set({ theme }),
});
const flush = remember(store, {
  rested: () => updates.showChoices(),
  common: arrival.common,
  visited: arrival.visited,
});

// ── the page around it ───────────────────────────────────────────────────────────────────────────────

attachHurry(connection);
mendHoles(connection, desk);
attachSize(() => {
  if (!desk.measure() || greeting.catalogue === null) return;
  updates.push();
  updates.showChoices();
});

one("#undo").addEventListener("click", edits.undo);
one("#redo").addEventListener("click", edits.redo);
attachTextKeys(document, { undo: edits.undo, redo: edits.redo, find });
one("#help-open").addEventListener("click", help.open);
attachExports(
  {
    share: one("#share"),
    take: one("#take", HTMLButtonElement),
    menu: one("#take-menu"),
    panels: one("#panels"),
    panelMenu: one("#panel-menu"),
  },
  { desk, say: (words) => status.say(words), flush, text: () => store.get().text.string, save: () => sessions.save() },
);

showTheme();
makeRoom(begun.instrument ?? null);
navigation.caret = begun.text.length;
editor.setText(begun.text, navigation.caret);
play.update(null, store.get().speed, navigation.length());
connection.open();

// For a look at the page from the browser's console.
export { connection, store };
