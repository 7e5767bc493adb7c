// What the page carries along: the greeting of a server, and the networks. Decoded once.

/** @import { Hello } from "../protocol/hello.js" */

/**
 * @typedef {object} StoredLayer see app/offline/network.py
 * @property {number} units @property {number} signals how many @property {number[]} carried
 * @property {number[]} start @property {number[]} code @property {number} rows
 * @property {Float32Array} constants @property {Float32Array} recurrent @property {Float32Array} drive
 * @property {Float32Array} bias
 */

/**
 * @typedef {object} StoredNetwork
 * @property {string} vocabulary @property {StoredLayer[]} layers @property {Float32Array} readout
 * @property {Float32Array} readout_bias
 */

/**
 * @typedef {object} Embedded
 * @property {Hello} hello @property {Record<string, number>} codes the number of each operation
 * @property {string[]} kinds of characters, for the choice of another one
 * @property {string} view that the page begins with, as an address has it
 * @property {Record<string, StoredNetwork>} networks by the names of the models
 */

/** Which fields hold arrays. */
const ARRAYS = new Set(["constants", "recurrent", "drive", "bias", "readout", "readout_bias"]);

/** Little-endian float32 in base64. @param {string} words */
function numbers(words) {
  const bytes = Uint8Array.from(atob(words), (letter) => letter.charCodeAt(0));
  const view = new DataView(bytes.buffer);
  return Float32Array.from({ length: bytes.length / 4 }, (_, k) => view.getFloat32(4 * k, true));
}

/** @returns {Embedded} */
export function embedded() {
  const words = document.querySelector("script#embedded")?.textContent ?? "";
  return JSON.parse(words, (name, value) => (ARRAYS.has(name) && typeof value === "string" ? numbers(value) : value));
}
