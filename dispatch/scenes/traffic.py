"""Routes, and where trucks are: as last heard of, or as the plan has them.  Pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from dispatch.clock import clock_words
from dispatch.geo import LonLat
from dispatch.scenes.facts import MapFacts, Point, Trip
from dispatch.waybills.model import STATUS_NAMES, WaybillStatus
from maps.scene import About, Layer, Marker, Track

TRUCK_WORDS = {
    "truck_issued": ("待发车", "to leave"), "truck": ("在途", "on the road"), "truck_late": ("晚点或故障", "late or broken down"),
    "truck_silent": ("失联", "not heard of"), "truck_planned": ("按计划位置", "place by plan"), "truck_there": ("已到达", "there"),
}
OVER = frozenset({WaybillStatus.CANCELLED, WaybillStatus.RETURNED})


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


def route_layer(facts: MapFacts, lang: str) -> Layer:
    """The ways of tours not yet signed for; those of a plan nobody approved are dashed."""
    zh, tracks = lang == "zh", []
    for trip in facts.trips:
        if trip.received_at is not None or trip.status in OVER or not trip.body["legs"]:
            continue
        legs = trip.body["legs"]
        points = (facts.seat(legs[0]["from"]), *(facts.seat(leg["to"]) for leg in legs))
        is_plan = trip.status == "planned"
        stops = " → ".join(_stop(stop, facts, zh) for stop in trip.body["stops"])
        about = About(f"route:{trip.code}", f"{trip.body['vehicle']} {stops}", ("方案（未批准）" if zh else "plan, not approved") if is_plan
                      else STATUS_NAMES[WaybillStatus(trip.status)][0 if zh else 1], href=trip.href, rank=7)
        tracks.append(Track(points, "route_draft" if is_plan else "route", _goods(trip, zh), about))
    legend = (("route", "运输路线" if zh else "route"), ("route_draft", "运输路线（方案未批准）" if zh else "route of a plan not approved"))
    return Layer("运输路线" if zh else "Routes", tuple(tracks), "routes", legend)


def _stop(stop: Mapping[str, Any], facts: MapFacts, zh: bool) -> str:
    arrives = clock_words(datetime.fromisoformat(stop["arrives_at"]), facts.moment.now)
    return f"{stop['place_zh' if zh else 'place_en']} {arrives}"


def _goods(trip: Trip, zh: bool) -> str:
    lines = trip.body.get("lines", ())
    named = [f"{line['item_zh' if zh else 'item_en']} {line['quantity']:,}" for line in lines[:4]]
    more = (" 等" if zh else " …") if len(lines) > 4 else ""
    return ("、" if zh else ", ").join(named) + more


def truck_layer(facts: MapFacts, lang: str) -> Layer:
    """Every truck of the moment with its state and how one knows where it is."""
    zh = lang == "zh"
    seats = {code: county.seat for code, county in facts.counties.items()}
    marks = [mark for trip in facts.trips if trip.body["legs"] and (mark := _truck(facts, trip, seats, zh)) is not None]
    legend = tuple((kind, words[0 if zh else 1]) for kind, words in TRUCK_WORDS.items())
    return Layer("车辆" if zh else "Trucks", tuple(marks), "trucks", legend, gathers=True)


def _truck(facts: MapFacts, trip: Trip, seats: Mapping[str, LonLat], zh: bool) -> Marker | None:
    moment = facts.moment
    if trip.status in OVER or (trip.status == "planned" and not moment.is_ahead):
        return None
    if trip.received_at is not None and moment.at - trip.received_at > facts.rule.arrived_shown:
        return None
    points = passages(trip.body, seats, late_by(trip, min(moment.at, moment.now)))
    where, is_through = place_at(points, moment.at)
    kind, how, as_of = _known(facts, trip, points[-1].at, is_through)
    if trip.position is not None and not moment.is_ahead and trip.received_at is None:
        where = (trip.position.place.lon, trip.position.place.lat)
    elif trip.departed_at is None and not moment.is_ahead:
        where = points[0].where
    last = clock_words(points[-1].at, moment.now)
    goal = trip.body["stops"][-1]["place_zh" if zh else "place_en"] if trip.body["stops"] else ""
    state = TRUCK_WORDS[kind][0 if zh else 1]
    text = f"{how[0]}；往 {goal}，预计 {last} 到达" if zh else f"{how[1]}; to {goal}, due {last}"
    about = About(trip.code, trip.body["vehicle"], state, trip.body["stops"][-1]["place"] if trip.body["stops"] else "", goal, trip.href,
                  as_of, kind == "truck_silent", {"truck_silent": 0, "truck_late": 1, "truck": 4}.get(kind, 6))
    return Marker(where[0], where[1], kind, text, about=about)


def _known(facts: MapFacts, trip: Trip, due: datetime, is_through: bool) -> tuple[str, tuple[str, str], datetime | None]:
    """(kind, how one knows in both languages, as of when) of a truck."""
    moment, rule = facts.moment, facts.tracking
    if trip.received_at is not None:
        return "truck_there", ("已签收", "signed for"), trip.received_at
    if moment.is_ahead:
        kind = "truck_there" if is_through else "truck_planned"
        return kind, ("按计划推算，非实况", "reckoned by the plan, not seen"), None
    if trip.departed_at is None:
        planned = datetime.fromisoformat(trip.body["departs_at"])
        kind = "truck_late" if moment.at - planned > rule.late_after else "truck_issued"
        return kind, (f"计划 {clock_words(planned, moment.now)} 发车", f"to leave {clock_words(planned, moment.now)}"), planned
    if trip.status == WaybillStatus.STRANDED:
        return "truck_late", ("途中故障", "broken down"), trip.position.said_at if trip.position else trip.departed_at
    heard = trip.position.said_at if trip.position else trip.departed_at
    how = ("最后报告的位置", "place last told") if trip.position else ("发车后未报告位置，按计划推算", "no place told since it left; reckoned by the plan")
    if moment.at - heard > rule.silent_after:
        return "truck_silent", how, heard
    return ("truck_late" if moment.at - due > rule.late_after else "truck"), how, heard
