// Files that the page hands to its reader.

import { csv } from "../format/csv.js";
import { post } from "../wire/rest.js";

/** @param {string} url @param {string} name */
export function download(url, name) {
  const link = document.createElement("a");
  link.href = url;
  link.download = name;
  link.click();
}

/** A table as a file. @param {import("../state/instrument.js").Table} table */
export function downloadTable(table) {
  downloadFile(new Blob([csv(table)], { type: "text/csv" }), `hidden-state-${table.name}.csv`);
}

/**
 * Have the server write lines of Python, and put them on the clipboard; where the browser forbids that, into a file.
 * @param {string} path @param {object} asked @param {(words: string) => void} say
 */
export async function copyScript(path, asked, say) {
  const script = await (await post(path, asked)).text();
  const file = script.includes("hidden-state-text.txt")
    ? " They read the text from a file: save it with “Take away · Text”."
    : "";
  try {
    await navigator.clipboard.writeText(script);
    say(`Lines of Python that give these numbers are copied.${file}`);
  } catch {
    downloadFile(new Blob([script], { type: "text/x-python" }), "hidden-state.py");
    say(`The browser does not let the page copy: the lines of Python are in the file hidden-state.py.${file}`);
  }
}

/** @param {Blob} file @param {string} name */
export function downloadFile(file, name) {
  const url = URL.createObjectURL(file);
  download(url, name);
  setTimeout(() => URL.revokeObjectURL(url), 1000);
}
