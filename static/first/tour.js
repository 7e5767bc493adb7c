// The steps of the tour: which one is open, and the ways on and back.

import { make, put, tell } from "../views/dom.js";
import { STEPS } from "./minute.js";

/** What a step is called on the button that leads to it. */
const NAMES = ["look", "make the text longer", "close a gate", "type between", "real text"];

/**
 * @param {{pages: HTMLElement, dots: HTMLElement, where: HTMLElement, back: HTMLButtonElement, next:
 *   HTMLButtonElement}} parts
 * @param {(step: number) => void} go
 */
export function createTour({ pages, dots, where, back, next }, go) {
  let now = 1;
  const buttons = NAMES.map((name, k) =>
    make("button", { type: "button", title: name, "aria-label": `Step ${k + 1}: ${name}`, onclick: () => go(k + 1) }),
  );
  dots.append(...buttons.map((button) => make("li", {}, button)));
  /** @param {number} by */
  const move = (by) => now + by >= 1 && now + by <= STEPS && go(now + by);
  back.addEventListener("click", () => move(-1));
  next.addEventListener("click", () => move(1));
  document.addEventListener("keydown", (event) => {
    if (
      event.ctrlKey ||
      event.altKey ||
      event.metaKey ||
      event.shiftKey ||
      (event.target instanceof Element && event.target.matches("input, textarea, [role=radio]"))
    ) {
      return;
    }
    const by = event.key === "ArrowRight" ? 1 : event.key === "ArrowLeft" ? -1 : undefined;
    if (by === undefined) return;
    event.preventDefault();
    move(by);
  });

  return {
    /** @param {number} step */
    update(step) {
      now = step;
      for (const page of pages.children) put(page, { hidden: Number(page.getAttribute("data-step")) !== step });
      buttons.forEach((button, k) => {
        if (k + 1 === step) button.setAttribute("aria-current", "step");
        else button.removeAttribute("aria-current");
      });
      tell(where, `${step} of ${STEPS}`);
      put(back, { disabled: step === 1 });
      put(next, { hidden: step === STEPS });
      if (step < STEPS) tell(next, `Next: ${NAMES[step]} ▸`);
    },
  };
}
