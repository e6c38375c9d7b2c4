"""How a truck on the road is doing: heard of, there, late.  Pure."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from dispatch.geo import LonLat, distance_m
from dispatch.waybills.rules import TrackingRule


@dataclass(frozen=True, slots=True)
class Sighting:
    """Where a truck was said to be, and when."""

    place: LonLat
    said_at: datetime


@dataclass(frozen=True, slots=True)
class Progress:
    """How a truck stands at a moment.

    ``next_stop`` is the first stop that has not signed (None: all have); ``is_there`` that it stands
    at it; ``planned_at`` when it was to arrive and ``expected_at`` the same later by as much as it
    left late (an estimate); ``late`` how long it is overdue there (None: it is not);
    ``last_heard_at`` the last sign of it, ``silent_since`` the newest moment at which a word was due
    and did not come (None: it is heard of).
    """

    next_stop: str | None
    is_there: bool
    planned_at: datetime | None
    expected_at: datetime | None
    late: timedelta | None
    last_heard_at: datetime
    silent_since: datetime | None


def progress(
    body: Mapping[str, Any], departed_at: datetime, seen: tuple[Sequence[Sighting], Mapping[str, datetime]],
    seats: Mapping[str, LonLat], at: datetime, rule: TrackingRule,
) -> Progress:
    """How the truck of a waybill stands; ``seen`` is its sightings in the order they were said, and
    county → when that stop signed."""
    sightings, signed = seen
    stop = next((s for s in body["stops"] if s["place"] not in signed), None)
    heard = max((departed_at, *(s.said_at for s in sightings), *signed.values()))
    silent = newest_missed(heard, at, rule.silent_after)
    if stop is None:
        return Progress(None, False, None, None, None, heard, None)
    there = stands_at(sightings, seats[stop["place"]], rule) if stop["place"] in seats else False
    planned = datetime.fromisoformat(stop["arrives_at"])
    expected = planned + max(timedelta(), departed_at - datetime.fromisoformat(body["departs_at"]))
    overdue = at - planned
    late = overdue if overdue >= rule.late_after and not there else None
    return Progress(stop["place"], there, planned, expected, late, heard, silent)


def newest_missed(heard: datetime, at: datetime, every: timedelta) -> datetime | None:
    """The newest moment at which a word was due since the last one; who stays silent misses one after the other."""
    passed = (at - heard) // every
    return heard + passed * every if passed > 0 else None


def stands_at(sightings: Iterable[Sighting], goal: LonLat, rule: TrackingRule) -> bool:
    """Whether the truck is at a place: there once it came near, gone only once it is well away."""
    there = False
    for sighting in sightings:
        away = distance_m(sighting.place, goal)
        if away <= rule.arrive_within_m:
            there = True
        elif away > rule.leave_beyond_m:
            there = False
    return there
