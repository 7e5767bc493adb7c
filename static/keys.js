// The keyboard: keys of the pictures, and keys that work everywhere.

const typing = (element) => element?.matches?.("textarea, input:not([type=checkbox]), select") ?? false;

/**
 * @param {Document} page
 * @param {{player: any, help: () => void, zoom: (factor: number) => void, page: (by: number) => void,
 *   cursor: (step: number, unit: number) => void, release: () => void, last: () => number,
 *   focus: () => {step: number, unit: number} | null, orderOf: (panel: any) => Int32Array | null}} acts
 */
export function attachKeys(page, acts) {
  page.addEventListener("keydown", (event) => {
    const command = event.ctrlKey && !event.altKey && !event.metaKey;
    if (command && event.key === "Enter") acts.player.toggle();
    else if (command && event.key === ".") acts.player.step(1);
    else if (command && event.key === ",") acts.player.step(-1);
    else if (event.key === "Escape" && !event.isComposing && page.querySelector("dialog[open]") === null) {
      acts.player.stop();
      acts.release();
      return;
    } else if (event.key === "?" && !typing(event.target)) acts.help();
    else return;
    event.preventDefault();
  });

  return {
    /** Keys of a focused picture. @param {KeyboardEvent} event @param {any} panel */
    area(event, panel) {
      if (event.ctrlKey || event.altKey || event.metaKey) return;
      const cursor = acts.focus();
      const far = event.shiftKey ? 10 : 1;
      const unit = cursor?.unit ?? 0;
      const step = cursor?.step ?? 0;
      const down = (by) => {
        const { units } = panel.columns;
        const order = acts.orderOf(panel);
        const row = order === null ? Math.min(unit, units - 1) : Math.max(0, order.indexOf(unit));
        const next = Math.max(0, Math.min(units - 1, row + by));
        acts.cursor(step, order === null ? next : order[next]);
      };
      const moves = {
        ArrowLeft: () => acts.cursor(step - far, unit),
        ArrowRight: () => acts.cursor(step + far, unit),
        ArrowUp: () => down(-far),
        ArrowDown: () => down(far),
        Home: () => acts.cursor(0, unit),
        End: () => acts.cursor(acts.last(), unit),
        PageUp: () => acts.page(-1),
        PageDown: () => acts.page(1),
        "+": () => acts.zoom(1 / 1.5),
        "=": () => acts.zoom(1 / 1.5),
        "-": () => acts.zoom(1.5),
        0: () => acts.zoom(0),
      };
      const move = moves[event.key];
      if (move === undefined) return;
      move();
      event.preventDefault();
    },
  };
}
