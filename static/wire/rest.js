// Questions to the server that are answered at once, beside the socket.

const UNREACHABLE = "The server cannot be reached, and it makes what is to be taken away. Try again when it is back.";

/**
 * @param {string} path @param {object} asked
 * @returns {Promise<Response>} which has what was asked for
 */
export async function post(path, asked) {
  const body = JSON.stringify(asked);
  let answer;
  try {
    answer = await fetch(path, { method: "POST", headers: { "Content-Type": "application/json" }, body });
  } catch {
    throw new Error(UNREACHABLE);
  }
  if (answer.ok) return answer;
  const { message } = await answer.json();
  throw new Error(message);
}
