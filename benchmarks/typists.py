"""How long a key takes while many type at once: each a socket of its own, three models, one server on this machine.

    python -m benchmarks.typists [--typists 60] [--seconds 10] [--json PATH]

Each typist sends a character every `PAUSE` seconds, as fast ones do, and waits for the columns that the character makes
in all three panels. What is counted is the time from sending the edit to the last of them.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import random
import time
from pathlib import Path

from rich.console import Console
from rich.table import Table
from websockets.asyncio.client import connect

from scripts.browser import Server

from .page import MODELS, prose
from .timing import machine, note

PAUSE = 0.2
BEGINNING = 300
"""Characters that each text has before the first key."""


def message_of(frame: bytes) -> dict[str, object]:
    length = int.from_bytes(frame[:8], "little")
    found: dict[str, object] = json.loads(json.loads(frame[8 : 8 + length])["__metadata__"]["message"])
    return found


async def typist(address: str, seed: int, seconds: float) -> list[float]:
    """Seconds from each key to its last column."""
    draw, took = random.Random(seed), list[float]()
    async with connect(address, max_size=None, compression=None) as line:
        await line.recv()
        panels = [{"model": model, "layer": 0, "signal": "hidden"} for model in MODELS]
        await line.send(json.dumps({"type": "view", "panels": panels, "window": [0, 2 * BEGINNING]}))
        text = prose(BEGINNING)
        await line.send(json.dumps({"type": "text", "revision": 0, "text": text}))
        await shown(line, 0, len(text))
        await asyncio.sleep(draw.random() * PAUSE)
        ended, revision = time.perf_counter() + seconds, 0
        while time.perf_counter() < ended:
            revision += 1
            edit = {
                "type": "edit",
                "revision": revision,
                "at": len(text),
                "remove": 0,
                "insert": draw.choice("etaoin "),
            }
            text += "."
            began = time.perf_counter()
            await line.send(json.dumps(edit))
            await shown(line, revision, len(text))
            took.append(time.perf_counter() - began)
            await asyncio.sleep(max(0.0, PAUSE * (0.5 + draw.random()) - took[-1]))
    return took


async def shown(line: object, revision: int, steps: int) -> None:
    """Until every model has sent the columns of all that was typed."""
    waiting = set(MODELS)
    while waiting:
        came = await asyncio.wait_for(line.recv(), 60)  # type: ignore[attr-defined]
        if isinstance(came, bytes):
            message = message_of(came)
            if message["type"] == "columns" and (message["revision"], message["to"]) == (revision, steps):
                waiting.discard(str(message["model"]))


def quantile(values: list[float], share: float) -> float:
    return sorted(values)[min(len(values) - 1, int(share * len(values)))]


async def measure(address: str, typists: int, seconds: float) -> list[float]:
    found = await asyncio.gather(*(typist(address, seed, seconds) for seed in range(typists)))
    return [one for each in found for one in each]


def main() -> None:
    parser = argparse.ArgumentParser(description="How long a key takes while many type at once.")
    parser.add_argument("--typists", type=int, default=60)
    parser.add_argument("--seconds", type=float, default=10.0)
    parser.add_argument("--json", type=Path, help="also write the figures to this file")
    options = parser.parse_args()
    table = Table(
        title=f"From an edit to its last column at a client, three models of 128 units, {options.seconds:g} s"
    )
    for heading in ("typists", "keys", "median", "p95", "longest"):
        table.add_column(heading, justify="right")
    figures = {}
    with Server() as server:
        address = server.url.replace("http://", "ws://") + "/ws"
        for typists in sorted({1, options.typists}):
            took = [1000 * one for one in asyncio.run(measure(address, typists, options.seconds))]
            row = {"keys": len(took), "median": quantile(took, 0.5), "p95": quantile(took, 0.95), "longest": max(took)}
            figures[str(typists)] = row
            table.add_row(
                str(typists), f"{len(took):,}", *(f"{row[name]:.1f} ms" for name in ("median", "p95", "longest"))
            )
    console = Console()
    console.print(table)
    console.print(machine())
    note(options.json, typists=figures)


if __name__ == "__main__":
    main()
