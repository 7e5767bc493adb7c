// One layer, step by step: follows the instructions that the server made of the cell's equations. Nothing here knows a
// cell; what the instructions do, models/kernels/program_loop.py says.

import { addProduct, exp, logSigmoid, sigmoid, tanh } from "./arithmetic.js";

/** @import { StoredLayer } from "./embedded.js" */

const { fround } = Math;
const SIZE = 6; // numbers of an instruction: what it does, the row of its result, operands

/** @type {Record<string, (y: number, z: number, w: number) => number>} */
const OPERATIONS = {
  COPY: (y) => y,
  ADD: (y, z) => y + z,
  SUBTRACT: (y, z) => y - z,
  MULTIPLY: (y, z) => y * z,
  DIVIDE: (y, z) => y / z,
  FMA: (y, z, w) => y * z + w,
  COMPLEMENT: (y) => 1 - y,
  SIGMOID: sigmoid,
  TANH: tanh,
  EXP: exp,
  LOG_SIGMOID: logSigmoid,
  MAXIMUM: Math.max,
  MINIMUM: Math.min,
};

export class Layer {
  /**
   * @param {StoredLayer} stored @param {boolean} first whether its input is a character
   * @param {Record<string, number>} codes the number of each operation
   */
  constructor(stored, first, codes) {
    const { units, carried, signals, rows, recurrent, constants, drive, bias, code } = stored;
    this.units = units;
    this.signals = signals;
    /** Where the states are among the signals. */
    this.carried = carried;
    this.first = first;
    this.recurrent = recurrent;
    this.drive = drive;
    this.bias = bias;
    /** Numbers of one step: all signals, one after the other. */
    this.size = this.signals * units;
    this.start = Float32Array.from({ length: carried.length * units }, (_, k) => stored.start[Math.floor(k / units)]);
    this.work = new Float32Array(rows * units);
    this.work.set(constants, carried.length * units);
    this.above = new Float32Array(bias.length);
    /** @type {Float32Array} */
    this.driven = this.above;
    this.driveAt = 0;
    /** Where the step's signals go. */
    /** @type {Float32Array} */
    this.out = this.work;
    this.at = 0;
    const names = Object.fromEntries(Object.entries(codes).map(([name, number]) => [number, name]));
    this.steps = Array.from({ length: code.length / SIZE }, (_, k) =>
      this.#compiled(names[code[k * SIZE]], code.slice(k * SIZE + 1, (k + 1) * SIZE)),
    );
  }

  /**
   * One instruction as a function.
   * @param {string} name @param {number[]} operands the row of its result, then what it works on @returns {() => void}
   */
  #compiled(name, [to, a, b, c]) {
    const { work, units, recurrent } = this;
    const [x, y, z, w] = [to * units, a * units, b * units, c * units];
    if (name === "PRODUCT") return () => addProduct(work, x, work, y, units, recurrent, c, b);
    if (name === "DRIVE") {
      return () => {
        const from = this.driveAt + y;
        for (let j = 0; j < units; j++) work[x + j] = this.driven[from + j];
      };
    }
    if (name === "STORE") return () => this.out.set(work.subarray(x, x + units), this.at + y);
    const operation = OPERATIONS[name];
    if (operation === undefined) throw new RangeError(`This page does not know how to compute ${name}.`);
    return () => {
      for (let j = 0; j < units; j++) work[x + j] = fround(operation(work[y + j], work[z + j], work[w + j]));
    };
  }

  /**
   * One step. What it reads, the layers above the first take from `below`.
   * @param {number} id of the character
   * @param {Float32Array} below signals of the layer below @param {number} from where those of the step begin
   * @param {Float32Array} before signals that hold the states before, at `past`; or `start`, at −1
   * @param {number} past @param {Float32Array} out @param {number} at where the signals of the step go
   */
  step(id, below, from, before, past, out, at) {
    const { units, work, carried, bias } = this;
    for (let j = 0; j < carried.length; j++) {
      const place = past < 0 ? j * units : past + carried[j] * units;
      work.set(before.subarray(place, place + units), j * units);
    }
    if (this.first) {
      this.driven = this.drive;
      this.driveAt = id * bias.length;
    } else {
      this.above.set(bias);
      addProduct(this.above, 0, below, from, this.drive.length / bias.length, this.drive, 0, bias.length);
    }
    this.out = out;
    this.at = at;
    for (const run of this.steps) run();
  }
}
