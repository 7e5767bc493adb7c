// Keys of the text that work in the pictures too: undo, redo, find, go to a step. In the fields of the page the
// browser's own undo stays. A second Ctrl + F, in the page's own field, is the browser's.

/** @param {EventTarget | null} element */
const elsewhere = (element) => element instanceof Element && element.matches("input, select");

/** @typedef {{undo: () => void, redo: () => void, find: import("./find.js").Find}} Acts */

/** What a key does, if it does anything. @param {KeyboardEvent} event @param {Acts} acts */
function actOf(event, { undo, redo, find }) {
  const key = event.key.toLowerCase();
  const command = (event.ctrlKey || event.metaKey) && !event.altKey;
  if (!command) return key === "f3" ? () => find.next(event.shiftKey) : undefined;
  const finding = event.target instanceof Element && event.target.closest("#find") !== null;
  if (key === "f" && !event.shiftKey && !finding) return () => find.open("words");
  if (key === "g" && !event.shiftKey) return () => find.open("step");
  if (elsewhere(event.target)) return undefined;
  if (key === "z") return event.shiftKey ? redo : undo;
  return key === "y" ? redo : undefined;
}

/** @param {Document} page @param {Acts} acts */
export function attachTextKeys(page, acts) {
  page.addEventListener("keydown", (event) => {
    if (event.defaultPrevented || page.querySelector("dialog[open]") !== null) return;
    const act = actOf(event, acts);
    if (act === undefined) return;
    act();
    event.preventDefault();
  });
}
