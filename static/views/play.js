// The buttons of play.

import { make } from "./dom.js";

const SPEEDS = [2, 5, 10, 20, 50, 200];

/**
 * @param {HTMLElement} host
 * @param {{toggle: () => void, step: (by: number) => void, stop: () => void, speed: (value: number) => void}} acts
 */
export function createPlay(host, acts) {
  const button = (label, sign, keys, onclick) => make("button", { type: "button", className: "icon", "aria-label": label, title: `${label} (${keys})`, textContent: sign, "aria-keyshortcuts": keys.replace(" + ", "+"), onclick });
  const toggle = button("Play", "▶", "Ctrl + Enter", acts.toggle);
  const back = button("Step back", "◂", "Ctrl + ,", () => acts.step(-1));
  const on = button("Step forward", "▸", "Ctrl + .", () => acts.step(1));
  const stop = button("Read the whole text", "⏭", "Escape", acts.stop);
  const speed = make("select", { "aria-label": "Speed of play", title: "Speed of play", onchange: () => acts.speed(Number(speed.value)) }, ...SPEEDS.map((value) => make("option", { value: String(value), textContent: `${value} char/s` })));
  const where = make("span", { className: "where" });
  host.append(toggle, back, on, stop, speed, where);
  return {
    /** @param {{position: number, running: boolean} | null} play @param {number} chosen @param {number} length */
    update(play, chosen, length) {
      const running = play?.running ?? false;
      toggle.textContent = running ? "❚❚" : "▶";
      toggle.setAttribute("aria-label", running ? "Pause" : "Play");
      toggle.title = running ? "Pause (Ctrl + Enter)" : "Let the text type itself (Ctrl + Enter)";
      stop.disabled = play === null;
      back.disabled = length === 0 || play?.position === 0;
      on.disabled = play === null;
      speed.value = String(SPEEDS.includes(chosen) ? chosen : 20);
      where.textContent = play === null ? "" : `${play.position.toLocaleString("en")} of ${length.toLocaleString("en")}`;
    },
    destroy: () => host.replaceChildren(),
  };
}
