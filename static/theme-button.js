// The theme's button on pages that have no view of their own in the address.

import { one } from "./views/dom.js";
import { keepTheme, keptTheme, nextTheme, wear } from "./views/theme.js";

const button = one("#theme");
let theme = keptTheme();
wear(button, theme);
button.addEventListener("click", () => {
  theme = nextTheme(theme);
  wear(button, theme);
  keepTheme(theme);
});
