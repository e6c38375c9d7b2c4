"""Roads that a coordinator closes or slows beside what the notices say; and the check that a plan
heeds it.  Pure."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from fractions import Fraction

from dispatch.routing.conditions import Changes, RoadConditions
from dispatch.routing.model import RoadEdge, RoutingResult
from dispatch.routing.speeds import SpeedTable

FULL = 100
KM_PER_H = Fraction(5, 18)


@dataclass(frozen=True, slots=True)
class RoadWish:
    """``percent`` of its speed that trucks are to count on along a road, 0 = not to be driven.

    It holds for the whole plan, and never makes a road faster than the notices leave it.
    """

    edge_id: int
    percent: int


def limited(conditions: RoadConditions, wishes: Iterable[RoadWish]) -> RoadConditions:
    """The conditions with every wished road no faster than wished, now and after each change."""
    most = {wish.edge_id: wish.percent for wish in wishes}
    if not most:
        return conditions
    percent = dict(conditions.percent)
    changes = dict(conditions.changes)
    for edge, top in most.items():
        percent[edge] = min(top, percent.get(edge, FULL))
        steps = _capped(conditions.changes.get(edge, ()), top, percent[edge])
        if steps:
            changes[edge] = steps
        else:
            changes.pop(edge, None)
    return replace(conditions, percent=percent, changes=changes)


def _capped(changes: Changes, top: int, now: int) -> Changes:
    steps, left = [], now
    for at, percent in changes:
        if min(percent, top) != left:
            left = min(percent, top)
            steps.append((at, left))
    return tuple(steps)


def broken_wishes(
    result: RoutingResult, wishes: Iterable[RoadWish], edges: Sequence[RoadEdge], speeds: SpeedTable
) -> list[str]:
    """Every drive over a road that was to be left, or faster than was wished, as a sentence.

    Counted from the wishes themselves, not from the conditions that the search was given.
    """
    most = {wish.edge_id: wish.percent for wish in wishes}
    known: Mapping[int, RoadEdge] = {edge.id: edge for edge in edges}
    found = []
    for route in result.routes:
        for leg in route.legs:
            top = most.get(leg.edge_id)
            if top is None:
                continue
            where = f"truck {route.vehicle_code} on road {leg.edge_id} ({leg.from_adcode} to {leg.to_adcode})"
            if top == 0:
                found.append(f"{where}: a coordinator closed it")
                continue
            speed = speeds.km_per_h[known[leg.edge_id].road_class] * KM_PER_H * Fraction(top, FULL)
            if leg.duration_s < leg.distance_m / speed:
                found.append(f"{where} takes {leg.duration_s} s, faster than the {top} % a coordinator allows")
    return found
