"""A load moved to another truck of its warehouse.  Pure.

A load is what the plan cut from the goods of a warehouse for a county: (warehouse, county, number).
Goods that are to leave from another warehouse are a matter of quantities, not of trucks.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, replace
from typing import Any

from dispatch.alerts.model import Colour
from dispatch.errors import InvalidInput
from dispatch.flow.wishes import Wishes
from dispatch.routing.model import Vehicle, VehicleClass
from dispatch.routing.pins import TruckPin
from dispatch.routing.rates import RoutingData
from dispatch.routing.search.adapt import hired_code, read_hired_code

MARK = ":"
GRAMS = 1000


@dataclass(frozen=True, slots=True)
class Truck:
    """A truck that a load may be moved to, named with its class; what it carries and is fit for."""

    code: str
    zh: str
    en: str
    payload_g: int
    skills: tuple[str, ...]


def load_key(load: Iterable[object]) -> str:
    """A load's name on a page."""
    return MARK.join(str(part) for part in load)


def moving_load(wishes: Wishes, body: Mapping[str, Any], load: str, truck: tuple[str, str]) -> Wishes:
    """The load rides in another truck, given with the warehouse it stands at; an earlier wish about
    the load is replaced.  ``InvalidInput`` for a load or truck that there is not, or a truck elsewhere."""
    vehicle, yard = truck
    key = next((tuple(one) for tour in body["plan"] for one in tour["loads"] if load_key(one) == load), None)
    if key is None:
        raise InvalidInput(
            f"The plan has no load {load[:60]!r}.", remedy="Open the newest draft and move it there.",
            zh=f"方案中没有货物 {load[:60]!r}。", remedy_zh="请打开最新草案再移动。", facts={"fields": ["load"]},
        )
    if yard != key[0]:
        where_zh, where_en = (f"停在 {yard}", f"stands at {yard}") if yard else ("不存在", "is not known")
        raise InvalidInput(
            f"Truck {vehicle[:40]} {where_en}; the load is loaded at {key[0]}.",
            remedy="Choose a truck of the same warehouse, or fix the quantity from the other warehouse.",
            zh=f"车辆 {vehicle[:40]} {where_zh}，货物在 {key[0]} 装车。",
            remedy_zh="请选择同一仓库的车辆；如需改由其他仓库发货，请固定数量。", facts={"fields": ["load"]},
        )
    whole = {(p.warehouse_code, p.county) for p in wishes.pins.trucks if p.number is None} & {key[:2]}
    others = tuple(
        p for p in wishes.pins.trucks
        if (p.warehouse_code, p.county, p.number) != key and not (p.number is None and (p.warehouse_code, p.county) in whole)
    )
    rest: tuple[TruckPin, ...] = ()
    if whole:
        # the lane was fixed as a whole: its other loads stay where they are
        rest = tuple(
            TruckPin(tour["vehicle"], one[0], one[1], one[2]) for tour in body["plan"] for one in tour["loads"]
            if tuple(one[:2]) in whole and tuple(one) != key
        )
    pins = (*others, *rest, TruckPin(vehicle, *key))
    return replace(wishes, pins=replace(wishes.pins, trucks=pins))


def trucks_for_loads(
    body: Mapping[str, Any], ready: tuple[Collection[Vehicle], Mapping[str, VehicleClass]], data: RoutingData
) -> dict[str, list[Truck]]:
    """Load → other trucks it may ride in: those of the plan at its warehouse, those standing idle there,
    one more to hire of each class; too small ones and those not fit for the county are left out."""
    vehicles, classes = ready
    by_yard: dict[str, dict[str, Truck]] = {}
    for route in body["routes"]:
        by_yard.setdefault(route["depot"], {})[route["vehicle"]] = _truck(route["vehicle"], classes[route["vehicle_class"]], "used")
    for yard, trucks in by_yard.items():
        for v in vehicles:
            if v.warehouse_code == yard:
                trucks.setdefault(v.code, _truck(v.code, classes[v.class_code], "idle"))
        for code, kind in sorted(classes.items()):
            names = (hired_code(yard, code, n) for n in range(1, data.rates.hire_most + 1))
            name = next((n for n in names if n not in trucks), None)
            if name is not None:
                trucks[name] = _truck(name, kind, "hire")
    asks = _skills_asked(body, data)
    grams: Counter[str] = Counter()
    for line in body["lines"]:
        grams[load_key(line.get("load", ()))] += line["weight_g"]
    return {
        load_key(load): [
            t for t in by_yard.get(load[0], {}).values()
            if t.code != tour["vehicle"] and t.payload_g >= grams[load_key(load)] and asks.get(load[1], "") in ("", *t.skills)
        ]
        for tour in body["plan"] for load in tour["loads"]
    }


def _truck(code: str, kind: VehicleClass, state: str) -> Truck:
    zh, en = {"used": ("", ""), "idle": ("，空闲", ", idle"), "hire": ("，租用", ", hired")}[state]
    return Truck(code, f"{code}（{kind.name_zh}{zh}）", f"{code} ({kind.name_en}{en})", kind.payload_kg * GRAMS, tuple(kind.skills.split()))


def _skills_asked(body: Mapping[str, Any], data: RoutingData) -> dict[str, str]:
    """County → what a truck must be fit for there; nothing where anything may drive."""
    row = data.needs_skill.get(body["situation"]["hazard"], ())
    ranks = {c["adcode"]: Colour(c["colour"]).rank for c in body["situation"]["counties"]}
    return {county: row[rank] for county, rank in ranks.items() if rank < len(row)}


def yard_of(vehicle: str, yards: Mapping[str, str]) -> str:
    """Where a truck stands: own ones by ``yards``, hired ones by their name; empty when not known."""
    return yards.get(vehicle) or read_hired_code(vehicle)[0]
