// Plotly, which draws axes and charts. It is several times as large as everything else together, so the page asks for
// it once its first pictures are painted.

/**
 * What the page uses of it. Its figures are plain objects, which it checks itself.
 * @typedef {object} Plotly
 * @property {(host: HTMLElement, data: object[], layout: object, config: object) => void} react
 * @property {(host: HTMLElement, change: object) => void} relayout
 * @property {(host: HTMLElement) => void} purge
 * @property {(figure: {data: object[], layout: object}, how: object) => Promise<string>} toImage
 */

/** Plotly, once it is there. @returns {Plotly | undefined} */
export const loadedPlotly = () => /** @type {{Plotly?: Plotly}} */ (/** @type {unknown} */ (globalThis)).Plotly;

/** @type {Promise<Plotly> | null} */
let coming = null;

/**
 * Load it once. The page says in a <meta name="plotly"> where it is.
 * @returns {Promise<Plotly>}
 */
export function loadPlotly() {
  coming ??= new Promise((done, failed) => {
    const script = document.createElement("script");
    script.src = document.querySelector('meta[name="plotly"]')?.getAttribute("content") ?? "";
    script.onload = () => done(/** @type {Plotly} */ (loadedPlotly()));
    script.onerror = () => {
      coming = null; // the server may be back when it is asked for again
      script.remove();
      failed(new Error("The part of the page that draws axes and charts could not be loaded. Reload the page."));
    };
    document.head.append(script);
  });
  return coming;
}
