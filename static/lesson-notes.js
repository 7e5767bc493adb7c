// The window of whoever presents a lesson: the notes of the step on the screen, a clock, and what comes next.

import { channelOf, run } from "./lesson/presenter.js";
import { one, tell } from "./views/dom.js";

/** @import { Told } from "./lesson/presenter.js" */

const main = one(".teacher");
const channel = channelOf(main.dataset.lesson ?? "");
const sections = /** @type {HTMLElement[]} */ ([...document.querySelectorAll(".note")]);
/** @type {number | null} */
let since = null;
const show = run(one("#clock"), () => since);

/** @param {number} at */
function open(at) {
  for (const [k, section] of sections.entries()) section.hidden = k !== at;
  tell(one("#where"), `${at + 1} of ${sections.length}`);
}

channel.addEventListener("message", ({ data }) => {
  /** @type {Told} */
  const told = data;
  if (told.type !== "seen") return;
  since = told.since;
  open(told.at);
  show();
  one("#alone").hidden = true;
});

/** @param {number} by */
function move(by) {
  channel.postMessage({ type: "move", by });
}

one("#back").addEventListener("click", () => move(-1));
one("#next").addEventListener("click", () => move(1));
one("#again").addEventListener("click", () => {
  since = Date.now();
  show();
});
document.addEventListener("keydown", (event) => {
  const by = { PageDown: 1, ArrowRight: 1, PageUp: -1, ArrowLeft: -1 }[event.key];
  if (by === undefined) return;
  event.preventDefault();
  move(by);
});
open(0);
channel.postMessage({ type: "who" });
