"""`app.web.api`, `app.http.errors`: the routes for scripts, and the one shape of errors, over real HTTP."""

from __future__ import annotations

import io
import json
import shutil
import zipfile
from collections.abc import Callable, Iterator
from typing import Any

import httpx
import numpy as np
import pytest
from safetensors.numpy import load

from app import __version__
from app.compute.model_library import Library
from app.http.security_headers import HEADERS
from app.live.protocol import ERROR_LIMIT_CHARACTERS
from app.settings import Settings
from models.cells import CELLS
from models.studies.recall.curves import FILE, read_curves
from tests.support.served_app import Server, running
from tests.support.small_models import TINY
from tests.support.socket_client import Talk
from tests.support.texts import LETTERS, prose


@pytest.fixture(scope="module")
def http(server: Server) -> Iterator[httpx.Client]:
    with httpx.Client(base_url=server.url, timeout=30) as client:
        yield client


def check_error(answer: httpx.Response, status: int, code: str, *named: str) -> None:
    """`answer` is an error in the one shape, with headers, and its message names what it must."""
    assert answer.status_code == status
    error = answer.json()
    assert set(error) == {"type", "code", "message", "revision"}
    assert (error["type"], error["code"], error["revision"]) == ("error", code, None)
    assert error["message"].endswith(".")
    for word in named:
        assert word in error["message"]
    for name, value in HEADERS.items():
        assert answer.headers[name] == value


def test_health_says_that_the_server_answers_and_what_it_is(http: httpx.Client, server: Server) -> None:
    answer = http.get("/healthz")
    assert answer.status_code == 200
    assert answer.json() == {
        "status": "ok",
        "version": __version__,
        "models": len(TINY),
        "sessions": 0,
        "recordings_bytes": 0,
        "traces_bytes": 0,
        "threads_replaced": 0,
    }
    with Talk(server):
        assert http.get("/healthz").json()["sessions"] == 1


def test_the_list_of_models_holds_for_each_what_it_is_and_what_it_computes(http: httpx.Client) -> None:
    models = {model["id"]: model for model in http.get("/api/models").json()}
    assert set(models) == set(TINY)
    for name, (cell, units, layers) in TINY.items():
        model = models[name]
        assert [(one["cell"], one["units"]) for one in model["layers"]] == [(cell, units)] * layers
        assert (model["cell"], model["size"]) == (cell, f"{layers} × {units}")
        assert {model["cell_title"], *(one["cell_title"] for one in model["layers"])} == {CELLS[cell].title}
        assert (model["corpus"], model["vocabulary"], model["steps"]) == ("prose", LETTERS, [0])
        assert (model["bits_per_character"], model["untrained_bits_per_character"]) == (2.5, None)
        assert model["used_context"] is None  # it was not measured
        assert model["parameters"] > 0
        signals = model["layers"][-1]["signals"]
        assert [signal["name"] for signal in signals] == list(CELLS[cell].names())
        for signal in signals:
            assert set(signal) == {
                "name",
                "symbol",
                "title",
                "kind",
                "width",
                "each",
                "scale",
                "range",
                "saturated",
                "keeps",
                "keeps_at",
                "equation",
                "formula",
            }
            assert signal["kind"] in ("gate", "state", "candidate")
            assert (signal["range"] is None) == (signal["name"] == "cell")
    assert [s["name"] for s in models["tiny-lstm"]["layers"][1]["signals"] if s["keeps"]] == ["forget_gate"]


def test_the_list_of_models_is_the_one_of_hello(http: httpx.Client, server: Server) -> None:
    with Talk(server) as talk:
        assert http.get("/api/models").json() == talk.hello["models"]


