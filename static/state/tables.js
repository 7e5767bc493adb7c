// The tables of numbers that instruments offer: columns as `hello` declares them, and rows that follow from an answer.

import { exactly } from "../format/powers.js";

/** @import { Column } from "../protocol/hello.js" */
/** @import { Table, TableRow } from "./instrument.js" */

/** @typedef {TableRow[number]} Cell */
/** @typedef {{data: ArrayLike<number>, shape?: number[]}} Numbers */
/**
 * @typedef {object} Source what a row is taken from
 * @property {object} [facts] @property {object} [tensors] @property {object} [measure] the question
 */

/** @param {object | undefined} record @param {string} key */
const of = (record, key) => /** @type {Record<string, unknown>} */ (record)?.[key];

/**
 * What a tensor has for row `k`; null after its end.
 * @param {Column} column @param {Numbers} numbers @param {number} k
 */
function numberAt({ item, axis, log }, { data, shape = [data.length] }, k) {
  if (item !== null && k >= shape[axis]) return null;
  const across = shape[1];
  const index = item === null ? k : axis === 0 ? k * across + item : item * across + k;
  if (index >= data.length) return null;
  return log ? exactly(data[index]) : data[index];
}

/** @param {Column} column @param {Source} source @param {number} k @param {Record<string, Cell>} own @returns {Cell} */
function cellOf(column, { facts, tensors, measure }, k, own) {
  const { name, source, key, item } = column;
  if (source === "page") return own[name];
  if (source === "row") return k;
  if (source === "tensor") return numberAt(column, /** @type {Numbers} */ (of(tensors, key)), k);
  const value = of(source === "fact" ? facts : measure, key);
  return /** @type {Cell} */ (item === null ? value : /** @type {Cell[] | null} */ (value)?.[item]);
}

export class Tables {
  /** @param {Record<string, Column[]>} columns by table */
  constructor(columns) {
    this.columns = columns;
  }

  /**
   * What makes rows of a table: row `k` of an answer, with `own`, the values that only the page has, by column.
   * @param {string} table
   */
  recorder(table) {
    const columns = this.columns[table];
    const ours = new Set(columns.filter(({ source }) => source === "page").map(({ name }) => name));
    /** @param {Source} source @param {number} k @param {Record<string, Cell>} own @returns {TableRow} */
    return (source, k, own) => {
      const stray = Object.keys(own).filter((name) => !ours.has(name));
      if (stray.length > 0) throw new RangeError(`The table ${table} has no column of the page's own ${stray}.`);
      return columns.map((column) => cellOf(column, source, k, own));
    };
  }

  /** @param {string} table @param {string} file its name @param {TableRow[]} rows @returns {Table} */
  of(table, file, rows) {
    return { name: file, columns: this.columns[table].map(({ name }) => name), rows };
  }
}
