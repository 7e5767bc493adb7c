// <hs-claim>: a number that the prose states; a click measures it again.

import { make, tell } from "../views/dom.js";
import { answerTo } from "./answer.js";
import { Block } from "./block.js";

export class ClaimBlock extends Block {
  /** @override */
  create() {
    const unit = this.getAttribute("unit") ?? "";
    this.said = make("small", { className: "measured", role: "status", hidden: true });
    this.button = make("button", {
      type: "button",
      className: "claim",
      textContent: this.textContent ?? "",
      title: `${this.textContent} ${unit}`.trim() + ": measured. A click measures it again, on this machine",
      onclick: () => this.#measure(),
    });
    this.replaceChildren(this.button, this.said);
    this.is("ready");
  }

  async #measure() {
    const { said, parts } = this;
    if (said === undefined) return;
    said.hidden = false;
    tell(said, "measuring …");
    try {
      const about = { lesson: parts.lesson, claim: this.getAttribute("name") ?? "" };
      const { words } = await answerTo(about, () => {}, new AbortController().signal);
      tell(said, `measured just now: ${words} ${this.getAttribute("unit") ?? ""}`.trim());
    } catch (fault) {
      tell(said, fault instanceof Error ? fault.message : String(fault));
    }
  }
}