def test_a_trace_of_an_intervened_model_is_its_own(http: httpx.Client) -> None:
    answer = http.post("/api/trace", json={"model": "tiny-lstm~0.cell.2=0.5@3", "text": "abcdefgh"})
    tensors = load(answer.content)
    assert (tensors["0.cell"][3:, 2] == 0.5).all()
    assert not (tensors["0.cell"][:3, 2] == 0.5).any()
    wrong = http.post("/api/trace", json={"model": "tiny-rnn~0.cell.2=0.5@3", "text": "abc"})
    check_error(wrong, 400, "bad_intervention", "cell", "hidden")


@pytest.mark.parametrize("model", [*TINY, "tiny-lstm@0"])
@pytest.mark.parametrize("text", ["", "a", "€😀 unknown", prose(1500)], ids=["empty", "one", "unknown", "long"])
def test_a_trace_is_exactly_that_of_the_library(http: httpx.Client, library: Library, model: str, text: str) -> None:
    answer = http.post("/api/trace", json={"model": model, "text": text})
    assert answer.status_code == 200
    assert answer.headers["content-type"] == "application/octet-stream"
    name = model.replace("@", "-step-")
    assert answer.headers["content-disposition"] == f'attachment; filename="{name}.safetensors"'
    trace = library.get(model).lm.trace(text)
    tensors = load(answer.content)
    assert set(tensors) == {*trace.keys(), "log_probabilities", "surprise"}
    for key, tensor in tensors.items():
        assert tensor.dtype == np.float32
        expected = trace.tensors()[key].numpy()
        assert tensor.shape == expected.shape
        assert tensor.tobytes() == expected.tobytes()
    header = json.loads(answer.content[8 : 8 + int.from_bytes(answer.content[:8], "little")])
    assert header["__metadata__"]["text"] == text


@pytest.mark.parametrize("text", ["", "a", "€😀 unknown\x00", prose(1500)], ids=["empty", "one", "unknown", "long"])
def test_a_trace_as_npz_has_the_same_numbers_and_the_text(http: httpx.Client, library: Library, text: str) -> None:
    answer = http.post("/api/trace", json={"model": "tiny-lstm", "text": text, "format": "npz"})
    assert answer.status_code == 200
    assert answer.headers["content-disposition"] == 'attachment; filename="tiny-lstm.npz"'
    trace = library.get("tiny-lstm").lm.trace(text)
    with np.load(io.BytesIO(answer.content), allow_pickle=False) as arrays:
        assert set(arrays) == {*trace.keys(), "log_probabilities", "surprise", "model", "code_points"}
        for key, tensor in trace.tensors().items():
            assert arrays[key].dtype == np.float32
            assert arrays[key].shape == tensor.shape
            assert arrays[key].tobytes() == tensor.numpy().tobytes()
        assert str(arrays["model"]) == "tiny-lstm"
        assert "".join(map(chr, arrays["code_points"])) == text
    assert zipfile.ZipFile(io.BytesIO(answer.content)).testzip() is None


def test_another_format_is_refused(http: httpx.Client) -> None:
    check_error(
        http.post("/api/trace", json={"model": "tiny-rnn", "text": "a", "format": "csv"}), 422, "bad_request", "format"
    )


def test_half_a_surrogate_pair_is_a_character_that_no_model_knows(http: httpx.Client) -> None:
    body = b'{"model": "tiny-rnn", "text": "a\\ud800b"}'
    answer = http.post("/api/trace", content=body, headers={"Content-Type": "application/json"})
    assert answer.status_code == 200
    assert np.isnan(load(answer.content)["surprise"]).tolist() == [True, True, False]


def test_a_text_of_exactly_the_limit_is_read_and_one_more_character_is_not(
    settings_of: Callable[..., Settings],
) -> None:
    with running(settings_of(text_limit_characters=50)) as server, httpx.Client(base_url=server.url) as http:
        assert http.post("/api/trace", json={"model": "tiny-rnn", "text": "é" * 50}).status_code == 200
        answer = http.post("/api/trace", json={"model": "tiny-rnn", "text": "é" * 51})
        check_error(answer, 413, "text_too_long", "51", "50", "HIDDEN_STATE_TEXT_LIMIT_CHARACTERS")


