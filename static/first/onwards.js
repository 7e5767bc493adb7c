// Where the last step leads: the laboratory with the echo of one letter of a sample.

import { INITIAL, toAddress } from "../state/store.js";
import { Text } from "../text/document.js";

/**
 * @param {import("../protocol/hello.js").Sample[]} samples @param {import("../protocol/hello.js").FirstMinute} minute
 * @returns {string} an address of the laboratory; without its sample, just the laboratory
 */
export function onwards(samples, { real_text }) {
  const sample = samples.find(({ id }) => id === real_text.sample);
  const at = sample?.text.indexOf(real_text.word) ?? -1;
  if (sample === undefined || at < 0) return "/explore";
  const step = Array.from(sample.text.slice(0, at)).length;
  const echo = { step, instead: real_text.instead, others: null, signed: false };
  return `/explore#${toAddress({ ...INITIAL, echo, from: 0, cursor: { step, unit: 0 }, text: Text.of(sample.text) })}`;
}
