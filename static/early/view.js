// Runs first in a page without a server: whoever comes without a view of his own gets the one that it was made of.
(() => {
  if (location.hash.length > 1) return;
  const view = document.querySelector('meta[name="view"]')?.getAttribute("content") ?? "";
  history.replaceState(null, "", `#${view}`);
})();
