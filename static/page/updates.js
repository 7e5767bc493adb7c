// From one state to the next: brings the pictures, the editor and the server up to what the state says.

import { loadPlotly } from "../picture/plotly-loader.js";

const FOLLOW_MS = 90;

const one = (selector) => document.querySelector(selector);

/**
 * @param {any} parts the views and what they share; `catalogue`, `controls` and `connection` are asked for when they
 *   are needed, since they come later; `theme` and `room` show the theme, and whether an instrument is open
 */
export function createUpdates(parts) {
  const { store, desk, navigation, echo, look, editor, find, edits, status, values, bench, play } = parts;
  const { catalogue, controls, connection, theme, room } = parts;

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

  /** Bring the desk and the server up to the state. */
  function push() {
    const server = connection();
    const { text, show } = store.get();
    const window = navigation.window();
    desk.setText(text, navigation.read(), window, show);
    server.panels = desk.panels.map(({ resolved }) => ({
      model: resolved.id,
      layer: resolved.layer,
      signal: resolved.signal.name,
      ...(resolved.against === null ? {} : { against: resolved.against }),
    }));
    server.scale = store.get().scale;
    server.difference = store.get().contrast;
    server.show = show;
    server.echo = echo.current();
    desk.setEcho(server.echo);
    server.overview = desk.breadth;
    server.setText(text, navigation.read(), [window.from, window.from + window.columns * window.per], window.per);
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
        connection().arrange({ model: resolved.id, layer: resolved.layer, signal: resolved.signal.name }, by);
      }
    }
  }

  function showChoices() {
    const state = store.get();
    controls()?.update(state, navigation.window(), (id) => catalogue().colorOf(id, desk.theme));
  }

  /** What the pictures show, in words. */
  function showLook() {
    const state = store.get();
    const gates = desk.panels.length > 0 && desk.panels.every(({ resolved }) => resolved.signal.kind === "gate");
    look.update({ state, gates, pinned: echo.pinned(), of: desk.echoed() });
  }

  function showText() {
    const { text, generated, play: playing } = store.get();
    const limits = catalogue()?.limits;
    const over = limits !== undefined && text.length > limits.characters;
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

  /** The pictures show what has come: say what they show; when the first are there, let axes be drawn. */
  function painted() {
    showLook();
    if (!drawing && desk.panels.every(({ columns }) => columns.revision > 0 || desk.read === 0)) drawAxes();
  }

  /** Whether all models in view know a character; another function for other models. */
  let known = () => true;
  function learn() {
    const panels = desk.panels.map((panel) => panel.known);
    known = (character) => panels.every((one) => one.has(character));
  }

  store.subscribe((state, changed) => {
    const ready = catalogue() !== null;
    const has = (...names) => names.some((name) => changed.has(name));
    const looks =
      has("panels", "layer", "signal", "order", "scale", "contrast", "corpus") ||
      (has("echo") && (state.echo === null) === desk.panels.some(({ resolved }) => resolved.echo));
    if (ready) {
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
    if (has("theme")) theme();
    if (has("cursor", "play")) desk.setCursor(navigation.focus());
    if (has("text")) {
      find.forget();
      editor.setText(state.text, navigation.caret);
      status.clear("opened");
    }
    if (has("generated") && state.generated.length === 0) store.set({ author: "" });
    if (ready && !has("text", "play")) {
      if (has("cursor") && state.cursor.step !== null) follow();
      else if (has("from", "columns")) following ||= setTimeout(follow, FOLLOW_MS);
    }
    if (has("text", "cursor", "play", "panels", "generated")) showText();
    if (has("instrument")) {
      room(state.instrument);
      values.refresh();
    }
    if (
      ready &&
      (looks || has("text", "play", "from", "columns", "show", "cursor", "theme", "instrument", "options"))
    ) {
      bench.changed();
    }
    if (has("text", "play", "speed")) play.update(state.play, state.speed, state.text.length);
  });

  return { push, arrange, follow, showChoices, showText, painted };
}
