"""VROOM in the routing benchmark: two threads, exploration level 5."""

from __future__ import annotations

from datetime import timedelta

import numpy as np
import vroom

from benchmarks.instances import EXACT, Instance
from benchmarks.peers import Answer, matrix, trucks_worth_having

NEVER = 2**30


def solve(instance: Instance, budget_s: float, seed: int) -> Answer:
    """VROOM's routes; it has no seed.  Whole 32-bit costs bound the scale."""
    priced = any(f.unit != 1 or f.fixed for f in instance.fleets)
    scale = (1 if priced else 1000) if instance.rule == EXACT else 10
    way = matrix(instance, scale)
    asked = vroom.Input()
    n = len(instance.customers)

    def whole(value: float) -> int:
        return NEVER if value == float("inf") else round(value * scale)

    number = 0
    owner: list[int] = []
    for index, fleet in enumerate(instance.fleets):
        profile = f"f{index}" if priced else "car"
        asked.set_durations_matrix(profile, way.astype(np.uint32))
        if priced:
            asked.set_costs_matrix(profile, (way * fleet.unit).round().astype(np.uint32))
        depot = instance.depots[fleet.depot]
        closes = min(whole(depot.closes), whole(depot.opens) + whole(fleet.max_duration))
        for _ in range(trucks_worth_having(instance, fleet)):
            asked.add_vehicle(vroom.Vehicle(
                number, n + fleet.depot, n + fleet.depot, profile, [fleet.capacity],
                time_window=vroom.TimeWindow(whole(depot.opens), closes),
                costs=vroom.VehicleCosts(fixed=round(fleet.fixed * scale)),
            ))
            owner.append(index)
            number += 1
    for u, c in enumerate(instance.customers):
        asked.add_job(vroom.Job(
            u, u, 0, whole(c.service), [c.demand],
            time_windows=[vroom.TimeWindow(whole(c.opens), whole(c.closes))],
        ))
    table = asked.solve(5, 2, timedelta(seconds=budget_s)).routes
    jobs = table[table["type"] == "job"]
    return [
        (owner[vehicle], tuple(int(u) for u in rows["id"]))
        for vehicle, rows in jobs.groupby("vehicle_id", sort=True)
    ]
