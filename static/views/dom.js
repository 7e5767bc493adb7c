// Elements of the page: found, made, and set only where something about them changes.

/**
 * The element of the page that a selector names.
 * @template {Element} [E=HTMLElement]
 * @param {string} selector @param {new () => E} [kind] what it is, where more than an element is needed
 * @returns {E}
 */
export function one(selector, kind) {
  const found = document.querySelector(selector);
  if (found === null || (kind !== undefined && !(found instanceof kind))) {
    throw new TypeError(`The page has no ${selector}${kind === undefined ? "" : ` that is a ${kind.name}`}.`);
  }
  return /** @type {E} */ (found);
}

/**
 * @typedef {object} Listeners
 * @property {(event: MouseEvent) => void} [onclick] @property {(event: Event) => void} [onchange]
 * @property {(event: Event) => void} [oninput] @property {(event: KeyboardEvent) => void} [onkeydown]
 * @property {(event: PointerEvent) => void} [onpointerenter]
 */

/** What can be set by name, without a type of its own. @param {object} bag @returns {Record<string, unknown>} */
const bagOf = (bag) => /** @type {Record<string, unknown>} */ (bag);

/**
 * Make an element. Properties that the element has are set as such, `data-…`, `aria-…` and the rest as attributes,
 * functions under `on…` as listeners.
 * @template {keyof HTMLElementTagNameMap} Tag
 * @param {Tag} tag @param {Listeners & Record<string, unknown>} [properties] @param {...(Node | string)} children
 * @returns {HTMLElementTagNameMap[Tag]}
 */
export function make(tag, properties = {}, ...children) {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(properties)) {
    if (typeof value === "function") element.addEventListener(name.slice(2), /** @type {EventListener} */ (value));
    else if (name in element) bagOf(element)[name] = value;
    else element.setAttribute(name, String(value));
  }
  element.append(...children);
  return element;
}

/**
 * A canvas' context in two dimensions.
 * @template {HTMLCanvasElement | OffscreenCanvas} Canvas
 * @param {Canvas} canvas @param {CanvasRenderingContext2DSettings} [settings]
 * @returns {Canvas extends HTMLCanvasElement ? CanvasRenderingContext2D : OffscreenCanvasRenderingContext2D}
 */
export function contextOf(canvas, settings) {
  const context = canvas.getContext("2d", settings);
  if (context === null) throw new Error("The browser gives no more canvases to draw on: close some of its pages.");
  return /** @type {any} */ (context); // no type says that a canvas and its context are of one kind
}

/**
 * Fill a <select>, leaving it alone where nothing changed so that an open list stays open.
 * @param {HTMLSelectElement} select @param {(readonly [string, string])[]} options value and words
 * @param {string} value
 */
export function choose(select, options, value) {
  const words = JSON.stringify(options);
  if (select.dataset.options !== words) {
    select.dataset.options = words;
    select.replaceChildren(...options.map(([key, label]) => make("option", { value: key, textContent: label })));
  }
  if (select.value !== value) select.value = value;
}

/**
 * A canvas with one backing pixel for each pixel of the device, and its context in CSS pixels.
 * @param {HTMLCanvasElement} canvas @param {number} width @param {number} height
 */
export function fitted(canvas, width, height) {
  const ratio = window.devicePixelRatio;
  const [w, h] = [Math.round(width * ratio), Math.round(height * ratio)];
  if (canvas.width !== w || canvas.height !== h) {
    canvas.width = w;
    canvas.height = h;
    canvas.style.width = `${width}px`;
    canvas.style.height = `${height}px`;
  }
  const context = contextOf(canvas);
  context.setTransform(ratio, 0, 0, ratio, 0, 0);
  context.clearRect(0, 0, width, height);
  return context;
}

/** @type {WeakMap<HTMLCanvasElement, OffscreenCanvas>} */
const sheets = new WeakMap();

/**
 * Draw on a canvas by way of one that belongs to no document: there, each piece of text would have the browser bring
 * the styles of the whole page up to date first.
 * @param {HTMLCanvasElement} canvas @param {number} width CSS pixels @param {number} height
 * @param {(context: OffscreenCanvasRenderingContext2D) => void} draw in CSS pixels
 */
export function lettered(canvas, width, height, draw) {
  const context = fitted(canvas, width, height);
  let sheet = sheets.get(canvas);
  if (sheet === undefined) sheets.set(canvas, (sheet = new OffscreenCanvas(1, 1)));
  Object.assign(sheet, { width: canvas.width, height: canvas.height }); // clears it, too
  const own = contextOf(sheet, { willReadFrequently: true });
  own.scale(window.devicePixelRatio, window.devicePixelRatio);
  draw(own);
  context.setTransform(1, 0, 0, 1, 0, 0);
  context.drawImage(sheet, 0, 0);
}

/** @type {Map<string, string>} */
const read = new Map();

/**
 * The page's colours, by the names of the custom properties. They are read once a theme: asking for a computed
 * style in the middle of a paint makes the browser lay out the page first.
 * @param {...string} names
 */
export function themeColours(...names) {
  /** @type {CSSStyleDeclaration | null} */
  let style = null;
  return names.map((name) => {
    const known = read.get(name);
    if (known !== undefined) return known;
    style ??= getComputedStyle(document.documentElement);
    const colour = style.getPropertyValue(name).trim();
    read.set(name, colour);
    return colour;
  });
}

/** The theme has changed. */
export function forgetColours() {
  read.clear();
}

/** @type {WeakMap<object, Record<string, unknown>>} */
const before = new WeakMap();

/**
 * Set what is another value than the one that was put there before: a paint touches only what it changes. To ask the
 * element itself would cost more than to write.
 * @param {object} bag an element, its style or its dataset @param {Record<string, unknown>} values
 */
export function put(bag, values) {
  let known = before.get(bag);
  if (known === undefined) before.set(bag, (known = {}));
  for (const name of Object.keys(values)) {
    if (known[name] === values[name]) continue;
    known[name] = values[name];
    bagOf(bag)[name] = values[name];
  }
}

/** Words likewise. @param {Element} element @param {string} words */
export function tell(element, words) {
  put(element, { textContent: words });
}

/** A number as it is read: with a true minus sign. @param {number} value @param {number} digits */
export function decimal(value, digits) {
  return Number.isFinite(value) ? value.toFixed(digits).replace("-", "−") : "–";
}
