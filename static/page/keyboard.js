// The keyboard: keys of the pictures, and keys that work everywhere.

const typing = (element) => element?.matches?.("textarea, input:not([type=checkbox]), select") ?? false;
const ZOOM = 1.5;

/**
 * @param {Document} page
 * @param {{player: any, help: () => void, menu: () => void, why: () => void,
 *   navigation: import("./navigation.js").Navigation, release: () => void, echo: any, orderOf: (panel: any) =>
 *   Int32Array | null}} parts
 */
export function attachKeys(page, { player, help, menu, why, navigation, release, echo, orderOf }) {
  page.addEventListener("keydown", (event) => {
    const command = event.ctrlKey && !event.altKey && !event.metaKey;
    const letter =
      event.ctrlKey || event.altKey || event.metaKey || typing(event.target) ? "" : event.key.toLowerCase();
    if (command && event.key === "Enter") player.toggle();
    else if (command && event.key === ".") player.step(1);
    else if (command && event.key === ",") player.step(-1);
    else if (event.key === "Escape" && !event.isComposing && page.querySelector("dialog[open]") === null) {
      player.stop();
      release();
      return;
    } else if (event.key === "?" && !typing(event.target)) help();
    else if (letter === "e") echo.toggle();
    else if (letter === "i") menu();
    else return;
    event.preventDefault();
  });

  /** The unit `by` rows further down. */
  function unitBelow(panel, unit, by) {
    const { units } = panel.columns;
    const order = orderOf(panel);
    const row = order === null ? Math.min(unit, units - 1) : Math.max(0, order.indexOf(unit));
    const next = Math.max(0, Math.min(units - 1, row + by));
    return order === null ? next : order[next];
  }

  return {
    /** Keys of a focused picture. @param {KeyboardEvent} event @param {any} panel */
    area(event, panel) {
      if (event.ctrlKey || event.altKey || event.metaKey) return;
      const { step, unit } = navigation.focus() ?? { step: 0, unit: 0 };
      const far = event.shiftKey ? 10 : 1;
      const { per } = navigation.window();
      const sideways = { ArrowLeft: -per, ArrowRight: per }[event.key];
      if (event.shiftKey && sideways !== undefined && echo.current() !== null) {
        echo.move(sideways);
        event.preventDefault();
        return;
      }
      const moves = {
        ArrowLeft: () => navigation.hold(step - far * per, unit),
        ArrowRight: () => navigation.hold(step + far * per, unit),
        ArrowUp: () => navigation.hold(step, unitBelow(panel, unit, -far)),
        ArrowDown: () => navigation.hold(step, unitBelow(panel, unit, far)),
        Home: () => navigation.hold(0, unit),
        End: () => navigation.hold(navigation.read() - 1, unit),
        PageUp: () => navigation.page(-1),
        PageDown: () => navigation.page(1),
        "+": () => navigation.zoom(1 / ZOOM),
        "=": () => navigation.zoom(1 / ZOOM),
        "-": () => navigation.zoom(ZOOM),
        0: () => navigation.zoom(0),
        9: () => navigation.whole(),
        Enter: () => {
          navigation.hold(step, unit);
          why();
        },
      };
      const move = moves[event.key];
      if (move === undefined) return;
      move();
      event.preventDefault();
    },
  };
}
