// Which step of a lesson is on the screen: one at a time, named in the address.

/** @typedef {{from: HTMLElement | null, to: HTMLElement}} Change */

export class Steps {
  /**
   * @param {HTMLElement[]} sections @param {(change: Change) => void} changed
   * @param {(beyond: -1 | 1) => void} beyond somebody wants to go on from the last step, or back from the first
   */
  constructor(sections, changed, beyond) {
    this.sections = sections;
    this.changed = changed;
    this.beyond = beyond;
    this.at = -1;
    addEventListener("hashchange", () => this.#visit(location.hash));
  }

  get current() {
    return this.sections[this.at];
  }

  /** Begin with the step that the address names, or with another. @param {string | null} otherwise */
  begin(otherwise) {
    const at = this.#placeOf(location.hash) ?? this.#placeOf(`#${otherwise ?? ""}`) ?? 0;
    this.#show(at);
  }

  /** The place of a step by its name or its number from 1. @param {string} hash */
  #placeOf(hash) {
    const name = decodeURIComponent(hash.replace(/^#/, ""));
    const at = /^\d{1,3}$/.test(name) ? Number(name) - 1 : this.sections.findIndex((one) => one.dataset.step === name);
    return at >= 0 && at < this.sections.length ? at : null;
  }

  /** @param {string} hash */
  #visit(hash) {
    const at = this.#placeOf(hash);
    if (at !== null && at !== this.at) this.#show(at);
  }

  /** @param {number} at */
  go(at) {
    if (at < 0 || at >= this.sections.length) return this.beyond(at < 0 ? -1 : 1);
    if (at === this.at) return undefined;
    history.pushState(null, "", `#${this.sections[at].dataset.step ?? at + 1}`);
    return this.#show(at);
  }

  /** @param {number} by */
  move(by) {
    this.go(this.at + by);
  }

  /** @param {number} at */
  #show(at) {
    const from = this.sections[this.at] ?? null;
    const to = this.sections[at];
    this.at = at;
    for (const section of this.sections) section.hidden = section !== to;
    this.changed({ from, to });
  }
}
