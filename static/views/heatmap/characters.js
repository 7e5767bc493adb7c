// The characters, each over its column; where columns are narrower than a letter, those around the cursor.

import { washOf } from "../../picture/colour.js";
import { spoken, visible } from "../../text/characters.js";
import { lettered, make, put, tell, themeColours } from "../dom.js";

/** @import { Window } from "../../picture/window.js" */
/** @import { Tint } from "../../state/instrument.js" */

/** @typedef {CanvasRenderingContext2D | OffscreenCanvasRenderingContext2D} Context */

const HEIGHT = 20;
const NARROWEST = 6; // CSS pixels in which a character can still be read

const LABEL = "Character whose echo is shown. Arrow keys choose another, a letter takes its place.";

const CROWDED = 560; // CSS pixels that hold the letters around the cursor and nothing beside them

/** Characters shown on either side of the cursor when columns are narrower. */
export const LENS = 17;

/**
 * @typedef {object} StripActs of the echo
 * @property {(step: number) => void} point @property {() => void} leave @property {(step: number) => void} pin
 * @property {(by: number) => void} move @property {(character: string | null) => void} instead
 */

/** @typedef {{step: number, character: string, instead: string | null, others: number | null}} Echoed */

/**
 * @typedef {object} StripView
 * @property {Window} window @property {string[]} shown the characters of the window, if a column is one
 * @property {{step: number, first: number, characters: string[]} | null} lens those around the cursor, from `first` on
 * @property {(character: string) => boolean} unknown @property {number} read @property {Tint | null} tint
 * @property {Echoed | null} echo @property {number} width @property {string} theme
 */

/** @param {Tint | null} tint @param {number} step */
const levelAt = (tint, step) => tint?.levels[step - tint.from] ?? 0;

/**
 * One letter in its cell, marked where the cursor is and where it is unknown.
 * @param {Context} context @param {string} character @param {[number, number, number, number]} cell
 * @param {{here: boolean, strange: boolean, level?: number}} how @param {string[]} colours
 */
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

/** @param {Context} context @param {StripView} view @param {number} across @param {string[]} colours */
function ticks(context, { shown, unknown }, across, [, muted, bad]) {
  shown.forEach((character, k) => {
    if (character !== "\n" && !unknown(character)) return;
    context.fillStyle = character === "\n" ? muted : bad;
    context.fillRect(k * across, HEIGHT - 6, Math.max(1, across), 6);
  });
}

export class Characters {
  /**
   * @param {HTMLElement} host @param {StripActs} acts
   */
  constructor(host, acts) {
    this.canvas = make("canvas", {
      className: "strip",
      role: "img",
      "aria-label": "The characters of the text, each over its column",
    });
    this.hint = make("span", { className: "strip-hint", textContent: "zoom in to read every character" });
    this.other = make("b");
    this.replaced = make("div", { className: "replaced", hidden: true, "aria-hidden": "true" }, this.other, make("i"));
    this.element = make("div", { className: "characters" }, this.canvas, this.hint, this.replaced);
    host.append(this.element);
    this.mono = getComputedStyle(document.documentElement).getPropertyValue("--mono");
    this.drawn = "";
    /** @type {Tint | null} */
    this.tinted = null;
    /** The last view. @type {StripView | null} */
    this.view = null;
    attachEchoes(this.element, () => this.view, acts);
  }

