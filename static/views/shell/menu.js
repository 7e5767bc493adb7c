// The menu of instruments, in groups: each with the question that it answers.

import { make } from "../dom.js";

/**
 * @param {HTMLButtonElement} button @param {HTMLElement} menu a popover
 * @param {{title: string, entries: {name: string, title: string, question: string}[]}[]} groups
 * @param {(name: string | null) => void} choose null closes the one that is open
 */
export function createMenu(button, menu, groups, choose) {
  /** @type {string | null} */
  let open = null;
  /** @param {{name: string, title: string, question: string}} entry */
  const itemOf = ({ name, title, question }) =>
    make(
      "button",
      {
        type: "button",
        role: "menuitemradio",
        "aria-checked": "false",
        tabIndex: -1,
        "data-name": name,
        onclick: () => pick(name),
      },
      make("b", { textContent: title }),
      make("span", { textContent: question }),
    );
  menu.append(
    ...groups.map(({ title, entries }) =>
      make(
        "div",
        { role: "group", "aria-label": title },
        make("p", { textContent: title, "aria-hidden": "true" }),
        ...entries.map(itemOf),
      ),
    ),
  );
  const items = [...menu.querySelectorAll("button")];

  /** @param {string} name */
  function pick(name) {
    menu.hidePopover();
    choose(name === open ? null : name);
  }

  function place() {
    const box = button.getBoundingClientRect();
    menu.style.top = `${box.bottom + 4}px`;
    menu.style.right = `${Math.max(4, innerWidth - box.right)}px`;
  }

  button.addEventListener("click", () => menu.togglePopover());
  menu.addEventListener("beforetoggle", place);
  menu.addEventListener("toggle", (event) => {
    const shown = event.newState === "open";
    button.setAttribute("aria-expanded", String(shown));
    if (shown) (items.find((item) => item.dataset.name === open) ?? items[0])?.focus();
    else if (menu.contains(document.activeElement) || document.activeElement === document.body) button.focus();
  });
  menu.addEventListener("keydown", (event) => {
    const at = items.findIndex((item) => item === document.activeElement);
    const next = { ArrowDown: at + 1, ArrowUp: at - 1, Home: 0, End: items.length - 1 }[event.key];
    if (next === undefined) return;
    items[(next + items.length) % items.length].focus();
    event.preventDefault();
  });

  return {
    toggle: () => menu.togglePopover(),
    /** @param {string | null} name the instrument that is open */
    update(name) {
      open = name;
      for (const item of items) item.setAttribute("aria-checked", String(item.dataset.name === name));
      button.classList.toggle("on", name !== null);
    },
  };
}
