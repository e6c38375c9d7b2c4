"""VROOM on the region's shipments: skills say which truck may serve what.

Two threads, exploration level 5; it has no seed, and counts kilometres and trucks only.
"""

from __future__ import annotations

from datetime import timedelta

import numpy as np
import vroom

from benchmarks.region_trucks import Answer, trucks_worth_having
from dispatch.routing.search.adapt import NO_ROAD
from dispatch.routing.search.problem import SearchProblem

# it adds whole 32-bit numbers for each stop and each truck, and in finer units inside
MOST_SUM, MOST_S, MINUTE = 2**29, 10**6, 60


def solve(asked: SearchProblem, budget_s: float, seed: int) -> Answer:
    """VROOM's routes; stops it leaves out are missing."""
    assert asked.allowed is not None
    n, question = len(asked.stops), vroom.Input()
    # stops that the same trucks may serve ask for the same skill
    numbers: dict[bytes, int] = {}
    skill = [numbers.setdefault(row.tobytes(), len(numbers) + 1) for row in asked.allowed]
    seconds = (np.minimum(asked.duration_s[0], MOST_S) // MINUTE).astype(np.uint32)
    metres = np.minimum(asked.distance_m[0], 2 * _longest(asked))
    dearest = max(g.fixed_cost + g.cost_per_m * int(metres.max()) for g in asked.groups)
    fixed = sum(trucks_worth_having(asked, k) * g.fixed_cost for k, g in enumerate(asked.groups))
    unit = max(1.0, (fixed + dearest * 2 * (n + 1)) / MOST_SUM)
    profiles: dict[float, str] = {}
    owner: list[int] = []
    for number, g in enumerate(asked.groups):
        if g.cost_per_m not in profiles:
            profile = profiles[g.cost_per_m] = f"p{len(profiles)}"
            question.set_durations_matrix(profile, seconds)
            price = metres * (g.cost_per_m / unit)
            question.set_costs_matrix(profile, price.round().astype(np.uint32))
        able = {skill[u] for u in np.flatnonzero(asked.allowed[:, number])}
        for _ in range(trucks_worth_having(asked, number)):
            question.add_vehicle(
                vroom.Vehicle(
                    len(owner),
                    n + g.depot,
                    n + g.depot,
                    profiles[g.cost_per_m],
                    [g.room_g, g.room_cm3],
                    skills=able,
                    costs=vroom.VehicleCosts(fixed=round(g.fixed_cost / unit)),
                )
            )
            owner.append(number)
    for u, s in enumerate(asked.stops):
        question.add_job(vroom.Job(u, u, 0, 0, [s.load_g, s.load_cm3], skills={skill[u]}))
    table = question.solve(5, 2, timedelta(seconds=budget_s)).routes
    jobs = table[table["type"] == "job"]
    return [
        (owner[vehicle], tuple(int(u) for u in rows["id"]))
        for vehicle, rows in jobs.groupby("vehicle_id", sort=True)
    ]


def _longest(asked: SearchProblem) -> int:
    """Metres of the longest way that there is."""
    way = asked.distance_m[0]
    return int(way[way < NO_ROAD].max())
