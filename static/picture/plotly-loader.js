// Plotly, which draws axes and charts. It is several times as large as everything else together, so the page asks for
// it once its first pictures are painted.

/** @type {Promise<any> | null} */
let coming = null;

/**
 * Load it once. The page says in a <meta name="plotly"> where it is.
 * @returns {Promise<any>}
 */
export function loadPlotly() {
  coming ??= new Promise((done, failed) => {
    const script = document.createElement("script");
    script.src = document.querySelector('meta[name="plotly"]').content;
    script.onload = () => done(globalThis.Plotly);
    script.onerror = () => {
      coming = null; // the server may be back when it is asked for again
      script.remove();
      failed(new Error("The part of the page that draws axes and charts could not be loaded. Reload the page."));
    };
    document.head.append(script);
  });
  return coming;
}
