// <hs-point>: a control of the lab that lights up while the step is open, and may be put into a state by a click.

import { make } from "../views/dom.js";
import { Block } from "./block.js";

/**
 * @typedef {object} Point
 * @property {string} control @property {string} selector @property {string} words
 * @property {import("./lab.js").View | null} put
 */

/** @extends {Block<Point>} */
export class PointBlock extends Block {
  /** @override */
  create() {
    const { words, put, control } = this.state;
    this.button = make("button", {
      type: "button",
      className: "point",
      textContent: words,
      title: put === null ? `Shows where that is: ${control}` : "Does it in the lab",
      onclick: () => this.#act(),
    });
    this.replaceChildren(this.button);
  }

  /** @override */
  opened() {
    // The first of a step lights by itself, the others when they are clicked.
    if (this.closest("section")?.querySelector("hs-point") === this) this.#light();
    else this.is("ready");
  }

  /** @override */
  closed() {
    this.parts.lab.point(null);
  }

  #light() {
    this.parts.lab.point(this.state.selector, (found) => {
      this.is("ready");
      this.button?.classList.toggle("lost", !found);
    });
  }

  async #act() {
    this.#light();
    const { put } = this.state;
    if (put !== null) await this.parts.lab.show(put, true);
  }
}
