"""What a long text costs in memory, seen from the operating system. A process of its own has nothing else in it."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

from tests.support.paths import ROOT

PROGRAM = """
import json
import numpy as np
from app.compute.memory_budget import give_back
from models import load
from models.recording.recording import Recording
from models.precompile import warm

def resident():
    with open("/proc/self/statm") as file:
        return int(file.read().split()[1]) * 4096

warm()
models = [load(name) for name in ("shakespeare-rnn", "shakespeare-gru", "shakespeare-lstm")]
readers = [lm.reader() for lm in models]
text = np.random.default_rng(0).integers(0, len(models[0].vocabulary), 1_000_000, dtype=np.int32)

def record(length):
    recordings = [Recording(reader) for reader in readers]
    for recording in recordings:
        recording.edit(0, 0, text[:length])
        while recording.read():
            pass
    return recordings

del record(2_000)[:]
give_back()
before = resident()
recordings = record(len(text))
after, told = resident(), sum(recording.nbytes for recording in recordings)
recordings.clear()
give_back()
print(json.dumps([len(text), before, after, told, resident()]))
"""

ADDED = 250_000_000
KEPT = 30_000_000
"""Bytes: what the C library and Python's own allocator may keep, in the hope of using it again."""


@pytest.mark.slow
@pytest.mark.skipif(not Path("/proc/self/statm").exists(), reason="not run: this system does not tell what is resident")
def test_a_million_characters_in_three_models_of_128_units_stay_within_250_megabytes_and_are_given_back() -> None:
    done = subprocess.run([sys.executable, "-c", PROGRAM], cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    length, before, after, told, left = json.loads(done.stdout)
    assert length == 1_000_000
    print(f"added {(after - before) >> 20} MiB, told {told >> 20} MiB, kept {(left - before) >> 20} MiB")
    assert after - before <= ADDED
    assert told == pytest.approx(after - before, rel=0.25), "what the budget counts is about what the system sees"
    assert left - before <= KEPT