def test_a_trace_above_the_limit_is_refused_before_it_is_computed(settings_of: Callable[..., Settings]) -> None:
    with running(settings_of(trace_limit_mebibytes=1)) as server, httpx.Client(base_url=server.url) as http:
        per_step = 4 * (2 * 6 * 4 + len(LETTERS) + 1)
        fits = (1 << 20) // per_step
        answer = http.post("/api/trace", json={"model": "tiny-lstm", "text": "x" * fits})
        assert answer.status_code == 200
        assert sum(tensor.nbytes for tensor in load(answer.content).values()) <= 1 << 20
        answer = http.post("/api/trace", json={"model": "tiny-lstm", "text": "x" * (fits + 1)})
        check_error(answer, 413, "trace_too_large", "HIDDEN_STATE_TRACE_LIMIT_MEBIBYTES")


@pytest.mark.parametrize(
    ("body", "named"),
    [
        ({"model": "tiny-rnn"}, "text"),
        ({"text": "x"}, "model"),
        ({"model": "tiny-rnn", "text": 7}, "text"),
        ({"model": None, "text": "x"}, "model"),
        ({"model": ["tiny-rnn"], "text": "x"}, "model"),
        ({"model": "tiny-rnn", "text": "x", "surplus": 1}, "surplus"),
        ([], "body"),
        ("text", "body"),
    ],
)
def test_a_body_that_is_not_what_was_asked_for_is_422_and_names_the_field(
    http: httpx.Client, body: Any, named: str
) -> None:
    check_error(http.post("/api/trace", json=body), 422, "bad_request", named)


@pytest.mark.parametrize(
    ("content", "kind"),
    [
        (b"", "application/json"),
        (b"{", "application/json"),
        (b"\xff\xfe", "application/json"),
        (b"[" * 50_000, "application/json"),
        (b'{"model": "tiny-rnn", "text": "x"}', "text/plain"),
        (b"model=tiny-rnn&text=x", "application/x-www-form-urlencoded"),
    ],
    ids=["empty", "cut", "no UTF-8", "deep", "plain text", "form"],
)
def test_a_body_that_is_no_json_or_not_sent_as_such_is_refused_in_the_one_shape(
    http: httpx.Client, server: Server, content: bytes, kind: str
) -> None:
    server.log.clear()
    answer = http.post("/api/trace", content=content, headers={"Content-Type": kind})
    assert answer.status_code in (400, 422)
    check_error(answer, answer.status_code, answer.json()["code"])
    assert answer.json()["code"] in ("bad_request", "bad_message")
    assert server.faults() == []


def test_an_unknown_model_is_404_and_names_those_that_there_are(http: httpx.Client) -> None:
    check_error(http.post("/api/trace", json={"model": "gpt", "text": "x"}), 404, "unknown_model", "gpt", *TINY)
    check_error(http.post("/api/trace", json={"model": "tiny-rnn@5", "text": "x"}), 404, "unknown_model", "tiny-rnn@0")


@pytest.mark.parametrize("path", ["/api/nothing", "/api", "/assets/plotly-0.js", "/static/nothing.js", "/nothing"])
def test_a_path_where_nothing_is_is_404(http: httpx.Client, path: str) -> None:
    check_error(http.get(path), 404, "not_found", path)


@pytest.mark.parametrize(
    "path", ["/static/../app/api.py", "/static/%2e%2e/app/api.py", "/static/..%2fapp/api.py", "/static/"]
)
def test_no_file_outside_the_folder_is_served(server: Server, path: str) -> None:
    answer = httpx.Client(base_url=server.url).build_request("GET", path)
    answer.url = answer.url.copy_with(raw_path=path.encode())
    with httpx.Client() as client:
        check_error(client.send(answer), 404, "not_found")


