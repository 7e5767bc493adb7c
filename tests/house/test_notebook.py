"""The worked notebook: it runs from top to bottom as it is kept, and draws what it says."""

from __future__ import annotations

import nbformat
import pytest
from nbclient import NotebookClient

from tests.support.paths import ROOT

NOTEBOOK = ROOT / "docs" / "notebook.ipynb"
FIGURE = "application/vnd.plotly.v1+json"


def test_the_notebook_is_kept_without_outputs() -> None:
    kept = nbformat.read(NOTEBOOK, as_version=4)
    nbformat.validate(kept)
    code = [cell for cell in kept.cells if cell.cell_type == "code"]
    assert code
    assert all(not cell.outputs and cell.execution_count is None for cell in code)


@pytest.mark.slow
@pytest.mark.filterwarnings("default")  # those of Jupyter's own
def test_the_notebook_runs_and_draws_a_figure_wherever_it_asks_for_one(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PYTHONPATH", str(ROOT))
    monkeypatch.setenv("PLOTLY_RENDERER", "plotly_mimetype")
    notebook = nbformat.read(NOTEBOOK, as_version=4)
    NotebookClient(notebook, timeout=300, kernel_name="python3", resources={"metadata": {"path": ROOT}}).execute()
    code = [cell for cell in notebook.cells if cell.cell_type == "code"]
    asked = [cell for cell in code if ".plot_" in cell.source or ".heatmap(" in cell.source or ".echo(" in cell.source]
    assert len(asked) == 5
    for cell in asked:
        drawn = [one.data[FIGURE] for one in cell.outputs if FIGURE in one.get("data", {})]
        assert len(drawn) == 1, cell.source
        assert drawn[0]["data"], cell.source
