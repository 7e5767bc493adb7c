// <hs-view>: the state that the lab is brought into when the step opens, and a button that brings it there again.

import { make, tell } from "../views/dom.js";
import { Block } from "./block.js";

/** @extends {Block<import("./lab.js").View>} */
export class ViewBlock extends Block {
  /** @override */
  create() {
    this.fault = make("p", { className: "mistake", role: "alert", hidden: true });
    this.replaceChildren(
      make("button", {
        type: "button",
        className: "quiet",
        textContent: "Show this step’s picture again",
        title: "Brings the lab back to where this step began",
        onclick: () => this.opened(),
      }),
      this.fault,
    );
  }

  /** @override */
  opened() {
    this.is("waiting");
    const { text, own } = this.state;
    return this.show(own ? text : this.parts.pupilText());
  }

  /** @param {string | null} text */
  async show(text) {
    const { address } = this.state;
    try {
      const missing = await this.parts.lab.show({ address, text });
      this.#say(missing === "" ? "" : missing.replace("The address asks", "This step asks"));
    } catch (fault) {
      this.#say(fault instanceof Error ? fault.message : String(fault));
    }
  }

  /** @param {string} words "" where all is well */
  #say(words) {
    if (this.fault === undefined) return;
    tell(this.fault, words);
    this.fault.hidden = words === "";
    this.is(words === "" ? "ready" : "error");
  }
}
