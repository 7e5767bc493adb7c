// What an instrument sees of the page, what it may do, and what it is; the types that all of them share.

/**
 * @typedef {import("./catalogue.js").Catalogue} Catalogue
 * @typedef {import("../text/document.js").Text} Text
 * @typedef {import("./store.js").State} State
 */

/**
 * @typedef {object} PanelView
 * @property {string} id @property {import("./catalogue.js").Resolved} resolved @property {string} color
 * @property {Set<string>} known its characters @property {import("../picture/columns.js").Columns} columns
 * @property {string} title @property {boolean} dashed
 */

/** @typedef {{step: number, unit: number, held: boolean}} Cursor `held`: whether somebody has put it there */

/** @typedef {"light" | "dark"} Theme */

/**
 * @template [O=Record<string, unknown>]
 * @typedef {object} View
 * @property {Text} text @property {PanelView[]} panels @property {Catalogue} catalogue
 * @property {number} plotWidth of a picture, in CSS pixels @property {Theme} theme
 * @property {number} length characters that are read @property {import("../picture/window.js").Window} window
 * @property {Cursor | null} cursor @property {O} options
 * @property {import("../picture/plotly-loader.js").Plotly | undefined} Plotly once it is there
 */

/** @typedef {{from: number, levels: Int8Array}} Tint colours of characters, −8 … 8 from `from` on */

/**
 * @typedef {{name: string} & Record<string, string | number | boolean | null | undefined>} Measure a question, as sent
 */
/** @typedef {{model: string, measure: Measure}} Question */

/** @typedef {(string | number | null | undefined)[]} TableRow */
/** @typedef {{name: string, columns: string[], rows: TableRow[]}} Table */

/**
 * @typedef {object} Acts what an instrument may do
 * @property {(patch: Record<string, import("./options.js").Option>) => void} set changes its options
 * @property {() => void} again asks and shows again
 * @property {(step: number, unit: number) => void} placeCursor
 * @property {(step: number) => void} reveal shows a step in the editor @property {(words: string) => void} say
 * @property {(tint: Tint | null) => void} tint colours the text
 * @property {(overlays: import("../picture/overlay.js").Overlays | null) => void} overlay adds to the pictures
 * @property {(revision: number) => number} cutSince the first step that was edited since
 * @property {PanelActs} panels @property {TextActs} text @property {PlayActs} play
 */

/**
 * @typedef {object} PanelActs
 * @property {() => State["panels"]} get
 * @property {(patch: Partial<Pick<State, "panels" | "corpus" | "signal">>) => void} set
 */

/**
 * @typedef {object} TextActs
 * @property {() => Text} get @property {(text: Text) => void} put takes the place of all that was there
 * @property {() => number} caret
 * @property {(at: number, letters: string) => number} generate writes them as a model's; where they end
 * @property {() => void} apart makes what comes next a step of its own
 * @property {(place: number) => boolean} elsewhere whether the reader has put the caret elsewhere
 * @property {() => {author: string, characters: number}} written what a model has written
 * @property {(author: string) => void} sign says who
 */

/**
 * @typedef {object} PlayActs
 * @property {() => void} toggle @property {(by: number) => void} step @property {() => void} stop
 * @property {() => number | null} position null while nothing plays
 */

/**
 * @template F, T, [M=Measure]
 * @typedef {object} Answer what was found of one panel
 * @property {number} id of the question @property {F} facts @property {T} tensors @property {M} measure the question
 * @property {number} revision of the text that was measured @property {boolean} stale
 */

/** @typedef {Map<string, import("./questions.js").Finding>} Findings by model */

/**
 * @typedef {object} Instrument one that is open
 * @property {(view: View<never>) => Question[]} asks @property {(view: View<never>, findings: Findings) => void} show
 * @property {(view: View<never>, findings: Findings) => Table} table @property {() => void} destroy
 */

/**
 * @typedef {object} Definition
 * @property {string} name @property {string} title @property {string} question
 * @property {(catalogue: Catalogue) => Record<string, string | number | boolean | null>} defaults of its options; those
 *   of the question are the server's
 * @property {(catalogue: Catalogue) => Node[]} definition
 * @property {(host: HTMLElement, acts: Acts, catalogue: Catalogue) => Instrument} create
 * @property {(id: string) => string} [about] which model it asks about where that is not the panel's own
 */

/**
 * What was found of the model `id`, if anything was.
 * @template F, T, M
 * @param {Findings} findings @param {string} id
 * @returns {Answer<F, T, M> | null}
 */
export function answerOf(findings, id) {
  const found = findings.get(id);
  return found?.facts === undefined ? null : /** @type {Answer<F, T, M>} */ (/** @type {unknown} */ (found));
}

/**
 * The panels of which something was found, in their order.
 * @template F, T, M
 * @param {PanelView[]} panels @param {Findings} findings @param {(answer: Answer<F, T, M>) => boolean} [fits] leaves
 *   out answers to another question
 * @returns {{panel: PanelView, found: Answer<F, T, M>}[]}
 */
export function answered(panels, findings, fits = () => true) {
  return panels.flatMap((panel) => {
    const found = /** @type {Answer<F, T, M> | null} */ (answerOf(findings, panel.id));
    return found !== null && fits(found) ? [{ panel, found }] : [];
  });
}
