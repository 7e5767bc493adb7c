// The list of lessons: how far one has come in each, as this browser remembers it.

import { progressOf } from "./lesson/progress.js";
import { tell } from "./views/dom.js";

for (const entry of document.querySelectorAll("[data-lesson]")) {
  if (!(entry instanceof HTMLElement)) continue;
  const steps = (entry.dataset.steps ?? "").split(" ").filter(Boolean);
  const { seen, at } = progressOf(entry.dataset.lesson ?? "");
  const count = steps.filter((step) => seen.includes(step)).length;
  const words = entry.querySelector(".how-far");
  const link = entry.querySelector("a");
  if (words === null || link === null || count === 0) continue;
  const all = count === steps.length;
  tell(words, all ? "all steps seen" : `${count} of ${steps.length} steps seen`);
  entry.classList.toggle("all-seen", all);
  const bar = entry.querySelector("progress");
  if (bar !== null) Object.assign(bar, { value: count, hidden: false });
  if (!all && at !== null && steps.includes(at)) link.href += `#${encodeURIComponent(at)}`;
}
