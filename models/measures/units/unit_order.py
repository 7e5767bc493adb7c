"""An order of units that puts those that behave alike next to each other.

Spectral seriation (Atkins, Boman and Hendrickson 1998): sort by the Fiedler vector, the second eigenvector of the
Laplacian of the similarity graph. Similarity here is the squared correlation over the steps given.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from ...cells.base import Array


def by_similarity(values: Array) -> NDArray[np.int32]:
    """The unit in each row, (H,), from a signal's values (T, H).

    Units that never change come last, in the order of their index; so does every unit when there is nothing to compare
    (fewer than two steps).
    """
    units = values.shape[1]
    exact = np.asarray(values, np.float64)  # in float32 the mean of equal numbers need not be that number
    centred = exact - (exact.mean(axis=0) if len(exact) else 0.0)
    size = np.sqrt((centred**2).sum(axis=0))
    moving = np.flatnonzero(np.isfinite(size) & (size > 1e-6 * np.sqrt(max(len(values), 1))))
    still = np.setdiff1d(np.arange(units), moving)
    if len(moving) > 2:
        alike = centred[:, moving] / size[moving]
        similarity = (alike.T @ alike) ** 2
        laplacian = np.diag(similarity.sum(axis=1)) - similarity
        fiedler = np.linalg.eigh(laplacian)[1][:, 1]
        order = np.argsort(fiedler, kind="stable")
        if moving[order[0]] > moving[order[-1]]:
            order = order[::-1]  # an eigenvector's sign is arbitrary; settle it
        moving = moving[order]
    return np.concatenate([moving, still]).astype(np.int32)
