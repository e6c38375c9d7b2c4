"""When a truck reaches each stop: loading, driving, rests, unloading.  Pure."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta

from dispatch.routing.problem import RoutingProblem


def arrivals(
    problem: RoutingProblem, warehouse_code: str, counties: Sequence[str]
) -> tuple[datetime, list[datetime], int]:
    """(departure, arrival at each county, seconds from departure to the last unloading).

    After ``rest_after_s`` of driving without a break the crew rests ``rest_s``
    (two-driver crews; 道路交通安全法实施条例 art. 62(7)); unloading counts as a break.
    """
    leaves = problem.departs_at + timedelta(seconds=problem.load_s)
    clock_s, here = 0, problem.warehouse_county[warehouse_code]
    times = []
    for county in counties:
        drive_s = problem.matrix.duration_s[here, county]
        rests = max(0, -(-drive_s // problem.rest_after_s) - 1)
        clock_s += drive_s + rests * problem.rest_s
        times.append(leaves + timedelta(seconds=clock_s))
        clock_s += problem.unload_s
        here = county
    return leaves, times, clock_s
