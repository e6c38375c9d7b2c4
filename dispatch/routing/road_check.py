"""The independent check of a drive: every leg recomputed from the roads, without the search.  Pure."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from fractions import Fraction
from math import ceil

from dispatch.routing.conditions import RoadConditions
from dispatch.routing.model import Leg, RoadEdge
from dispatch.routing.speeds import SpeedTable

KM_PER_H_IN_M_PER_S = Fraction(5, 18)


def road_violations(
    edges: Sequence[RoadEdge],
    speeds: SpeedTable,
    conditions: RoadConditions,
    legs: Sequence[Leg],
    leaves_at: datetime,
) -> list[str]:
    """Every broken rule of a drive as a sentence; an empty list means it can be driven so.

    The legs join; each is a road there is, between its ends and of its length, open when it
    is entered after its wait, and takes the seconds it says.
    """
    known = {edge.id: edge for edge in edges}
    found = []
    at, here = leaves_at, legs[0].from_adcode if legs else ""
    for number, leg in enumerate(legs, start=1):
        what = f"leg {number} (road {leg.edge_id}, {leg.from_adcode} to {leg.to_adcode})"
        if leg.from_adcode != here:
            found.append(f"{what} starts at {leg.from_adcode}, the truck is at {here}")
        if leg.wait_s < 0 or leg.duration_s < 0:
            found.append(f"{what} waits {leg.wait_s} s and drives {leg.duration_s} s")
        edge = known.get(leg.edge_id)
        if edge is None:
            found.append(f"{what} is no road there is")
        else:
            found += _road_faults(what, leg, edge)
            entered = at + timedelta(seconds=leg.wait_s)
            found += _time_faults((what, edge, leg), _speed_steps(edge, speeds, conditions), entered)
        at += timedelta(seconds=leg.wait_s + leg.duration_s)
        here = leg.to_adcode
    return found


def _road_faults(what: str, leg: Leg, edge: RoadEdge) -> list[str]:
    found = []
    if {leg.from_adcode, leg.to_adcode} != {edge.from_adcode, edge.to_adcode}:
        found.append(f"{what} joins other places than the road, {edge.from_adcode} and {edge.to_adcode}")
    if leg.distance_m != edge.distance_m:
        found.append(f"{what} is {leg.distance_m} m, the road {edge.distance_m} m")
    return found


def _time_faults(
    subject: tuple[str, RoadEdge, Leg], steps: Sequence[tuple[datetime | None, Fraction]], entered: datetime
) -> list[str]:
    """``steps``: (until, metres per second), the last without an end."""
    what, edge, leg = subject
    left, spent = Fraction(edge.distance_m), Fraction(0)
    begun = False
    for until, speed in steps:
        if until is not None and until <= entered + _seconds(spent):
            continue
        if not begun and speed == 0:
            return [f"{what} is closed when it is entered at {entered}"]
        begun = True
        room = None if until is None else Fraction((until - entered) // timedelta(microseconds=1), 10**6) - spent
        if speed > 0 and (room is None or left / speed <= room):
            needed = ceil(spent + left / speed)
            return [] if needed == leg.duration_s else [f"{what} takes {needed} s, not {leg.duration_s} s"]
        if room is None:
            break
        left, spent = left - speed * room, spent + room
    return [f"{what} closes for good before it is driven through"]


def _seconds(spent: Fraction) -> timedelta:
    return timedelta(microseconds=int(spent * 10**6))


def _speed_steps(
    edge: RoadEdge, speeds: SpeedTable, conditions: RoadConditions
) -> list[tuple[datetime | None, Fraction]]:
    worst = 100
    for place in (edge.from_adcode, edge.to_adcode):
        for hazard, rank in conditions.weather.get(place, ()):
            of_class = speeds.class_factor_percent.get(edge.road_class, {})
            factors = of_class.get(hazard, speeds.factor_percent.get(hazard))
            worst = min(worst, factors[rank]) if factors else worst
    full = speeds.km_per_h[edge.road_class] * KM_PER_H_IN_M_PER_S * Fraction(worst, 100)
    percents = [conditions.percent.get(edge.id, 100)]
    ends: list[datetime | None] = []
    for at, left in conditions.changes.get(edge.id, ()):
        ends.append(at)
        percents.append(left)
    return [(end, full * Fraction(left, 100)) for end, left in zip([*ends, None], percents, strict=True)]
