"""What must not change while the code is rebuilt: every trace, picture and answer, frozen before and compared after.

    python scripts/frozen.py --write FILE       with the code as it was
    python scripts/frozen.py --against FILE     with the code as it is; exits 1 and names what differs

Both on one machine: float64 and PyTorch's products have other last bits on other processors. Frozen are

* of every model that ships, and its untrained twin, each signal and the log-probabilities of a text, in float32 and
  float64 (`models.load` and `trace`);
* the pictures of a scripted session (typing, an edit in the middle, wide columns, an intervention, a difference, an
  echo), as a page holds them once everything has arrived, whatever frames they came in;
* the answer of every instrument about the same text.

Beside each digest stand a few of the values, so that a difference can be judged. It knows the contract of
`from models import load` and docs/protocol.md, and no module behind them.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import os
import re
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import numpy as np
from safetensors.numpy import load as load_tensors
from websockets.sync.client import ClientConnection, connect

from models import catalogue, load

TEXT = """Shall I compare thee to a summer's day?
Thou art more lovely and more temperate:
Rough winds do shake the darling buds of May,
And summer's lease hath all too short a date;

def remember(state, letter):
    gates = [sigmoid(w @ letter + u @ state) for w, u in "if"]
    return {"kept": gates[0] * state}  # naïve
