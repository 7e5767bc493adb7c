"""The part of docs/protocol.md that describes each instrument, from what the instruments declare.

    python scripts/protocol_reference.py            prints it
    python scripts/protocol_reference.py --write    puts it into docs/protocol.md

A test holds that the document has what this prints.
"""

from __future__ import annotations

import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

from app.instruments.reference import put, reference  # noqa: E402

DOCUMENT = ROOT / "docs" / "protocol.md"

if __name__ == "__main__":
    if "--write" in sys.argv[1:]:
        DOCUMENT.write_text(put(DOCUMENT.read_text(encoding="utf-8")), encoding="utf-8")
    else:
        print(reference())
