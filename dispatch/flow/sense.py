"""Which wishes no longer mean anything in a new draft, and why.  Pure."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from dispatch.flow.model import Inputs
from dispatch.flow.road_wishes import road_key
from dispatch.flow.wishes import Wishes
from dispatch.routing.pins import TruckPin
from dispatch.routing.search.adapt import read_hired_code

Why = tuple[str, str]
Found = Iterable[tuple[str, Why]]


def reasons_against(wishes: Wishes, known: tuple[Inputs, Mapping[str, Any]]) -> dict[str, Why]:
    """Key of a wish → why it is dropped (Chinese, English); ``known``: what the new draft rests on,
    and its body.  A wish that is not named still makes sense as far as can be told without solving."""
    inputs, body = known
    return dict([*_lines(wishes, body), *_trucks(wishes, inputs, body), *_teams(wishes, inputs), *_roads(wishes, inputs)])


def _lines(wishes: Wishes, body: Mapping[str, Any]) -> Found:
    needed = {(n["county"], n["item"]) for n in body["needs"]}
    for pin in wishes.lines:
        if (pin.county, pin.item_code) not in needed:
            yield (f"line:{pin.warehouse_code}:{pin.county}:{pin.item_code}",
                   ("该旗县已不需要此物资", "the county no longer needs the item"))


def _trucks(wishes: Wishes, inputs: Inputs, body: Mapping[str, Any]) -> Found:
    ready = {v.code for v in inputs.vehicles}
    away = {tour.vehicle_code for tour in inputs.busy_trucks}
    loads = {tuple(load) for tour in body["plan"] for load in tour["loads"]}
    lanes = {load[:2] for load in loads}
    trucks: dict[str, list[TruckPin]] = {}
    for pin in wishes.pins.trucks:
        trucks.setdefault(pin.vehicle_code, []).append(pin)
    for code, pins in trucks.items():
        why = _gone(code, ready, away)
        if why is None and not all(
            (p.warehouse_code, p.county, p.number) in loads if p.number is not None else (p.warehouse_code, p.county) in lanes
            for p in pins
        ):
            why = ("新方案中已没有这批货物", "the new draft no longer has these goods")
        if why:
            yield f"truck:{code}", why
    served = {load[1] for load in loads}
    for order in wishes.pins.orders:
        why = _gone(order.vehicle_code, ready, away)
        if why is None and len(served & set(order.counties)) < 2:
            why = ("新方案已不到这些旗县", "the new draft no longer serves these counties")
        if why:
            yield f"order:{order.vehicle_code}", why
    for code in sorted(wishes.pins.without):
        why = _gone(code, ready, away)
        if why:
            yield f"without:{code}", why


def _gone(truck: str, ready: set[str], away: set[str]) -> Why | None:
    if truck in away:
        return "该车已装车或在途", "the truck is loaded or on the road"
    if truck not in ready and not read_hired_code(truck)[0]:
        return "该车已不在车队中", "the truck is no longer in the fleet"
    return None


def _teams(wishes: Wishes, inputs: Inputs) -> Found:
    able = {c.team.code for c in inputs.candidates}
    for team, county in wishes.teams.go:
        if team in inputs.busy_teams or team not in able:
            yield f"team:{team}", ("该队已派出或不可派", "the team is out or cannot be sent")
        elif county not in inputs.situation.counties:
            yield f"team:{team}", ("该旗县已不在受灾范围", "the county is no longer affected")
    for team in sorted(wishes.teams.stay - able):
        yield f"team:{team}", ("该队已派出或不可派", "the team is out or cannot be sent")


def _roads(wishes: Wishes, inputs: Inputs) -> Found:
    known = {edge.id for edge in inputs.edges}
    for wish in wishes.roads:
        if wish.edge_id not in known:
            yield road_key(wish.edge_id), ("道路表中已没有此路", "the road is no longer in the road table")
