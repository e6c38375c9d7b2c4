"""From supply lines to shipments a truck can carry whole; never losing a unit."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime

from dispatch.errors import InvalidInput
from dispatch.routing.model import Shipment, VehicleClass


@dataclass(frozen=True, slots=True)
class Parcel:
    """Units of one lot going from a warehouse to a county."""

    warehouse_code: str
    county: str
    item_code: str
    lot_code: str
    quantity: int
    unit_g: int
    unit_cm3: int
    due_at: datetime
    priority: int


def make_shipments(
    parcels: Iterable[Parcel], classes: Mapping[str, VehicleClass]
) -> tuple[Shipment, ...]:
    """Fill shipments up to the largest truck, urgent goods first.

    Raises ``InvalidInput`` when one unit alone is beyond every truck.
    """
    most_g = max(c.payload_kg for c in classes.values()) * 1000
    most_cm3 = max(c.volume_cm3 for c in classes.values())
    lanes: dict[tuple[str, str], list[Parcel]] = defaultdict(list)
    for parcel in parcels:
        if parcel.unit_g > most_g or parcel.unit_cm3 > most_cm3:
            raise InvalidInput(
                f"One unit of {parcel.item_code} is larger than any truck.",
                remedy="Correct the item's weight and volume, or add a larger truck class.",
                zh=f"{parcel.item_code} 单件超过所有车型的装载能力。",
                remedy_zh="请更正物资的重量、体积，或增加更大的车型。",
            )
        lanes[parcel.warehouse_code, parcel.county].append(parcel)
    shipments: list[Shipment] = []
    for (warehouse, county), lane in sorted(lanes.items()):
        lane.sort(key=lambda p: (p.priority, p.due_at, p.item_code, p.lot_code))
        for load in _fill(lane, most_g, most_cm3):
            shipments.append(_shipment(len(shipments), (warehouse, county), load))
    return tuple(shipments)


def _fill(lane: list[Parcel], most_g: int, most_cm3: int) -> list[list[tuple[Parcel, int]]]:
    loads: list[list[tuple[Parcel, int]]] = [[]]
    free_g, free_cm3 = most_g, most_cm3
    for parcel in lane:
        left = parcel.quantity
        while left:
            units = min(left, free_g // parcel.unit_g, free_cm3 // parcel.unit_cm3)
            if units == 0:
                loads.append([])
                free_g, free_cm3 = most_g, most_cm3
                continue
            loads[-1].append((parcel, units))
            free_g -= units * parcel.unit_g
            free_cm3 -= units * parcel.unit_cm3
            left -= units
    return [load for load in loads if load]


def _shipment(number: int, lane: tuple[str, str], load: list[tuple[Parcel, int]]) -> Shipment:
    return Shipment(
        id=number,
        warehouse_code=lane[0],
        county=lane[1],
        load_g=sum(p.unit_g * units for p, units in load),
        load_cm3=sum(p.unit_cm3 * units for p, units in load),
        due_at=min(p.due_at for p, _ in load),
        priority=min(p.priority for p, _ in load),
        items=tuple((p.item_code, p.lot_code, units) for p, units in load),
    )


def units_of(shipment: Shipment) -> Mapping[str, int]:
    """Units of each item in a shipment."""
    units: Counter[str] = Counter()
    for item, _lot, quantity in shipment.items:
        units[item] += quantity
    return units
