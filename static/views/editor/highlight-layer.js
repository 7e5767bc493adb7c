// The letters of the editor once more, behind it: on them characters are marked without touching the typing, and
// by them one knows where a letter stands, which a <textarea> does not tell.

const MOST_MARKS = 2000;

export class HighlightLayer {
  /** @param {HTMLElement} host @param {HTMLTextAreaElement} area whose layout the host shares */
  constructor(host, area) {
    this.host = host;
    this.area = area;
    this.node = document.createTextNode("");
    host.append(this.node);
    this.registry = globalThis.CSS?.highlights;
    this.tints = new Map(
      Array.from({ length: 16 }, (_, k) => (k < 8 ? k - 8 : k - 7)).map((level) => [
        level,
        this.#highlight(`tint-${level < 0 ? "n" : "p"}${Math.abs(level)}`, -1),
      ]),
    );
    this.layers = {
      unknown: this.#highlight("unknown"),
      here: this.#highlight("here", 1),
      unread: this.#highlight("unread"),
      written: this.#highlight("written"),
      found: this.#highlight("found", 2),
    };
    /**
     * The last answer of `strangers`, and to what.
     * @type {{string: string, known: ((character: string) => boolean) | null, found: [number, number][]}}
     */
    this.last = { string: "", known: null, found: [] };
    this.probe = new Range();
  }

  /** @param {string} name @param {number} [priority] */
  #highlight(name, priority = 0) {
    if (this.registry === undefined) return null;
    const one = new Highlight();
    one.priority = priority;
    this.registry.set(name, one);
    return one;
  }

  // A live range follows every change of the page, and a long text may have a thousand marks: these are not live.
  /** @param {number} from @param {number} to */
  #range(from, to) {
    const [startOffset, endOffset] = [Math.min(from, this.node.length), Math.min(to, this.node.length)];
    return new StaticRange({ startContainer: this.node, startOffset, endContainer: this.node, endOffset });
  }

  // Laying out a text twice has its price; it is paid when there is something to mark or to measure.
  /** @param {string} string */
  #lay(string) {
    const laid = `${string}\n`; // else a last line that is empty would be missing, which the <textarea> has
    if (this.node.data !== laid) this.node.data = laid;
  }

  /** @param {string} string @param {(character: string) => boolean} known */
  #strangers(string, known) {
    if (this.last.string === string && this.last.known === known) return this.last.found;
    /** @type {[number, number][]} */
    const found = [];
    let unit = 0;
    for (const character of string) {
      if (!known(character) && found.length < MOST_MARKS) found.push([unit, unit + character.length]);
      unit += character.length;
    }
    this.last = { string, known, found };
    return found;
  }

  /** The rectangle of the line in which a unit stands. @param {number} unit */
  #box(unit) {
    for (let k = Math.min(unit, this.node.length - 1); k >= 0; k--) {
      this.probe.setStart(this.node, k);
      this.probe.setEnd(this.node, k + 1);
      const found = this.probe.getBoundingClientRect();
      if (found.height > 0) return found;
    }
    return null;
  }

  #inside() {
    return this.host.getBoundingClientRect().top - this.host.scrollTop;
  }

  /**
   * @param {string} string
   * @param {{known: (character: string) => boolean, here: [number, number] | null, unread: number | null,
   *   found: [number, number] | null, written: [number, number][], tinted: [number, number, number][]}} marks in
   *   units of the string; `tinted`: from, to, level −8 … 8
   */
  mark(string, { known, here, unread, found, written, tinted }) {
    if (this.registry === undefined) return;
    for (const layer of [...Object.values(this.layers), ...this.tints.values()]) layer?.clear();
    const unknown = this.#strangers(string, known);
    const plain = [unknown, written, tinted].every((some) => some.length === 0);
    if (plain && here === null && unread === null && found === null) return;
    this.#lay(string);
    this.host.scrollTop = this.area.scrollTop;
    for (const [from, to, level] of tinted) this.tints.get(level)?.add(this.#range(from, to));
    for (const [from, to] of unknown) this.layers.unknown?.add(this.#range(from, to));
    for (const [from, to] of written) this.layers.written?.add(this.#range(from, to));
    if (here !== null) this.layers.here?.add(this.#range(...here));
    if (found !== null) this.layers.found?.add(this.#range(...found));
    if (unread !== null) this.layers.unread?.add(this.#range(unread, string.length));
  }

  /**
   * Where the line of a unit begins and ends, in CSS pixels below the first line.
   * @param {string} string
   * @param {number} unit
   */
  line(string, unit) {
    this.#lay(string);
    const found = this.#box(unit);
    return found === null
      ? { top: 0, bottom: 0 }
      : { top: found.top - this.#inside(), bottom: found.bottom - this.#inside() };
  }

  /** The first unit of the line at a height. @param {string} string @param {number} y */
  unitAt(string, y) {
    this.#lay(string);
    const above = this.#inside();
    let [low, high] = [0, string.length];
    while (low < high) {
      const middle = (low + high) >> 1;
      if ((this.#box(middle)?.bottom ?? 0) - above <= y) low = middle + 1;
      else high = middle;
    }
    return low;
  }

  destroy() {
    for (const [name, layer] of this.registry ?? []) {
      if (Object.values(this.layers).includes(layer) || [...this.tints.values()].includes(layer)) {
        this.registry.delete(name);
      }
    }
  }
}
