"""The product's own search in the routing benchmark: two threads in one process."""

from __future__ import annotations

import math

from benchmarks.instances import Instance
from benchmarks.peers import Answer, matrix, scale_of
from dispatch.routing.search.compile import warm
from dispatch.routing.search.engine import solve as search
from dispatch.routing.search.problem import (
    FAR,
    SearchParams,
    SearchProblem,
    SearchStop,
    VehicleGroup,
)

warm()


def search_problem(instance: Instance) -> SearchProblem:
    """The instance as our search asks for it; one unit of distance costs ``unit``."""
    scale = scale_of(instance)
    way = matrix(instance, scale)[None]

    def whole(value: float) -> int:
        return FAR if math.isinf(value) else round(value * scale)

    dearest = max(f.fixed + f.unit * scale * 4 * int(way.max()) / scale for f in instance.fleets)
    return SearchProblem(
        stops=tuple(
            SearchStop(
                c.demand, 0, whole(c.service), whole(c.opens), whole(c.closes),
                unserved_cost=dearest,
            )
            for c in instance.customers
        ),
        groups=tuple(
            VehicleGroup(
                f.depot, f.count, f.capacity, fixed_cost=f.fixed, cost_per_m=f.unit / scale,
                max_duration_s=whole(f.max_duration),
                leaves_s=whole(instance.depots[f.depot].opens),
                back_by_s=whole(instance.depots[f.depot].closes),
            )
            for f in instance.fleets
        ),
        distance_m=way,
        duration_s=way,
    )


def solve(instance: Instance, budget_s: float, seed: int) -> Answer:
    """The plan after ``budget_s`` seconds."""
    result = search(search_problem(instance), SearchParams(seed=seed, seconds=budget_s))
    return [(route.group, route.stops) for route in result.routes]
