"""What the tests of the commands share."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.support.texts import prose


@pytest.fixture(scope="module")
def text_file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("text") / "story.txt"
    path.write_text(prose(4000), encoding="utf-8")
    return path
