// The connection, how far the reading is, and what went wrong.

import { make, tell } from "./dom.js";

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
    /** @param {string} message @param {string} cause what must be mended before it may go by itself */
    say(message, cause = "") {
      sticky = cause;
      notice.replaceChildren(make("span", { textContent: message }), make("button", { type: "button", className: "quiet", textContent: "dismiss", onclick: () => this.clear() }));
      notice.hidden = false;
    },
    /** @param {string} [cause] only a notice of this cause */
    clear(cause) {
      if (cause !== undefined && cause !== sticky) return;
      notice.hidden = true;
      sticky = "";
    },
    destroy() {
      badge.replaceChildren();
      notice.replaceChildren();
    },
  };
}
