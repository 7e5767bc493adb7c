// The characters, each over its column.

import { visible } from "../core/text.js";
import { fitted, make, themeColours } from "./dom.js";

const HEIGHT = 20;
const NARROWEST = 6; // CSS pixels in which a character can still be read
const LENS = 17; // characters shown on either side of the cursor when columns are narrower

/** @param {HTMLElement} host */
export function createCharacters(host) {
  const canvas = make("canvas", { className: "strip", role: "img", "aria-label": "The characters of the text, each over its column" });
  const hint = make("span", { className: "strip-hint", textContent: "zoom in to read every character" });
  const element = make("div", { className: "characters" }, canvas, hint);
  host.append(element);
  const mono = getComputedStyle(document.documentElement).getPropertyValue("--mono");

  function letters(context, { characters, unknown, cursor, width, unread }, [ink, muted, bad, badInk, accent, accentInk]) {
    const across = width / characters.width;
    const size = Math.min(14, Math.max(9, across * 1.62));
    context.font = `${size}px ${mono}`;
    context.textAlign = "center";
    context.textBaseline = "middle";
    characters.shown.forEach((character, k) => {
      const x = (k + 0.5) * across;
      const here = k === cursor;
      if (here || unknown(character)) {
        context.fillStyle = here ? accent : bad;
        context.fillRect(k * across, 1, across, HEIGHT - 2);
      }
      const seen = visible(character);
      context.globalAlpha = unread(k) ? 0.35 : 1;
      context.fillStyle = here ? accentInk : unknown(character) ? badInk : seen === character ? ink : muted;
      context.fillText(seen, x, HEIGHT / 2 + 1);
    });
    context.globalAlpha = 1;
  }

  function ticksAndLens(context, { characters, unknown, cursor, width }, [ink, muted, bad, badInk, accent, accentInk, surface, line]) {
    const across = width / characters.width;
    characters.shown.forEach((character, k) => {
      if (character !== "\n" && !unknown(character)) return;
      context.fillStyle = character === "\n" ? muted : bad;
      context.fillRect(k * across, HEIGHT - 6, Math.max(1, across), 6);
    });
    if (cursor === null || cursor < 0 || cursor >= characters.shown.length) return;
    context.font = `13px ${mono}`;
    context.textBaseline = "middle";
    context.textAlign = "center";
    const letter = context.measureText("M").width;
    const reach = Math.min(LENS, Math.floor((width / letter - 1) / 2));
    const half = (reach + 0.5) * letter;
    const middle = Math.max(half + 2, Math.min(width - half - 2, (cursor + 0.5) * across));
    context.fillStyle = surface;
    context.strokeStyle = line;
    context.beginPath();
    context.roundRect(middle - half - 2, 0.5, 2 * half + 4, HEIGHT - 2, 4);
    context.fill();
    context.stroke();
    for (let offset = -reach; offset <= reach; offset++) {
      const character = characters.shown[cursor + offset];
      if (character === undefined) continue;
      const x = middle + offset * letter;
      if (offset === 0 || unknown(character)) {
        context.fillStyle = offset === 0 ? accent : bad;
        context.fillRect(x - letter / 2, 2, letter, HEIGHT - 5);
      }
      const seen = visible(character);
      context.fillStyle = offset === 0 ? accentInk : unknown(character) ? badInk : seen === character ? ink : muted;
      context.fillText(seen, x, HEIGHT / 2);
    }
  }

  return {
    element,
    /** @param {{left: number, width: number}} place */
    place({ left, width }) {
      element.style.marginLeft = `${left}px`;
      element.style.width = `${width}px`;
    },
    /**
     * @param {{characters: {shown: string[], width: number}, unknown: (character: string) => boolean,
     *   cursor: number | null, width: number, unread: (k: number) => boolean}} view `cursor` counts from the window's start
     */
    update(view) {
      const context = fitted(canvas, view.width, HEIGHT);
      const colours = themeColours("--ink", "--faint", "--bad", "--bad-ink", "--accent", "--accent-ink", "--surface", "--frame");
      const legible = view.width / view.characters.width >= NARROWEST;
      if (legible) letters(context, view, colours);
      else ticksAndLens(context, view, colours);
      hint.hidden = legible;
      hint.classList.toggle("left", (view.cursor ?? 0) > view.characters.width / 2); // the lens is at the cursor
    },
    destroy() {
      element.remove();
    },
  };
}
