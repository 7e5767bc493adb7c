"""The figures of a trace: `Trace` has a method for each."""

from __future__ import annotations

from plotly.graph_objects import Figure

from .echo import plot_echo
from .heatmap import heatmap
from .horizon import plot_horizon
from .provenance import plot_provenance
from .surprise import plot_surprise

__all__ = ["Figure", "heatmap", "plot_echo", "plot_horizon", "plot_provenance", "plot_surprise"]