"""
LONG = "".join(
    line for k in range(6) for line in sorted(TEXT.splitlines(True), key=lambda line: (len(line) * 7 + k) % 11)
)
SAMPLES = 16
QUIET_SECONDS = 1.0
Frozen = dict[str, dict[str, Any]]

QUESTIONS: list[dict[str, Any]] = [
    {"name": "context", "positions": 60, "lags": 20},
    {"name": "forgetting", "step": 40, "lags": 60},
    {"name": "generate", "step": 40, "count": 30, "seed": 3},
    {"name": "gradients", "positions": 16, "lags": 20},
    {"name": "horizon", "lags": 40, "positions": 16},
    {"name": "horizon", "curve": "gradient", "lags": 20, "positions": 8},
    {"name": "intervene", "letters": "zero@100", "start": 0, "columns": 200, "per": 1},
    {"name": "overlength", "length": 64, "readings": 6},
    {"name": "recall"},
    {"name": "recoverability"},
    {"name": "saturation", "layer": 0, "signal": "hidden", "start": 0, "stop": 300, "first": 0, "last": 300, "per": 1},
    {
        "name": "texts",
        "other": TEXT.replace("summer", "winter"),
        "layer": 0,
        "signal": "hidden",
        "start": 0,
        "stop": 200,
    },
    {
        "name": "unit",
        "layer": 0,
        "signal": "hidden",
        "unit": 3,
        "start": 0,
        "stop": 300,
        "first": 0,
        "last": 300,
        "per": 1,
    },
    {"name": "why", "layer": 0, "signal": "hidden", "unit": 3, "step": 50},
]


def entry(values: np.ndarray[Any, Any]) -> dict[str, Any]:
    """The digest of an array's bytes, its shape, and `SAMPLES` of its values."""
    values = np.ascontiguousarray(values)
    flat = values.reshape(-1)
    picked = flat[:: max(1, len(flat) // SAMPLES)][:SAMPLES].astype(float)
    digest = hashlib.sha256(values.tobytes()).hexdigest()[:16]
    return {"digest": digest, "shape": list(values.shape), "samples": [repr(float(value)) for value in picked]}


def traces(models: list[str]) -> Iterator[tuple[str, np.ndarray[Any, Any]]]:
    """Each signal of each model and twin, in both precisions."""
    for model in models:
        for name in (model, f"{model}@0"):
            for precision, lm in (("float32", load(name)), ("float64", load(name).double())):
                trace = lm.trace(LONG)
                for signal in trace.signals:
                    yield f"trace {name} {precision} {signal}", trace[signal].numpy()
                yield f"trace {name} {precision} log-probabilities", trace.log_probabilities.numpy()


# ── a session, as a page would have it ─────────────────────────────────────────────────────────────────


@contextmanager
def server() -> Iterator[int]:
    """The port of a server that runs from the current folder."""
    environment = {**os.environ, "HIDDEN_STATE_PORT": "0"}
    command = [sys.executable, "-m", "app.cli", "serve"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, env=environment, text=True) as process:
        try:
            assert process.stdout is not None
            said = re.search(r"127\.0\.0\.1:(\d+)", process.stdout.readline())
            assert said, "the server did not say where it is"
            yield int(said[1])
        finally:
            process.terminate()


class Page:
    """What a page holds: of each panel its columns by their first step, between the bounds they are drawn in."""

    def __init__(self, line: ClientConnection) -> None:
        self.line = line
        self.text, self.revision, self.per = "", -1, 1
        self.window = (0, 0)
        self.panels: dict[str, dict[str, Any]] = {}

    def say(self, **message: Any) -> None:
        self.line.send(json.dumps(message))

    def show(self, panels: list[dict[str, Any]], window: tuple[int, int], per: int = 1, **look: Any) -> None:
        self.window, self.per = window, per
        self.panels = {}
        self.say(type="view", panels=[], window=[0, 0])  # what is shown next is sent anew
        self.panels = {_key(panel): {"columns": {}, "steps": 0} for panel in panels}
        self.say(type="view", panels=panels, window=list(window), per=per, **look)

    def write(self, text: str) -> None:
        self.text, self.revision = text, self.revision + 1
        self.say(type="text", revision=self.revision, text=text)

    def edit(self, at: int, remove: int, insert: str) -> None:
        self.text = self.text[:at] + insert + self.text[at + remove :]
        self.revision += 1
        for panel in self.panels.values():
            panel["columns"] = {step: one for step, one in panel["columns"].items() if step + self.per <= at}
            panel["steps"] = min(panel["steps"], at)
        self.say(type="edit", revision=self.revision, at=at, remove=remove, insert=insert)

    def settle(self) -> None:
        """Take what comes until every panel is whole and nothing more has come for a while."""
        while True:
            try:
                raw = self.line.recv(timeout=QUIET_SECONDS)
            except TimeoutError:
                if self._whole():
                    return
                continue
            if isinstance(raw, bytes):
                self._take(*_read(raw))
            elif (message := json.loads(raw))["type"] == "error":
                raise SystemExit(f"The server said: {message['message']}")

    def _whole(self) -> bool:
        start, stop = self.window[0], min(self.window[1], len(self.text))
        wanted = len(range(start, stop, self.per))
        return all(len(one["columns"]) == wanted and one["steps"] == len(self.text) for one in self.panels.values())

    def _take(self, message: dict[str, Any], tensors: dict[str, np.ndarray[Any, Any]]) -> None:
        panel = self.panels.get(_key(message)) if message["type"] == "columns" else None
        if panel is None or message["revision"] != self.revision or message["per"] != self.per:
            return
        bounds = (message["low"], message["high"], message.get("scale"))
        if panel.get("bounds") != bounds:
            panel["bounds"], panel["columns"] = bounds, {}
        panel["steps"], panel["bits"] = message["steps"], message["bits_per_character"]
        panel["echo"] = message.get("echo")
        steps = range(message["from"], message["to"], self.per)
        for place, step in enumerate(steps):
            panel["columns"][step] = {name: tensor[place] for name, tensor in tensors.items()}

    def pictures(self, scene: str) -> Iterator[tuple[str, np.ndarray[Any, Any]]]:
        self.settle()
        for key, panel in self.panels.items():
            columns = [panel["columns"][step] for step in sorted(panel["columns"])]
            for name in columns[0] if columns else ():
                yield f"session {key} {name} ({scene})", np.stack([column[name] for column in columns])
            said = [*panel["bounds"][:2], panel["bits"] or 0.0, *_numbers(panel["echo"])]
            yield f"session {key} facts ({scene})", np.array(said, np.float64)

    def ask(self, model: str, question: dict[str, Any], number: int) -> dict[str, Any]:
        """What an instrument answers: `{"message": …}` if it does not apply, else its facts and tensors."""
        self.say(type="measure", id=number, model=model, measure=question)
        while True:
            raw = self.line.recv(timeout=600)
            message, tensors = _read(raw) if isinstance(raw, bytes) else (json.loads(raw), {})
            if message.get("type") == "measured" and message["id"] == number:
                return {"facts": message["facts"], "tensors": tensors}
            if message.get("type") in ("unmeasured", "error"):
                return {"facts": {"message": message["message"]}, "tensors": {}}


def _key(panel: dict[str, Any]) -> str:
    return f"{panel['model']} {panel['layer']}.{panel['signal']}" + (f" − {a}" if (a := panel.get("against")) else "")


def _read(frame: bytes) -> tuple[dict[str, Any], dict[str, np.ndarray[Any, Any]]]:
    length = int.from_bytes(frame[:8], "little")
    return json.loads(json.loads(frame[8 : 8 + length])["__metadata__"]["message"]), load_tensors(frame)


def _numbers(found: Any) -> list[float]:
    """All numbers of a document, in its order; a word counts by its digest."""
    if isinstance(found, dict):
        return [number for key in sorted(found) for number in _numbers(found[key])]
    if isinstance(found, list):
        return [number for one in found for number in _numbers(one)]
    if isinstance(found, str):
        return [float(int(hashlib.sha256(found.encode()).hexdigest()[:8], 16))]
    return [float(found)] if found is not None else [-1.0]


def session(page: Page, described_models: list[dict[str, Any]]) -> Iterator[tuple[str, np.ndarray[Any, Any]]]:
    """The pictures of every model after each act of the script, and what the instruments answer."""
    for described in described_models:
        model, last = described["id"], len(described["layers"]) - 1
        panels = [
            {"model": model, "layer": last, "signal": signal["name"]} for signal in described["layers"][last]["signals"]
        ][:6]
        hidden = {"model": model, "layer": 0, "signal": "hidden"}
        page.write(TEXT)
        page.show(panels, (0, 400))
        yield from page.pictures("written")
        for letter in " ab":
            page.edit(len(page.text), 0, letter)
            page.settle()  # a column that comes after the next letter would be of an earlier text, and not taken
        yield from page.pictures("typed")
        page.edit(30, 5, "winter")
        yield from page.pictures("edited")
        page.show([hidden, {**hidden, "model": f"{model}~zero@100"}], (0, 400))
        yield from page.pictures("intervened")
        page.show([{**hidden, "against": f"{model}@0"}], (0, 400))
        yield from page.pictures("subtracted")
        page.show([hidden], (0, 400), echo={"step": 57})
        yield from page.pictures("echo")
        page.write(LONG * 3)
        for per, show in ((4, "mean"), (64, "extreme"), (64, "saturated")):
            page.show(panels, (0, 4096), per, show=show)
            yield from page.pictures(f"wide {per} {show}")
        page.write(LONG)
        page.show([hidden], (0, 100))
        page.settle()
        for number, question in enumerate(QUESTIONS):
            found = page.ask(model, question, number)
            key = f"answer {model} {question['name']} {number}"
            yield f"{key} facts", np.array(_numbers(found["facts"]), np.float64)
            for name, tensor in sorted(found["tensors"].items()):
                yield f"{key} {name}", tensor


def frozen(models: list[str]) -> Frozen:
    found: Frozen = {}
    for name, values in traces(models):
        found[name] = entry(values)
    with server() as port, connect(f"ws://127.0.0.1:{port}/ws", max_size=None, compression=None) as line:
        hello = json.loads(line.recv(timeout=60))
        chosen = [one for one in hello["models"] if one["id"] in models]
        for name, values in session(Page(line), chosen):
            found[name] = entry(values)
    return found


def differences(before: Frozen, after: Frozen) -> list[str]:
    """A line for each thing that is not what it was."""
    lines = [f"is no more: {name}" for name in before if name not in after]
    for name in before.keys() & after.keys():
        was, now = before[name], after[name]
        if was["digest"] == now["digest"] and was["shape"] == now["shape"]:
            continue
        if was["shape"] != now["shape"]:
            lines.append(f"differs: {name}: was of the shape {was['shape']}, is of {now['shape']}")
            continue
        pairs = zip(map(float, was["samples"]), map(float, now["samples"]), strict=True)
        largest = max((abs(a - b) for a, b in pairs), default=0.0)
        lines.append(f"differs: {name}: by up to {largest:.3g} in the {len(was['samples'])} values that were kept")
    return sorted(lines)


def main() -> int:
    parser = argparse.ArgumentParser(description="Freeze what the code computes, or compare with what was frozen.")
    choice = parser.add_mutually_exclusive_group(required=True)
    choice.add_argument("--write", type=Path, metavar="FILE")
    choice.add_argument("--against", type=Path, metavar="FILE")
    parser.add_argument("--only", action="append", metavar="MODEL", help="these models only; may be given again")
    asked = parser.parse_args()
    found = frozen(asked.only or list(catalogue()))
    if asked.write:
        asked.write.write_text(json.dumps(found, indent=0), encoding="utf-8")
        print(f"{len(found):,} things are frozen in {asked.write}.")
        return 0
    before = json.loads(asked.against.read_text(encoding="utf-8"))
    if asked.only:
        before = {name: one for name, one in before.items() if re.split("[@~]", name.split()[1])[0] in asked.only}
    lines = differences(before, found)
    print("\n".join(lines) or f"All {len(found):,} things are as they were, to the last bit.")
    return 1 if lines else 0


if __name__ == "__main__":
    sys.path.insert(0, str(Path.cwd()))
    sys.exit(main())
