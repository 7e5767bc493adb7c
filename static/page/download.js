// Files that the page hands to its reader.

import { csv } from "../format/csv.js";

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

/** @param {Blob} file @param {string} name */
export function downloadFile(file, name) {
  const url = URL.createObjectURL(file);
  download(url, name);
  setTimeout(() => URL.revokeObjectURL(url), 1000);
}
