"""What the measurements in the browser share: its clock, three Plotly heatmaps to compare with, and the verdict.

A picture counts as painted at the first task after the first animation frame that begins once the page has said that it
is there: then that frame is on its way to the screen.
"""

from __future__ import annotations

from dataclasses import dataclass

from playwright.sync_api import Page
from rich.console import Console
from rich.table import Table

from .timing import summary

PAGE = """async ({ units, columns, models }) => {
  const frame = () => new Promise(requestAnimationFrame);
  const task = () => new Promise((done) => {
    const { port1, port2 } = new MessageChannel();
    port1.onmessage = () => { port1.close(); done(performance.now()); };
    port2.postMessage(0);
  });
  const panels = models.map((model) => document.querySelector(`[data-model="${model}"]`));

  // Resolves once `there()`, with milliseconds since `began`: until the last picture was drawn, and the frame after it.
  const painted = (began, there) => new Promise((done) => {
    const look = () => {
      if (!there()) return;
      observer.disconnect();
      const [drawn, shown] = [task(), frame().then(task)]; // asked for at once: the frame may come before the task
      Promise.all([drawn, shown]).then(([a, b]) => done({ drawn: a - began, painted: b - began }));
    };
    const observer = new MutationObserver(look);
    const what = { attributes: true, attributeFilter: ["data-steps", "data-window", "data-echo"] };
    for (const panel of panels) observer.observe(panel, what);
    look();
  });

  while (globalThis.Plotly === undefined) await frame(); // it comes after the first pictures

  // The reference lies over the page while it is measured and is hidden else.
  const cover = document.createElement("div");
  cover.style.cssText = "position: fixed; inset: 0; z-index: 1000; visibility: hidden; background: #fff";
  document.body.append(cover);
  const plots = models.map(() => cover.appendChild(document.createElement("div")));
  const row = () => Array.from({ length: columns }, () => 2 * Math.random() - 1);
  const matrix = () => Array.from({ length: units }, row);
  const width = document.querySelector("canvas.heatmap").clientWidth + 100;
  const layout = { width, height: units + 60, margin: { l: 40, r: 60, t: 10, b: 20 } };
  const config = { displayModeBar: false };
  const figure = (z) => [{ type: "heatmap", z, zmin: -1, zmax: 1 }];
  for (const plot of plots) await Plotly.newPlot(plot, figure(matrix()), layout, config);
  const reference = async () => {
    const all = plots.map(matrix);
    cover.style.visibility = "visible";
    for (let k = 0; k < 3; k++) await frame();
    await task();
    const began = performance.now();
    plots.forEach((plot, k) => Plotly.react(plot, figure(all[k]), layout, config));
    await frame();
    const spent = (await task()) - began;
    cover.style.visibility = "hidden";
    for (let k = 0; k < 3; k++) await frame();
    return spent;
  };
  globalThis.bench = { panels, painted, reference };
}"""

QUIET_MS = 60


@dataclass(frozen=True)
class Goal:
    """At most this in the 95th percentile: times what Plotly takes, and milliseconds. The aim is what comes next."""

    ratio: float
    aim_ratio: float
    milliseconds: float | None = None
    aim_milliseconds: float | None = None


def prepare(page: Page, *, units: int, columns: int, models: tuple[str, ...]) -> None:
    """Put the clock and the reference into an open page, and see that its pictures have the size to be measured."""
    page.evaluate(PAGE, {"units": units, "columns": columns, "models": list(models)})
    for model in models:
        size = page.locator(f'[data-model="{model}"] canvas.heatmap').evaluate(
            "(canvas) => [canvas.height, canvas.width]"
        )
        if size != [units, columns]:
            raise RuntimeError(f"{model} shows {size[0]} units × {size[1]} steps, not {units} × {columns}.")


class Turns:
    """What was measured, each in turn with the reference so that a busy moment meets both."""

    def __init__(self, page: Page, warm_up: int) -> None:
        self._page = page
        self._warm_up = warm_up
        self._taken: dict[str, list[float]] = {}
        self._turns = 0

    def add(self, times: dict[str, float]) -> None:
        """Keep what was just measured, and measure the reference."""
        self._page.wait_for_timeout(QUIET_MS)
        times = {**times, "plotly": self._page.evaluate("bench.reference()")}
        self._page.wait_for_timeout(QUIET_MS)
        self._turns += 1
        if self._turns > self._warm_up:
            for name, value in times.items():
                self._taken.setdefault(name, []).append(value)

    def figures(self) -> dict[str, dict[str, float]]:
        """Milliseconds of each quantity: median and 95th percentile."""
        return {name: summary(values) for name, values in self._taken.items()}


def show(title: str, what: str, figures: dict[str, dict[str, float]], goal: Goal, console: Console) -> None:
    """The table of one measurement and whether it is what was promised. `painted` and `plotly` stand in `figures`."""
    table = Table("milliseconds", "median", "p95", title=title)
    rows = {what: "painted", "… of it until the pictures are drawn": "drawn", "three Plotly.react heatmaps": "plotly"}
    for words, name in rows.items():
        table.add_row(words, *(f"{figures[name][column]:.1f}" for column in ("median", "p95")))
    ratios = {column: figures["painted"][column] / figures["plotly"][column] for column in ("median", "p95")}
    table.add_row("painted picture / Plotly", *(f"{ratios[column]:.2f} ×" for column in ("median", "p95")))
    console.print(table)
    _verdict(console, "× Plotly, p95", ratios["p95"], goal.ratio, goal.aim_ratio)
    if goal.milliseconds is not None and goal.aim_milliseconds is not None:
        _verdict(console, "ms, p95", figures["painted"]["p95"], goal.milliseconds, goal.aim_milliseconds)


def _verdict(console: Console, unit: str, value: float, bound: float, aim: float) -> None:
    kept, reached = "kept" if value <= bound else "NOT kept", "reached" if value <= aim else "not yet reached"
    console.print(f"At most {bound:g} {unit}: {kept}. The next aim, {aim:g}: {reached}.")
