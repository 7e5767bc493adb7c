// Runs in any browser, also one that cannot run the page: says once what is missing. The page itself is modules, which
// such a browser gives up without a word.
(function () {
  var lacks = [
    ["popovers", "popover" in HTMLElement.prototype],
    ["grids within grids", Boolean(window.CSS && CSS.supports && CSS.supports("grid-template-columns", "subgrid"))],
    ["well-formed strings", "toWellFormed" in String.prototype],
    ["compression", "CompressionStream" in window],
    ["drawing off the screen", "OffscreenCanvas" in window],
  ]
    .filter(function (one) {
      return !one[1];
    })
    .map(function (one) {
      return one[0];
    });
  var first = true;
  try {
    first = localStorage.getItem("no-support") === null;
    if (lacks.length > 0) localStorage.setItem("no-support", "1");
  } catch (error) {
    // A browser that keeps nothing sees the note each time.
  }
  if (lacks.length === 0 || !first) return;
  addEventListener("DOMContentLoaded", function () {
    var words = document.createElement("p");
    words.className = "notice";
    words.id = "no-support";
    words.setAttribute("role", "alert");
    words.textContent =
      "This browser lacks what the page needs: " +
      lacks.join(", ") +
      ". Parts of it will not work. Chrome and Edge from 117, Safari from 17.2 and Firefox from 125 have it.";
    var main = document.querySelector("main");
    if (main !== null) main.insertBefore(words, main.firstChild);
  });
})();
