// The keyboard: keys of the pictures, and keys that work everywhere.

/** @param {EventTarget | null} element */
const typing = (element) =>
  element instanceof Element && element.matches("textarea, input:not([type=checkbox]), select");
const ZOOM = 1.5;

/**
 * @typedef {object} Parts
 * @property {import("./player.js").Player} player @property {() => void} help @property {() => void} menu
 * @property {() => void} why @property {import("./navigation.js").Navigation} navigation
 * @property {() => void} release lets go of the echo, or of the cursor @property {import("./echo.js").Echoes} echo
 * @property {(panel: import("./desk-panel.js").DeskPanel) => Int32Array | null} orderOf
 */

/** What a key does everywhere on the page, if it does anything. @param {KeyboardEvent} event @param {Parts} parts */
function everywhere(event, { player, help, menu, echo }) {
  if (event.ctrlKey && !event.altKey && !event.metaKey) {
    const act = { Enter: () => player.toggle(), ".": () => player.step(1), ",": () => player.step(-1) }[event.key];
    if (act !== undefined) return act;
  }
  if (typing(event.target)) return undefined;
  if (event.key === "?") return help;
  if (event.ctrlKey || event.altKey || event.metaKey) return undefined;
  return { e: () => echo.toggle(), i: menu }[event.key.toLowerCase()];
}

/**
 * The unit `by` rows further down.
 * @param {number} units @param {Int32Array | null} order @param {number} unit @param {number} by
 */
function unitBelow(units, order, unit, by) {
  const row = order === null ? Math.min(unit, units - 1) : Math.max(0, order.indexOf(unit));
  const next = Math.max(0, Math.min(units - 1, row + by));
  return order === null ? next : order[next];
}

export class Keys {
  /** @param {Document} page @param {Parts} parts */
  constructor(page, parts) {
    this.parts = parts;
    page.addEventListener("keydown", (event) => {
      if (event.key === "Escape" && !event.isComposing && page.querySelector("dialog[open]") === null) {
        parts.player.stop();
        parts.release();
        return;
      }
      const act = everywhere(event, parts);
      if (act === undefined) return;
      act();
      event.preventDefault();
    });
  }

  /** Keys of a focused picture. @param {KeyboardEvent} event @param {import("./desk-panel.js").DeskPanel} panel */
  area(event, panel) {
    if (event.ctrlKey || event.altKey || event.metaKey) return;
    const move = this.#movesEcho(event) ?? this.#moves(event, panel)[event.key];
    if (move === undefined) return;
    move();
    event.preventDefault();
  }

  /** With Shift, the echo goes sideways and not the cursor. @param {KeyboardEvent} event */
  #movesEcho(event) {
    const { navigation, echo } = this.parts;
    const by = { ArrowLeft: -1, ArrowRight: 1 }[event.key];
    if (!event.shiftKey || by === undefined || echo.current() === null) return undefined;
    return () => echo.move(by * navigation.window().per);
  }

  /**
   * @param {KeyboardEvent} event @param {import("./desk-panel.js").DeskPanel} panel
   * @returns {Record<string, () => void>}
   */
  #moves(event, panel) {
    const { navigation, orderOf, why } = this.parts;
    const { step, unit } = navigation.focus() ?? { step: 0, unit: 0 };
    const far = event.shiftKey ? 10 : 1;
    const { per } = navigation.window();
    /** @param {number} by */
    const below = (by) => unitBelow(panel.columns.units, orderOf(panel), unit, by);
    return {
      ArrowLeft: () => navigation.placeCursor(step - far * per, unit),
      ArrowRight: () => navigation.placeCursor(step + far * per, unit),
      ArrowUp: () => navigation.placeCursor(step, below(-far)),
      ArrowDown: () => navigation.placeCursor(step, below(far)),
      Home: () => navigation.placeCursor(0, unit),
      End: () => navigation.placeCursor(navigation.read() - 1, unit),
      PageUp: () => navigation.page(-1),
      PageDown: () => navigation.page(1),
      "+": () => navigation.zoom(1 / ZOOM),
      "=": () => navigation.zoom(1 / ZOOM),
      "-": () => navigation.zoom(ZOOM),
      0: () => navigation.zoom(0),
      9: () => navigation.whole(),
      Enter: () => {
        navigation.placeCursor(step, unit);
        why();
      },
    };
  }
}