  /** @param {Context} context @param {number} size */
  #ready(context, size) {
    context.font = `${size}px ${this.mono}`;
    context.textAlign = "center";
    context.textBaseline = "middle";
  }

  /** @param {Context} context @param {StripView} view @param {number} across @param {string[]} colours */
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

  /**
   * The text around the cursor, over the place where the cursor is.
   * @param {Context} context @param {StripView} view @param {string[]} colours
   */
  #magnified(context, { unknown, width, window, lens, tint }, colours) {
    if (lens === null) return;
    const share = (lens.step - window.from + 0.5) / window.span;
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

  /** @param {StripView} next */
  update(next) {
    this.view = next;
    const { window, shown, lens, unknown, width, read, theme, tint } = next;
    this.echo(next.echo, window);
    /** @param {string} character */
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
      if (legible) return this.#letters(context, next, across, colours);
      ticks(context, next, across, colours);
      this.#magnified(context, next, colours);
    });
    this.hint.hidden = legible || (lens !== null && width < CROWDED);
    const place = lens === null ? 0 : (lens.step - window.from) / window.span;
    this.hint.classList.toggle("left", place > 0.5); // the lens is at the cursor
  }

  /** The character that takes another's place, over that one. @param {Echoed | null} echo @param {Window} window */
  echo(echo, { from, span, per }) {
    const share = echo === null ? -1 : (Math.floor((echo.step - from) / per) * per + per / 2) / span;
    put(this.element, { className: `characters${echo === null ? "" : " echoing"}`, tabIndex: echo === null ? -1 : 0 });
    put(this.replaced, { hidden: share < 0 || share > 1 });
    if (echo === null) {
      return put(this.element, { role: null, ariaLabel: null, ariaValueNow: null, ariaValueText: null });
    }
    const character =
      echo.others === null ? (echo.instead === null ? "" : visible(echo.instead)) : `${echo.others} others`;
    tell(this.other, character);
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

/**
 * The code of a character without ink, its digits in two rows so that they fit into a cell.
 * @param {Context} context @param {string} digits @param {number} x @param {number} y @param {number} width
 */
function code(context, digits, x, y, width) {
  const { font } = context;
  context.font = `${Math.max(7, Math.min(9, width * 0.8))}px ${font.replace(/^\S+ /, "")}`;
  const half = Math.ceil(digits.length / 2);
  context.fillText(digits.slice(0, half), x, y - 4);
  context.fillText(digits.slice(half), x, y + 4);
  context.font = font;
}

/**
 * Pointer and keys on the characters: they choose whose echo is shown.
 * @param {HTMLElement} element @param {() => StripView | null} view @param {StripActs} acts
 */
function attachEchoes(element, view, acts) {
  /** @param {MouseEvent} event @param {StripView} seen */
  const stepAt = (event, { window: { from, columns, per } }) => {
    const box = element.getBoundingClientRect();
    const share = Math.max(0, Math.min(0.999999, (event.clientX - box.left) / box.width));
    return from + Math.floor(share * columns) * per;
  };
  let pressed = false;
  /** @param {Event} event */
  const point = (event) => {
    const seen = view();
    if (seen !== null && event instanceof MouseEvent) acts.point(stepAt(event, seen));
  };
  // Ordinary movements wait for the next animation frame; raw ones come at once, where the browser has them.
  element.addEventListener("onpointerrawupdate" in window ? "pointerrawupdate" : "pointermove", point);
  element.addEventListener("pointerleave", () => acts.leave());
  element.addEventListener("pointerdown", (event) => {
    if (event.button !== 0 || view() === null) return;
    pressed = true;
    if (event.pointerType === "touch") element.setPointerCapture(event.pointerId); // a finger looks along the text
  });
  element.addEventListener("pointerup", (event) => {
    const seen = view();
    if (pressed && seen !== null) acts.pin(stepAt(event, seen));
    pressed = false;
  });
  element.addEventListener("keydown", (event) => {
    const seen = view();
    if (seen === null || seen.echo === null || event.ctrlKey || event.altKey || event.metaKey) return;
    const act = keyAct(event, seen.window.per, acts);
    if (act === undefined) return;
    act();
    event.preventDefault();
    event.stopPropagation();
  });
}

/**
 * What a key does to the echo, if it does anything.
 * @param {KeyboardEvent} event @param {number} per @param {StripActs} acts
 */
function keyAct({ key, shiftKey }, per, acts) {
  const far = (shiftKey ? 10 : 1) * per;
  /** @type {Record<string, () => void>} */
  const moves = {
    ArrowLeft: () => acts.move(-far),
    ArrowRight: () => acts.move(far),
    Backspace: () => acts.instead(null),
    Delete: () => acts.instead(null),
    Enter: () => acts.instead("\n"),
  };
  return moves[key] ?? ([...key].length === 1 ? () => acts.instead(key) : undefined);
}
