// What a lesson and the laboratory beside its words say to each other: types only. Both are pages of this server.

/**
 * @typedef {object} Apply shows a state
 * @property {"apply"} type @property {number} id
 * @property {string} address what an address says after its "#"
 * @property {string | null} text in place of the one that is there; null: that of the address, if it has one
 * @property {boolean} patch whether all that the address does not name stays as it is
 */
/** @typedef {{type: "point", selector: string | null}} PointAt a control lights up, or none */
/** @typedef {{type: "presenting", on: boolean, pen: boolean}} Presenting `pen`: the pointer is large */
/** @typedef {{type: "text?", id: number}} AskText */
/** @typedef {Apply | PointAt | Presenting | AskText} ToLab */

/** @typedef {{type: "ready"}} Ready the server has answered; what was asked for before was not heard */
/** @typedef {{type: "applied", id: number, missing: string}} Applied `missing`: what is not here, as a sentence */
/** @typedef {{type: "pointed", found: boolean}} Pointed */
/** @typedef {{type: "text", id: number | null, text: string, cursor: number | null}} GiveText id null: it has rested */
/** @typedef {{type: "key", key: string}} Key one that is the lesson's */
/** @typedef {{type: "answer", instrument: string, model: string, facts: Record<string, unknown>}} GiveAnswer */
/**
 * @typedef {object} LabState
 * @property {"state"} type @property {number} shown the `id` of the state that the lesson last had shown; 0: none yet
 * @property {string[]} models of the pictures @property {string[]} signals shown @property {number[]} layers shown
 * @property {string | null} instrument @property {Record<string, string | number | boolean | null>} options all of it
 * @property {string} order @property {boolean} echo @property {number | null} step @property {number} unit
 * @property {number} length of the text @property {number} generated characters that a model has written
 * @property {number} typed how often the text was changed since the lesson last showed a state
 * @property {number} moved how often the cursor was
 */
/** @typedef {Ready | Applied | Pointed | GiveText | Key | GiveAnswer | LabState} FromLab */

export {};
