// <hs-try>: something to do in the lab; it is ticked off once it is done.

import { make, tell } from "../views/dom.js";
import { Block } from "./block.js";
import { holds } from "./done.js";

/** @extends {Block<{task: string, done: import("./done.js").Done}>} */
export class TryBlock extends Block {
  /** @override */
  create() {
    this.complete = false;
    this.words = make("span", { className: "tick", role: "status" });
    this.replaceChildren(
      make("p", {}, make("b", { textContent: "Try it. " }), this.state.task),
      make("p", {}, this.words),
    );
    this.#show();
  }

  /** @override */
  opened() {
    this.complete = false;
    this.#show();
    this.changed();
  }

  /** @override */
  changed() {
    const lab = this.parts.labState();
    if (lab === null) return;
    this.is("ready");
    if (this.complete || !holds(this.state.done, lab, this.parts.answers())) return;
    this.complete = true;
    this.parts.done(this.step);
    this.#show();
  }

  #show() {
    this.classList.toggle("done", this.complete);
    if (this.words !== undefined) tell(this.words, this.complete ? "Done." : "Not done yet.");
  }
}
