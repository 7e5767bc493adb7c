// The text. A real <textarea> takes the typing; of a long text it holds a slice, and what one does there is done to
// the whole: the selection, the clipboard and the edits count in the text, not in the slice.

import { clean, difference, wellFormed } from "../../text/characters.js";
import { around, serves } from "../../text/slice.js";
import { Keyhole } from "../../text/viewport.js";
import { createMirror } from "./highlight-layer.js";
import { createScrollbar } from "./scrollbar.js";

const SLOW_MS = 60; // the marks may follow the typing a moment later
const LONG_INSERT = 4_000; // characters; more is never laid out on its way into the text
const EDGE = 2; // CSS pixels above the first line and below the last, as in the style sheet: only whole lines are seen
const PASSING = new Set(["Shift", "Control", "Alt", "Meta", "Escape", "F3"]);

/**
 * Runs of characters of the same level, as [from, to, level] in units of a string that begins at character `start`.
 * @param {string} string @param {{from: number, levels: Int8Array}} tint @param {number} start
 */
function runs(string, { from, levels }, start) {
  const found = [];
  let [unit, point] = [0, start - from];
  for (const character of string) {
    const level = levels[point] ?? 0;
    const last = found.at(-1);
    if (level !== 0 && last !== undefined && last[1] === unit && last[2] === level) last[1] += character.length;
    else if (level !== 0) found.push([unit, unit + character.length, level]);
    unit += character.length;
    point += 1;
  }
  return found;
}

/**
 * @param {HTMLTextAreaElement} area @param {HTMLElement} mirrorHost
 * @param {{input: (text: import("../../text/document.js").Text, caret: number) => void, caret: (point: number) => void,
 *   undo: () => void, redo: () => void}} acts
 */
