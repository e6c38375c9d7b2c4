"""PyVRP on the region's shipments: a distance profile for each set of stops a truck may serve.

It counts kilometres and trucks; waiting and lateness by priority it cannot.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from pyvrp import (
    Client,
    Depot,
    Location,
    PenaltyParams,
    ProblemData,
    SolveParams,
    VehicleType,
)
from pyvrp import solve as pyvrp_solve
from pyvrp.stop import MaxRuntime

from benchmarks.region_trucks import Answer, trucks_worth_having
from dispatch.routing.search.problem import SearchProblem

# 10 m, a twentieth of a fen, kg, litres: its penalties have a ceiling, with larger numbers it
# finds no feasible plan.  A way that is not to be driven is longer than all others
UNIT_M, UNIT_FEN = 10, 20
GRAMS = CM3 = 1000
FORBIDDEN_M = 10_000_000
# few rounds a second with hundreds of kinds of truck: penalties must follow sooner
PARAMS = SolveParams(penalty=PenaltyParams(solutions_between_updates=20, max_penalty=1e9))


def solve(asked: SearchProblem, budget_s: float, seed: int) -> Answer:
    """PyVRP's best feasible routes; empty when there are none."""
    data, owner = _data(asked)
    best = pyvrp_solve(data, MaxRuntime(budget_s), seed=seed, display=False, params=PARAMS).best
    if not best.is_feasible():
        return []
    return [
        (owner[r.vehicle_type()], tuple(v.idx for v in r.schedule() if v.is_client()))
        for r in best.routes()
    ]


def _data(asked: SearchProblem) -> tuple[ProblemData, list[int]]:
    assert asked.allowed is not None
    n, size = len(asked.stops), asked.distance_m.shape[1]
    profiles: dict[bytes, int] = {}
    ways: list[NDArray[np.int64]] = []
    vehicles, owner = [], []
    for number, g in enumerate(asked.groups):
        count = trucks_worth_having(asked, number)
        served = asked.allowed[:, number]
        if not count:
            continue
        key = served.tobytes()
        if key not in profiles:
            profiles[key] = len(ways)
            ways.append(_way(asked, served))
        owner.append(number)
        vehicles.append(
            VehicleType(
                count,
                [g.room_g // GRAMS, g.room_cm3 // CM3],
                g.depot,
                g.depot,
                fixed_cost=round(g.fixed_cost * UNIT_FEN),
                unit_distance_cost=round(g.cost_per_m * UNIT_M * UNIT_FEN),
                profile=profiles[key],
            )
        )
    still = np.zeros((size, size), np.int64)
    clients = [
        Client(u, [-(-s.load_g // GRAMS), -(-s.load_cm3 // CM3)]) for u, s in enumerate(asked.stops)
    ]
    depots = [Depot(u) for u in range(n, size)]
    places = [Location(0, 0)] * size
    return ProblemData(places, clients, depots, vehicles, ways, [still] * len(ways)), owner


def _way(asked: SearchProblem, served: NDArray[np.bool_]) -> NDArray[np.int64]:
    way = np.minimum(asked.distance_m[0], FORBIDDEN_M) // UNIT_M
    way[:, : len(served)][:, ~served] = FORBIDDEN_M // UNIT_M
    np.fill_diagonal(way, 0)
    made: NDArray[np.int64] = way
    return made
