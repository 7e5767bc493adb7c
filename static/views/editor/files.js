// A text out of a file: chosen with the button, or dropped anywhere on the page. Nothing is replaced before the whole
// file has been read and found to be text.

import { Text } from "../../text/document.js";

/** What the name of a session file ends in. */
const SESSION = ".hidden-state";
/** What a zip file begins with, as a session file does. */
const ZIP = [0x50, 0x4b, 3, 4];

const MEBIBYTE = 2 ** 20;
const BYTES_A_CHARACTER = 4; // at most, in UTF-8

/** @param {number} count */
const counted = (count) => count.toLocaleString("en");
/** @param {number} bytes */
const sized = (bytes) =>
  bytes < 10 * MEBIBYTE ? `${counted(bytes)} bytes` : `${counted(Math.round(bytes / MEBIBYTE))} MiB`;

/** @param {Uint8Array} bytes @param {boolean} [stream] */
const decodes = (bytes, stream = false) => {
  try {
    new TextDecoder("utf-8", { fatal: true }).decode(bytes, { stream });
    return true;
  } catch {
    return false;
  }
};

/** Where the first character would begin that is none in UTF-8; null where all are. @param {Uint8Array} bytes */
export function firstFault(bytes) {
  if (decodes(bytes)) return null;
  // A beginning that can still go on is right so far: its longest one, by halves.
  let [low, high] = [0, bytes.length];
  while (low < high) {
    const middle = (low + high + 1) >> 1;
    if (decodes(bytes.subarray(0, middle), true)) low = middle;
    else high = middle - 1;
  }
  while (!decodes(bytes.subarray(0, low))) low--; // back to where the unfinished character begins
  return low;
}

/** Whether `bytes` begin with `mark`. @param {Uint8Array} bytes @param {number[]} mark */
const startsWith = (bytes, mark) => mark.every((byte, k) => bytes[k] === byte);

/**
 * The text of a file. Windows' line ends become "\n", as in every text of the page, and a byte order mark is dropped.
 * @param {File} file @param {number} most characters
 * @returns {Promise<{text: Text} | {fault: string}>}
 */
export async function readText(file, most) {
  const name = `“${file.name}”`;
  /** @param {string} size */
  const long = (size) => ({
    fault:
      `${name} has ${size}; this server reads at most ${counted(most)} characters. Open a shorter file. The text ` +
      "that is here stays.",
  });
  if (file.size === 0) return { fault: `${name} is empty. Choose a file with text in it.` };
  if (file.size > BYTES_A_CHARACTER * 2 * most) return long(sized(file.size)); // even were each line to end in two
  let bytes;
  try {
    bytes = new Uint8Array(await file.arrayBuffer());
  } catch {
    return {
      fault:
        `${name} could not be read: it is a folder, or it has changed or gone since it was chosen. Choose it ` +
        "again.",
    };
  }
  const mark = bytes[0] * 256 + bytes[1];
  const wide =
    bytes.length % 4 === 0 && (startsWith(bytes, [0xff, 0xfe, 0, 0]) || startsWith(bytes, [0, 0, 0xfe, 0xff]));
  if (wide) return { fault: `${name} is UTF-32. Save it as UTF-8 and open it again.` };
  if (mark === 0xfffe || mark === 0xfeff) return { fault: `${name} is UTF-16. Save it as UTF-8 and open it again.` };
  const nul = bytes.indexOf(0);
  if (nul >= 0) {
    return {
      fault:
        `${name} is not a text file: byte ${counted(nul)}, counted from 0, is zero. Choose a file of plain text, ` +
        "saved as UTF-8.",
    };
  }
  const fault = firstFault(bytes);
  if (fault !== null) {
    const place = `byte ${counted(fault)}, counted from 0,`;
    if (decodes(bytes.subarray(fault), true)) {
      return {
        fault:
          `${name} is cut off within a character, the one that begins at ${place} of its UTF-8. Save the whole ` +
          "of it as UTF-8 and open it again.",
      };
    }
    const value = `0x${bytes[fault].toString(16).padStart(2, "0")}`;
    const begins = decodes(bytes.subarray(fault, fault + 1), true);
    return {
      fault:
        `${name} is not UTF-8: ${place} is ${value}, and no character ` +
        `${begins ? "goes on as this one does" : "begins so"}. Save it as UTF-8 and open it again.`,
    };
  }
  const text = Text.of(new TextDecoder().decode(bytes));
  if (text.length === 0) return { fault: `${name} is empty. Choose a file with text in it.` };
  return text.length > most ? long(`${counted(text.length)} characters`) : { text };
}

/** Whether a file is a session, or says so. @param {File} file */
async function isSession(file) {
  if (file.name.toLowerCase().endsWith(SESSION)) return true;
  try {
    return startsWith(new Uint8Array(await file.slice(0, ZIP.length).arrayBuffer()), ZIP);
  } catch {
    return false; // a folder: said where its text is read
  }
}

/**
 * @param {{button: HTMLElement, picker: HTMLInputElement, hint: HTMLElement}} parts
 * @param {{most: () => number | null, open: (text: Text, name: string) => void, say: (words: string) => void,
 *   session: (file: File) => void}} acts `most`: the characters that the server reads, null before it has said so;
 *   `session` opens a session file
 */
export function attachFiles({ button, picker, hint }, { most, open, say, session }) {
  /** @param {File[]} files */
  async function take(files) {
    if (files.length === 0) return;
    if (files.length > 1) return say(`${files.length} files were dropped. Drop one file, of plain text or a session.`);
    const limit = most();
    if (limit === null) {
      return say("The server has not answered yet, and says how long a text may be. Open the file again in a moment.");
    }
    if (await isSession(files[0])) return session(files[0]);
    const result = await readText(files[0], limit);
    if ("fault" in result) say(result.fault);
    else open(result.text, files[0].name);
  }
  button.addEventListener("click", () => picker.click());
  picker.addEventListener("change", () => {
    const files = [...(picker.files ?? [])];
    picker.value = ""; // the same file may be chosen again
    take(files);
  });

  /** @param {DragEvent} event */
  const carries = (event) => event.dataTransfer?.types.includes("Files") ?? false;
  let depth = 0; // of elements entered and not left: the events come from every element on the way
  /** @param {number} by */
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
    take([...(event.dataTransfer?.files ?? [])]);
  });
}
