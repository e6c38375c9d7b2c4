"""What solvers that list single trucks are given, and how they answer."""

from __future__ import annotations

from math import ceil

import numpy as np

from dispatch.routing.search.problem import SearchProblem

# (group, stops in order) for each route
Answer = list[tuple[int, tuple[int, ...]]]


def trucks_worth_having(asked: SearchProblem, group: int) -> int:
    """The group's count, cut to what its loads could ever need."""
    assert asked.allowed is not None
    own = [asked.stops[u] for u in np.flatnonzero(asked.allowed[:, group])]
    g = asked.groups[group]
    full = max(sum(s.load_g for s in own) / g.room_g, sum(s.load_cm3 for s in own) / g.room_cm3)
    return min(len(own), ceil(1.15 * full) + 3, len(own) if g.count is None else g.count)
