// What is around the page: its size, its theme, whether it is seen and has a network, and frames that never came.

import { keepTheme, nextTheme, wear } from "../../views/theme.js";
import { one } from "../../views/dom.js";

const HOLE_MS = 3000;

/**
 * Show the theme, whenever it is another.
 * @param {{store: import("../../state/store.js").Store, desk: import("../heatmaps.js").Desk}} parts
 * @returns {() => void} shows it
 */
export function attachTheme({ store, desk }) {
  const darkness = matchMedia("(prefers-color-scheme: dark)");
  const show = () => {
    const { theme } = store.get();
    wear(one("#theme"), theme);
    desk.setTheme(theme === "auto" ? (darkness.matches ? "dark" : "light") : theme);
  };
  darkness.addEventListener("change", show);
  one("#theme").addEventListener("click", () => {
    const theme = nextTheme(store.get().theme);
    store.set({ theme });
    keepTheme(theme);
  });
  return show;
}

/**
 * Connect at once, without waiting for the next try, when somebody seems to be back.
 * @param {import("../../wire/connection.js").Connection} connection
 */
export function attachHurry(connection) {
  addEventListener("online", () => connection.hurry());
  document.addEventListener("visibilitychange", () => document.hidden || connection.hurry());
  one("#text").addEventListener("keydown", () => connection.hurry());
}

/**
 * Were a frame ever lost, the picture would stay wrong without a word; one that keeps a hole is asked for anew.
 * Nothing is lost while anything comes or is asked for: every new window and every edit is a message too.
 * @param {import("../../wire/connection.js").Connection} connection @param {import("../heatmaps.js").Desk} desk
 */
export function mendHoles(connection, desk) {
  let messages = 0;
  setInterval(() => {
    const still = messages === connection.messages;
    messages = connection.messages;
    if (still && connection.ready && desk.lacks()) connection.resync();
  }, HOLE_MS);
}

/** Both listeners may fire; the second sees no change and does nothing. @param {() => void} resized */
export function attachSize(resized) {
  addEventListener("resize", resized);
  for (const place of ["#editor", "#panels"]) new ResizeObserver(resized).observe(one(place));
}
