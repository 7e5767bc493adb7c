"""The wheel adds one name, `hidden_state`, whatever modules lie beside the notebook that imports it."""

from __future__ import annotations

import ast
import os
import re
import subprocess
import sys
import time
import zipfile
from pathlib import Path

import hidden_state.app.cli
import hidden_state.models.measures.saturation
import httpx
import pytest

import app.cli
import hidden_state
import models
from hatch_build import inside
from tests.support.paths import ROOT


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with the contents of the wheel."""
    made, site = tmp_path_factory.mktemp("wheel"), tmp_path_factory.mktemp("site")
    command = [sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", str(made)]
    subprocess.run(command, cwd=ROOT, check=True, capture_output=True, timeout=120)
    (wheel,) = made.glob("*.whl")
    with zipfile.ZipFile(wheel) as files:
        files.extractall(site)
    return site


@pytest.fixture
def notebook(tmp_path: Path) -> Path:
    """A folder as many have it: with a `models.py` and an `app.py` of its own."""
    for name in ("models", "app"):
        (tmp_path / f"{name}.py").write_text(f"raise SystemExit('this is the {name}.py of the notebook')\n")
    return tmp_path


def environment(site: Path, **more: str) -> dict[str, str]:
    kept = {name: value for name, value in os.environ.items() if not name.startswith("HIDDEN_STATE_")}
    return {**kept, "PYTHONPATH": str(site), "NUMBA_CACHE_DIR": str(site / "loops"), **more}


def test_a_checkout_has_every_module_once_under_both_names() -> None:
    assert hidden_state.load is models.load
    assert hidden_state.__all__ == models.__all__
    assert hidden_state.models is models
    assert hidden_state.app.cli is app.cli
    assert hidden_state.models.measures.saturation is sys.modules["models.measures.saturation"]
    assert models.__spec__ is not None
    assert models.__spec__.name == "models"


def test_imports_of_the_short_names_are_taken_from_inside() -> None:
    source = (
        "from models import load\nfrom app.live import run\nimport models.zoo\ndef f():\n    from models.zoo import x\n"
    )
    assert inside(source, "m.py") == (
        "from hidden_state.models import load\nfrom hidden_state.app.live import run\nimport hidden_state.models.zoo\n"
        "def f():\n    from hidden_state.models.zoo import x\n"
    )
    same = "from modelsaurus import x\nfrom .models import y\nfrom ..app import z\nmodels = 1\n"
    assert inside(same, "m.py") == same


@pytest.mark.parametrize("left", ["import os, models\n", "x = 1; from models import load\n", "import app\n"])
def test_a_build_fails_rather_than_leaving_an_import_of_a_short_name(left: str) -> None:
    with pytest.raises(ValueError, match=r"m\.py:1 still imports (models|app)"):
        inside(left, "m.py")


@pytest.mark.slow
def test_the_wheel_has_one_name_at_the_top_and_all_that_the_checkout_has(site: Path) -> None:
    assert {path.name.partition("-")[0] for path in site.iterdir()} == {"hidden_state"}
    kept = subprocess.run(["git", "ls-files"], cwd=ROOT, capture_output=True, text=True, check=False).stdout.split()
    inner = {
        "models": "models",
        "app": "app",
        "static": "app/static",
        "templates": "app/templates",
        "lessons": "app/shipped_lessons",
    }
    wanted = [path for path in kept if path.partition("/")[0] in inner]
    if not wanted:
        pytest.skip("not run: this is no clone, so what belongs to the project cannot be told")
    for path in wanted:
        top, _, rest = path.partition("/")
        assert (site / "hidden_state" / inner[top] / rest).is_file(), path
    for path in site.rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.ImportFrom) and node.level == 0:
                assert (node.module or "").partition(".")[0] not in ("models", "app"), path


@pytest.mark.slow
def test_a_notebook_beside_a_models_py_of_its_own_loads_and_traces(site: Path, notebook: Path) -> None:
    program = (
        "from hidden_state import load, catalogue; import sys; t = load('shakespeare-rnn').trace('To be'); "
        "print(tuple(t['0.hidden'].shape), len(catalogue()), 'models' in sys.modules, 'app' in sys.modules)"
    )
    run = subprocess.run(
        [sys.executable, "-c", program],
        cwd=notebook,
        env=environment(site),
        capture_output=True,
        text=True,
        timeout=120,
    )
    assert run.stdout.split() == ["(5,", "128)", str(len(models.catalogue())), "False", "False"], run.stderr


@pytest.mark.slow
def test_the_command_of_the_wheel_serves_the_page_from_there(site: Path, notebook: Path) -> None:
    command = [sys.executable, "-m", "hidden_state", "serve"]
    with subprocess.Popen(
        command, cwd=notebook, env=environment(site, HIDDEN_STATE_PORT="0"), stdout=subprocess.PIPE, text=True
    ) as process:
        try:
            assert process.stdout is not None
            found = re.search(r"http://127\.0\.0\.1:\d+", process.stdout.readline())
            assert found is not None
            deadline = time.monotonic() + 60
            while (page := httpx.get(f"{found[0]}/explore", timeout=30)).status_code != 200:
                assert time.monotonic() < deadline
            script = re.search(r'src="(/static/main\.js[^"]*)"', page.text)
            assert script is not None
            assert httpx.get(found[0] + script[1], timeout=30).status_code == 200
            listed = httpx.get(f"{found[0]}/api/models", timeout=60).json()
            assert len(listed["models"] if isinstance(listed, dict) else listed) == len(models.catalogue())
        finally:
            process.terminate()
