"""Which models go into a session file, and what becomes of those that come out of one."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator
from dataclasses import replace
from urllib.parse import parse_qsl, urlencode

from models import CheckpointError, HiddenStateError
from models.storage.card import Card
from models.storage.checkpoint import WEIGHTS, weights_file
from models.storage.lookup import Entry

from ..compute.model_library import Library, ships
from .archive import broken
from .content import CarriedModel, Model, Session, View

MODELS, OPTION = "models", "o.model"
"""The words of an address that name models: those of the panels, and that of an instrument which has chosen one."""


def names_in(view: View) -> list[str]:
    """The ids that a view names, without steps and interventions, each once."""
    return list(dict.fromkeys(_head(name) for name in _names(view)))


def with_models(session: Session, library: Library) -> Session:
    """The session with all that another machine needs to show it: digests, and the files of models that do not ship.

    Raises:
        CheckpointError: if a model is not here, or its files cannot be read.
    """
    models: list[Model] = []
    carried: list[CarriedModel] = []
    for name in names_in(session.view):
        try:
            entry = library.find(name).entry
        except HiddenStateError:
            if not library.opened.dropped(name):
                continue  # an address may name anything
            raise CheckpointError(
                f"{name} is not on this server any more, so its weights cannot go into the session. Close its panels, "
                "or open the file again that it came with, and save then."
            ) from None
        opened = library.opened.get(name)
        card = entry.card if opened is None else opened.original
        own = not ships(entry)
        try:
            weights = dict(_weights(entry, _steps(name, session.view), all_of_it=own))
        except OSError as error:
            raise CheckpointError(
                f"The weights of {name} cannot be read: {error.strerror or error}. Look after its folder and try again."
            ) from None
        sha256 = {path: hashlib.sha256(content).hexdigest() for path, content in weights.items()}
        models.append(Model(id=name, sha256=sha256, folder=f"models/{len(carried)}" if own else None))
        if own:
            carried.append(CarriedModel(name, (card.model_dump_json(indent=2) + "\n").encode(), weights))
    return replace(session, models=tuple(models), carried=tuple(carried))


def taken_in(session: Session, library: Library) -> tuple[View, list[str], list[str]]:
    """Make the models of a session known to the library.

    A model that the library offers already, card and weights, is not taken in again. Any other one gets an id of its
    own, under which the view then names it.

    Returns:
        The view, the ids of the models taken in, and sentences on models that are others here than they were there.

    Raises:
        RequestError: if a model in the file is broken.
        OutputError: if there is nowhere to keep it.
    """
    carried = {model.id: model for model in session.carried}
    ids: dict[str, str] = {}
    remarks: list[str] = []
    for model in session.models:
        mine = carried.get(model.id)
        if mine is not None:
            ids[model.id] = _taken(mine, model, library)
        elif (entry := library.entries.get(model.id)) is not None and _differs(entry, model):
            remarks.append(
                f"{model.id} has other weights here than where the session was saved, so its pictures are others."
            )
    taken = [name for name in ids.values() if library.opened.get(name) is not None]
    return _renamed(session.view, ids), taken, remarks


def _taken(carried: CarriedModel, model: Model, library: Library) -> str:
    for name, content in carried.weights.items():
        if hashlib.sha256(content).hexdigest() != model.sha256[name]:
            raise broken(f"{name} of its model {model.id!r} is not the file that it tells of")
    offered = library.entries.get(model.id)
    if offered is not None and _same(offered, carried, model):
        return model.id
    try:
        return library.opened.keep(carried.card, carried.weights, library.entries.keys()).entry.card.id
    except CheckpointError as error:
        raise broken(f"its model {model.id!r} cannot be used: {str(error).rstrip('.')}") from None


def _same(entry: Entry, carried: CarriedModel, model: Model) -> bool:
    """Whether a model offered here is the very one that stands in the file."""
    try:
        return Card.model_validate_json(carried.card) == entry.card and not _differs(entry, model)
    except ValueError:
        return False


def _differs(entry: Entry, model: Model) -> bool:
    """Whether one of the files of weights that a session tells of is another here, or is not here."""
    for name, digest in model.sha256.items():
        path = entry.folder / name
        if not path.is_file() or hashlib.sha256(path.read_bytes()).hexdigest() != digest:
            return True
    return False


def _weights(entry: Entry, used: set[int], *, all_of_it: bool) -> Iterator[tuple[str, bytes]]:
    """The weights that a view needs: the trained ones, those of steps that it shows, and of a model that goes along the
    untrained ones, which are one click away."""
    wanted = {step for step in entry.steps if step in used or (all_of_it and step == 0)}
    yield WEIGHTS, weights_file(entry.folder, None).read_bytes()
    for step in sorted(wanted):
        path = weights_file(entry.folder, step)
        yield path.name, path.read_bytes()


def _steps(head: str, view: View) -> set[int]:
    """Of which steps of its training a view shows a model."""
    tails = (name[len(head) + 1 :].partition("~")[0] for name in _names(view) if name.startswith(f"{head}@"))
    return {int(tail) for tail in tails if tail.isascii() and tail.isdecimal() and len(tail) < 16}


def _head(name: str) -> str:
    return name.partition("~")[0].partition("@")[0]


def _words(view: View) -> dict[str, str]:
    return dict(parse_qsl(view.view, keep_blank_values=True))


def _names(view: View) -> Iterator[str]:
    """The models that a view names, with steps and interventions."""
    words = _words(view)
    yield from (panel.partition(":")[0] for panel in words.get(MODELS, "").split(",") if panel)
    chosen: Iterable[object] = (words.get(OPTION), view.options.get("model"))
    yield from (one for one in chosen if isinstance(one, str) and one)


def _renamed(view: View, ids: dict[str, str]) -> View:
    """The view with other ids in place of these."""
    if all(old == new for old, new in ids.items()):
        return view

    def named(name: str) -> str:
        head = _head(name)
        return ids.get(head, head) + name[len(head) :]

    def renamed(panel: str) -> str:
        name, *rest = panel.split(":")
        return ":".join([named(name), *rest])

    words = _words(view)
    if MODELS in words:
        words[MODELS] = ",".join(renamed(panel) for panel in words[MODELS].split(","))
    if OPTION in words:
        words[OPTION] = named(words[OPTION])
    options = dict(view.options)
    if isinstance(options.get("model"), str):
        options["model"] = named(str(options["model"]))
    return view.model_copy(update={"view": urlencode(words), "options": options})
