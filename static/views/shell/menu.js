// The menu of instruments, in groups, each with the question that it answers; and of views worth opening.

import { make, put } from "../dom.js";
import { Popup } from "./popup.js";

/** @param {{name: string, title: string, question: string}} entry @param {() => void} onclick */
const itemOf = ({ name, title, question }, onclick) =>
  make(
    "button",
    { type: "button", role: "menuitemradio", "aria-checked": "false", tabIndex: -1, "data-name": name, onclick },
    make("b", { textContent: title }),
    make("span", { textContent: question }),
  );

/**
 * A group of the menu, below its title.
 * @param {string} title @param {HTMLElement[]} items
 */
const groupOf = (title, items) =>
  make(
    "div",
    { role: "group", "aria-label": title },
    make("p", { textContent: title, "aria-hidden": "true" }),
    ...items,
  );

/**
 * A view, as the link that it is: it can be opened in another tab, too.
 * @param {import("../../protocol/hello.js").PreparedView} view @param {() => void} onclick
 */
const linkOf = ({ title, description, address }, onclick) =>
  make(
    "a",
    { href: `#${address}`, role: "menuitem", tabIndex: -1, onclick },
    make("b", { textContent: title }),
    make("span", { textContent: description }),
  );

/**
 * Grey what has no answer about any model in view; the reason is the item's tip and its description.
 * @param {HTMLButtonElement[]} items @param {(name: string) => string | null} inapplicable
 */
function grey(items, inapplicable) {
  for (const item of items) {
    const why = inapplicable(item.dataset.name ?? "");
    item.classList.toggle("inapplicable", why !== null);
    put(item, { title: why ?? "" });
  }
}

/**
 * @param {HTMLButtonElement} button @param {HTMLElement} menu a popover
 * @param {{title: string, entries: {name: string, title: string, question: string}[]}[]} groups
 * @param {(name: string | null) => void} choose null closes the one that is open
 * @param {(name: string) => string | null} inapplicable why it has no answer about any model in view; it can be opened
 *   all the same
 */
export function createMenu(button, menu, groups, choose, inapplicable) {
  /** @type {string | null} */
  let open = null;
  menu.append(
    ...groups.map(({ title, entries }) =>
      groupOf(
        title,
        entries.map((entry) => itemOf(entry, () => pick(entry.name))),
      ),
    ),
  );
  const items = [...menu.querySelectorAll("button")];

  /** @param {string} name */
  function pick(name) {
    popup.close();
    choose(name === open ? null : name);
  }

  const popup = new Popup(menu, {
    opening: () => grey(items, inapplicable),
    first: () => items.find((item) => item.dataset.name === open),
  });
  popup.attach(button);

  return {
    toggle: () => popup.toggle(),
    /** @param {import("../../protocol/hello.js").PreparedView[]} views a group below the first one */
    setViews(views) {
      menu.querySelector(".prepared")?.remove();
      if (views.length > 0) {
        const links = views.map((view) => linkOf(view, () => popup.close()));
        const group = groupOf("Worth a look", links);
        group.classList.add("prepared");
        menu.firstElementChild?.after(group);
      }
    },
    /** @param {string | null} name the instrument that is open */
    update(name) {
      open = name;
      for (const item of items) item.setAttribute("aria-checked", String(item.dataset.name === name));
      button.classList.toggle("on", name !== null);
    },
  };
}
