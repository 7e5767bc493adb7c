// A long text as a word of the address: deflated, in the letters that an address may hold. What does not fit is left
// out, and the address says how much that was.

/** Characters of a word that still survive being sent around: mail and chat programs cut longer addresses. */
export const LONGEST_PACKED = 8000;

/** Longer texts are not even tried. No text of a language that this page reads becomes so much shorter. */
const LONGEST_TRIED = 60_000;

/** @param {CompressionStream | DecompressionStream} stream @param {Uint8Array<ArrayBuffer>} bytes */
async function through(stream, bytes) {
  const blob = new Blob([bytes]).stream().pipeThrough(stream);
  return new Uint8Array(await new Response(blob).arrayBuffer());
}

/**
 * A text as a word, null where it would be too long.
 * @param {string} text @returns {Promise<string | null>}
 */
export async function pack(text) {
  if (text.length > LONGEST_TRIED) return null;
  const bytes = await through(new CompressionStream("deflate-raw"), new TextEncoder().encode(text));
  if ((bytes.length * 4) / 3 > LONGEST_PACKED) return null;
  return btoa(String.fromCharCode(...bytes))
    .replaceAll("+", "-")
    .replaceAll("/", "_")
    .replace(/=+$/, "");
}

/**
 * The text of a word, null where it is none.
 * @param {string} word @returns {Promise<string | null>}
 */
export async function unpack(word) {
  if (word.length > LONGEST_PACKED + 4 || !/^[\w-]+$/.test(word)) return null;
  try {
    const bytes = Uint8Array.from(atob(word.replaceAll("-", "+").replaceAll("_", "/")), (letter) =>
      letter.charCodeAt(0),
    );
    return new TextDecoder("utf-8", { fatal: true }).decode(
      await through(new DecompressionStream("deflate-raw"), bytes),
    );
  } catch {
    return null; // cut off on its way
  }
}
