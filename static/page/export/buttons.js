// The buttons that take along what is shown: its address, its numbers, its picture, a page of its own, a session file.

import { loadPlotly } from "../../picture/plotly-loader.js";
import { download, downloadFile, downloadTable } from "../download.js";
import { figureOf, tableOf } from "./figure.js";
import { picture } from "./image.js";
import { offlinePage } from "./offline-page.js";

/**
 * @param {{share: HTMLElement, numbers: HTMLElement, picture: HTMLElement, page: HTMLElement,
 *   session: HTMLElement}} buttons
 * @param {{desk: import("../heatmaps.js").Desk, say: (words: string) => void, flush: () => Promise<void>,
 *   text: () => string, save: () => void}} parts `flush` brings the address up to the view, `save` makes a session file
 */
export function attachExports(buttons, { desk, say, flush, text, save }) {
  buttons.session.addEventListener("click", save);
  buttons.share.addEventListener("click", async () => {
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
  buttons.numbers.addEventListener("click", () => {
    const table = tableOf(desk);
    if (table.rows.length === 0) {
      return say("There are no numbers yet: the window shows nothing that has been read.");
    }
    return downloadTable(table);
  });
  buttons.page.addEventListener("click", async () => {
    await flush();
    try {
      downloadFile(await offlinePage(location.hash, text()), "hidden-state.html");
    } catch (error) {
      say(error instanceof Error ? error.message : String(error));
    }
  });
  buttons.picture.addEventListener("click", async () => {
    if (desk.panels.length === 0) return;
    try {
      download(await picture(await loadPlotly(), figureOf(desk)), "hidden-state.png");
    } catch (error) {
      say(error instanceof Error ? error.message : String(error));
    }
  });
}
