// static/picture/columns.js against a model so simple that it cannot be wrong: a map from a column's first step to what
// it holds; and a picture that is only ever mended as `changes()` says, against one made anew.
async ([seed, rounds]) => {
  const { Columns, ABSENT, CURRENT, STALE } = await import("/static/picture/columns.js");
  const { Levels } = await import("/static/picture/levels.js");
  const UNITS = 3;
  const stretches = seed % 2 === 0 ? [512, 64, 1] : [128, 8, 1]; // the server says which
  let random = seed;
  const draw = (n) => {
    random = (Math.imul(random, 1664525) + 1013904223) >>> 0;
    return Math.floor((random / 2 ** 32) * n);
  };
  const columns = new Columns(UNITS, new Levels({ top: 254, no_number: 255, fold: 0.1, stretches }));
  const held = new Map(); // first step → {cells, surprise, peak, state}, within the window
  const faults = [];
  let [from, to, per, show, low, stamp] = [0, 0, 1, "extreme", NaN, 0];
  let picture = [];

  const sight = (k) =>
    columns.state[k] === ABSENT ? "" : [...columns.cells.subarray(k * UNITS, (k + 1) * UNITS)].join();
  function mend(say) {
    const width = columns.state.length;
    const { moved, from: first, to: end } = columns.changes();
    const whole = moved === null || picture.length !== width;
    if (whole && end - first !== width) say(`all is new, but only ${first}:${end} of ${width} is said to be`);
    picture = Array.from({ length: width }, (_, k) => (whole ? "" : (picture[k + moved] ?? "")));
    for (let k = first; k < end; k++) picture[k] = sight(k);
    for (let k = 0; k < width; k++) {
      if (picture[k] !== sight(k)) say(`column ${k} is painted ${picture[k]}, not ${sight(k)}`);
    }
  }

  function check(what) {
    const say = (words) => faults.push(`${what}: ${words}`);
    if (columns.from !== from || columns.to !== to) say(`window ${columns.from}:${columns.to}, not ${from}:${to}`);
    for (let step = from, k = 0; step < to; step += per, k++) {
      const wanted = held.get(step);
      const state = wanted?.state ?? ABSENT;
      if (columns.state[k] !== state) say(`state at step ${step} is ${columns.state[k]}, not ${state}`);
      if (wanted === undefined || columns.state[k] !== state) continue;
      const cells = [...columns.cells.subarray(k * UNITS, (k + 1) * UNITS)];
      if (cells.join() !== wanted.cells.join()) say(`step ${step} holds ${cells}, not ${wanted.cells}`);
      if (columns.surprise[k] !== wanted.surprise) say(`step ${step} has the surprise of another`);
      if (columns.peak[k] !== wanted.peak) say(`step ${step} has the peak of another`);
    }
    const last = Math.min(to, columns.steps);
    let end = from;
    while (end < last && held.get(end)?.state === CURRENT) end += per;
    end = Math.max(from, Math.min(end, columns.steps));
    if (columns.end() !== end) say(`end ${columns.end()}, not ${end}`);
    if (columns.complete() && columns.steps >= columns.length && end < last) {
      say(`it is complete, but ends at ${end} of ${last}`);
    }
    const { steps, length } = columns;
    // models/recording/recording.py: what a column may show beyond its edge
    const further = per >= stretches[0] ? stretches[0] - 1 : per >= stretches[1] ? stretches[1] - 1 : 0;
    let complete = true;
    for (let step = from; step < to; step += per) {
      const whole = steps >= length ? step < steps : step + per + further <= steps;
      if (whole && held.get(step)?.state !== CURRENT) complete = false;
    }
    if (columns.complete() !== complete) say(`complete: ${!complete}, though ${steps} of ${length} steps are read`);
    if (draw(2) === 0) mend(say);
  }

  function dropStale() {
    for (const [step, one] of held) if (one.state === STALE) held.delete(step);
  }

  function window() {
    const before = `${per} ${per > 1 ? show : ""}`;
    if (draw(4) === 0) per = 2 ** draw(11);
    if (draw(6) === 0) show = ["extreme", "mean", "saturated"][draw(3)];
    from = draw(30) * per;
    to = from + draw(25) * per;
    const same = before === `${per} ${per > 1 ? show : ""}`;
    for (const step of held.keys()) if (!same || step < from || step >= to) held.delete(step);
    columns.setWindow(from, to, per, show);
    check(`window ${from}:${to} of ${per}`);
  }

  function cut() {
    const at = draw(50 * per);
    for (const [step, one] of held) if (step + per > at) one.state = STALE;
    columns.cut(at);
    check(`cut ${at}`);
  }

  function stale() {
    dropStale();
    columns.dropStale();
    check("drop stale");
  }

  function frame(round) {
    const other = draw(8) === 0;
    const wide = other ? 2 ** draw(11) : per;
    const shown = other ? "lowest" : show;
    const a = draw(50) * wide;
    const count = draw(20);
    const b = Math.max(a, a + count * wide - draw(wide));
    const steps = b + draw(draw(2) === 0 ? 3 : 600);
    const length = steps + draw(2);
    const edited = draw(3) === 0 ? draw(60 * wide) : Infinity;
    const scale = draw(6) === 0 ? -1 - draw(2) : Number.isNaN(low) ? -1 : low;
    const width = Math.ceil((b - a) / wide);
    const cells = Uint8Array.from({ length: width * UNITS }, () => draw(256));
    const surprise = Float32Array.from({ length: width }, () => ++stamp);
    const peak = Float32Array.from({ length: width }, () => ++stamp);
    const ours = wide === per && (per === 1 || shown === show); // else it was made before the last zoom
    if (ours && scale !== low) held.clear();
    if (ours) low = scale;
    for (let k = 0; ours && k < width; k++) {
      const step = a + k * wide;
      if (step < from || step >= to || step + wide > edited) continue;
      held.set(step, {
        cells: [...cells.subarray(k * UNITS, (k + 1) * UNITS)],
        surprise: surprise[k],
        peak: peak[k],
        state: CURRENT,
      });
    }
    if (ours && edited === Infinity && steps >= length) dropStale();
    const sums = { revision: round, bits_per_character: null, scored: 0 };
    const tensors = { cells: { data: cells }, surprise: { data: surprise }, peak: { data: peak } };
    columns.apply(
      { from: a, to: b, per: wide, show: shown, steps, length, low: scale, high: -scale, ...sums },
      tensors,
      edited,
    );
    check(`frame ${a}:${b} of ${wide}, edited at ${edited}`);
  }

  for (let round = 0; round < rounds && faults.length === 0; round++) {
    [window, cut, stale, frame, frame][draw(5)](round);
  }
  return faults;
};
