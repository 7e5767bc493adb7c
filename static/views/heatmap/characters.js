// The characters, each over its column; where columns are narrower than a letter, those around the cursor.

import { washOf } from "../../picture/colour.js";
import { spoken, visible } from "../../text/characters.js";
import { lettered, make, put, tell, themeColours } from "../dom.js";

const HEIGHT = 20;
const NARROWEST = 6; // CSS pixels in which a character can still be read

const LABEL = "Character whose echo is shown. Arrow keys choose another, a letter takes its place.";

const CROWDED = 560; // CSS pixels that hold the letters around the cursor and nothing beside them

/** Characters shown on either side of the cursor when columns are narrower. */
export const LENS = 17;

const levelAt = (tint, step) => tint?.levels[step - tint.from] ?? 0;

/** One letter in its cell, marked where the cursor is and where it is unknown. */
function letter(
  context,
  character,
  [x, width, top, bottom],
  { here, strange, level = 0 },
  [ink, muted, bad, badInk, accent, accentInk],
) {
  if (here || strange || level !== 0) {
    context.fillStyle = here ? accent : strange ? bad : washOf(level);
    context.fillRect(x, top, width, bottom - top);
  }
  const seen = visible(character);
  context.fillStyle = here ? accentInk : strange ? badInk : seen === character ? ink : muted;
  const y = HEIGHT / 2 + (top === 1 ? 1 : 0);
  if (seen.length <= character.length) return context.fillText(seen, x + width / 2, y);
  code(context, seen, x + width / 2, y, width);
  return undefined;
}

function ticks(context, { shown, unknown }, across, [, muted, bad]) {
  shown.forEach((character, k) => {
    if (character !== "\n" && !unknown(character)) return;
    context.fillStyle = character === "\n" ? muted : bad;
    context.fillRect(k * across, HEIGHT - 6, Math.max(1, across), 6);
  });
}

export class Characters {
  /**
   * @param {HTMLElement} host
   * @param {{point: (step: number) => void, leave: () => void, pin: (step: number) => void, move: (by: number) => void,
   *   instead: (character: string | null) => void}} acts of the echo
   */
  constructor(host, acts) {
    this.canvas = make("canvas", {
      className: "strip",
      role: "img",
      "aria-label": "The characters of the text, each over its column",
    });
    this.hint = make("span", { className: "strip-hint", textContent: "zoom in to read every character" });
    this.replaced = make("div", { className: "replaced", hidden: true, "aria-hidden": "true" }, make("b"), make("i"));
    this.element = make("div", { className: "characters" }, this.canvas, this.hint, this.replaced);
    host.append(this.element);
    this.mono = getComputedStyle(document.documentElement).getPropertyValue("--mono");
    this.drawn = "";
    this.tinted = null;
    /** @type {any} the last view */
    this.view = null;
    attachEchoes(this.element, () => this.view, acts);
  }

