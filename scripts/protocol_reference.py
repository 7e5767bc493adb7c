"""What the instruments declare, as the docs have it: each with its options and answers, and which model it applies to.

    python scripts/protocol_reference.py            prints it
    python scripts/protocol_reference.py --write    puts it into docs/protocol.md and docs/measures.md

A test holds that the documents have what this prints.
"""

from __future__ import annotations

import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

from app.findings import applicability  # noqa: E402
from app.instruments import reference  # noqa: E402

DOCUMENTS = {ROOT / "docs" / "protocol.md": reference.put, ROOT / "docs" / "measures.md": applicability.put}

if __name__ == "__main__":
    if "--write" in sys.argv[1:]:
        for path, put in DOCUMENTS.items():
            path.write_text(put(path.read_text(encoding="utf-8")), encoding="utf-8")
    else:
        print(reference.reference(), applicability.table(), sep="\n\n")
