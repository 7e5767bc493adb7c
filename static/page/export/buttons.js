// What can be taken away of a view: its address, picture, numbers, lines of Python, text, a session, a page of its own.

import { loadPlotly } from "../../picture/plotly-loader.js";
import { Popup } from "../../views/shell/popup.js";
import { post } from "../../wire/rest.js";
import { copyScript, download, downloadFile, downloadTable } from "../download.js";
import { figureOf, tableOf } from "./figure.js";
import { picture } from "./image.js";
import { requestOf, textOf } from "./request.js";

/** @import { Desk } from "../heatmaps.js" */
/** @import { DeskPanel } from "../desk-panel.js" */

/**
 * @typedef {object} Parts
 * @property {Desk} desk @property {(words: string) => void} say
 * @property {() => Promise<void>} flush brings the address up to the view @property {() => string} text
 * @property {() => Promise<void> | void} save makes a session file
 */

/**
 * @typedef {(panels: DeskPanel[], single: boolean) => Promise<void> | void} Taking what an entry of a menu does with
 *   all panels, or with a `single` one
 */

const NOTHING = "There are no numbers yet: the window shows nothing that has been read.";

/**
 * The whole picture, or that of a single panel.
 * @param {Parts} parts @param {"png" | "svg"} format @returns {Taking}
 */
const pictureIn =
  ({ desk }, format) =>
  async (panels, single) => {
    if (panels.length === 0) return;
    const name = single ? `hidden-state-${fileName(panels[0].id)}` : "hidden-state";
    const made = await picture(await loadPlotly(), figureOf(desk, panels), { format, lines: !single });
    download(made, `${name}.${format}`);
  };

/** A model's id as a part of a file's name. @param {string} id */
const fileName = (id) => id.replace(/[^\w.-]+/g, "-");

/** @param {Parts} parts @param {"csv" | "npz" | "safetensors"} format @returns {Taking} */
const numbersIn =
  ({ desk, say }, format) =>
  async (panels) => {
    if (panels.length === 0 || desk.read <= desk.window.from) return say(NOTHING);
    const answer = await post("/api/numbers", { ...requestOf(desk, panels), format });
    downloadFile(await answer.blob(), `hidden-state-window.${format}`);
    return undefined;
  };

/**
 * What each entry of the menus does, by its name.
 * @param {Parts} parts
 * @returns {Record<string, Taking>}
 */
function takings(parts) {
  const { desk, say, flush, text, save } = parts;
  return {
    png: pictureIn(parts, "png"),
    svg: pictureIn(parts, "svg"),
    csv: numbersIn(parts, "csv"),
    npz: numbersIn(parts, "npz"),
    safetensors: numbersIn(parts, "safetensors"),
    surprise() {
      const table = tableOf(desk);
      if (table.rows.length === 0) return say(NOTHING);
      return downloadTable(table);
    },
    async python(panels) {
      if (panels.length === 0 || desk.read <= desk.window.from) return say(NOTHING);
      await copyScript("/api/python/pictures", requestOf(desk, panels), say);
      return undefined;
    },
    text: () => downloadFile(new Blob([textOf(desk)], { type: "text/plain" }), "hidden-state-text.txt"),
    session: () => save(),
    async page() {
      await flush();
      const answer = await post("/api/page", { address: location.hash, text: text() });
      downloadFile(await answer.blob(), "hidden-state.html");
    },
  };
}

/**
 * Have a menu's entries do what they say.
 * @param {Popup} popup @param {(entry: string) => Promise<void> | void} take @param {(words: string) => void} say
 */
function attachMenu(popup, take, say) {
  popup.menu.addEventListener("click", async ({ target }) => {
    const entry = target instanceof Element ? target.closest("[data-take]") : null;
    if (!(entry instanceof HTMLElement)) return;
    popup.close();
    try {
      await take(entry.dataset.take ?? "");
    } catch (error) {
      say(error instanceof Error ? error.message : String(error));
    }
  });
}

/** @param {HTMLElement} button @param {Pick<Parts, "flush" | "say">} parts */
function attachShare(button, { flush, say }) {
  button.addEventListener("click", async () => {
    await flush();
    const left = location.hash.includes("&missing=")
      ? " The text is too long for an address, which has only its start: “Save session” makes a file with all of it."
      : "";
    try {
      await navigator.clipboard.writeText(location.href);
      say(`The address of this view is copied.${left}`);
    } catch {
      say(`The browser does not let the page copy; the address of this view stands in its address bar.${left}`);
    }
  });
}

/**
 * @param {Record<"share" | "menu" | "panels" | "panelMenu", HTMLElement> & {take: HTMLButtonElement}} hosts `panels`:
 *   where they are, each with a button of class "take"
 * @param {Parts} parts
 */
export function attachExports({ share, take, menu, panels, panelMenu }, parts) {
  const { desk, say } = parts;
  const taking = takings(parts);
  attachShare(share, parts);
  const whole = new Popup(menu);
  whole.attach(take);
  attachMenu(whole, (entry) => taking[entry](desk.panels, false), say);
  const single = new Popup(panelMenu);
  panels.addEventListener("click", ({ target }) => {
    const button = target instanceof Element ? target.closest(".take") : null;
    if (button instanceof HTMLElement) single.below(button); // and then, by itself, opens it
  });
  /** @param {DeskPanel} panel */
  const own = ({ view }) => view.element.contains(single.button);
  attachMenu(single, (entry) => taking[entry](desk.panels.filter(own), true), say);
}
