// The connection, how far the reading is, and what went wrong.

import { make, one, tell } from "../dom.js";

const BRIEF_MS = 9000; // how long a notice stays that nothing has to be done about
const QUIET_MS = 350; // reading that takes less is not worth words

/** @type {Record<"live" | "connecting" | "lost", string>} */
const WORDS = { live: "live", connecting: "connecting …", lost: "reconnecting …" };

export class Status {
  /**
   * @param {HTMLElement} badge @param {HTMLElement} notice
   * @param {{cancel: () => void, goOn: () => void}} acts
   */
  constructor(badge, notice, acts) {
    this.badge = badge;
    this.notice = notice;
    this.acts = acts;
    this.words = make("span");
    this.stop = make("button", { type: "button", className: "quiet", textContent: "stop", hidden: true });
    badge.append(this.words, this.stop);
    /** @type {keyof typeof WORDS} */
    this.shownLink = "connecting";
    this.since = 0;
    this.sticky = "";
    this.timer = 0;
    /** What had the focus before. @type {Element | null} */
    this.left = null;
    /**
     * The last word of each model that has not read to the end.
     * @type {Map<string, {steps: number, length: number}>}
     */
    this.behind = new Map();
  }

  #show() {
    this.badge.dataset.link = this.shownLink;
    tell(this.words, WORDS[this.shownLink]);
  }

  /** @param {"connecting" | "live" | "lost"} status @param {string} [reason] */
  link(status, reason) {
    // While it is lost, each attempt would flicker between two words.
    this.shownLink = this.shownLink === "lost" && status === "connecting" ? "lost" : status;
    this.behind.clear();
    this.stop.hidden = true;
    this.since = 0;
    this.#show();
    this.badge.title = status === "live" ? "Connected to the server" : "Nothing that you type is lost.";
    if (status === "lost" && reason !== undefined) this.say(reason, "link");
    else if (status === "live" && this.sticky === "link") this.clear("link");
  }

  /**
   * How far one model is; the panels say more of each.
   * @param {import("../../protocol/messages.js").Progress} message
   */
  progress(message) {
    if (message.steps >= message.length) this.behind.delete(message.model);
    else this.behind.set(message.model, message);
    if (this.behind.size === 0) return this.done();
    this.since ||= performance.now();
    if (message.stopped) {
      tell(this.words, "stopped");
      return Object.assign(this.stop, { hidden: false, textContent: "go on", onclick: this.acts.goOn });
    }
    if (performance.now() - this.since < QUIET_MS) return undefined;
    const share = Math.min(...[...this.behind.values()].map(({ steps, length }) => steps / length));
    tell(this.words, `reading ${Math.floor(100 * share)} %`);
    return Object.assign(this.stop, { hidden: false, textContent: "stop", onclick: this.acts.cancel });
  }

  done() {
    this.behind.clear();
    this.clear("memory_full");
    if (this.since === 0 && this.stop.hidden) return;
    this.since = 0;
    this.stop.hidden = true;
    this.#show();
  }

  /**
   * Say something over the page. With a cause it stays until that is mended; else it goes after a while, unless
   * somebody points at it or has the focus in it.
   * @param {string} message @param {string} [cause] @param {{words: string, act: () => void} | null} [offer] a button
   */
  say(message, cause = "", offer = null) {
    this.sticky = cause;
    this.left =
      document.activeElement === document.body || this.notice.contains(document.activeElement)
        ? null
        : document.activeElement;
    /** @param {string} words @param {() => void} [act] */
    const button = (words, act) =>
      make("button", {
        type: "button",
        className: "quiet",
        textContent: words,
        onclick: () => [this.clear(), act?.()],
      });
    this.notice.replaceChildren(
      make("span", { textContent: message }),
      ...(offer === null ? [] : [button(offer.words, offer.act)]),
      button("dismiss"),
    );
    this.notice.hidden = false;
    clearTimeout(this.timer);
    if (cause === "") this.timer = setTimeout(() => this.fade(), BRIEF_MS);
  }

  fade() {
    clearTimeout(this.timer);
    if (this.notice.matches(":hover, :focus-within")) this.timer = setTimeout(() => this.fade(), BRIEF_MS);
    else this.clear("");
  }

  /** @param {string} [cause] only a notice of this cause */
  clear(cause) {
    if (cause !== undefined && cause !== this.sticky) return;
    const within = this.notice.contains(document.activeElement);
    clearTimeout(this.timer);
    this.notice.hidden = true;
    if (within) {
      (this.left instanceof HTMLElement && this.left.isConnected ? this.left : one("#text")).focus({
        preventScroll: true,
      });
    }
    this.sticky = "";
  }

  /** Whether nothing is said. */
  quiet() {
    return this.notice.hidden;
  }

  destroy() {
    this.badge.replaceChildren();
    this.notice.replaceChildren();
  }
}
