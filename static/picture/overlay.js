// What an instrument may add to a picture, as types. Nothing here runs.

/**
 * @typedef {object} Place where it is drawn
 * @property {number} width in CSS pixels @property {number} height @property {number} units
 * @property {Int32Array | null} order the unit in each row @property {import("./columns.js").Columns} columns
 * @property {import("./window.js").Window} window
 */

/** @typedef {(context: CanvasRenderingContext2D, place: Place) => void} Draw */

/** @typedef {{draw: Draw, label: string, top: string, bottom: string}} Lane a strip below the picture */

/**
 * @typedef {object} Overlay
 * @property {Draw} [draw] over the picture @property {Lane} [lane] @property {string} [words] in the panel's head
 */

/** @typedef {Record<string, Overlay>} Overlays by panel */

export {};
