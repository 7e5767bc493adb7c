// How high the pictures are, and the lines of surprise below them.

const HEAD = 26; // CSS pixels of a panel beside its plot
const AROUND_SURPRISE = 78; // CSS pixels of its head, step numbers and the overview
const SURPRISE = { head: 20, least: 36, most: 120 };
const BESIDE = 1000; // CSS pixels of a page whose choices stand below the pictures: it scrolls anyway
const PICTURE = 72; // CSS pixels that a picture has at least, however few its units

/**
 * Each unit gets the same whole number of device pixels, as many as fit the height of the page, at least one CSS
 * pixel's; in a picture that would be too low to be read, more.
 * @param {{rows: number[], top: number, width: number, height: number, ratio: number, strip: number, yields: boolean}}
 *   page `rows` of each picture, which begin at `top`; `strip`: what is below each; `yields`: whether the lines may go
 *   for its sake
 * @returns {{heights: number[], lines: number}}
 */
export function layoutOf({ rows, top, width, height, ratio, strip, yields }) {
  const units = rows.reduce((sum, one) => sum + one, 0);
  const free = height - top - AROUND_SURPRISE - rows.length * (HEAD + strip);
  const pixels = Math.max(
    Math.round(ratio),
    Math.min(4 * ratio, Math.floor(((free - SURPRISE.least) * ratio) / Math.max(1, units))),
  );
  const heights = rows.map((one) => (one * Math.max(pixels, Math.ceil((PICTURE * ratio) / Math.max(1, one)))) / ratio);
  const rest = Math.floor(free - heights.reduce((sum, one) => sum + one, 0));
  // Where it is all that makes the page scroll, it gives way to an echo: the overview has its lines, too.
  const folded = width > BESIDE && yields && rest < SURPRISE.least && rest + SURPRISE.head >= 0;
  return { heights, lines: folded ? 0 : Math.max(SURPRISE.least, Math.min(SURPRISE.most, rest)) };
}
