// static/core/columns.js against a model so simple that it cannot be wrong: a map from step to column.
async ([seed, rounds]) => {
  const { Columns, ABSENT, CURRENT, STALE } = await import("/static/core/columns.js");
  const UNITS = 3;
  let random = seed;
  const draw = (n) => {
    random = (Math.imul(random, 1664525) + 1013904223) >>> 0;
    return Math.floor((random / 2 ** 32) * n);
  };
  const columns = new Columns(UNITS);
  const held = new Map(); // step → {cells, surprise, state}, within the window
  const faults = [];
  let [from, to, low, stamp] = [0, 0, NaN, 0];

  function check(what) {
    const say = (words) => faults.push(`${what}: ${words}`);
    if (columns.from !== from || columns.to !== to) say(`window ${columns.from}:${columns.to}, not ${from}:${to}`);
    for (let step = from; step < to; step++) {
      const k = step - from;
      const wanted = held.get(step);
      const state = wanted?.state ?? ABSENT;
      if (columns.state[k] !== state) say(`state of step ${step} is ${columns.state[k]}, not ${state}`);
      if (wanted === undefined || columns.state[k] !== state) continue;
      const cells = [...columns.cells.subarray(k * UNITS, (k + 1) * UNITS)];
      if (cells.join() !== wanted.cells.join()) say(`step ${step} holds ${cells}, not ${wanted.cells}`);
      if (columns.surprise[k] !== wanted.surprise) say(`step ${step} has the surprise of another`);
    }
    let end = from;
    while (end < Math.min(to, columns.steps) && held.get(end)?.state === CURRENT) end++;
    if (columns.end() !== end) say(`end ${columns.end()}, not ${end}`);
  }

  function dropStale() {
    for (const [step, one] of held) if (one.state === STALE) held.delete(step);
  }

  function window() {
    from = draw(30);
    to = from + draw(25);
    for (const step of held.keys()) if (step < from || step >= to) held.delete(step);
    columns.setWindow(from, to);
    check(`window ${from}:${to}`);
  }

  function cut() {
    const at = draw(50);
    for (const [step, one] of held) if (step >= at) one.state = STALE;
    columns.cut(at);
    check(`cut ${at}`);
  }

  function stale() {
    dropStale();
    columns.dropStale();
    check("drop stale");
  }

  function frame(round) {
    const a = draw(50);
    const b = a + draw(20);
    const steps = b + draw(3);
    const length = steps + draw(2);
    const edited = draw(3) === 0 ? draw(60) : Infinity;
    const other = draw(6) === 0 ? -1 - draw(2) : Number.isNaN(low) ? -1 : low;
    if (other !== low) held.clear();
    low = other;
    const cells = Uint8Array.from({ length: (b - a) * UNITS }, () => draw(256));
    const surprise = Float32Array.from({ length: b - a }, () => ++stamp);
    for (let step = Math.max(a, from); step < Math.min(b, to, edited); step++) {
      const k = step - a;
      held.set(step, { cells: [...cells.subarray(k * UNITS, (k + 1) * UNITS)], surprise: surprise[k], state: CURRENT });
    }
    if (edited === Infinity && steps >= length) dropStale();
    const sums = { revision: round, bits_per_character: null, scored: 0 };
    const tensors = { cells: { data: cells }, surprise: { data: surprise } };
    columns.apply({ from: a, to: b, steps, length, low, high: -low, ...sums }, tensors, edited);
    check(`frame ${a}:${b}, edited at ${edited}`);
  }

  for (let round = 0; round < rounds && faults.length === 0; round++) [window, cut, stale, frame, frame][draw(5)](round);
  return faults;
};