export function createEditor(area, mirrorHost, acts) {
  const frame = area.parentElement;
  const mirror = createMirror(mirrorHost, area);
  const scrollbar = createScrollbar(frame, (share) => look(Math.round(share * hole.text.length)));
  const hole = new Keyhole();
  let replaced = null; // the selection beyond the slice that the input under way replaces
  let composing = false;
  // With Shift or the pointer: what then reaches from end to end of the slice is not meant to be all.
  let extending = false;
  let timer = 0;
  let wanted = null;
  /** @type {{from: number, levels: Int8Array} | null} */
  let tint = null;
  let page = 1000; // about how many characters are seen at once

  const fits = (place) => serves(hole.slice, hole.text, place, page);
  const seen = () => ({
    a: area.selectionStart,
    b: area.selectionEnd,
    backward: area.selectionDirection === "backward",
  });
  const selected = () => hole.meant(seen(), extending);
  /** Whether nobody has moved the caret since it was put where it is. */
  const asLeft = () => hole.left?.a === area.selectionStart && hole.left.b === area.selectionEnd;
  const focusOf = ({ from, to, backward }) => (backward ? from : to);

  /** @param {import("../../text/viewport.js").Selection} selection */
  function select(selection) {
    const { a, b, backward } = hole.show(selection);
    if (area.selectionStart === a && area.selectionEnd === b) return;
    area.setSelectionRange(a, b, a === b ? "none" : backward ? "backward" : "forward");
  }

  // ── the slice ────────────────────────────────────────────────────────────────────────────────────────

  /** Show the slice of a text about `place`. */
  function hold(text, place) {
    hole.hold(text, around(text, place, page));
    frame.classList.toggle("long", hole.part());
    if (area.value !== hole.held) area.value = hole.held;
  }

  /** Where on the paper the line of a place is. */
  const line = (place) => mirror.line(hole.held, hole.unitOf(place));

  /** Another slice about `place`, if need be. */
  function bring(place) {
    if (fits(place)) return;
    const selection = selected();
    hold(hole.text, place);
    select(selection);
  }

  /** Another slice about `place`; the line of `place` stays where it is on the screen, if it is on it. */
  function shift(place, selection) {
    if (hole.outside(place)) {
      select(selection);
      return reveal(place);
    }
    const before = line(place).top - area.scrollTop;
    hold(hole.text, place);
    select(selection);
    area.scrollTop = line(place).top - before;
    soon();
  }

  /** Show the text from `place` on, wherever the caret is. */
  function look(place) {
    bring(place);
    area.scrollTop = line(place).top - EDGE;
    soon();
  }

  /** Scroll as little as needed to see `place`. */
  function reveal(place) {
    bring(place);
    const { top, bottom } = line(place);
    const height = area.clientHeight;
    const lines = Math.min(3, Math.floor(height / Math.max(1, bottom - top) / 3)) * (bottom - top); // seen around it
    if (top - lines < area.scrollTop) area.scrollTop = top - lines - EDGE;
    else if (bottom + lines > area.scrollTop + height) area.scrollTop = bottom + lines - height + EDGE;
    soon();
  }

  function scrolled() {
    mirrorHost.scrollTop = area.scrollTop;
    if (!hole.part()) return;
    if (hole.left !== null && !asLeft()) moved(); // the caret has gone, and the view with it
    showPlace();
    const { scrollTop, scrollHeight, clientHeight } = area;
    const { slice, text } = hole;
    const ends =
      (slice.from > 0 && scrollTop < clientHeight) ||
      (slice.to < text.length && scrollTop + 2 * clientHeight > scrollHeight);
    if (ends && !composing) shift(hole.pointOf(mirror.unitAt(hole.held, scrollTop)), selected());
  }

  function showPlace() {
    if (!hole.part()) return scrollbar.update(null);
    const { slice, text } = hole;
    const dense = (slice.to - slice.from) / Math.max(1, area.scrollHeight);
    page = dense * area.clientHeight;
    scrollbar.update({ start: (slice.from + dense * area.scrollTop) / text.length, size: page / text.length });
  }

  // ── edits ────────────────────────────────────────────────────────────────────────────────────────────

  /**
   * The text after an edit that the area has not taken itself.
   * @param {import("../../text/document.js").Text} next
   * @param {number} caret
   */
  function take(next, caret) {
    hold(next, caret);
    select({ from: caret, to: caret });
    if (next.length > 0) reveal(caret);
    acts.input(next, caret);
  }

  /** @param {import("../../text/viewport.js").Selection} selection @param {string} insert */
  function replace({ from, to }, insert) {
    const next = hole.text.edited({ at: from, remove: to - from, insert });
    take(next, to + next.length - hole.text.length);
  }

  /** @param {boolean} scripted a script has put in a value, and means the whole text */
  function changed(scripted) {
    if (composing) return;
    const value = wellFormed(area.value);
    const out = replaced;
    replaced = null;
    if (scripted && hole.part()) return replace({ from: 0, to: hole.text.length }, value);
    if (out !== null) return replace(out, value.slice(out.a, value.length - (hole.held.length - out.b)));
    const edit = difference(hole.held, value, area.selectionEnd);
    if (edit === null) return;
    hole.typed(value, hole.text.edited({ ...edit, at: hole.slice.from + edit.at }));
    const caret = hole.pointOf(area.selectionEnd);
    if (!fits(caret)) shift(caret, { from: caret, to: caret });
    acts.input(hole.text, caret);
  }

  /** An input is under way that takes the place of the selection. */
  const expect = (selection) => {
    replaced = hole.reachesOut(selection) ? { ...selection, ...seen() } : null;
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
    if (hole.reachesOut(selection) && /Drag|Drop/.test(event.inputType)) return event.preventDefault();
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
    if (insert.length <= LONG_INSERT && !hole.reachesOut(selection)) return;
    event.preventDefault();
    replace(selection, clean(insert));
  });
  for (const kind of ["copy", "cut"]) {
    area.addEventListener(kind, (event) => {
      const selection = selected();
      if (!hole.reachesOut(selection)) return;
      event.preventDefault();
      event.clipboardData?.setData("text/plain", hole.text.slice(selection.from, selection.to));
      if (kind === "cut") replace(selection, "");
    });
  }

  // ── keys and the caret ───────────────────────────────────────────────────────────────────────────────

  for (const kind of ["keydown", "keyup"]) area.addEventListener(kind, (event) => (extending = event.shiftKey));
  area.addEventListener("pointerdown", () => (extending = true));
  for (const kind of ["pointerup", "pointercancel"]) addEventListener(kind, () => (extending = false));
  area.addEventListener("keydown", (event) => {
    if (!hole.part() || event.isComposing || PASSING.has(event.key)) return;
    const control = event.ctrlKey || event.metaKey;
    // A key that repeats may come before the last one's move is told: it must not run into the end of the slice.
    if (hole.left !== null && !asLeft()) moved();
    const selection = selected();
    if (control && event.key.toLowerCase() === "a" && !event.shiftKey) {
      event.preventDefault();
      select({ from: 0, to: hole.text.length });
      acts.caret(hole.text.length);
    } else if (control && (event.key === "Home" || event.key === "End")) {
      event.preventDefault();
      const to = event.key === "Home" ? 0 : hole.text.length;
      const anchor = !event.shiftKey ? to : selection.backward ? selection.to : selection.from;
      select({ from: Math.min(anchor, to), to: Math.max(anchor, to), backward: to < anchor });
      reveal(to);
      acts.caret(to);
    } else if (!control || /^(Arrow|Page|Backspace|Delete)/.test(event.key)) {
      // One has scrolled away from the caret: what is typed belongs where it is.
      const focus = focusOf(selection);
      if (hole.outside(focus) && area.selectionStart === area.selectionEnd) reveal(focus);
    }
  });
  const moved = () => {
    if (document.activeElement !== area || composing) return;
    const selection = selected();
    if (!asLeft() && hole.part()) {
      const focus = focusOf(selection);
      const all = selection.from === 0 && selection.to === hole.text.length;
      if (!all && !fits(focus)) shift(focus, selection);
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
    const { known, cursor, read, found, written } = wanted;
    const { from: start, to: end } = hole.slice;
    const span = (from, to) => (to <= start || from >= end ? null : [hole.unitOf(from), hole.unitOf(to)]);
    mirror.mark(hole.held, {
      known,
      here: cursor === null ? null : span(cursor, cursor + 1),
      unread: read === null ? null : hole.unitOf(read),
      found: found === null ? null : span(found.from, found.to),
      written: written.map(({ from, to }) => span(from, to)).filter((one) => one !== null),
      tinted: tint === null ? [] : runs(hole.held, tint, start),
    });
  }
  const soon = () => (timer ||= setTimeout(mark, SLOW_MS));

  return {
    /**
     * Another text than the one that was typed here.
     * @param {import("../../text/document.js").Text} next
     * @param {number} caret
     */
    setText(next, caret) {
      if (composing || next === hole.text) return;
      hold(next, caret);
      select({ from: caret, to: caret });
      area.scrollTop = caret === 0 ? 0 : area.scrollTop;
      soon();
    },
    /**
     * @param {{known: (character: string) => boolean, cursor: number | null, read: number | null, found: {from: number,
     *   to: number} | null, written: {from: number, to: number}[]}} view `cursor`: the step to mark, null where the
     *   caret marks it; `read`: where play has come to, null when everything is read
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
      if (!fits(to)) hold(hole.text, to);
      select({ from, to });
      reveal(to);
      soon();
    },
    /**
     * Colour characters: `levels` from `from` on, −8 … 8; null: none.
     * @param {{from: number, levels: Int8Array} | null} next
     */
    tint(next) {
      if (next === tint) return;
      tint = next;
      soon();
    },
    reveal,
    selected,
    focus: () => area.focus(),
    focused: () => document.activeElement === area,
    destroy() {
      clearTimeout(timer);
      document.removeEventListener("selectionchange", moved);
      mirror.destroy();
    },
  };
}
