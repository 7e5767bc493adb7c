// The buttons of play.

import { make } from "../dom.js";

const NAMESPACE = "http://www.w3.org/2000/svg";
const SHAPES = {
  play: "M3 1.5v11l9-5.5z",
  pause: "M2.5 2h3v10h-3zm6 0h3v10h-3z",
  back: "M2 2h2v10H2zm10 0v10L5 7z",
  on: "M10 2h2v10h-2zM2 2l7 5-7 5z",
  end: "M1 2l5 5-5 5zm5 0l5 5-5 5zm5 0h2v10h-2z",
};

/** @param {keyof typeof SHAPES} shape */
function icon(shape) {
  const svg = document.createElementNS(NAMESPACE, "svg");
  for (const [name, value] of Object.entries({
    viewBox: "0 0 14 14",
    width: "13",
    height: "13",
    "aria-hidden": "true",
  })) {
    svg.setAttribute(name, value);
  }
  const path = document.createElementNS(NAMESPACE, "path");
  path.setAttribute("d", SHAPES[shape]);
  svg.append(path);
  return svg;
}

const SPEEDS = [2, 5, 10, 20, 50, 200];

/**
 * @param {HTMLElement} host
 * @param {{toggle: () => void, step: (by: number) => void, stop: () => void, speed: (value: number) => void}} acts
 */
export function createPlay(host, acts) {
  /** @param {string} label @param {keyof typeof SHAPES} shape @param {string} keys @param {() => void} onclick */
  const button = (label, shape, keys, onclick) =>
    make(
      "button",
      {
        type: "button",
        className: "icon",
        "aria-label": label,
        title: `${label} (${keys})`,
        "aria-keyshortcuts": keys.replace("Ctrl + ", "Control+"),
        onclick,
      },
      icon(shape),
    );
  const toggle = button("Play", "play", "Ctrl + Enter", acts.toggle);
  const back = button("Step back", "back", "Ctrl + ,", () => acts.step(-1));
  const on = button("Step forward", "on", "Ctrl + .", () => acts.step(1));
  const stop = button("Read the whole text", "end", "Escape", acts.stop);
  const speed = make(
    "select",
    { "aria-label": "Speed of play", title: "Speed of play", onchange: () => acts.speed(Number(speed.value)) },
    ...SPEEDS.map((value) => make("option", { value: String(value), textContent: `${value} char/s` })),
  );
  const where = make("span", { className: "where" });
  let shown = false;
  host.append(toggle, back, on, stop, speed, where);
  return {
    /** @param {{position: number, running: boolean} | null} play @param {number} chosen @param {number} length */
    update(play, chosen, length) {
      const running = play?.running ?? false;
      if (shown !== running) toggle.replaceChildren(icon(running ? "pause" : "play"));
      shown = running;
      toggle.setAttribute("aria-label", running ? "Pause" : "Play");
      toggle.title = running ? "Pause (Ctrl + Enter)" : "Let the text type itself (Ctrl + Enter)";
      stop.disabled = play === null;
      back.disabled = length === 0 || play?.position === 0;
      on.disabled = play === null;
      speed.value = String(SPEEDS.includes(chosen) ? chosen : 20);
      where.textContent =
        play === null ? "" : `${play.position.toLocaleString("en")} of ${length.toLocaleString("en")}`;
    },
    destroy: () => host.replaceChildren(),
  };
}
