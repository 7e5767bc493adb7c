// The text. A real <textarea> takes the typing; behind it lies a mirror of the same letters on which unknown
// characters, the cursor's step and the part not yet read are marked, so that marking never touches the typing.

import { toPoints, toUnits, wellFormed } from "../core/text.js";

const SLOW_MS = 60; // the marks may follow the typing a moment later
const MOST_MARKS = 2000;

/**
 * @param {HTMLTextAreaElement} area @param {HTMLElement} mirror
 * @param {{input: (text: string, caret: number) => void, caret: (point: number) => void}} acts
 */
export function createEditor(area, mirror, acts) {
  const node = document.createTextNode("");
  mirror.append(node);
  const registry = globalThis.CSS?.highlights;
  const highlight = (name) => {
    const one = registry === undefined ? null : new Highlight();
    registry?.set(name, one);
    return one;
  };
  const layers = { unknown: highlight("unknown"), here: highlight("here"), unread: highlight("unread") };
  if (layers.here !== null) layers.here.priority = 1;
  let composing = false;
  let timer = 0;
  let wanted = null;

  const caretPoint = () => toPoints(area.value, area.selectionEnd);
  const changed = () => {
    if (!composing) acts.input(wellFormed(area.value), caretPoint());
  };
  area.addEventListener("compositionstart", () => (composing = true));
  area.addEventListener("compositionend", () => {
    composing = false;
    changed();
  });
  area.addEventListener("input", changed);
  const moved = () => {
    if (document.activeElement === area && !composing) acts.caret(caretPoint());
  };
  document.addEventListener("selectionchange", moved);
  area.addEventListener("scroll", () => (mirror.scrollTop = area.scrollTop));

  const range = (from, to) => {
    const one = new Range();
    one.setStart(node, Math.min(from, node.length));
    one.setEnd(node, Math.min(to, node.length));
    return one;
  };

  function mark() {
    timer = 0;
    const { text, known, cursor, read } = wanted;
    for (const layer of Object.values(layers)) layer?.clear();
    if (registry === undefined) return;
    const strangers = [];
    let unit = 0;
    for (const character of text) {
      if (!known(character) && strangers.length < MOST_MARKS) strangers.push([unit, unit + character.length]);
      unit += character.length;
    }
    // Laying out a long text twice has its price; nothing to mark, nothing to lay out.
    if (strangers.length === 0 && cursor === null && read === null) return;
    if (node.data !== text) node.data = text;
    mirror.scrollTop = area.scrollTop;
    for (const [from, to] of strangers) layers.unknown.add(range(from, to));
    if (cursor !== null) layers.here.add(range(toUnits(text, cursor), toUnits(text, cursor + 1)));
    if (read !== null) layers.unread.add(range(toUnits(text, read), text.length));
  }

  return {
    /** @param {string} text replaces what the editor holds, if it differs */
    setText(text) {
      if (composing || wellFormed(area.value) === text) return;
      area.value = text;
      area.setSelectionRange(text.length, text.length);
    },
    /**
     * @param {{text: string, known: (character: string) => boolean, cursor: number | null, read: number | null}} view
     *   `cursor`: the step to mark, null where the caret marks it; `read`: where play has come to, null when everything is read
     */
    update(view) {
      wanted = view;
      area.parentElement.classList.toggle("playing", view.read !== null);
      if (view.read !== null) {
        clearTimeout(timer);
        mark();
        this.reveal(view.read);
      } else if (timer === 0) timer = setTimeout(mark, SLOW_MS);
    },
    /** Scroll so that code point `point` can be seen. @param {number} point */
    reveal(point) {
      const at = toUnits(node.data, point);
      const box = range(Math.max(0, at - 1), at).getBoundingClientRect();
      const frame = mirror.getBoundingClientRect();
      if (box.height === 0) return;
      if (box.bottom > frame.bottom - 4) area.scrollTop += box.bottom - frame.bottom + 12;
      else if (box.top < frame.top + 4) area.scrollTop -= frame.top - box.top + 12;
    },
    /** The code point before the caret stands at `caret() − 1`. */
    caret: caretPoint,
    focus: () => area.focus(),
    destroy() {
      clearTimeout(timer);
      document.removeEventListener("selectionchange", moved);
      for (const name of Object.keys(layers)) registry?.delete(name);
    },
  };
}
