"""A plan in the making: which truck takes which shipments in which order.  Plain values."""

from __future__ import annotations

from collections import Counter
from collections.abc import Container, Iterable
from dataclasses import asdict, dataclass
from typing import Any

from dispatch.routing.model import Shipment


@dataclass(frozen=True, slots=True)
class Tour:
    """One truck's shipments in order, loaded at ``warehouse_code``."""

    vehicle_code: str
    class_code: str
    is_hired: bool
    warehouse_code: str
    shipment_ids: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class RoutePlan:
    """Tours and what stays; ``cost`` is their objective by exact times in fen: money, waiting,
    lateness, unserved shipments.  ``slices`` of the budget are spent; ``forbidden`` are
    (shipment, warehouse) pairs that the stock turned out not to allow.  ``bound``: no plan
    with the goods of open trucks loaded where this one loads them weighs less fen (0 = not
    asked)."""

    tours: tuple[Tour, ...]
    unserved: tuple[int, ...]
    cost: float
    slices: int = 0
    forbidden: tuple[tuple[int, str], ...] = ()
    bound: int = 0

    def to_json(self) -> dict[str, Any]:
        """Plain values for keeping."""
        return asdict(self)


def plan_from_json(kept: dict[str, Any]) -> RoutePlan:
    """The plan that ``to_json`` wrote."""
    tours = tuple(
        Tour(**{**tour, "shipment_ids": tuple(tour["shipment_ids"])}) for tour in kept["tours"]
    )
    forbidden = tuple((i, yard) for i, yard in kept["forbidden"])
    return RoutePlan(tours, tuple(kept["unserved"]), kept["cost"], kept["slices"], forbidden, kept.get("bound", 0))


def trucks_of(plan: RoutePlan | None, ids: Container[int]) -> dict[int, str]:
    """Shipment id → truck of a plan, of these shipments; nothing without a plan."""
    tours = plan.tours if plan else ()
    return {i: tour.vehicle_code for tour in tours for i in tour.shipment_ids if i in ids}


LaneKey = tuple[str, str, int]


def lane_keys(shipments: Iterable[Shipment]) -> dict[int, LaneKey]:
    """Shipment id → (warehouse, county, number on that lane): a name that outlives a draft."""
    seen: Counter[tuple[str, str]] = Counter()
    keys = {}
    for shipment in shipments:
        lane = (shipment.warehouse_code, shipment.county)
        keys[shipment.id] = (*lane, seen[lane])
        seen[lane] += 1
    return keys
