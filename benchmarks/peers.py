"""What every solver of the routing benchmark is given, and which solvers there are.

Each is a module with ``solve(instance, budget_s, seed)`` that gives (fleet, customers)
per route.  All get whole-number matrices made here.
"""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray

from benchmarks.instances import EXACT, TRUNCATED, Fleet, Instance, distance

# Solver -> its module, and how many processes with seeds of their own share one run
# (ours and VROOM use two threads in one process)
SOLVERS = {
    "ours": ("benchmarks.peer_ours", 1),
    "ortools": ("benchmarks.peer_ortools", 2),
    "pyvrp": ("benchmarks.peer_pyvrp", 2),
    "vroom": ("benchmarks.peer_vroom", 1),
}
Answer = list[tuple[int, tuple[int, ...]]]
Integers = NDArray[np.int64]


def scale_of(instance: Instance) -> int:
    """Whole units per unit of distance: exact costs need more than rounded ones."""
    return {EXACT: 10_000, TRUNCATED: 10}.get(instance.rule, 1)


def matrix(instance: Instance, scale: int) -> Integers:
    """Scaled distances, customers first, then depots; exact ones rounded up, so that no
    limit is broken by rounding."""
    sites = [*instance.customers, *instance.depots]
    return np.array(
        [[math.ceil(distance(instance.rule, a, b) * scale - 1e-6) for b in sites] for a in sites],
        np.int64,
    )


def trucks_worth_having(instance: Instance, fleet: Fleet) -> int:
    """The fleet's count, cut to what loads could ever need, for solvers that list trucks."""
    total = sum(c.demand for c in instance.customers)
    enough = math.ceil(total / fleet.capacity * 1.15) + 3
    return enough if fleet.count is None else min(fleet.count, enough)
