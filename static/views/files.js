// A text out of a file: chosen with the button, or dropped anywhere on the page. Nothing is replaced before the whole
// file has been read and found to be text.

import { Text } from "../core/document.js";

const MEGABYTE = 2 ** 20;
const BYTES_A_CHARACTER = 4; // at most, in UTF-8
const PIECE = 65_536;

const told = (count) => count.toLocaleString("en");
const sized = (bytes) => (bytes < 10 * MEGABYTE ? `${told(bytes)} bytes` : `${told(Math.round(bytes / MEGABYTE))} MB`);

/** The first byte that is not UTF-8, or null. @param {Uint8Array} bytes */
export function firstFault(bytes) {
  const reads = (from, to, stream) => {
    try {
      new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(bytes.subarray(from, to), { stream });
      return true;
    } catch {
      return false;
    }
  };
  // Every piece begins where a character does: continuation bytes belong to the piece before.
  const start = (at) => {
    for (let back = 0; back < 3 && at < bytes.length && (bytes[at] & 0xc0) === 0x80; back++) at--;
    return at;
  };
  for (let from = 0; from < bytes.length; ) {
    const to = from + PIECE >= bytes.length ? bytes.length : Math.max(from + 1, start(from + PIECE));
    if (reads(from, to, false)) {
      from = to;
      continue;
    }
    // The longest beginning that can still be continued ends before the faulty byte.
    let [low, high] = [from, to];
    while (low < high) {
      const middle = (low + high) >> 1;
      if (reads(from, middle + 1, true)) low = middle + 1;
      else high = middle;
    }
    return Math.min(low, bytes.length - 1);
  }
  return null;
}

/**
 * The text of a file. Windows' line ends become "\n", as in every text of the page, and a byte order mark is dropped.
 * @param {File} file @param {number} most characters
 * @returns {Promise<{text: Text} | {fault: string}>}
 */
export async function readText(file, most) {
  const name = `“${file.name}”`;
  const long = (size) => ({ fault: `${name} has ${size}; this server reads at most ${told(most)} characters. Open a shorter file. The text that is here stays.` });
  if (file.size === 0) return { fault: `${name} is empty. Choose a file with text in it.` };
  if (file.size > BYTES_A_CHARACTER * 2 * most) return long(sized(file.size)); // even were each line to end in two
  let bytes;
  try {
    bytes = new Uint8Array(await file.arrayBuffer());
  } catch {
    return { fault: `${name} could not be read: it is a folder, or it has changed or gone since it was chosen. Choose it again.` };
  }
  const nul = bytes.indexOf(0);
  let string = null;
  try {
    string = new TextDecoder("utf-8", { fatal: true }).decode(bytes);
  } catch {
    // Told below.
  }
  if (nul >= 0) return { fault: `${name} is not a text file: byte ${told(nul)} is zero. Choose a file of plain text, saved as UTF-8.` };
  if (string === null) {
    const at = firstFault(bytes);
    const byte = `0x${bytes[at].toString(16).padStart(2, "0")}`;
    return { fault: `${name} is not UTF-8: byte ${told(at)} is ${byte}, which no character has there. Save it as UTF-8 and open it again.` };
  }
  const text = Text.of(string);
  if (text.length === 0) return { fault: `${name} is empty. Choose a file with text in it.` };
  return text.length > most ? long(`${told(text.length)} characters`) : { text };
}

/**
 * @param {{button: HTMLElement, picker: HTMLInputElement, hint: HTMLElement}} parts
 * @param {{most: () => number | null, open: (text: Text, name: string) => void, say: (words: string) => void}} acts
 *   `most`: the characters that the server reads, null before it has said so
 */
export function attachFiles({ button, picker, hint }, { most, open, say }) {
  async function take(files) {
    if (files.length === 0) return;
    if (files.length > 1) return say(`${files.length} files were dropped. Drop one file of plain text.`);
    const limit = most();
    if (limit === null) return say("The server has not answered yet, and says how long a text may be. Open the file again in a moment.");
    const result = await readText(files[0], limit);
    if ("fault" in result) say(result.fault);
    else open(result.text, files[0].name);
  }
  button.addEventListener("click", () => picker.click());
  picker.addEventListener("change", () => {
    const files = [...picker.files];
    picker.value = ""; // the same file may be chosen again
    take(files);
  });

  const carries = (event) => event.dataTransfer?.types.includes("Files") ?? false;
  let depth = 0; // of elements entered and not left: the events come from every element on the way
  const show = (by) => {
    depth = Math.max(0, depth + by);
    hint.hidden = depth === 0;
  };
  addEventListener("dragenter", (event) => carries(event) && show(1));
  addEventListener("dragleave", (event) => carries(event) && show(-1));
  addEventListener("dragover", (event) => carries(event) && event.preventDefault());
  addEventListener("drop", (event) => {
    if (!carries(event)) return;
    event.preventDefault();
    show(-depth);
    take([...event.dataTransfer.files]);
  });
}
