"""Checks and prices any solver's answer from the instance alone."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

from benchmarks.instances import Fleet, Instance, distance, route_cost

# Solvers count in whole units of at least 1e-3; sums of some hundred arcs stay below this
TOLERANCE = 1e-2
Answer = Sequence[tuple[int, tuple[int, ...]]]


def faults(instance: Instance, answer: Answer) -> list[str]:
    """Every broken rule; the answer is (fleet, customers in order) per route."""
    seen = Counter(u for _, stops in answer for u in stops)
    found = [
        f"customer {u} is visited {seen.get(u, 0)} times"
        for u in sorted(set(range(len(instance.customers))) | set(seen))
        if seen.get(u, 0) != 1 or not 0 <= u < len(instance.customers)
    ]
    if found:
        return found
    for number, many in Counter(fleet for fleet, _ in answer).items():
        count = instance.fleets[number].count
        if count is not None and many > count:
            found.append(f"fleet {number} drives {many} routes with {count} trucks")
    for number, stops in answer:
        found += _route_faults(instance, instance.fleets[number], stops)
    return found


def _route_faults(instance: Instance, fleet: Fleet, stops: tuple[int, ...]) -> list[str]:
    found = []
    load = sum(instance.customers[u].demand for u in stops)
    if load > fleet.capacity:
        found.append(f"a route carries {load} of {fleet.capacity}")
    depot = instance.depots[fleet.depot]
    here, now = depot, depot.opens
    for site in [*(instance.customers[u] for u in stops), depot]:
        now = max(now + distance(instance.rule, here, site), site.opens)
        if now > site.closes + TOLERANCE:
            found.append(f"a route is at a site at {now:.2f}, closed from {site.closes:.2f}")
        now += site.service
        here = site
    if now - depot.opens > fleet.max_duration + TOLERANCE:
        found.append(f"a route lasts {now - depot.opens:.2f} of {fleet.max_duration:.2f}")
    return found


def total_cost(instance: Instance, answer: Answer) -> float:
    """What the answer costs, from coordinates."""
    return sum(route_cost(instance, instance.fleets[number], stops) for number, stops in answer)
