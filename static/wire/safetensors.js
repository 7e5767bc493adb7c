// One binary frame is one safetensors file: an 8-byte length, a JSON header, aligned little-endian arrays.

/** @type {Record<string, Uint8ArrayConstructor | Int32ArrayConstructor | Float32ArrayConstructor>} */
const ARRAYS = { U8: Uint8Array, I32: Int32Array, F32: Float32Array };

/** @import { Frame, Tensor } from "../protocol/messages.js" */

/**
 * Read one frame.
 * @param {ArrayBuffer} buffer
 * @returns {{message: Frame, tensors: Record<string, Tensor>}}
 */
export function readFrame(buffer) {
  const length = Number(new DataView(buffer).getBigUint64(0, true));
  const start = 8 + length;
  if (start > buffer.byteLength) throw new RangeError("The frame is shorter than the header that it announces.");
  const header = JSON.parse(new TextDecoder().decode(new Uint8Array(buffer, 8, length)));
  const message = JSON.parse(header.__metadata__.message);
  /** @type {Record<string, Tensor>} */
  const tensors = {};
  for (const [name, entry] of Object.entries(header)) {
    if (name === "__metadata__") continue;
    const { dtype, shape } = entry;
    const [from, to] = entry.data_offsets;
    const Type = ARRAYS[dtype];
    if (Type === undefined) {
      throw new TypeError(`The tensor "${name}" is of type ${dtype}, which this page cannot read.`);
    }
    const size = (to - from) / Type.BYTES_PER_ELEMENT;
    // An array of 4-byte numbers must start at a multiple of 4; one that does not is copied.
    const aligned = (start + from) % Type.BYTES_PER_ELEMENT === 0;
    const data = aligned ? new Type(buffer, start + from, size) : new Type(buffer.slice(start + from, start + to));
    tensors[name] = /** @type {Tensor} */ ({ shape, data });
  }
  return { message, tensors };
}
