// The dialog of keys and words, and the note of the first visit.

const KEY = "note-read";

const remembered = () => {
  try {
    return localStorage.getItem(KEY) !== null;
  } catch {
    return false; // a browser that keeps nothing shows the note each time
  }
};

const remember = () => {
  try {
    localStorage.setItem(KEY, "1");
  } catch {
    // See above.
  }
};

/** @param {HTMLDialogElement} dialog @param {HTMLElement} note */
export function createHelp(dialog, note) {
  note.hidden = remembered();
  note.querySelector("button")?.addEventListener("click", () => {
    note.hidden = true;
    remember();
  });
  dialog.addEventListener("click", (event) => {
    if (event.target === dialog) dialog.close();
  });
  dialog.querySelector("[data-note]")?.addEventListener("click", () => {
    dialog.close();
    note.hidden = false;
    note.scrollIntoView({ block: "nearest" });
  });
  return { open: () => dialog.showModal() };
}
