"""From the names of models to a page that reads with them: what goes in, and what is too much for it."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import date
from typing import Any

from models import CharLM, RequestError
from models.echo.replacement import KINDS
from models.storage.checkpoint import weights_file
from models.storage.lookup import Found
from models.text.lines import unix_lines
from models.text.words import counted

from ..compute.model_library import describe
from ..content.example_texts import SAMPLES, Sample
from ..instruments import INSTRUMENTS
from ..web.hello import greet
from .address import address_of
from .document import Embedded, document
from .network import CODES, described

MOST_BYTES = 5_000_000
"""The size of a page."""
MOST_CHARACTERS = 3_000
"""The longest text that a page reads: all signals at all its steps stay in the browser's memory."""

_LIMITS = {"characters": MOST_CHARACTERS, "columns": 2000, "panels": None}

NO_SERVER = "This page has no server, and instruments are a server's work."


def make_page(
    models: Sequence[str],
    find: Callable[[str], Found],
    load: Callable[[Found], CharLM],
    *,
    text: str | None = None,
    view: str | None = None,
    title: str | None = None,
    today: date | None = None,
) -> str:
    """The page as HTML.

    Args:
        models: names, as `models.storage.lookup` has them; without interventions.
        find: the meaning of a name.
        load: a network's weights.
        text: what it begins with; without one, an example.
        view: what it shows first, as `Address` has it; without one, a panel for each model.
        title: without one, the titles of the models.

    Raises:
        RequestError: if there is no model, one has interventions or is not recurrent, or all together or the text are
            too large.
        UnknownModel, CheckpointError, BadIntervention: as `find` and loading do.
    """
    text = None if text is None else unix_lines(text)
    found = _found(models, find)
    _check(found, text)
    networks, embedded = {}, []
    for name, one in found.items():
        networks[name] = described(load(one))
        weights = weights_file(one.entry.folder, one.step).read_bytes()
        embedded.append(Embedded(name, hashlib.sha256(weights).hexdigest()))
    listed = _listed(found)
    day = today or date.today()
    page = document(
        title or " · ".join(dict.fromkeys(model["title"] for model in listed)),
        f"{day.day} {day:%B %Y}",
        view or address_of(models),
        embedded,
        {
            "hello": greet(listed, _LIMITS, _samples(listed, text)),
            "codes": CODES,
            "kinds": KINDS,
            "networks": networks,
        },
        MOST_CHARACTERS,
    )
    size = len(page.encode("utf-8"))
    if size > MOST_BYTES:
        raise _too_large(found, size)
    return page


def _found(models: Sequence[str], find: Callable[[str], Found]) -> dict[str, Found]:
    """The networks by name; of an untrained twin also the trained one, beside which the page lists it."""
    found: dict[str, Found] = {}
    for name in models:
        one = find(name)
        if one.interventions:
            raise RequestError(
                "interventions",
                f"{one.name} has interventions, and a page without a server cannot make them. Name {one.plain}.",
            )
        blocks = [layer.cell.title for layer in one.entry.card.stack if not layer.cell.explained()]
        if blocks:
            raise RequestError(
                "not_recurrent",
                f"{one.name} has a layer of the kind {blocks[0]}, and a page without a server computes only those "
                "whose equations are declared. Name a vanilla, gated or leaky network.",
            )
        if one.step == 0:
            found.setdefault(one.entry.card.id, replace(one, step=None, name=one.entry.card.id))
        found.setdefault(one.name, one)
    if not found:
        raise RequestError("no_models", "A page needs at least one model. Name it with --models.")
    return found


def _check(found: dict[str, Found], text: str | None) -> None:
    """What can be said before a model is loaded."""
    if text is not None and len(text) > MOST_CHARACTERS:
        raise RequestError(
            "text_too_long",
            f"The text has {counted(len(text), 'character')}; a page without a server reads at most "
            f"{MOST_CHARACTERS:,}. Choose a shorter one.",
            status=413,
        )
    size = sum(4 * one.entry.card.parameters * 4 // 3 for one in found.values())
    if size > MOST_BYTES:
        raise _too_large(found, size)


def _too_large(found: dict[str, Found], size: int) -> RequestError:
    names = ", ".join(found)
    return RequestError(
        "page_too_large",
        f"A page with {names} would have {size / 1e6:.1f} MB; at most {MOST_BYTES / 1e6:.0f} are allowed, so that it "
        "can be sent around. Name fewer or smaller models.",
        status=413,
    )


def _listed(found: dict[str, Found]) -> list[dict[str, Any]]:
    """The models as `hello` lists them: an untrained twin with its model, any other step by itself."""
    listed = []
    refused = dict.fromkeys(INSTRUMENTS, NO_SERVER)
    for name, one in found.items():
        if one.step == 0:
            continue
        entry = one.entry
        model = describe(entry, entry.card.corpus.name)
        twin = one.step is None and f"{name}@0" in found
        title = model["title"] if one.step is None else f"{model['title']}, after {one.step:,} updates"
        more = {"id": name, "title": title, "steps": [0] if twin else []}
        listed.append({**model, **more, "inapplicable": refused, "inapplicable_intervened": refused})
    return listed


def _samples(listed: list[dict[str, Any]], text: str | None) -> list[Sample]:
    """The page's own text first, then the examples for its models."""
    corpora = dict.fromkeys(model["corpus"] for model in listed)
    own = [] if text is None else [Sample(f"own-{k}", "The text of this page", c, text) for k, c in enumerate(corpora)]
    return [*own, *(one for one in SAMPLES if one.corpus in corpora)]
