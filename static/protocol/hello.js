// What the server says first, as types; docs/protocol.md describes it. Nothing here runs.

/**
 * @typedef {[number, string][]} Stops positions from 0 to 1, rising, each with "#rrggbb"
 * @typedef {{signed: Stops, gate: Stops, echo: Stops, none: string}} Colours `none`: where there is no number
 */

/**
 * @typedef {object} Signal
 * @property {string} name @property {string} symbol @property {string} title
 * @property {string} kind "state", "gate" or another
 * @property {[number, number] | null} range null: it has no bounds
 * @property {boolean} keeps whether it is the one that keeps the past
 * @property {number | null} keeps_at its value where all is kept
 * @property {string} equation @property {Tree} formula the same as a tree
 */

/**
 * @typedef {object} Tree an expression
 * @property {string} kind @property {Tree[]} children
 * @property {string} [symbol] @property {number} [lag] @property {string} [function]
 */

/**
 * @typedef {object} Model
 * @property {string} id @property {string} title @property {string} description
 * @property {string} corpus
 * @property {string} cell @property {string} cell_title of all layers: "gru+lstm" where they differ
 * @property {string} size in words: "2 × 128" @property {Layer[]} layers from the input up
 * @property {number} parameters
 * @property {string} vocabulary all its characters
 * @property {number | null} bits_per_character @property {string | null} used_context
 * @property {number[]} steps of training, of which there are weights
 * @property {Record<string, number[]>} slowest by layer and signal @property {Record<string, number[]>}
 *   untrained_slowest
 * @property {Record<string, string>} inapplicable instrument → why it has no answer
 * @property {Record<string, string>} inapplicable_intervened the same under interventions
 */

/** @typedef {{cell: string, cell_title: string, units: number, signals: Signal[]}} Layer */

/** @typedef {{id: string, title: string, corpus: string, text: string}} Sample */

/** @typedef {{characters: number, columns: number, panels: number | null}} Limits */

/**
 * @typedef {object} FirstMinute
 * @property {string[]} models from top to bottom
 * @property {string} taught_otherwise
 * @property {string[]} letters the first letter, and the one that it is compared with
 * @property {string} noise the letters that may be between
 * @property {string} mark
 * @property {string} between
 * @property {number} length @property {number} shortest @property {number} most
 * @property {{sample: string, word: string, instead: string}} real_text
 */

/**
 * @typedef {object} Hello
 * @property {"hello"} type @property {Model[]} models @property {Sample[]} samples @property {Limits} limits
 * @property {Colours} colours @property {Record<string, string>} close_codes why the server ended a connection
 * @property {FirstMinute | null} first_minute null where a model that it shows is missing
 */

export {};
