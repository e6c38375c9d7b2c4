"""How far a truck is: its points by the plan, whether it is late, silent or there.  Pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from dispatch.clock import clock_words
from dispatch.geo import LonLat
from dispatch.waybills.model import WaybillStatus
from dispatch.waybills.positions import Position
from dispatch.waybills.rules import TrackingRule

PLANNED = "planned"
Point = tuple[float, float]


@dataclass(frozen=True)
class Trip:
    """A truck's tour: an issued waybill, or one that a proposal only plans (``status`` planned).

    ``body`` holds legs, stops and departure as on the paper; ``departed_at`` and ``received_at`` are
    what happened by the moment.
    """

    code: str
    href: str
    status: str
    body: Mapping[str, Any]
    departed_at: datetime | None = None
    received_at: datetime | None = None
    position: Position | None = None


@dataclass(frozen=True, slots=True)
class Passage:
    """A point of a tour and when the plan has the truck there."""

    at: datetime
    where: Point


def passages(body: Mapping[str, Any], seats: Mapping[str, LonLat], late: timedelta) -> tuple[Passage, ...]:
    """The points of a tour in order with their hours, shifted by how much later it left.

    Hours of stops are those of the plan; in between a truck takes its time as the legs share it,
    breaks and waits spread over the way.
    """
    legs = body["legs"]
    if not legs:
        return ()
    begins = datetime.fromisoformat(body["departs_at"]) + late
    found = [Passage(begins, _seat(seats, legs[0]["from"]))]
    pending: list[Mapping[str, Any]] = []
    stops = [(stop["place"], datetime.fromisoformat(stop["arrives_at"]) + late) for stop in body["stops"]]
    for leg in legs:
        pending.append(leg)
        if stops and leg["to"] == stops[0][0]:
            found += _spread(found[-1].at, stops.pop(0)[1], pending, seats)
            pending = []
    if pending:
        ends = found[-1].at + timedelta(seconds=sum(_leg_s(leg) for leg in pending))
        found += _spread(found[-1].at, ends, pending, seats)
    return tuple(found)


def _spread(begins: datetime, ends: datetime, legs: Sequence[Mapping[str, Any]], seats: Mapping[str, LonLat]) -> list[Passage]:
    total = sum(_leg_s(leg) for leg in legs) or 1
    passed, found = 0, []
    for leg in legs:
        passed += _leg_s(leg)
        found.append(Passage(begins + (ends - begins) * (passed / total), _seat(seats, leg["to"])))
    return found


def _leg_s(leg: Mapping[str, Any]) -> int:
    return int(leg["duration_s"]) + int(leg.get("wait_s") or 0)


def _seat(seats: Mapping[str, LonLat], code: str) -> Point:
    return seats[code].lon, seats[code].lat


def place_at(points: Sequence[Passage], at: datetime) -> tuple[Point, bool]:
    """Where a truck is by the plan at a moment, and whether it is through."""
    if at <= points[0].at:
        return points[0].where, False
    for before, after in zip(points, points[1:], strict=False):
        if at < after.at:
            share = (at - before.at) / (after.at - before.at)
            (x, y), (u, v) = before.where, after.where
            return (x + (u - x) * share, y + (v - y) * share), False
    return points[-1].where, True


def late_by(trip: Trip, moment: datetime) -> timedelta:
    """How much later than planned it left, or will at the earliest; never negative."""
    planned = datetime.fromisoformat(trip.body["departs_at"])
    left = trip.departed_at or moment
    return max(timedelta(), left - planned)


@dataclass(frozen=True, slots=True)
class Progress:
    """What a truck does: to_leave, not_left (overdue), on_road, late, stranded, silent, planned or there.

    ``zh`` and ``en`` say how one knows; ``as_of`` is when it was last heard of or is to leave;
    ``due`` when something was owed that is missing.
    """

    state: str
    zh: str
    en: str
    as_of: datetime | None
    due: datetime | None = None


def progress(trip: Trip, arrives: datetime, at: datetime, rule: TrackingRule) -> Progress:
    """A truck at a moment that is not ahead; ``arrives`` is its last arrival by the plan."""
    if trip.received_at is not None:
        return Progress("there", "已签收", "signed for", trip.received_at)
    if trip.departed_at is None:
        planned = datetime.fromisoformat(trip.body["departs_at"])
        words = clock_words(planned, at)
        state = "not_left" if at - planned > rule.late_after else "to_leave"
        return Progress(state, f"计划 {words} 发车", f"to leave {words}", planned, planned)
    heard = trip.position.said_at if trip.position else trip.departed_at
    if trip.status == WaybillStatus.STRANDED:
        return Progress("stranded", "途中故障", "broken down", heard, heard)
    zh, en = ("最后报告的位置", "place last told") if trip.position else (
        "发车后未报告位置，按计划推算", "no place told since it left; reckoned by the plan")
    if at - heard > rule.silent_after:
        return Progress("silent", zh, en, heard, heard + rule.silent_after)
    if at - arrives > rule.late_after:
        return Progress("late", zh, en, heard, arrives)
    return Progress("on_road", zh, en, heard)
