// What the server says first, as types; docs/protocol.md describes it. Nothing here runs.

/**
 * @typedef {[number, string][]} Stops positions from 0 to 1, rising, each with "#rrggbb"
 * @typedef {{signed: Stops, gate: Stops, echo: Stops, none: string}} Colours `none`: where there is no number
 */

/**
 * @typedef {object} Signal
 * @property {string} name @property {string} symbol @property {string} title
 * @property {string} kind "state", "gate" or another
 * @property {number} width how many numbers it has at each step @property {"unit" | "head" | "number"} each of what it
 *   has one
 * @property {"interval" | "symmetric" | "half_line" | "logarithmic"} scale which values it can take, and how they are
 *   drawn
 * @property {[number, number] | null} range null: it has no bounds
 * @property {[number, number] | null} saturated below the first and above the second value; null: does not apply
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

/**
 * @typedef {object} Layer
 * @property {string} cell @property {string} cell_title @property {number} units @property {Signal[]} signals
 * @property {number | null} window how many steps it looks back on; null for a state without such a limit
 */

/** @typedef {{id: string, title: string, corpus: string, text: string}} Sample */

/** @typedef {{title: string, description: string, address: string}} PreparedView `address`: without its "#" */

/**
 * @typedef {object} Limits
 * @property {number} characters of a text @property {number} columns of a window @property {number | null} panels
 * @property {number} unit_steps over which a unit is looked at
 * @property {number} [message_bytes] of a message to the server; a page without one has no such limit
 */

/** @typedef {Record<string, Record<string, [number, number]>>} Bounds least and most, by option */

/**
 * @typedef {object} Column of a table of numbers
 * @property {string} name its heading
 * @property {"fact" | "tensor" | "option" | "row" | "page"} source where its values come from
 * @property {string} key the name of the fact, tensor or option @property {string} unit
 * @property {number | null} item of a list, or along the tensor's other axis @property {number} axis that of the rows
 * @property {boolean} log the tensor holds decimal logarithms
 */

/**
 * @typedef {object} PictureFormat what the bytes of a picture stand for
 * @property {number} top the highest level; the lowest is 0 @property {number} no_number stands for no number
 * @property {number} fold below this a symmetric logarithmic scale is nearly linear
 * @property {number[]} stretches of how many steps each wide columns are made, the longest first
 */

/**
 * @typedef {object} EchoFormat
 * @property {number} decades of its scale
 * @property {number} felt it is felt while its strength is at least this share of that at first
 * @property {[number, number]} others over how many characters it may be the mean: the fewest, the most
 */

/**
 * @typedef {object} InterventionRules
 * @property {number} most at a time @property {number} farthest what a signal without a range may be held at, ±
 * @property {{hold: string, zero: string, reset: string}} patterns how each is written, as regular expressions
 */

/**
 * @typedef {object} RecallTask
 * @property {string} keys its characters @property {string} noise likewise @property {string} mark
 * @property {number} longest delay that the models that ship were trained on
 */

/**
 * @typedef {object} Thresholds of what instruments find
 * @property {number} used_context bits @property {number} over_length bits
 * @property {number} over_length_level the probability of finding what is not there
 * @property {number} chance_steps the fewest from which the level of chance is estimated
 */

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
 * @property {Bounds} bounds @property {Record<string, Column[]>} tables
 * @property {Record<string, Record<string, string | number | boolean | null>>} defaults options, by instrument
 * @property {Thresholds} thresholds @property {PictureFormat} picture @property {EchoFormat} echo
 * @property {InterventionRules} interventions @property {RecallTask} recall
 * @property {Colours} colours @property {Record<string, string>} close_codes why the server ended a connection
 * @property {PreparedView[]} views in the menu of instruments
 * @property {FirstMinute | null} first_minute null where a model that it shows is missing
 */

export {};
