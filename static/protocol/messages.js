// What the server says of texts and models, as types; docs/protocol.md describes it. Nothing here runs.

/**
 * @typedef {{shape: number[], data: Uint8Array}} Bytes
 * @typedef {{shape: number[], data: Int32Array}} Whole
 * @typedef {{shape: number[], data: Float32Array}} Reals
 * @typedef {Bytes | Whole | Reals} Tensor
 */

/**
 * @typedef {"linear" | "log" | "positive_log"} Scale "log": symmetric and logarithmic; "positive_log": by the logarithm
 */

/**
 * @typedef {object} EchoFacts what a panel says of the echo that it shows
 * @property {number} step @property {string | null} instead null: the mean over `others` characters
 * @property {number} others @property {boolean} signed
 * @property {number | null} first the strength at lag 0
 * @property {number | null} felt the last lag at which it is felt; −1: nothing changes; null: not known yet
 * @property {number | null} above the last lag at which it is more than rounding; null: not known yet
 * @property {boolean} settled
 */

/**
 * @typedef {object} ColumnsMessage
 * @property {"columns"} type @property {number} revision
 * @property {string} model @property {number} layer @property {string} signal
 * @property {string} [against] @property {EchoFacts} [echo]
 * @property {number} from @property {number} to @property {number} per @property {string} show
 * @property {number} steps @property {number} length
 * @property {number} low @property {number} high @property {Scale} [scale]
 * @property {number | null} bits_per_character @property {number} scored
 */

/**
 * @typedef {object} OverviewMessage
 * @property {"overview"} type @property {number} revision @property {string} model
 * @property {number} from @property {number} to @property {number} per @property {number} steps
 * @property {number} length @property {undefined} [show] this and what follows is of `columns` only
 * @property {undefined} [low] @property {undefined} [high] @property {undefined} [scale] @property {undefined} [echo]
 * @property {undefined} [bits_per_character] @property {undefined} [scored]
 */

/**
 * @typedef {{cells?: Bytes, surprise: Reals, peak?: Reals, strength?: Reals}} ColumnsTensors (T, H), (T,), (T,), (T,)
 * @typedef {{type: "column", revision: number, model: string, layer: number, step: number}} ColumnMessage
 * @typedef {{signals: Reals, log_probabilities: Reals}} ColumnTensors
 * @typedef {{type: "order", revision: number, model: string, layer: number, signal: string}} OrderMessage
 */

/**
 * @typedef {object} Progress
 * @property {"progress"} type @property {number} revision @property {string} model
 * @property {number} steps @property {number} length
 * @property {number | null} steps_per_second @property {number | null} remaining_seconds @property {boolean} stopped
 */

/**
 * @typedef {object} Reach how far an edit was felt
 * @property {"reach"} type @property {number} revision @property {string} model
 * @property {number} at @property {number} seen @property {number} to
 * @property {boolean} exact @property {boolean} converged
 */

/** @typedef {{type: "error", code: string, message: string, revision: number | null}} Fault */

/**
 * @typedef {{type: "measuring", id: number, model: string, share: number, facts: object}} Measuring
 * @typedef {{type: "unmeasured", id: number, model: string, code: string, message: string}} Unmeasured
 */

/**
 * @typedef {object} Measured
 * @property {"measured"} type @property {number} revision @property {number} id @property {string} model
 * @property {string} name of the instrument
 * @property {object} facts @property {string} [rounding]
 */

/** @typedef {ColumnsMessage | OverviewMessage | ColumnMessage | OrderMessage | Measured} Frame */

/**
 * @typedef {object} EchoAsk the echo of a step
 * @property {number} step @property {string} [instead] without it, the default @property {number} [others]
 * @property {boolean} [signed] @property {boolean} [passing] whether the pointer only passes by
 */

export {};
