// The theme: what the page wears, the word on its button, and what the browser keeps of a choice.

import { read, write } from "../state/browser-storage.js";
import { THEMES } from "../state/store.js";
import { tell } from "./dom.js";

/** @typedef {import("../state/store.js").State["theme"]} Chosen */

/** The theme that was chosen here last; "auto" where none was. */
export const keptTheme = () => THEMES.find((one) => one === read(() => localStorage, "theme")) ?? "auto";

/**
 * Keep the theme that somebody has chosen here; one that an address asks for is that address' own.
 * @param {string} theme
 */
export const keepTheme = (theme) => write(() => localStorage, "theme", theme);

/** The one that a click on the button leads to. @param {Chosen} theme */
export const nextTheme = (theme) => THEMES[(THEMES.indexOf(theme) + 1) % THEMES.length];

/** @param {HTMLElement} button @param {string} theme */
export function wear(button, theme) {
  if (theme === "auto") delete document.documentElement.dataset.theme;
  else document.documentElement.dataset.theme = theme;
  tell(button, `Theme: ${theme}`);
}
