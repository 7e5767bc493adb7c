"""Where a text matches a user's regular expression.

Python's `re` backtracks without end over some expressions, and cannot be stopped. So it runs in a separate process,
which can be: when it takes too long, when it needs too much memory, or when the result is no longer wanted."""

from __future__ import annotations

import subprocess
import sys
import time
from collections.abc import Callable, Generator
from contextlib import suppress

import numpy as np
from numpy.typing import NDArray

from ...errors import NotMeasurable

LONGEST_PATTERN = 500
"""The most characters of an expression."""

SECONDS = 3.0
"""How long the matching may take."""

MEMORY_MEBIBYTES = 512
"""The process's memory limit, where the system supports one."""

_PAUSE = 0.005
_BAD, _MEMORY = 3, 4  # the process's exit codes when it has no answer

_PROGRAM = f"""
import re, sys
try:
    import resource
    resource.setrlimit(resource.RLIMIT_AS, ({MEMORY_MEBIBYTES << 20}, {MEMORY_MEBIBYTES << 20}))
except (ImportError, ValueError, OSError):
    pass
data = sys.stdin.buffer.read()
size = int.from_bytes(data[:4], "little")
pattern, text = (part.decode("utf-32-le", "surrogatepass") for part in (data[4 : 4 + size], data[4 + size :]))
try:
    inside = bytearray(len(text))
    for match in re.compile(pattern, re.MULTILINE).finditer(text):
        start, stop = match.span()
        inside[start:stop] = b"\\1" * (stop - start)
except MemoryError:
    sys.exit({_MEMORY})
except (re.error, OverflowError, RecursionError) as fault:
    sys.stderr.write(str(fault) or "it is nested too deeply")
    sys.exit({_BAD})
sys.stdout.buffer.write(inside)
"""


def matches(
    pattern: str, text: str, *, seconds: float = SECONDS, clock: Callable[[], float] = time.monotonic
) -> Generator[float, None, NDArray[np.bool_]]:
    r"""Which characters of a text are within a match of `pattern`, (T,).

    Matches are found from left to right and do not overlap; an empty one contains no character. `^` and `$` mean the
    beginning and the end of a line.

    Yields:
        the share of `seconds` that has passed.

    Raises:
        NotMeasurable: if the expression is too long, is invalid, or takes too long or too much memory on this text.
    """
    if len(pattern) > LONGEST_PATTERN:
        raise NotMeasurable(
            f"The expression has {len(pattern):,} characters, more than the {LONGEST_PATTERN} allowed. Shorten it."
        )
    expression = pattern.encode("utf-32-le", "surrogatepass")
    data = len(expression).to_bytes(4, "little") + expression + text.encode("utf-32-le", "surrogatepass")
    began = clock()
    with subprocess.Popen(
        [sys.executable, "-I", "-S", "-W", "ignore", "-c", _PROGRAM],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
    ) as process:
        try:
            _hand_over(process, data)
            while True:
                try:
                    answer, fault = process.communicate(timeout=_PAUSE)
                    break
                except subprocess.TimeoutExpired:
                    gone = (clock() - began) / seconds
                    if gone >= 1.0:
                        raise NotMeasurable(
                            f"The expression took longer than {seconds:g} s on {len(text):,} characters: it goes back "
                            "and forth too often. Write it without a repetition inside a repetition."
                        ) from None
                    yield gone
        finally:
            process.kill()  # does nothing if the process has already ended
    return _inside(process.returncode, answer, fault, len(text))


def _hand_over(process: subprocess.Popen[bytes], data: bytes) -> None:
    """Send everything at once: the process reads it all before it does anything else.

    `communicate` would lose what does not fit into the pipe, when it is called a second time.
    """
    assert process.stdin is not None
    with suppress(BrokenPipeError):  # its exit code says why
        process.stdin.write(data)


def _inside(code: int, answer: bytes, fault: bytes, length: int) -> NDArray[np.bool_]:
    """What the process found, or why it found nothing."""
    if code == _BAD:
        said = fault.decode("utf-8", "replace")
        raise NotMeasurable(f"This is not a regular expression that Python understands: {said}. Correct it.")
    if code != 0 or len(answer) != length:
        raise NotMeasurable(
            "The expression took more memory on this text than it may have. Write it with fewer repetitions and groups."
        )
    return np.frombuffer(answer, np.uint8).astype(bool)
