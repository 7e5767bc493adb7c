// The keys of a lesson, wherever nobody writes.

/** @param {EventTarget | null} element */
const writing = (element) => element instanceof Element && element.matches("input, textarea, select");

/**
 * @typedef {object} Acts
 * @property {(by: number) => void} click as a clicker does @property {(by: number) => void} move
 * @property {(at: number) => void} go @property {() => number} last
 * @property {import("./presenter.js").Presenter} presenter
 */

/** What a key does, if it does anything. @param {string} key @param {Acts} acts @returns {(() => void) | undefined} */
export function actOf(key, { click, move, go, last, presenter }) {
  const { on } = presenter;
  if (/^[1-9]$/.test(key)) return () => Number(key) - 1 <= last() && go(Number(key) - 1);
  return {
    PageDown: () => click(1),
    PageUp: () => click(-1),
    ArrowRight: () => move(1),
    ArrowLeft: () => move(-1),
    Home: () => go(0),
    End: () => go(last()),
    p: () => presenter.toggle(),
    n: () => presenter.notes(),
    ...(on
      ? {
          " ": () => click(1),
          r: () => presenter.reveal(),
          l: () => presenter.togglePen(),
          f: () => presenter.nextShare(),
          Escape: () => presenter.leave(),
        }
      : {}),
  }[key.length === 1 ? key.toLowerCase() : key];
}

/** @param {Acts} acts */
export function attachKeys(acts) {
  document.addEventListener("keydown", (event) => {
    const { key, target } = event;
    if (event.ctrlKey || event.altKey || event.metaKey || event.isComposing) return;
    if (writing(target) && !["PageDown", "PageUp", "Escape"].includes(key)) return;
    // A button that has the focus is pressed with the space bar.
    if (key === " " && target instanceof Element && target.matches("button, summary, a")) return;
    const act = actOf(key, acts);
    if (act === undefined) return;
    event.preventDefault();
    act();
  });
}
