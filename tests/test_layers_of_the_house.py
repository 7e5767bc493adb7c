"""One direction only: `app` may use `models`, never the other way round; and what is offered is there."""

from __future__ import annotations

import ast
import subprocess
import sys
from pathlib import Path

import pytest

import models
from models import errors

FOLDER = Path(models.__file__).parent
FORBIDDEN = {"app", "fastapi", "starlette", "uvicorn", "jinja2", "plotly"}


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


@pytest.mark.parametrize("path", sorted(FOLDER.rglob("*.py")), ids=lambda p: p.relative_to(FOLDER).as_posix())
def test_models_import_nothing_of_the_application(path: Path) -> None:
    source = path.read_text(encoding="utf-8")
    assert not imported(source) & FORBIDDEN
    assert not escapes(source, len(path.relative_to(FOLDER).parts))


def test_the_check_itself_sees_every_form_of_import() -> None:
    assert imported("def f():\n    import app.session as s") == {"app"}
    assert imported("if x:\n    from app import session") == {"app"}
    assert imported("from .app import x") == set()
    assert escapes("from ..app import x", 1)
    assert not escapes("from .app import x", 1)


def test_models_run_in_an_interpreter_that_has_no_application() -> None:
    block = "import sys\nfor name in ('app', 'fastapi', 'starlette', 'uvicorn'): sys.modules[name] = None\n"
    script = block + "import models, models.training, models.recipes\nmodels.catalogue()"
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
