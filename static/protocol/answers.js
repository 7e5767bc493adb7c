// What instruments find, as types: the facts and the arrays of each. docs/protocol.md has them; nothing here runs.

/** @typedef {import("./messages.js").Reals} Reals @typedef {import("./messages.js").Whole} Whole */

/**
 * @typedef {object} ContextFacts
 * @property {string} past @property {number} lags @property {number} positions @property {number} asked
 * @property {number} threshold @property {number | null} uses @property {number | null} uses_error
 */
/** @typedef {{mean: Reals, error: Reals, median: Reals, counts: Whole}} ContextTensors (K,) each */

/** @typedef {{repeated: boolean, bits: number | null, why: string | null}} CostFacts */
/**
 * @typedef {object} CostTensors (N,) each, `step_seconds` (N, 3)
 * @property {Whole} lengths @property {Reals} state_bytes @property {Reals} multiply_adds
 * @property {Reals} step_seconds @property {Reals} total_seconds
 */

/**
 * @typedef {object} ForgettingFacts
 * @property {number} step @property {number} lags @property {number} back @property {"diagonal" | "gate"} retention_is
 * @property {boolean} derivable @property {number} state @property {number} directions @property {string} by
 * @property {number} replacements @property {number} candidates
 * @property {string} target @property {"next" | "expected" | "unknown"} target_is @property {number} felt
 * @property {number | null} rounding_from @property {number | null} rounding_kl_from
 */
/**
 * @typedef {object} ForgettingTensors decimal logarithms
 * @property {Reals} edit (K,) @property {Reals} kl @property {Reals} connectivity @property {Reals} jacobian
 * @property {Reals} retention (K, H) @property {Reals} retention_quartiles (3, K) @property {Reals} backward
 * @property {Reals} rounding @property {Reals} rounding_kl
 */

/** @typedef {{step: number, text: string}} GenerateFacts */

/**
 * @typedef {object} BandFacts
 * @property {number} lags @property {number} positions @property {number} first @property {number} last
 * @property {number | null} start
 */
/** @typedef {BandFacts & {per_step: number | null}} GradientsFacts */
/** @typedef {{low: Reals, median: Reals, high: Reals, rounding?: Reals}} BandTensors (K,) each, decimal logarithms */
/**
 * @typedef {object} HorizonOnly
 * @property {string} curve @property {number | null} asked @property {number | null} lag_e
 * @property {number | null} lag_percent @property {[number | null, number | null] | null} range_e
 * @property {[number | null, number | null] | null} range_percent @property {string} by
 * @property {number | null} replacements @property {string | null} retention_is @property {number | null} rounding_from
 * @property {{units: number, of: number, lag_e: number | null, lag_percent: number | null} | null} moving
 */
/** @typedef {BandFacts & HorizonOnly} HorizonFacts */

/**
 * @typedef {object} ProvenanceFacts
 * @property {number} layer @property {number} unit @property {number} step @property {number} first
 * @property {string} memory @property {string} symbol @property {number} held @property {number} total
 * @property {number} older @property {number} unit_older @property {number} layer_older @property {number} age
 * @property {number} old @property {number | null} usually_old @property {number} sampled
 * @property {"unit" | "layer" | "head"} of @property {number} heads @property {number} per
 */
/**
 * @typedef {{addends: Reals, unit_shares: Reals, layer_shares: Reals, heads: Reals, triangle: Reals}}
 *   ProvenanceTensors the shares as decimal logarithms, the weights of the heads as they are
 */

/**
 * @typedef {object} InterveneFacts
 * @property {number} first @property {number} scored @property {number | null} free_bits
 * @property {number | null} held_bits @property {number | null} free_nudged_bits
 * @property {number | null} held_nudged_bits @property {number | null} divergence @property {[string, string]} written
 * @property {number} [exactly] @property {number} [exact_positions] @property {number | null} [exact_free_bits]
 * @property {number | null} [exact_bits] @property {number | null} [exact_error]
 */
/** @typedef {{divergence: Reals, peak: Reals}} InterveneTensors (C,) */

/**
 * @typedef {object} OverLengthFacts
 * @property {number} length @property {number} layer @property {string} signal @property {number} readings
 * @property {number | null} degrades @property {number | null} detectable
 */
/** @typedef {{edges: Whole, classes: Whole, worse: Reals} & Record<string, Reals | Whole>} OverLengthTensors */

/** @typedef {{marks: Whole, keys_at: Whole, keys: Whole, probabilities: Reals}} RecallTensors (N,) …, (N, 8) */

