"""Routes, and where trucks are: as last heard of, or as the plan has them.  Pure."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from dispatch.clock import clock_words
from dispatch.geo import LonLat
from dispatch.scenes.facts import MapFacts
from dispatch.waybills.model import STATUS_NAMES, WaybillStatus
from dispatch.waybills.progress import (
    PLANNED,
    Progress,
    Trip,
    late_by,
    passages,
    place_at,
    progress,
)
from maps.scene import About, Layer, Marker, Track

TRUCK_WORDS = {
    "truck_issued": ("待发车", "to leave"), "truck": ("在途", "on the road"), "truck_late": ("晚点或故障", "late or broken down"),
    "truck_silent": ("失联", "not heard of"), "truck_planned": ("按计划位置", "place by plan"), "truck_there": ("已到达", "there"),
}
KINDS = {
    "to_leave": "truck_issued", "not_left": "truck_late", "on_road": "truck", "late": "truck_late", "stranded": "truck_late",
    "silent": "truck_silent", "planned": "truck_planned", "there": "truck_there",
}
OVER = frozenset({WaybillStatus.CANCELLED, WaybillStatus.RETURNED})


def route_layer(facts: MapFacts, lang: str) -> Layer:
    """The ways of tours not yet signed for; those of a plan nobody approved are dashed."""
    zh, tracks = lang == "zh", []
    for trip in facts.trips:
        if trip.received_at is not None or trip.status in OVER or not trip.body["legs"]:
            continue
        legs = trip.body["legs"]
        points = (facts.seat(legs[0]["from"]), *(facts.seat(leg["to"]) for leg in legs))
        is_plan = trip.status == PLANNED
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
    if trip.status in OVER or (trip.status == PLANNED and not moment.is_ahead):
        return None
    if trip.received_at is not None and moment.at - trip.received_at > facts.rule.arrived_shown:
        return None
    points = passages(trip.body, seats, late_by(trip, min(moment.at, moment.now)))
    where, is_through = place_at(points, moment.at)
    known = _ahead(trip, is_through) if moment.is_ahead else progress(trip, points[-1].at, moment.at, facts.tracking)
    if trip.position is not None and not moment.is_ahead and trip.received_at is None:
        where = (trip.position.place.lon, trip.position.place.lat)
    elif trip.departed_at is None and not moment.is_ahead:
        where = points[0].where
    last, goal = clock_words(points[-1].at, moment.now), trip.body["stops"][-1] if trip.body["stops"] else {}
    name = goal.get("place_zh" if zh else "place_en", "")
    kind = KINDS[known.state]
    text = f"{known.zh}；往 {name}，预计 {last} 到达" if zh else f"{known.en}; to {name}, due {last}"
    about = About(trip.code, trip.body["vehicle"], TRUCK_WORDS[kind][0 if zh else 1], goal.get("place", ""), name, trip.href,
                  known.as_of, rank={"truck_silent": 0, "truck_late": 1, "truck": 4}.get(kind, 6))
    return Marker(where[0], where[1], kind, text, about=about)


def _ahead(trip: Trip, is_through: bool) -> Progress:
    """A truck in the time to come."""
    if trip.received_at is not None:
        return Progress("there", "已签收", "signed for", trip.received_at)
    return Progress("there" if is_through else "planned", "按计划推算，非实况", "reckoned by the plan, not seen", None)
