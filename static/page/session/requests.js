// What the server does about session files: it writes them, reads them, and has those that it was started with.

/** @import { Option } from "../../state/options.js" */
/** @import { Past } from "../../text/history.js" */

/**
 * @typedef {object} Saved what a session file holds
 * @property {string} view words of an address, without the text @property {string} text
 * @property {Record<string, Option>} options @property {[number, number][]} generated @property {string} author
 * @property {Past} history
 */

/**
 * @typedef {Saved & {models: import("../../protocol/hello.js").Model[], remarks: string[]}} Given what the page is to
 *   show; `models` came along, and `remarks` are sentences about others
 */

const UNREACHABLE =
  "A session file is written and read by the server, and it cannot be reached. Try again when it is back.";

/** @param {string} path @param {RequestInit} [request] @returns {Promise<Response>} one that is no error */
async function asked(path, request) {
  let answer;
  try {
    answer = await fetch(path, request);
  } catch {
    throw new Error(UNREACHABLE);
  }
  if (answer.ok) return answer;
  const { message } = await answer.json();
  throw new Error(message);
}

/** @param {string} body a `Saved` as JSON @returns {Promise<Blob>} the file */
export async function fileOf(body) {
  const request = { method: "POST", headers: { "Content-Type": "application/json" }, body };
  return (await asked("/api/session", request)).blob();
}

/** @param {ArrayBuffer} file @returns {Promise<Given>} */
export async function contentOf(file) {
  const request = { method: "POST", headers: { "Content-Type": "application/zip" }, body: file };
  return (await asked("/api/session/open", request)).json();
}

/** @param {string} word of a session that the server was started with @returns {Promise<Given>} */
export async function givenAs(word) {
  return (await asked(`/api/session/${encodeURIComponent(word)}`)).json();
}
