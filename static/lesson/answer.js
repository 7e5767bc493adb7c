// Asks the server for the answer to a question, or for a claim measured again; it comes in lines, progress first.

/** @typedef {{value: number, words: string, choice: number | null, after: string}} Answer `after`: HTML */

/**
 * @param {{lesson: string, ask?: string, claim?: string, text?: string, cursor?: number | null}} about
 * @param {(share: number) => void} progress @param {AbortSignal} signal ends the work
 * @returns {Promise<Answer>} rejected with a sentence where there is none
 */
export async function answerTo(about, progress, signal) {
  const response = await fetch("/api/lessons/answer", {
    method: "POST",
    headers: { "Content-Type": "application/json" },
    body: JSON.stringify(about),
    signal,
  }).catch((fault) => {
    throw signal.aborted ? fault : new Error("The server cannot be reached. See whether it runs, then ask again.");
  });
  if (!response.ok) throw new Error((await response.json()).message);
  for await (const line of linesOf(response)) {
    if ("share" in line) progress(line.share);
    else if ("message" in line) throw new Error(line.message);
    else return line;
  }
  throw new Error("The connection broke off before the answer came. Ask again.");
}

/** @param {Response} response @returns {AsyncGenerator<any>} one JSON value a line: the server says of which kind */
async function* linesOf(response) {
  if (response.body === null) return;
  const reader = response.body.pipeThrough(new TextDecoderStream()).getReader();
  let rest = "";
  for (;;) {
    const { done, value } = await reader.read();
    if (done) return;
    const lines = (rest + value).split("\n");
    rest = lines.pop() ?? "";
    for (const line of lines) if (line !== "") yield JSON.parse(line);
  }
}
