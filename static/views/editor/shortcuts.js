// Keys of the text that work in the pictures too: undo, redo, find, go to a step. In the fields of the page the
// browser's own undo stays. A second Ctrl + F, in the page's own field, is the browser's.

const elsewhere = (element) => element.matches?.("input, select") ?? false;

/**
 * @param {Document} page
 * @param {{undo: () => void, redo: () => void, find: import("./find.js").Find}} acts
 */
export function attachTextKeys(page, { undo, redo, find }) {
  page.addEventListener("keydown", (event) => {
    const command = (event.ctrlKey || event.metaKey) && !event.altKey;
    const key = event.key.toLowerCase();
    const finding = event.target.closest?.("#find") ?? null;
    if (event.defaultPrevented || page.querySelector("dialog[open]") !== null) return;
    if (command && key === "z" && !elsewhere(event.target)) event.shiftKey ? redo() : undo();
    else if (command && key === "y" && !elsewhere(event.target)) redo();
    else if (command && key === "f" && !event.shiftKey && finding === null) find.open("words");
    else if (command && key === "g" && !event.shiftKey) find.open("step");
    else if (key === "f3" && !command) find.next(event.shiftKey);
    else return;
    event.preventDefault();
  });
}
