// Runs before the first paint, so that a chosen theme does not flash the other one.
(() => {
  const word = /[#&]theme=(light|dark)\b/.exec(location.hash)?.[1];
  let kept = null;
  try {
    kept = localStorage.getItem("theme");
  } catch {
    // A browser that keeps nothing follows the system.
  }
  const theme = word ?? kept;
  if (theme === "light" || theme === "dark") document.documentElement.dataset.theme = theme;
})();
