// A view as one HTML file that works without a server; the server makes it.

const UNREACHABLE = "The server cannot be reached, and it makes the page. Try again when it is back.";

/**
 * @param {string} address of the view, what stands from the "#" on @param {string} text of it
 * @returns {Promise<Blob>}
 */
export async function offlinePage(address, text) {
  const body = JSON.stringify({ address, text });
  let answer;
  try {
    answer = await fetch("/api/page", { method: "POST", headers: { "Content-Type": "application/json" }, body });
  } catch {
    throw new Error(UNREACHABLE);
  }
  if (answer.ok) return answer.blob();
  const { message } = await answer.json();
  throw new Error(message);
}
