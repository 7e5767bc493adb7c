// A menu that a button opens below itself: where it stands, its keys, and where the keyboard is afterwards.

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

  /** A button that opens it. @param {HTMLElement} button */
  attach(button) {
    this.button ??= button;
    button.addEventListener("click", () => this.toggle(button));
  }

  /** @param {HTMLElement | null} [button] below which it opens */
  toggle(button = this.button) {
    this.button = button;
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
    const box = this.button.getBoundingClientRect();
    this.menu.style.top = `${box.bottom + 4}px`;
    this.menu.style.right = `${Math.max(4, innerWidth - box.right)}px`;
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