/** @typedef {{chance: number, trained_on: number, held_out: number}} RecoverabilityFacts */
/** @typedef {{lags: Whole, accuracy: Reals}} RecoverabilityTensors (K,) */

/** @typedef {{start: number, stop: number, signals: string[], widths: number[], ends: [number, number][]}}
 *   SaturationFacts of the signals to which saturation applies */
/**
 * @typedef {object} SaturationTensors
 * @property {Whole} left (S, H) @property {Whole} right @property {Whole} numbers @property {Reals} lane (2, C)
 * @property {import("./messages.js").Bytes} [marks] (T, H)
 */

/**
 * @typedef {object} TextsFacts
 * @property {number} compared @property {number} edits @property {boolean} cut @property {number} high
 * @property {number | null} first_column @property {number} felt_columns @property {(number | null)[]} bits
 */
/**
 * @typedef {object} TextsTensors
 * @property {Whole} pairs (C, 2) @property {import("./messages.js").Bytes} cells (C, H) @property {Reals} distance (C,)
 * @property {Reals} surprise (C, 2)
 */

/**
 * @typedef {object} FeatureRow
 * @property {string} name @property {string} title @property {string} note @property {boolean} counts
 * @property {number | null} mean @property {string | null} why there is no number @property {number | null} r
 * @property {number | null} d @property {number | null} rank_r @property {number | null} usual
 * @property {number | null} rare @property {number | null} as_good @property {[number, number] | null} best
 */
/** @typedef {{character: string, count: number, mean: number, r: number, mark: number | null}} CharacterRow */
/** @typedef {{quartiles: (number | null)[], steady: number | null, limit: number}} Kept */
/**
 * @typedef {object} UnitFacts
 * @property {number} start @property {number} stop @property {string[]} signals
 * @property {([number, number] | null)[]} ends null: saturation does not apply
 * @property {([number, number] | null)[]} saturated @property {string | null} keeps @property {Kept | null} kept
 * @property {{steps: number | null} | null} autocorrelation @property {number} half
 * @property {FeatureRow[]} rows @property {number | null} best_of_all @property {CharacterRow[]} characters
 * @property {string} focus @property {{units: [number, number][], mark: number | null} | null} followers
 */
/** @typedef {{lines: Reals, values: Reals}} UnitTensors (1 or 3, S, C), (T,) */

/** @typedef {{symbol: string, lag: number, text?: string}} Symbol_ a signal, of this step (lag 0) or the one before */
/**
 * @typedef {object} Node_ a part of an equation, with its number
 * @property {string} kind @property {number | null} value @property {Node_[]} children
 * @property {string} [symbol] @property {number} [lag] @property {string} [mark] @property {Symbol_ | null} [of]
 * @property {string} [function]
 */
/**
 * @typedef {object} Term what adds to a pre-activation
 * @property {"character" | "unit" | "below" | "bias" | "own"} source @property {string | null} role
 * @property {number} index @property {string} [text] as it is written, where that is not plain
 * @property {number} weight @property {number} state @property {Symbol_ | null} gain @property {number} value
 */
/** @typedef {{terms: Term[], rest: {count: number, value: number}, rounding: number, value: number}} Drive */
/**
 * @typedef {object} Equation
 * @property {string} signal @property {number} shown @property {number} value @property {boolean} follows
 * @property {Node_} tree @property {Drive | null} drive
 */
/**
 * @typedef {object} WhyFacts
 * @property {number} layer @property {number} step @property {number} unit @property {boolean} known
 * @property {boolean} first @property {Record<string, number>} now @property {Record<string, number>} before
 * @property {Equation[]} equations
 */

/**
 * @typedef {object} RecallSummary
 * @property {string} model @property {string} teaching @property {number} longest @property {number[]} seeds
 * @property {number[]} median @property {number[]} lowest @property {number[]} highest
 * @property {number} reach_median @property {number} reach_lowest @property {number} reach_highest
 */
/**
 * @typedef {object} RecallCurvesAnswer what /api/recall answers
 * @property {number} chance @property {number} criterion @property {number[]} delays @property {number} episodes
 * @property {Record<string, string>} teachings
 * @property {{id: string, title: string, cell: string, units: number, parameters: number}[]} models
 * @property {{model: string, teaching: string, longest: number, seed: number, accuracy: number[]}[]} runs
 * @property {RecallSummary[]} summaries
 */
/** @typedef {RecoverabilityFacts & {lags: number[], accuracy: number[]}} ProbeCurve one of /api/recoverability */

export {};
