"""docs/session-file.md says what the code reads and writes."""

from __future__ import annotations

import re

from app.compute import opened_models
from app.session_file import content
from tests.support.paths import ROOT

DOCUMENT = (ROOT / "docs" / "session-file.md").read_text(encoding="utf-8")


def test_every_field_has_a_place_and_there_is_no_other() -> None:
    rows = set(re.findall(r"^\| `(\w+)` \|", DOCUMENT.partition("`session.json` is one object")[2], re.MULTILINE))
    assert rows == {*content.Document.model_fields, *content.Model.model_fields}
    for name in (*content.History.model_fields, *content.Step.model_fields):
        assert f"`{name}`" in DOCUMENT


def test_names_numbers_and_limits_are_those_of_the_code() -> None:
    for name in (content.SESSION, content.TEXT, content.HISTORY):
        assert f"| `{name}` |" in DOCUMENT
    assert f'| `format` | `"{content.FORMAT}"` |' in DOCUMENT
    assert f"| `version` | {content.VERSION} |" in DOCUMENT
    assert f"at most {content.MOST_SESSION_BYTES >> 20} MiB" in DOCUMENT
    assert f"at most {content.MOST_HISTORY_BYTES >> 20} MiB" in DOCUMENT
    assert f"up to {content.MOST_WEIGHTS_BYTES >> 20} MiB together" in DOCUMENT
    assert f"at most {content.MOST_STEPS:,} steps" in DOCUMENT
    assert f"the {opened_models.MOST_MODELS} models that were used last" in DOCUMENT
    assert f"up to {opened_models.MOST_BYTES >> 20} MiB, in a temporary folder" in DOCUMENT
