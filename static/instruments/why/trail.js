// Where an instrument stands, and how one goes from there: a step or a unit on, to what made a value, and back.

import { visible } from "../../text/characters.js";
import { make, put } from "../../views/dom.js";

/**
 * @param {any} bench what an instrument may do; its option `of` says what is looked at where one has walked to
 * @param {() => any} see what the instrument has seen last
 */
export function createWalk(bench, see) {
  const place = make("p", { className: "why-place" });
  const button = (words, label, by) =>
    make("button", {
      type: "button",
      textContent: words,
      "aria-label": label,
      title: label,
      onclick: () => move(...by),
    });
  const first = button("‹", "the step before (← on a picture)", [-1, 0]);
  const steps = make("span", {}, first, place, button("›", "the next step (→ on a picture)", [1, 0]));
  const units = make(
    "span",
    {},
    button("˄", "the unit with the next lower number", [0, -1]),
    button("˅", "the unit with the next higher number", [0, 1]),
  );
  const back = make("button", {
    type: "button",
    className: "why-back",
    textContent: "↩ back",
    onclick: () => goBack(),
  });
  const element = make("div", { className: "why-walk" }, steps, units, back);
  /** Where one has walked from, the last at the end. */
  const trail = [];

  function move(step, unit) {
    const { cursor, panels } = see();
    if (cursor === null) return;
    const highest = Math.max(0, ...panels.map(({ resolved }) => resolved.model.units - 1));
    bench.hold(cursor.step + step, Math.max(0, Math.min(highest, cursor.unit + unit)));
  }

  function arrive({ step, unit, of }) {
    bench.set({ of });
    bench.hold(step, unit);
    put(back, { disabled: trail.length === 0 }); // now: what was clicked is about to go, and takes the focus along
    (trail.length > 0 ? back : first).focus({ preventScroll: true });
  }

  function goBack() {
    const to = trail.pop();
    if (to !== undefined) arrive(to);
  }

  return {
    element,
    /**
     * Go to what made a value.
     * @param {number} step
     * @param {number} unit
     * @param {number} layer
     * @param {string} signal
     */
    to(step, unit, layer, signal) {
      const { cursor, options } = see();
      trail.push({ step: cursor.step, unit: cursor.unit, of: options.of });
      arrive({ step, unit, of: `${layer}.${signal}@${step}.${unit}` });
    },
    show({ cursor, text }) {
      if (cursor === null) place.textContent = "no step yet";
      else {
        const [character = ""] = text.characters(cursor.step, cursor.step + 1);
        place.replaceChildren(
          "step ",
          make("b", { textContent: cursor.step.toLocaleString("en") }),
          " · ",
          make("kbd", { textContent: visible(character) }),
          " · unit ",
          make("b", { textContent: String(cursor.unit) }),
        );
      }
      const from = trail.at(-1);
      const title =
        from === undefined
          ? "the way back, once you have followed a term"
          : `to step ${from.step.toLocaleString("en")}, unit ${from.unit}`;
      put(back, { disabled: from === undefined, title });
    },
  };
}

const PLACE = /^(\d+)\.([a-z_]+)@(\d+)\.(\d+)$/;

/** What is looked at where one has walked to: a signal of a layer, as long as the cursor stays there. */
export function walkedTo(of, cursor) {
  const [, layer, signal, step, unit] = PLACE.exec(of) ?? [];
  return cursor !== null && Number(step) === cursor.step && Number(unit) === cursor.unit
    ? { layer: Number(layer), signal }
    : null;
}
