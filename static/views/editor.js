// The text. A real <textarea> takes the typing; of a long text it holds a slice, and what one does there is done to
// the whole: the selection, the clipboard and the edits count in the text, not in the slice.

import { Text } from "../core/document.js";
import { around, serves } from "../core/slice.js";
import { clean, difference, wellFormed } from "../core/text.js";
import { createMirror } from "./mirror.js";
import { createScrollbar } from "./scrollbar.js";

const SLOW_MS = 60; // the marks may follow the typing a moment later
const LONG_INSERT = 4_000; // characters; more is never laid out on its way into the text
const PASSING = new Set(["Shift", "Control", "Alt", "Meta", "Escape", "F3"]);

/** @typedef {{from: number, to: number, backward?: boolean}} Selection code points of the whole text */

/**
 * @param {HTMLTextAreaElement} area @param {HTMLElement} mirrorHost
 * @param {{input: (text: Text, caret: number) => void, caret: (point: number) => void, undo: () => void, redo: () => void}} acts
 */
export function createEditor(area, mirrorHost, acts) {
  const frame = area.parentElement;
  const mirror = createMirror(mirrorHost, area);
  const scrollbar = createScrollbar(frame, (share) => look(Math.round(share * text.length)));
  let text = Text.EMPTY;
  let slice = { from: 0, to: 0 };
  let held = ""; // what the area holds: the slice as a string
  /** The selection that the area was given, and the part of it that it shows, in units; null once one has typed. */
  let left = null;
  let replaced = null; // the selection beyond the slice that the input under way replaces
  let composing = false;
  let extending = false; // with Shift or the pointer: what then reaches from end to end of the slice is not meant to be all
  let timer = 0;
  let wanted = null;
  let page = 1000; // about how many characters are seen at once

  const part = () => slice.from > 0 || slice.to < text.length;
  const unitOf = (point) => Math.max(0, Math.min(text.unitAt(point) - text.unitAt(slice.from), held.length));
  const pointOf = (unit) => text.pointAt(text.unitAt(slice.from) + unit);

  // ── the selection ────────────────────────────────────────────────────────────────────────────────────

  /** @returns {Selection} */
  function selected() {
    const { selectionStart: a, selectionEnd: b } = area;
    const backward = area.selectionDirection === "backward";
    if (asLeft()) return left;
    const longer = extending || (left !== null && left.from < left.to && (a === left.a || b === left.b));
    if (part() && !longer && a === 0 && b === held.length) return { from: 0, to: text.length }; // all is all
    const found = { from: pointOf(a), to: pointOf(b), backward };
    if (left === null) return found;
    // An end that was beyond the slice and has not moved is there still.
    const [before, after] = [left.from < slice.from && a === left.a, left.to > slice.to && b === left.b];
    if (a < b) return { from: before ? left.from : found.from, to: after ? left.to : found.to, backward };
    const caret = before ? left.from : after ? left.to : found.to;
    return { from: caret, to: caret };
  }

  /** Whether nobody has moved the caret since. */
  const asLeft = () => left !== null && area.selectionStart === left.a && area.selectionEnd === left.b;
  const focusOf = ({ from, to, backward }) => (backward ? from : to);
  const reachesOut = ({ from, to }) => from < slice.from || to > slice.to;

  /** @param {Selection} selection */
  function select(selection) {
    const { from, to, backward = false } = selection;
    const [a, b] = [unitOf(from), unitOf(to)];
    left = { from, to, backward, a, b };
    if (area.selectionStart === a && area.selectionEnd === b) return;
    area.setSelectionRange(a, b, a === b ? "none" : backward ? "backward" : "forward");
  }

  // ── the slice ────────────────────────────────────────────────────────────────────────────────────────

  function hold(next) {
    slice = next;
    held = text.slice(slice.from, slice.to);
    frame.classList.toggle("long", part());
    if (area.value !== held) area.value = held;
  }

  /** Another slice about `place`; the line of `place` stays where it is on the screen, if it is on it. */
  function shift(place, selection) {
    if (place < slice.from || place > slice.to) {
      select(selection);
      return reveal(place);
    }
    const before = mirror.line(held, unitOf(place)).top - area.scrollTop;
    hold(around(text, place, page));
    select(selection);
    area.scrollTop = mirror.line(held, unitOf(place)).top - before;
    soon();
  }

  /** Show the text from `place` on, wherever the caret is. */
  function look(place) {
    const selection = selected();
    if (!serves(slice, text, place, page)) hold(around(text, place, page));
    select(selection);
    area.scrollTop = mirror.line(held, unitOf(place)).top - 4;
    soon();
  }

  /** Scroll as little as needed to see `place`. */
  function reveal(place) {
    if (!serves(slice, text, place, page)) {
      const selection = selected();
      hold(around(text, place, page));
      select(selection);
    }
    const { top, bottom } = mirror.line(held, unitOf(place));
    const height = area.clientHeight;
    const lines = Math.min(3, Math.floor(height / Math.max(1, bottom - top) / 3)) * (bottom - top); // seen around it
    if (top - lines < area.scrollTop) area.scrollTop = top - lines - 4;
    else if (bottom + lines > area.scrollTop + height) area.scrollTop = bottom + lines - height + 4;
    soon();
  }

  function scrolled() {
    mirrorHost.scrollTop = area.scrollTop;
    if (!part()) return;
    if (left !== null && !asLeft()) moved(); // the caret has gone, and the view with it
    showPlace();
    const { scrollTop, scrollHeight, clientHeight } = area;
    const ends = (slice.from > 0 && scrollTop < clientHeight) || (slice.to < text.length && scrollTop + 2 * clientHeight > scrollHeight);
    if (ends && !composing) shift(pointOf(mirror.unitAt(held, scrollTop)), selected());
  }

  function showPlace() {
    if (!part()) return scrollbar.update(null);
    const dense = (slice.to - slice.from) / Math.max(1, area.scrollHeight);
    page = dense * area.clientHeight;
    scrollbar.update({ start: (slice.from + dense * area.scrollTop) / text.length, size: page / text.length });
  }

  // ── edits ────────────────────────────────────────────────────────────────────────────────────────────

  /** The text after an edit that the area has not taken itself. @param {Text} next @param {number} caret */
  function take(next, caret) {
    text = next;
    hold(around(text, caret, page));
    select({ from: caret, to: caret });
    if (text.length > 0) reveal(caret);
    acts.input(text, caret);
  }

  /** @param {Selection} selection @param {string} insert */
  function replace({ from, to }, insert) {
    const next = text.edited({ at: from, remove: to - from, insert });
    take(next, from + next.length - text.length + to - from);
  }

  /** @param {boolean} scripted a script has put in a value, and means the whole text */
  function changed(scripted) {
    if (composing) return;
    const value = wellFormed(area.value);
    const out = replaced;
    replaced = null;
    if (scripted && part()) return replace({ from: 0, to: text.length }, value);
    if (out !== null) return replace(out, value.slice(out.a, value.length - (held.length - out.b)));
    const edit = difference(held, value, area.selectionEnd);
    if (edit === null) return;
    const next = text.edited({ ...edit, at: slice.from + edit.at });
    slice = { from: slice.from, to: slice.to + next.length - text.length };
    text = next;
    held = value;
    left = null;
    const caret = pointOf(area.selectionEnd);
    if (!serves(slice, text, caret, page)) shift(caret, { from: caret, to: caret });
    acts.input(text, caret);
  }

  /** An input is under way that takes the place of the selection. */
  const expect = (selection) => {
    replaced = reachesOut(selection) ? { ...selection, a: area.selectionStart, b: area.selectionEnd } : null;
  };
  area.addEventListener("beforeinput", (event) => {
    if (event.inputType === "historyUndo" || event.inputType === "historyRedo") {
      event.preventDefault();
      return event.inputType === "historyUndo" ? acts.undo() : acts.redo();
    }
    const selection = selected();
    const insert = event.data ?? event.dataTransfer?.getData("text/plain") ?? "";
    if (insert.length > LONG_INSERT && event.cancelable) {
      event.preventDefault();
      return replace(selection, clean(insert));
    }
    if (reachesOut(selection) && /Drag|Drop/.test(event.inputType)) return event.preventDefault();
    if (!composing) expect(selection);
  });
  area.addEventListener("compositionstart", () => {
    composing = true;
    expect(selected());
  });
  area.addEventListener("compositionend", () => {
    composing = false;
    changed(false);
  });
  area.addEventListener("input", (event) => changed(!event.isTrusted));

  area.addEventListener("paste", (event) => {
    const insert = event.clipboardData?.getData("text/plain") ?? "";
    const selection = selected();
    if (insert.length <= LONG_INSERT && !reachesOut(selection)) return;
    event.preventDefault();
    replace(selection, clean(insert));
  });
  for (const kind of ["copy", "cut"]) {
    area.addEventListener(kind, (event) => {
      const selection = selected();
      if (!reachesOut(selection)) return;
      event.preventDefault();
      event.clipboardData?.setData("text/plain", text.slice(selection.from, selection.to));
      if (kind === "cut") replace(selection, "");
    });
  }

  // ── keys and the caret ───────────────────────────────────────────────────────────────────────────────

  for (const kind of ["keydown", "keyup"]) area.addEventListener(kind, (event) => (extending = event.shiftKey));
  area.addEventListener("pointerdown", () => (extending = true));
  addEventListener("pointerup", () => (extending = false));
  area.addEventListener("keydown", (event) => {
    if (!part() || event.isComposing || PASSING.has(event.key)) return;
    const control = event.ctrlKey || event.metaKey;
    const selection = selected();
    if (control && event.key.toLowerCase() === "a" && !event.shiftKey) {
      event.preventDefault();
      select({ from: 0, to: text.length });
      acts.caret(text.length);
    } else if (control && (event.key === "Home" || event.key === "End")) {
      event.preventDefault();
      const to = event.key === "Home" ? 0 : text.length;
      const anchor = !event.shiftKey ? to : selection.backward ? selection.to : selection.from;
      select({ from: Math.min(anchor, to), to: Math.max(anchor, to), backward: to < anchor });
      reveal(to);
      acts.caret(to);
    } else if (!control || /^(Arrow|Page|Backspace|Delete)/.test(event.key)) {
      // One has scrolled away from the caret: what is typed belongs where it is.
      const focus = focusOf(selection);
      if ((focus < slice.from || focus > slice.to) && area.selectionStart === area.selectionEnd) reveal(focus);
    }
  });
  const moved = () => {
    if (document.activeElement !== area || composing) return;
    const selection = selected();
    if (!asLeft() && part()) {
      const focus = focusOf(selection);
      const all = selection.from === 0 && selection.to === text.length;
      if (!all && !serves(slice, text, focus, page)) shift(focus, selection);
      else select(selection);
    }
    acts.caret(selection.to);
  };
  document.addEventListener("selectionchange", moved);
  area.addEventListener("scroll", scrolled);

  // ── the marks ────────────────────────────────────────────────────────────────────────────────────────

  function mark() {
    timer = 0;
    showPlace();
    if (wanted === null) return;
    const { known, cursor, read, found } = wanted;
    const span = (from, to) => (to <= slice.from || from >= slice.to ? null : [unitOf(from), unitOf(to)]);
    mirror.mark(held, {
      known,
      here: cursor === null ? null : span(cursor, cursor + 1),
      unread: read === null ? null : unitOf(read),
      found: found === null ? null : span(found.from, found.to),
    });
  }
  const soon = () => (timer ||= setTimeout(mark, SLOW_MS));

  return {
    /** Another text than the one that was typed here. @param {Text} next @param {number} caret */
    setText(next, caret) {
      if (composing || next === text) return;
      text = next;
      hold(around(text, caret, page));
      select({ from: caret, to: caret });
      area.scrollTop = caret === 0 ? 0 : area.scrollTop;
      soon();
    },
    /**
     * @param {{known: (character: string) => boolean, cursor: number | null, read: number | null,
     *   found: {from: number, to: number} | null}} view `cursor`: the step to mark, null where the caret marks it;
     *   `read`: where play has come to, null when everything is read
     */
    update(view) {
      wanted = view;
      frame.classList.toggle("playing", view.read !== null);
      if (view.read === null) return soon();
      clearTimeout(timer);
      reveal(view.read);
      mark();
    },
    /** @param {number} from @param {number} to */
    select(from, to) {
      if (!serves(slice, text, to, page)) hold(around(text, to, page));
      select({ from, to });
      reveal(to);
      soon();
    },
    reveal,
    selected,
    focus: () => area.focus(),
    destroy() {
      clearTimeout(timer);
      document.removeEventListener("selectionchange", moved);
      mirror.destroy();
    },
  };
}