@pytest.mark.parametrize(
    ("method", "path"),
    [("GET", "/api/trace"), ("POST", "/api/models"), ("DELETE", "/healthz"), ("POST", "/"), ("PUT", "/models")],
)
def test_a_method_that_a_path_does_not_have_is_405(http: httpx.Client, method: str, path: str) -> None:
    answer = http.request(method, path)
    check_error(answer, 405, "method_not_allowed", method, path)
    assert answer.headers["allow"]


@pytest.mark.parametrize(
    "path", ["/", "/models", "/healthz", "/api/models", "/api/recall", "/api/recoverability", "/static/main.js", "/no"]
)
def test_head_is_answered_as_get_without_the_body(http: httpx.Client, path: str) -> None:
    head, get = http.head(path), http.get(path)
    assert head.content == b""
    assert head.status_code == get.status_code
    for name in ("content-type", "content-length", *HEADERS):
        assert head.headers.get(name) == get.headers.get(name)
    refused = http.head("/api/trace")
    assert (refused.status_code, refused.headers["allow"]) == (405, "POST")
    assert "HEAD" in http.post("/api/models").headers["allow"]


@pytest.mark.parametrize("wanted", ["bytes=abc", "bytes=5-2", "lines=1-2", "bytes", "bytes=99999999-", "bytes=--1"])
def test_a_range_that_cannot_be_served_is_an_error_in_the_one_shape_or_ignored(http: httpx.Client, wanted: str) -> None:
    answer = http.get("/static/main.js", headers={"Range": wanted})
    if answer.status_code == 200:
        assert answer.content == http.get("/static/main.js").content
    else:
        assert answer.status_code in (400, 416)
        check_error(answer, answer.status_code, answer.json()["code"], "Range")


def test_a_range_that_is_well_formed_is_served(http: httpx.Client) -> None:
    answer = http.get("/static/main.js", headers={"Range": "bytes=3-9"})
    assert (answer.status_code, answer.content) == (206, http.get("/static/main.js").content[3:10])


@pytest.mark.parametrize(
    "body",
    [
        {"model": "m" * 1_000_000, "text": "x"},
        {"model": "tiny-rnn", "text": "x", "k" * 1_000_000: 1},
        {"model": "tiny-rnn~" + "z" * 1_000_000, "text": "x"},
        {"model": "tiny-rnn@" + "1" * 1_000_000, "text": "x"},
    ],
    ids=["model", "field", "intervention", "step"],
)
def test_an_error_does_not_send_back_a_megabyte_of_what_came(http: httpx.Client, body: Any) -> None:
    answer = http.post("/api/trace", json=body)
    assert 400 <= answer.status_code < 500
    check_error(answer, answer.status_code, answer.json()["code"])
    assert len(answer.content) < 2_000


def test_nor_does_an_error_on_the_socket(server: Server) -> None:
    with Talk(server) as talk:
        for message in ({"type": "x" * 1_000_000}, {"type": "text", "revision": 0, "text": "", "k" * 1_000_000: 1}):
            talk.send(**message)
            _, error = talk.until(lambda found: found["type"] == "error")
            assert len(error["message"]) <= ERROR_LIMIT_CHARACTERS + 3
            assert error["message"].startswith("The message was not understood")


