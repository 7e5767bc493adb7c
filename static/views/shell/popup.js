// A menu that a button opens below itself: where it stands, its keys, and where the keyboard is afterwards.

const WIDEST_REM = 25; // of a menu, as the style sheet says
const EDGE = 4; // CSS pixels to the window's edge, and to the button

export class Popup {
  /**
   * @param {HTMLElement} menu a popover
   * @param {{opening?: () => void, first?: () => HTMLElement | undefined}} [how] `opening`: called before it is shown;
   *   `first`: the item that the keyboard comes to
   */
  constructor(menu, { opening = () => {}, first = () => undefined } = {}) {
    this.menu = menu;
    /** The button that has opened it, or will. @type {HTMLElement | null} */
    this.button = null;
    menu.addEventListener("beforetoggle", (event) => {
      this.#place();
      if (event.newState === "open") opening();
    });
    menu.addEventListener("toggle", (event) => this.#toggled(event.newState === "open", first));
    menu.addEventListener("keydown", (event) => this.#move(event));
  }

  /** A button that opens it, and closes it again. @param {HTMLButtonElement} button */
  attach(button) {
    this.button ??= button;
    button.popoverTargetElement = this.menu; // a click on it does not count as one beside the menu
    button.addEventListener("click", () => this.below(button));
  }

  /** Another of its buttons will open it. @param {HTMLElement} button */
  below(button) {
    this.button = button;
  }

  toggle() {
    this.menu.togglePopover();
  }

  close() {
    this.menu.hidePopover();
  }

  /** Those that can be chosen, from top to bottom. @returns {HTMLElement[]} */
  items() {
    const all = [...this.menu.querySelectorAll("button, a")];
    return all.filter((one) => one instanceof HTMLElement).filter(({ hidden }) => !hidden);
  }

  #place() {
    if (this.button === null) return;
    const { bottom, right } = this.button.getBoundingClientRect();
    const left = innerWidth - WIDEST_REM * parseFloat(getComputedStyle(document.documentElement).fontSize) - EDGE;
    this.menu.style.top = `${bottom + EDGE}px`;
    this.menu.style.right = `${Math.max(EDGE, Math.min(innerWidth - right, left))}px`;
  }

  /** @param {boolean} shown @param {() => HTMLElement | undefined} first */
  #toggled(shown, first) {
    const { menu, button } = this;
    button?.setAttribute("aria-expanded", String(shown));
    if (shown) (first() ?? this.items()[0])?.focus();
    else if (menu.contains(document.activeElement) || document.activeElement === document.body) button?.focus();
  }

  /** @param {KeyboardEvent} event */
  #move(event) {
    const all = this.items();
    const at = all.findIndex((item) => item === document.activeElement);
    const next = { ArrowDown: at + 1, ArrowUp: at - 1, Home: 0, End: all.length - 1 }[event.key];
    if (next === undefined) return;
    all[(next + all.length) % all.length].focus();
    event.preventDefault();
  }
}
