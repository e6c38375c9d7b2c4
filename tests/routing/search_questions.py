"""Questions to the compiled search and a check of its answers, for the tests."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from hypothesis import strategies as st

from dispatch.routing.search.problem import (
    SearchParams,
    SearchProblem,
    SearchResult,
    SearchRoute,
    SearchStop,
    VehicleGroup,
)

COUNTED = SearchParams(iterations=600, threads=1)


def on_plane(points: list[tuple[int, int]]) -> np.ndarray:
    """Rounded-up Euclidean metres, one profile."""
    xy = np.array(points, float)
    return np.ceil(np.hypot(*(xy[:, None] - xy[None]).transpose(2, 0, 1))).astype(np.int64)[None]


def make_search(
    points: list[tuple[int, int]], stops: tuple[SearchStop, ...], groups: tuple[VehicleGroup, ...],
    **more: object,
) -> SearchProblem:
    way = on_plane(points)
    return SearchProblem(stops, groups, way, way, **more)  # type: ignore[arg-type]


def broken_rules(asked: SearchProblem, found: SearchResult) -> list[str]:
    """Recomputed from the question: every stop once, room, trucks, times, true cost."""
    seen = sorted([u for r in found.routes for u in r.stops] + list(found.unserved))
    wrong = [] if seen == list(range(len(asked.stops))) else [f"stops {seen}"]
    total = sum(asked.stops[u].unserved_cost for u in found.unserved)
    for number, g in enumerate(asked.groups):
        routes = [r for r in found.routes if r.group == number]
        if g.count is not None and len(routes) > g.count:
            wrong.append(f"group {number} drives {len(routes)}")
        for route in routes:
            price, faults = price_and_faults(asked, g, route)
            wrong += faults
            total += price
            if abs(price - route.cost) > 1e-6:
                wrong.append(f"route priced {route.cost}, costs {price}")
            if asked.allowed is not None and not asked.allowed[list(route.stops), number].all():
                wrong.append("a stop on a truck not allowed")
    return wrong if abs(total - found.cost) < 1e-6 * max(1, total) else [*wrong, f"{found.cost} != {total}"]


def price_and_faults(
    asked: SearchProblem, g: VehicleGroup, route: SearchRoute
) -> tuple[float, list[str]]:
    n, faults = len(asked.stops), []
    here, now, metres, soft = n + g.depot, g.leaves_s, 0, 0.0
    for u in route.stops:
        s = asked.stops[u]
        metres += int(asked.distance_m[g.profile, here, u])
        now = max(now + int(asked.duration_s[g.profile, here, u]), s.open_s)
        if now > s.close_s:
            faults.append(f"stop {u} at {now}")
        soft += s.arrival_cost_per_s * (now - g.leaves_s) + s.late_cost_per_s * max(0, now - s.due_s)
        soft += 0.0 if asked.serve_cost is None else asked.serve_cost[u, route.group]
        now, here = now + s.service_s, u
    metres += int(asked.distance_m[g.profile, here, n + g.depot]) * asked.returns_count_m
    now += int(asked.duration_s[g.profile, here, n + g.depot]) * asked.returns_count_s
    if sum(asked.stops[u].load_g for u in route.stops) > g.room_g:
        faults.append("too heavy")
    if sum(asked.stops[u].load_cm3 for u in route.stops) > g.room_cm3:
        faults.append("too large")
    if now - g.leaves_s > g.max_duration_s or metres > g.max_distance_m or now > g.back_by_s:
        faults.append("too long")
    return g.fixed_cost + g.cost_per_m * metres + g.cost_per_s * (now - g.leaves_s) + soft, faults


@st.composite
def questions(draw: Callable[..., object]) -> SearchProblem:
    """Small problems of every kind: windows, limits, soft costs, mixed and short fleets."""
    n = draw(st.integers(1, 14))
    depots = draw(st.integers(1, 2))
    where = st.tuples(st.integers(0, 60), st.integers(0, 60))
    points = draw(st.lists(where, min_size=n + depots, max_size=n + depots))
    timed, soft, limited = draw(st.booleans()), draw(st.booleans()), draw(st.booleans())
    stops = []
    for _ in range(n):
        opens = draw(st.integers(0, 60)) if timed else 0
        stops.append(SearchStop(
            draw(st.integers(1, 6)), draw(st.integers(0, 5)), draw(st.integers(0, 5)), opens,
            opens + draw(st.integers(20, 200)) if timed else 2**40, draw(st.integers(0, 100)),
            late_cost_per_s=draw(st.sampled_from([0.0, 3.0])) if soft else 0.0,
            arrival_cost_per_s=draw(st.sampled_from([0.0, 0.5])) if soft else 0.0,
            unserved_cost=5000.0,
        ))
    groups = tuple(
        VehicleGroup(
            draw(st.integers(0, depots - 1)), draw(st.sampled_from([None, 1, 2])),
            draw(st.integers(5, 20)), draw(st.integers(5, 20)), float(draw(st.integers(0, 50))),
            draw(st.sampled_from([1.0, 1.5])), draw(st.sampled_from([0.0, 0.2])) if limited else 0.0,
            draw(st.integers(80, 300)) if limited else 2**40,
        )
        for _ in range(draw(st.integers(1, 4)))
    )
    allowed = None
    if draw(st.booleans()):
        rows = draw(st.lists(st.booleans(), min_size=n * len(groups), max_size=n * len(groups)))
        allowed = np.array(rows).reshape(n, len(groups))
    serve_cost = None
    if draw(st.booleans()):
        costs = draw(st.lists(st.integers(-20, 40), min_size=n * len(groups), max_size=n * len(groups)))
        serve_cost = np.array(costs, float).reshape(n, len(groups))
    return make_search(points, tuple(stops), groups, allowed=allowed, serve_cost=serve_cost,
                       returns_count_m=draw(st.booleans()), returns_count_s=draw(st.booleans()))


def two_yards() -> SearchProblem:
    """Twelve stops around two yards with mixed trucks."""
    points = [(10 * (i % 4), 17 * (i // 4) + i) for i in range(12)] + [(0, 0), (30, 40)]
    groups = tuple(
        VehicleGroup(d, 2, room, fixed_cost=room, cost_per_m=1 + room / 50)
        for d in (0, 1) for room in (4, 9)
    )
    return make_search(points, tuple(SearchStop(1 + i % 3) for i in range(12)), groups)
