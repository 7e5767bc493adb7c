"""`app.content.prepared_views`: the units do what their titles say, and each address is that of its view."""

from __future__ import annotations

from urllib.parse import parse_qs

import pytest

from app.content.prepared_views import VIEWS, PreparedView, prepared_views
from models import load
from models.measures import drain, record
from models.measures.units.unit import unit_view


@pytest.mark.parametrize("view", VIEWS, ids=lambda one: one.title)
def test_the_unit_follows_the_feature_most_and_beyond_chance(view: PreparedView) -> None:
    """On the sample itself, against the best that chance gives among all units of the layer."""
    lm, text = load(view.model), view.text
    found = drain(
        unit_view(
            lm, record(lm, text), text, view.layer, "hidden", view.unit, 0, len(text), pattern="", focus=view.feature
        )
    )
    assert found.followers is not None
    assert found.followers.mark is not None
    unit, r = found.followers.units[0]
    assert unit == view.unit
    assert abs(r) > 1.5 * found.followers.mark


@pytest.mark.parametrize("view", VIEWS, ids=lambda one: one.title)
def test_an_address_opens_the_view(view: PreparedView) -> None:
    words = {name: values[0] for name, values in parse_qs(view.address, strict_parsing=True).items()}
    start, step = int(words.pop("from")), int(words.pop("step"))
    assert 0 <= start <= step
    assert view.text[step : step + len(view.at)] == view.at
    assert words == {
        "models": view.model,
        "layer": str(view.layer),
        "unit": str(view.unit),
        "instrument": "unit",
        "o.feature": view.feature,
        "text": view.text,
    }


def test_only_views_of_models_that_are_there_are_offered() -> None:
    offered = prepared_views({"shakespeare-rnn": None})
    assert [one["title"] for one in offered] == [one.title for one in VIEWS if one.model == "shakespeare-rnn"]
    assert prepared_views([]) == []
