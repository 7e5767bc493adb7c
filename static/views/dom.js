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
 * Make an element. Properties that the element has are set as such, `data-…`, `aria-…` and the rest as attributes,
 * functions under `on…` as listeners.
 * @param {string} tag @param {Record<string, any>} [properties] @param {...(Node | string)} children
 * @returns {any}
 */
export function make(tag, properties = {}, ...children) {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(properties)) {
    if (name.startsWith("on")) element.addEventListener(name.slice(2), value);
    else if (name in element) element[name] = value;
    else element.setAttribute(name, value);
  }
  element.append(...children);
  return element;
}

/**
 * Fill a <select>, leaving it alone where nothing changed so that an open list stays open.
 * @param {HTMLSelectElement} select @param {[string, string][]} options value and words @param {string} value
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
  const context = canvas.getContext("2d");
  context.setTransform(ratio, 0, 0, ratio, 0, 0);
  context.clearRect(0, 0, width, height);
  return context;
}

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
  const own = sheet.getContext("2d", { willReadFrequently: true });
  own.scale(window.devicePixelRatio, window.devicePixelRatio);
  draw(own);
  context.setTransform(1, 0, 0, 1, 0, 0);
  context.drawImage(sheet, 0, 0);
}

const read = new Map();

/**
 * The page's colours, by the names of the custom properties. They are read once a theme: asking for a computed
 * style in the middle of a paint makes the browser lay out the page first.
 * @param {...string} names
 */
export function themeColours(...names) {
  let style = null;
  return names.map((name) => {
    if (!read.has(name)) {
      style ??= getComputedStyle(document.documentElement);
      read.set(name, style.getPropertyValue(name).trim());
    }
    return read.get(name);
  });
}

/** The theme has changed. */
export function forgetColours() {
  read.clear();
}

const before = new WeakMap();

/**
 * Set what is another value than the one that was put there before: a paint touches only what it changes. To ask the
 * element itself would cost more than to write.
 * @param {any} bag an element, its style or its dataset @param {Record<string, any>} values
 */
export function put(bag, values) {
  let known = before.get(bag);
  if (known === undefined) before.set(bag, (known = {}));
  for (const name of Object.keys(values)) {
    if (known[name] === values[name]) continue;
    known[name] = values[name];
    bag[name] = values[name];
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