def test_the_description_of_rest_names_every_status_that_is_sent_with_the_one_shape(http: httpx.Client) -> None:
    described = http.get("/openapi.json").json()
    sent: dict[tuple[str, str], set[int]] = {
        ("get", "/healthz"): {200, 403, 500},
        ("get", "/api/models"): {200, 403, 500},
        ("get", "/api/recoverability"): {200, 403, 500},
        ("get", "/api/recall"): {200, 403, 500},
        ("post", "/api/lessons/answer"): {200, 403, 404, 413, 422, 500},
        ("post", "/api/trace"): {200, 400, 403, 404, 413, 422, 500, 503},
        ("post", "/api/numbers"): {200, 400, 403, 404, 413, 422, 500, 503},
        ("post", "/api/python/instruments"): {200, 400, 403, 404, 413, 422, 500},
        ("post", "/api/python/pictures"): {200, 400, 403, 404, 413, 422, 500},
        ("post", "/api/page"): {200, 400, 403, 404, 413, 422, 500},
        ("post", "/api/session"): {200, 400, 403, 413, 422, 500},
        ("post", "/api/session/open"): {200, 400, 403, 413, 500},
        ("get", "/api/session/{word}"): {200, 403, 404, 422, 500},
    }
    found = {(method, path): one for path, methods in described["paths"].items() for method, one in methods.items()}
    assert set(found) == set(sent)
    for route, statuses in sent.items():
        assert {int(status) for status in found[route]["responses"]} == statuses
        for status in statuses - {200}:
            content = found[route]["responses"][str(status)]["content"]
            assert content == {"application/json": {"schema": {"$ref": "#/components/schemas/Error"}}}
    assert set(described["components"]["schemas"]["Error"]["properties"]) == {"type", "code", "message", "revision"}
    assert not any("ValidationError" in name for name in described["components"]["schemas"])


def test_a_fault_of_the_server_is_500_without_its_particulars_and_logged(
    http: httpx.Client, server: Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(*_: object) -> None:
        raise ZeroDivisionError("made by the test")

    server.log.clear()
    monkeypatch.setattr(Library, "describe", broken)
    answer = http.get("/api/models")
    check_error(answer, 500, "internal", "log")
    assert "made by the test" not in answer.text
    assert any(record.exc_info and record.exc_info[0] is ZeroDivisionError for record in server.log)
    server.log.clear()


def test_a_model_that_is_broken_on_disk_is_500_and_says_which_file(
    settings_of: Callable[..., Settings], tmp_path: Any, tiny_models: Any
) -> None:
    folder = tmp_path / "tiny-rnn"
    shutil.copytree(tiny_models / "tiny-rnn", folder)
    (folder / "weights.safetensors").write_bytes(b"no weights")
    with running(settings_of(model_folders=[folder])) as server, httpx.Client(base_url=server.url) as http:
        check_error(http.post("/api/trace", json={"model": "tiny-rnn", "text": "x"}), 500, "checkpoint", "weights")
        assert http.get("/healthz").status_code == 200


@pytest.mark.parametrize("declared", [True, False])
def test_a_body_larger_than_the_limit_is_refused_before_it_is_read_in(server: Server, declared: bool) -> None:
    limit = server.settings.message_limit_bytes
    body = b'{"model": "tiny-gru", "text": "' + b"a" * (limit + 1000) + b'"}'
    content = body if declared else (body[k : k + 65536] for k in range(0, len(body), 65536))
    answer = httpx.post(f"{server.url}/api/trace", content=content, headers={"Content-Type": "application/json"})
    assert answer.status_code == 413
    assert answer.json()["type"] == "error"
    assert f"{limit:,} bytes" in answer.json()["message"]


def test_the_curves_of_recall_are_those_that_ship_and_their_summaries(http: httpx.Client) -> None:
    answer = http.get("/api/recall")
    assert answer.status_code == 200
    assert answer.headers["content-type"] == "application/json"
    found = answer.json()
    summaries = found.pop("summaries")
    shipped = json.loads(FILE.read_text(encoding="utf-8"))
    for run in (*shipped["runs"], *shipped["tuning"]):
        run.setdefault("diverged", None)  # written down only of those that did
    assert found == shipped
    curves = read_curves()
    assert summaries == [one.model_dump() for one in curves.summaries()]
    assert {one["model"] for one in summaries} == {model["id"] for model in found["models"]}
    for one in summaries:
        assert len(one["median"]) == len(one["lowest"]) == len(one["highest"]) == len(found["delays"])
