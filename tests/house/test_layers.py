"""One direction only: `app` may use `models`, never the other way round, and folders inside stand in an order too;
folders and files stay small; and what is offered is there."""

from __future__ import annotations

import ast
import subprocess
import sys
from pathlib import Path

import pytest

import models
from models import errors

FOLDER = Path(models.__file__).parent
ROOT = FOLDER.parent
FORBIDDEN = {"app", "fastapi", "starlette", "uvicorn", "jinja2", "plotly"}


ORDER = {
    "models": """errors text array_files kernels series equations cells network storage zoo tasks recording echo
        derivatives measures measures.units measures.memory measures.comparison figures training training.series
        studies.recall studies precompile""",
    "app": """wire compute contract instruments.memory instruments live http settings content lessons take_away web
        offline session_file server findings cli.shared cli""",
}
"""Folders, and the few modules beside them, from the bottom to the top: each imports only what stands before it."""

UPWARDS = {
    ("models.network.language_model", "models.recording.continuation"): "`CharLM.generate` is part of the contract: a "
    "model offers how it writes, as it offers its trace; imported when it is called",
    ("models.network.trace", "models.figures.of_trace"): "a trace offers its figures; imported when one is drawn",
}
"""Single imports that go against the order, each with its reason."""

MOST_FILES, MOST_LINES = 15, 400


def imported(source: str) -> set[str]:
    """The top-level packages that a module imports by absolute name, wherever in it."""
    found: set[str] = set()
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Import):
            found |= {name.name.split(".")[0] for name in node.names}
        elif isinstance(node, ast.ImportFrom) and node.level == 0:
            found.add((node.module or "").split(".")[0])
    return found


def escapes(source: str, depth: int) -> bool:
    """Whether a module `depth` packages deep climbs out of them by a relative import."""
    return any(isinstance(node, ast.ImportFrom) and node.level > depth for node in ast.walk(ast.parse(source)))


def name_of(path: Path) -> str:
    """A module's dotted name."""
    parts = path.relative_to(ROOT).with_suffix("").parts
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


def used(source: str, package: str, modules: set[str]) -> set[str]:
    """The modules that a module in `package` imports, wherever in it and for whatever use: types count too."""
    found: set[str] = set()
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Import):
            found |= {name.name for name in node.names}
        elif isinstance(node, ast.ImportFrom):
            above = package.split(".")[: len(package.split(".")) - node.level + 1] if node.level else []
            base = ".".join([*above, *([node.module] if node.module else [])])
            found |= {full if (full := f"{base}.{name.name}") in modules else base for name in node.names}
    return found & modules


def floor_of(module: str) -> int:
    """Where in the order of its package the folder of a module stands; what `models` itself offers is above all.

    `app` itself is below all: it holds the version, and imports nothing.
    """
    if module == "app":
        return -1
    package, _, inside = module.partition(".")
    order = ORDER[package].split()
    while inside and inside not in order:
        inside = inside.rpartition(".")[0]
    return order.index(inside) if inside else len(order)


@pytest.mark.parametrize("package", ORDER)
def test_folders_import_in_one_direction(package: str) -> None:
    paths = {name_of(path): path for path in (ROOT / package).rglob("*.py")}
    against = set()
    for module, path in paths.items():
        inside = module if path.name == "__init__.py" else module.rpartition(".")[0]
        for other in used(path.read_text(encoding="utf-8"), inside, set(paths)):
            if floor_of(other) > floor_of(module):
                against.add((module, other))
    assert against == {arrow for arrow in UPWARDS if arrow[0].startswith(f"{package}.")}


@pytest.mark.parametrize("package", ORDER)
def test_the_order_names_every_folder_and_no_other(package: str) -> None:
    folders = {name_of(path) for path in (ROOT / package).rglob("*.py") if path.name == "__init__.py"}
    beside = {f"{package}.{path.stem}" for path in (ROOT / package).glob("*.py") if path.name != "__init__.py"}
    assert {f"{package}.{name}" for name in ORDER[package].split()} == folders - {package} | beside


@pytest.mark.parametrize("package", ORDER)
def test_folders_and_files_stay_small(package: str) -> None:
    for folder in {path.parent for path in (ROOT / package).rglob("*.py")}:
        assert len([path for path in folder.glob("*.py") if path.name != "__init__.py"]) <= MOST_FILES, folder
    for path in (ROOT / package).rglob("*.py"):
        assert len(path.read_text(encoding="utf-8").splitlines()) <= MOST_LINES, path


def test_the_order_is_checked_for_every_form_of_import() -> None:
    modules = {"app", "app.live", "app.live.run", "app.web", "app.web.api"}
    assert used("def f():\n    import app.live.run as run", "app.web", modules) == {"app.live.run"}
    assert used("from ..live import run, other", "app.web", modules) == {"app.live.run", "app.live"}
    assert used("if TYPE_CHECKING:\n    from ..live.run import Run", "app.web", modules) == {"app.live.run"}
    assert used("from . import api", "app.web", modules) == {"app.web.api"}
    assert floor_of("app.wire.frames") < floor_of("app.live.run") < floor_of("app.cli.shared.texts")
    assert floor_of("models.measures.progress") < floor_of("models.measures.units.unit") < floor_of("models")


@pytest.mark.parametrize("path", sorted(FOLDER.rglob("*.py")), ids=lambda p: p.relative_to(FOLDER).as_posix())
def test_models_import_nothing_of_the_application(path: Path) -> None:
    source = path.read_text(encoding="utf-8")
    allowed = {"plotly"} if path.parent.name == "figures" else set()
    assert not imported(source) & FORBIDDEN - allowed
    assert not escapes(source, len(path.relative_to(FOLDER).parts))


def test_the_check_itself_sees_every_form_of_import() -> None:
    assert imported("def f():\n    import app.live.session as s") == {"app"}
    assert imported("if x:\n    from app import session") == {"app"}
    assert imported("from .app import x") == set()
    assert escapes("from ..app import x", 1)
    assert not escapes("from .app import x", 1)


def test_models_run_in_an_interpreter_that_has_no_application() -> None:
    block = "import sys\nfor name in ('app', 'fastapi', 'starlette', 'uvicorn'): sys.modules[name] = None\n"
    script = block + "import models, models.training.trainer, models.training.recipes\nmodels.catalogue()"
    done = subprocess.run([sys.executable, "-c", script], cwd=FOLDER.parent, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr


def test_all_that_models_offer_can_be_imported() -> None:
    assert len(set(models.__all__)) == len(models.__all__)
    for name in models.__all__:
        assert hasattr(models, name), name


def test_every_error_is_a_hidden_state_error_with_a_code_of_its_own() -> None:
    raised = [e for e in vars(errors).values() if isinstance(e, type) and issubclass(e, Exception)]
    assert all(issubclass(e, errors.HiddenStateError) for e in raised)
    codes = [e.code for e in raised if e is not errors.RequestError]
    assert len(set(codes)) == len(codes)
    assert {e.__name__ for e in raised} <= set(models.__all__)
