// The letters of the editor once more, behind it: on them characters are marked without touching the typing, and
// by them one knows where a letter stands, which a <textarea> does not tell.

const MOST_MARKS = 2000;

/** @param {HTMLElement} host @param {HTMLTextAreaElement} area whose layout the host shares */
export function createMirror(host, area) {
  const node = document.createTextNode("");
  host.append(node);
  const registry = globalThis.CSS?.highlights;
  const highlight = (name, priority = 0) => {
    if (registry === undefined) return null;
    const one = new Highlight();
    one.priority = priority;
    registry.set(name, one);
    return one;
  };
  const tints = new Map(
    Array.from({ length: 16 }, (_, k) => (k < 8 ? k - 8 : k - 7)).map((level) => [
      level,
      highlight(`tint-${level < 0 ? "n" : "p"}${Math.abs(level)}`, -1),
    ]),
  );
  const layers = {
    unknown: highlight("unknown"),
    here: highlight("here", 1),
    unread: highlight("unread"),
    written: highlight("written"),
    found: highlight("found", 2),
  };
  /** The last answer of `strangers`, and to what. */
  let last = { string: "", known: null, found: [] };

  // A live range is told of every change of the page, and a long text may have a thousand marks: these are not live.
  const range = (from, to) => {
    const [startOffset, endOffset] = [Math.min(from, node.length), Math.min(to, node.length)];
    return new StaticRange({ startContainer: node, startOffset, endContainer: node, endOffset });
  };
  const probe = new Range();
  // Laying out a text twice has its price; it is paid when there is something to mark or to measure.
  const lay = (string) => {
    const laid = `${string}\n`; // else a last line that is empty would be missing, which the <textarea> has
    if (node.data !== laid) node.data = laid;
  };

  function strangers(string, known) {
    if (last.string === string && last.known === known) return last.found;
    const found = [];
    let unit = 0;
    for (const character of string) {
      if (!known(character) && found.length < MOST_MARKS) found.push([unit, unit + character.length]);
      unit += character.length;
    }
    last = { string, known, found };
    return found;
  }

  /** The rectangle of the line in which a unit stands. */
  const box = (unit) => {
    for (let k = Math.min(unit, node.length - 1); k >= 0; k--) {
      probe.setStart(node, k);
      probe.setEnd(node, k + 1);
      const found = probe.getBoundingClientRect();
      if (found.height > 0) return found;
    }
    return null;
  };
  const inside = () => host.getBoundingClientRect().top - host.scrollTop;

  return {
    /**
     * @param {string} string
     * @param {{known: (character: string) => boolean, here: [number, number] | null, unread: number | null,
     *   found: [number, number] | null, written: [number, number][], tinted: [number, number, number][]}} marks in
     *   units of the string; `tinted`: from, to, level −8 … 8
     */
    mark(string, { known, here, unread, found, written, tinted }) {
      if (registry === undefined) return;
      for (const layer of [...Object.values(layers), ...tints.values()]) layer.clear();
      const unknown = strangers(string, known);
      if (
        unknown.length === 0 &&
        here === null &&
        unread === null &&
        found === null &&
        written.length === 0 &&
        tinted.length === 0
      ) {
        return;
      }
      lay(string);
      host.scrollTop = area.scrollTop;
      for (const [from, to, level] of tinted) tints.get(level).add(range(from, to));
      for (const [from, to] of unknown) layers.unknown.add(range(from, to));
      for (const [from, to] of written) layers.written.add(range(from, to));
      if (here !== null) layers.here.add(range(...here));
      if (found !== null) layers.found.add(range(...found));
      if (unread !== null) layers.unread.add(range(unread, string.length));
    },
    /**
     * Where the line of a unit begins and ends, in CSS pixels below the first line.
     * @param {string} string
     * @param {number} unit
     */
    line(string, unit) {
      lay(string);
      const found = box(unit);
      return found === null ? { top: 0, bottom: 0 } : { top: found.top - inside(), bottom: found.bottom - inside() };
    },
    /** The first unit of the line at a height. @param {string} string @param {number} y */
    unitAt(string, y) {
      lay(string);
      const above = inside();
      let [low, high] = [0, string.length];
      while (low < high) {
        const middle = (low + high) >> 1;
        if ((box(middle)?.bottom ?? 0) - above <= y) low = middle + 1;
        else high = middle;
      }
      return low;
    },
    destroy() {
      for (const [name, layer] of registry ?? []) {
        if (Object.values(layers).includes(layer) || [...tints.values()].includes(layer)) registry.delete(name);
      }
    },
  };
}
