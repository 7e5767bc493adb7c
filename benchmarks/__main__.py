"""`python -m benchmarks`: each program after the other, each as a process of its own so that none warms another up."""

from __future__ import annotations

import subprocess
import sys

PROGRAMS = ("trace", "million", "measures", "first_picture", "keystroke", "echo", "pan", "endurance", "typists")


def main() -> None:
    for name in PROGRAMS:
        status = subprocess.call([sys.executable, "-m", f"benchmarks.{name}"])
        if status:
            raise SystemExit(status)


if __name__ == "__main__":
    main()
