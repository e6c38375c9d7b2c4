"""Compile the search once, at set-up: `python -m dispatch.routing.search.compile`.

The machine code is kept beside the modules, or in ``NUMBA_CACHE_DIR`` where that
folder cannot be written.
"""

from __future__ import annotations

import time

import numpy as np

from dispatch.routing.search.columns import warm_proof
from dispatch.routing.search.engine import solve
from dispatch.routing.search.exact import MOST_STOPS
from dispatch.routing.search.problem import (
    SearchParams,
    SearchProblem,
    SearchRoute,
    SearchStop,
    VehicleGroup,
)


def warm() -> float:
    """Run a tiny search so that all is compiled or loaded; the seconds it took."""
    began = time.perf_counter()
    way = np.array([[[0, 1, 1], [1, 0, 1], [1, 1, 0]]], np.int64)
    asked = SearchProblem((SearchStop(1), SearchStop(1)), (VehicleGroup(0, None, 2),), way, way)
    solve(asked, SearchParams())
    way = np.zeros((1, MOST_STOPS + 2, MOST_STOPS + 2), np.int64)
    asked = SearchProblem((SearchStop(1),) * (MOST_STOPS + 1), asked.groups, way, way)
    solve(asked, SearchParams(iterations=5, threads=1), start=(SearchRoute(0, (0,), 0.0),))
    warm_proof()
    return time.perf_counter() - began


if __name__ == "__main__":
    print(f"compiled in {warm():.1f} s")
