// Wires a lesson: its steps, its blocks, and the laboratory beside the words.

import { AskBlock } from "./lesson/ask.js";
import { Block } from "./lesson/block.js";
import { ClaimBlock } from "./lesson/claim.js";
import { attachKeys } from "./lesson/keys.js";
import { Lab } from "./lesson/lab.js";
import { PointBlock } from "./lesson/point.js";
import { Presenter } from "./lesson/presenter.js";
import { keep, progressOf, withOne } from "./lesson/progress.js";
import { Steps } from "./lesson/steps.js";
import { TryBlock } from "./lesson/try.js";
import { ViewBlock } from "./lesson/view.js";
import { one, tell } from "./views/dom.js";

/** @import { GiveAnswer, LabState } from "./protocol/lab.js" */

const main = one(".lesson");
const lesson = main.dataset.lesson ?? "";
const sections = /** @type {HTMLElement[]} */ ([...document.querySelectorAll(".step")]);
const dots = [...document.querySelectorAll(".dots a")];
/** @type {LabState | null} */
let labState = null;
/** @type {GiveAnswer[]} */
let answers = [];

/** The blocks of a step. @param {HTMLElement | null} section @returns {Block[]} */
const blocksOf = (section) =>
  [...(section?.querySelectorAll("[data-block]") ?? [])].filter((element) => element instanceof Block);

const lab = new Lab(one("#lab", HTMLIFrameElement), {
  state(state) {
    labState = state;
    for (const block of blocksOf(steps.current)) block.changed();
  },
  answer(answer) {
    answers = [...answers.filter(({ model }) => model !== answer.model), answer];
    for (const block of blocksOf(steps.current)) block.changed();
  },
  text(text) {
    // What is written into a text that a step brought along stays that step's.
    if (labState !== null && labState.typed > 0 && !bringsText(steps.current)) keep(lesson, { text });
  },
  key(key) {
    if (key === "Escape") presenter.leave();
    else presenter.click(key === "PageDown" ? 1 : -1);
  },
});

/** Whether a step's view has a text of its own. @param {HTMLElement} section */
function bringsText(section) {
  const view = section.querySelector("hs-view");
  return view instanceof ViewBlock && view.state.own;
}

const steps = new Steps(
  sections,
  ({ from, to }) => {
    for (const block of blocksOf(from)) block.closed();
    labState = null;
    answers = [];
    for (const block of blocksOf(to)) block.opened();
    const { seen } = progressOf(lesson);
    keep(lesson, { seen: withOne(seen, to.dataset.step ?? ""), at: to.dataset.step ?? null });
    showPlace(to);
    presenter.tell();
  },
  (beyond) => {
    const link = document.querySelector(beyond > 0 ? "a.onwards" : "a.before");
    if (link instanceof HTMLAnchorElement && !presenter.on) link.focus();
  },
);

/** @param {HTMLElement} section */
function showPlace(section) {
  const { seen, done } = progressOf(lesson);
  tell(one("#where"), `${steps.at + 1} of ${sections.length}`);
  one("#back", HTMLButtonElement).disabled = steps.at === 0;
  one("#next", HTMLButtonElement).disabled = steps.at === sections.length - 1;
  one(".ends").hidden = steps.at < sections.length - 1;
  for (const [k, dot] of dots.entries()) {
    const name = sections[k].dataset.step ?? "";
    dot.classList.toggle("seen", seen.includes(name));
    dot.classList.toggle("done", done.includes(name));
    if (k === steps.at) dot.setAttribute("aria-current", "step");
    else dot.removeAttribute("aria-current");
  }
  section.scrollTop = 0;
  scrollTo({ top: 0 });
  const heading = section.querySelector("h2");
  if (document.activeElement?.tagName !== "IFRAME") heading?.focus({ preventScroll: true });
}

const presenter = new Presenter({ lesson, lab, steps, button: one("#present"), bar: one("#presenter") });

customElements.define("hs-view", ViewBlock);
customElements.define("hs-ask", AskBlock);
customElements.define("hs-try", TryBlock);
customElements.define("hs-point", PointBlock);
customElements.define("hs-claim", ClaimBlock);

for (const block of document.querySelectorAll("hs-view, hs-ask, hs-try, hs-point, hs-claim")) {
  if (!(block instanceof Block)) continue;
  block.begin({
    lesson,
    lab,
    pupilText: () => progressOf(lesson).text ?? main.dataset.text ?? null,
    labState: () => labState,
    answers: () => answers,
    guess: (id) => progressOf(lesson).guesses[id] ?? null,
    keepGuess: (id, guess) => keep(lesson, { guesses: { ...progressOf(lesson).guesses, [id]: guess } }),
    done(step) {
      keep(lesson, { done: withOne(progressOf(lesson).done, step) });
      showPlace(steps.current);
    },
  });
}

one("#back").addEventListener("click", () => steps.move(-1));
one("#next").addEventListener("click", () => steps.move(1));
one("#notes").addEventListener("click", () => presenter.notes());
attachKeys({
  click: (by) => presenter.click(by),
  move: (by) => steps.move(by),
  go: (at) => steps.go(at),
  last: () => sections.length - 1,
  presenter,
});

if (sections.length > 0) {
  steps.begin(progressOf(lesson).at);
  const view = steps.current.querySelector("hs-view");
  lab.open(view instanceof ViewBlock ? view.state : { address: "", text: null, own: false });
}
