"""REST: the curves of recall that ship."""

from __future__ import annotations

import json
from functools import cache

from fastapi import APIRouter, Request
from starlette.responses import Response

from models.studies.recall.curves import read_curves

from ..contract.table import own
from ..http.errors import errors
from .services import State

COLUMNS = (
    own("architecture", "its title"),
    own("taught", "the teaching"),
    own("taught_up_to", "the longest delay that was taught", "steps"),
    own("of", "median, lowest or highest of the seeds, or one seed"),
    own("delay", "of the key", "steps"),
    own("accuracy", "the share of keys that are named rightly"),
    own("chance", "the accuracy of guessing"),
)
"""Those of the table that the page offers of these curves."""

router = APIRouter(responses=errors(403, 500))


@cache
def recall_body() -> bytes:
    """The answer, the same for every request: the result of `read_curves`, and its summaries."""
    curves = read_curves()
    answer = {**curves.model_dump(), "summaries": [one.model_dump() for one in curves.summaries()]}
    return json.dumps(answer, separators=(",", ":")).encode()


@router.get(
    "/api/recall",
    responses={200: {"content": {"application/json": {}}, "description": "The curves."}},
    response_class=Response,
)
async def recall(request: Request) -> Response:
    """Accuracy on delayed recall against the delay, of every architecture, teaching and seed, as JSON.

        keys, noise, mark   the task's characters: "ABCDEFGH", "abc…z", "?"
        example             an episode, "Cqwe?C\\n", of delay 4
        chance, criterion   0.125 and 0.5625: guessing, and half-way from there to 1
        delays              [1, 2, …, 200]
        episodes            measured at each delay
        test_seed           of those episodes
        teachings           {"mixed": words, "growing": words, "penalised": words}
        settings            {updates, rows, warmup, …}: what all trainings have in common
        models              [{id, title, cell, units, parameters}]
        runs                [{model, teaching, longest, learning_rate, seed, updates_done, validation_accuracy,
                              best_update, longest_taught, characters_read, seconds, diverged: why or null,
                              shipped: id in the zoo or null, accuracy: one number a delay}]
        tuning              [{model, teaching, longest, learning_rate, seed, updates_done, validation_accuracy, chosen,
                              diverged: why or null}]
        summaries           [{model, teaching, longest, seeds: [1, 2, …], learning_rate,
                              median, lowest, highest: one number a delay,
                              reach_median, reach_lowest, reach_highest}]
        machine, date, measured_with

    `longest` is the longest delay that was taught: 200, but for some runs that were taught shorter ones only.
    A reach of 200 means "at least 200", 0 "not even a delay of 1".
    """
    state: State = request.app.state.hidden_state
    return Response(await state.pool.run(recall_body), media_type="application/json")
