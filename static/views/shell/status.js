// The connection, how far the reading is, and what went wrong.

import { make, tell } from "../dom.js";

const BRIEF_MS = 9000; // how long a notice stays that nothing has to be done about
const QUIET_MS = 350; // reading that takes less is not worth words

/**
 * @param {HTMLElement} badge @param {HTMLElement} notice
 * @param {{cancel: () => void, goOn: () => void}} acts
 */
export function createStatus(badge, notice, acts) {
  const words = make("span");
  const stop = make("button", { type: "button", className: "quiet", textContent: "stop", hidden: true });
  badge.append(words, stop);
  let link = "connecting";
  let since = 0;
  let sticky = "";
  let timer = 0;
  let left = null;
  /** The last word of each model that has not read to the end. */
  const behind = new Map();

  const show = () => {
    badge.dataset.link = link;
    tell(words, { live: "live", connecting: "connecting …", lost: "reconnecting …" }[link]);
  };

  return {
    /** @param {"connecting" | "live" | "lost"} status @param {string} [reason] */
    link(status, reason) {
      // While it is lost, each attempt would flicker between two words.
      link = link === "lost" && status === "connecting" ? "lost" : status;
      behind.clear();
      stop.hidden = true;
      since = 0;
      show();
      badge.title = status === "live" ? "Connected to the server" : "Nothing that you type is lost.";
      if (status === "lost" && reason !== undefined) this.say(reason, "link");
      else if (status === "live" && sticky === "link") this.clear("link");
    },
    /** How far one model is; the panels say more of each. @param {any} message `progress` */
    progress(message) {
      if (message.steps >= message.length) behind.delete(message.model);
      else behind.set(message.model, message);
      if (behind.size === 0) return this.done();
      since ||= performance.now();
      if (message.stopped) {
        tell(words, "stopped");
        return Object.assign(stop, { hidden: false, textContent: "go on", onclick: acts.goOn });
      }
      if (performance.now() - since < QUIET_MS) return undefined;
      const share = Math.min(...[...behind.values()].map(({ steps, length }) => steps / length));
      tell(words, `reading ${Math.floor(100 * share)} %`);
      return Object.assign(stop, { hidden: false, textContent: "stop", onclick: acts.cancel });
    },
    done() {
      behind.clear();
      this.clear("memory_full");
      if (since === 0 && stop.hidden) return;
      since = 0;
      stop.hidden = true;
      show();
    },
    /**
     * Say something over the page. With a cause it stays until that is mended; else it goes after a while, unless
     * somebody points at it or has the focus in it.
     * @param {string} message @param {string} [cause] @param {{words: string, act: () => void} | null} [offer] a button
     */
    say(message, cause = "", offer = null) {
      sticky = cause;
      left =
        document.activeElement === document.body || notice.contains(document.activeElement)
          ? null
          : document.activeElement;
      const button = (words, act) =>
        make("button", {
          type: "button",
          className: "quiet",
          textContent: words,
          onclick: () => [this.clear(), act?.()],
        });
      notice.replaceChildren(
        make("span", { textContent: message }),
        ...(offer === null ? [] : [button(offer.words, offer.act)]),
        button("dismiss"),
      );
      notice.hidden = false;
      clearTimeout(timer);
      if (cause === "") timer = setTimeout(() => this.fade(), BRIEF_MS);
    },
    fade() {
      clearTimeout(timer);
      if (notice.matches(":hover, :focus-within")) timer = setTimeout(() => this.fade(), BRIEF_MS);
      else this.clear("");
    },
    /** @param {string} [cause] only a notice of this cause */
    clear(cause) {
      if (cause !== undefined && cause !== sticky) return;
      const within = notice.contains(document.activeElement);
      clearTimeout(timer);
      notice.hidden = true;
      if (within) (left?.isConnected ? left : document.querySelector("#text"))?.focus({ preventScroll: true });
      sticky = "";
    },
    /** Whether nothing is said. */
    quiet: () => notice.hidden,
    destroy() {
      badge.replaceChildren();
      notice.replaceChildren();
    },
  };
}