  #ready(context, size) {
    context.font = `${size}px ${this.mono}`;
    context.textAlign = "center";
    context.textBaseline = "middle";
  }

  #letters(context, { shown, unknown, read, window, lens, tint }, across, colours) {
    this.#ready(context, Math.min(14, Math.max(9, across * 1.62)));
    shown.forEach((character, k) => {
      const step = window.from + k;
      context.globalAlpha = step >= read ? 0.35 : 1;
      letter(
        context,
        character,
        [k * across, across, 1, HEIGHT - 1],
        { here: step === lens?.step, strange: unknown(character), level: levelAt(tint, step) },
        colours,
      );
    });
    context.globalAlpha = 1;
  }

  /** The text around the cursor, over the place where the cursor is. */
  #magnified(context, { unknown, width, window, lens, tint }, colours) {
    const share = lens === null ? -1 : (lens.step - window.from + 0.5) / window.span;
    if (share < 0 || share > 1) return;
    const [surface, line] = colours.slice(-2);
    this.#ready(context, 13);
    const wide = context.measureText("M").width;
    const reach = Math.min(LENS, Math.floor((width / wide - 1) / 2));
    const half = (reach + 0.5) * wide;
    const middle = Math.max(half + 2, Math.min(width - half - 2, share * width));
    context.fillStyle = surface;
    context.strokeStyle = line;
    context.beginPath();
    context.roundRect(middle - half - 2, 0.5, 2 * half + 4, HEIGHT - 2, 4);
    context.fill();
    context.stroke();
    lens.characters.forEach((character, k) => {
      const offset = lens.first + k - lens.step;
      if (Math.abs(offset) > reach) return;
      letter(
        context,
        character,
        [middle + (offset - 0.5) * wide, wide, 2, HEIGHT - 3],
        { here: offset === 0, strange: unknown(character), level: levelAt(tint, lens.first + k) },
        colours,
      );
    });
  }

  /** @param {{left: number, width: number}} place */
  place({ left, width }) {
    this.element.style.marginLeft = `${left}px`;
    this.element.style.width = `${width}px`;
  }

  /**
   * @param {{window: import("../../picture/window.js").Window, shown: string[], width: number, read: number,
   *   theme: string, lens: {step: number, first: number, characters: string[]} | null, unknown: (character: string)
   *   => boolean, tint: {from: number, levels: Int8Array} | null}} view `shown`: the characters of the window, if a
   *   column is one; `lens`: those around the cursor, from step `first` on
   */
  update(next) {
    this.view = next;
    const { window, shown, lens, unknown, width, read, theme, tint } = this.view;
    this.echo(this.view.echo, window);
    const strange = (character) => (unknown(character) ? 1 : 0);
    const words = JSON.stringify([
      window,
      width,
      devicePixelRatio,
      theme,
      Math.min(read - window.from, window.span),
      shown.join(""),
      shown.map(strange).join(""),
      lens,
      lens?.characters.map(strange).join(""),
    ]);
    if (words === this.drawn && tint === this.tinted) return; // letters cost more than to see that they are the same
    [this.drawn, this.tinted] = [words, tint];
    const colours = themeColours(
      "--ink",
      "--faint",
      "--bad",
      "--bad-ink",
      "--accent",
      "--accent-ink",
      "--surface",
      "--frame",
    );
    const across = width / window.columns;
    const legible = window.per === 1 && across >= NARROWEST;
    lettered(this.canvas, width, HEIGHT, (context) => {
      if (legible) return this.#letters(context, this.view, across, colours);
      ticks(context, this.view, across, colours);
      this.#magnified(context, this.view, colours);
    });
    this.hint.hidden = legible || (lens !== null && width < CROWDED);
    const place = lens === null ? 0 : (lens.step - window.from) / window.span;
    this.hint.classList.toggle("left", place > 0.5); // the lens is at the cursor
  }

  /** The character that takes another's place, over that one. @param {any} echo @param {any} window */
  echo(echo, { from, span, per }) {
    const share = echo === null ? -1 : (Math.floor((echo.step - from) / per) * per + per / 2) / span;
    put(this.element, { className: `characters${echo === null ? "" : " echoing"}`, tabIndex: echo === null ? -1 : 0 });
    put(this.replaced, { hidden: share < 0 || share > 1 });
    if (echo === null) {
      return put(this.element, { role: null, ariaLabel: null, ariaValueNow: null, ariaValueText: null });
    }
    const character =
      echo.others === null ? (echo.instead === null ? "" : visible(echo.instead)) : `${echo.others} others`;
    tell(this.replaced.firstChild, character);
    put(this.replaced.style, { left: `${share * 100}%` });
    const valueText =
      `step ${echo.step}, ` +
      `${spoken(echo.character)}${echo.instead === null ? "" : `, had it been ${spoken(echo.instead)}`}`;
    return put(this.element, {
      role: "slider",
      ariaLabel: LABEL,
      ariaValueNow: String(echo.step),
      ariaValueText: valueText,
    });
  }

  destroy() {
    this.element.remove();
  }
}

/** The code of a character without ink, its digits in two rows so that they fit into a cell. */
function code(context, digits, x, y, width) {
  const { font } = context;
  context.font = `${Math.max(7, Math.min(9, width * 0.8))}px ${font.replace(/^\S+ /, "")}`;
  const half = Math.ceil(digits.length / 2);
  context.fillText(digits.slice(0, half), x, y - 4);
  context.fillText(digits.slice(half), x, y + 4);
  context.font = font;
}

/** Pointer and keys on the characters: they choose whose echo is shown. */
function attachEchoes(element, view, acts) {
  const stepAt = (event) => {
    const { window } = view();
    const box = element.getBoundingClientRect();
    const share = Math.max(0, Math.min(0.999999, (event.clientX - box.left) / box.width));
    return window.from + Math.floor(share * window.columns) * window.per;
  };
  let down = null;
  // Ordinary movements wait for the next animation frame; raw ones come at once, where the browser has them.
  const movement = "onpointerrawupdate" in window ? "pointerrawupdate" : "pointermove";
  element.addEventListener(movement, (event) => view() !== null && acts.point(stepAt(event)));
  element.addEventListener("pointerleave", () => acts.leave());
  element.addEventListener("pointerdown", (event) => {
    if (event.button !== 0 || view() === null) return;
    down = event.clientX;
    if (event.pointerType === "touch") element.setPointerCapture(event.pointerId); // a finger looks along the text
  });
  element.addEventListener("pointerup", (event) => {
    if (down !== null && view().shown !== undefined) acts.pin(stepAt(event));
    down = null;
  });
  element.addEventListener("keydown", (event) => {
    if ((view()?.echo ?? null) === null || event.ctrlKey || event.altKey || event.metaKey) return;
    const { per } = view().window;
    const far = event.shiftKey ? 10 : 1;
    const moves = {
      ArrowLeft: () => acts.move(-far * per),
      ArrowRight: () => acts.move(far * per),
      Backspace: () => acts.instead(null),
      Delete: () => acts.instead(null),
      Enter: () => acts.instead("\n"),
    };
    if (moves[event.key] !== undefined) moves[event.key]();
    else if ([...event.key].length === 1) acts.instead(event.key);
    else return;
    event.preventDefault();
    event.stopPropagation();
  });
}
