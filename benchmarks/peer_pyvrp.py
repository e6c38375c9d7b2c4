"""PyVRP in the routing benchmark: one process with one seed."""

from __future__ import annotations

from pyvrp import Client, Depot, Location, ProblemData, VehicleType
from pyvrp import solve as pyvrp_solve
from pyvrp.stop import MaxRuntime

from benchmarks.instances import Fleet, Instance
from benchmarks.peers import Answer, matrix, scale_of

NEVER = 2**40


def solve(instance: Instance, budget_s: float, seed: int) -> Answer:
    """PyVRP's best feasible routes after ``budget_s`` seconds; empty when none."""
    data = _data(instance)
    best = pyvrp_solve(data, MaxRuntime(budget_s), seed=seed, display=False).best
    if not best.is_feasible():
        return []
    return [
        (r.vehicle_type(), tuple(v.idx for v in r.schedule() if v.is_client()))
        for r in best.routes()
    ]


def _data(instance: Instance) -> ProblemData:
    # its penalties have a ceiling: with larger numbers it finds no feasible plan
    priced = any(f.unit != 1 or f.fixed for f in instance.fleets)
    scale = 1 if priced else min(1000, scale_of(instance))
    way = matrix(instance, scale)
    n = len(instance.customers)

    def whole(value: float) -> int:
        return NEVER if value == float("inf") else round(value * scale)

    def vehicle(fleet: Fleet) -> VehicleType:
        depot = instance.depots[fleet.depot]
        return VehicleType(
            fleet.count or n, [fleet.capacity], fleet.depot, fleet.depot,
            fixed_cost=round(fleet.fixed * scale), tw_early=whole(depot.opens),
            tw_late=whole(depot.closes), shift_duration=whole(fleet.max_duration),
            unit_distance_cost=round(fleet.unit),
        )

    sites = [*instance.customers, *instance.depots]
    return ProblemData(
        [Location(s.x, s.y) for s in sites],
        [
            Client(number, [c.demand], [], whole(c.service), whole(c.opens), whole(c.closes))
            for number, c in enumerate(instance.customers)
        ],
        [Depot(n + number) for number in range(len(instance.depots))],
        [vehicle(fleet) for fleet in instance.fleets], [way], [way],
    )
