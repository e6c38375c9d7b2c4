"""Routes read out of the compiled search's arrays."""

from __future__ import annotations

import threading
from collections.abc import Sequence

import numpy as np

from dispatch.routing.search.arrays import (
    BEST,
    BEST_BANK,
    BEST_ROUTES,
    State,
)
from dispatch.routing.search.price import price_route
from dispatch.routing.search.problem import SearchProblem, SearchRoute

Plan = tuple[tuple[SearchRoute, ...], tuple[int, ...], float]


def read_best(asked: SearchProblem, state: State) -> Plan:
    """Routes, unserved stops and cost of the best plan in a state."""
    routes, start = [], 0
    stops = state.best_stops.tolist()
    for k in range(int(state.tally[BEST_ROUTES])):
        size = int(state.best_size[k])
        group, order = int(state.best_group[k]), tuple(stops[start : start + size])
        routes.append(SearchRoute(group, order, price_route(asked, group, order)))
        start += size
    unserved = tuple(sorted(state.best_bank[: state.tally[BEST_BANK]].tolist()))
    return tuple(routes), unserved, float(state.value[BEST])


def read_pool(
    states: Sequence[State], routes: Sequence[SearchRoute], cancel: threading.Event
) -> tuple[SearchRoute, ...]:
    """All routes noted by the threads and those given, the cheapest order of each set of
    stops and group, in a fixed order; not all once ``cancel`` is set."""
    best: dict[tuple[int, frozenset[int]], SearchRoute] = {}
    for route in routes:
        best[route.group, frozenset(route.stops)] = route
    for state in states:
        for i in np.flatnonzero(state.pool_size):
            if cancel.is_set():
                break
            order = tuple(state.pool_stops[i, : state.pool_size[i]].tolist())
            route = SearchRoute(int(state.pool_group[i]), order, float(state.pool_cost[i]))
            key = (route.group, frozenset(order))
            if key not in best or route.cost < best[key].cost - 1e-9:
                best[key] = route
    return tuple(best.values())
