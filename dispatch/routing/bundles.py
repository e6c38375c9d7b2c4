"""From supply lines to shipments a truck can carry whole; never losing a unit."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from functools import cached_property

from dispatch.errors import InvalidInput
from dispatch.routing.model import Shipment, VehicleClass

GRAMS = 1000


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


@dataclass(frozen=True)
class Trucks:
    """What loads are cut for: truck classes, how many of each a warehouse can have at most
    (warehouse → class → trucks; one not named has any number), and what a county asks of them."""

    classes: Mapping[str, VehicleClass]
    count: Mapping[str, Mapping[str, int]] = field(default_factory=dict)
    skills: Mapping[str, frozenset[str]] = field(default_factory=dict)

    @cached_property
    def _by_size(self) -> list[VehicleClass]:
        return sorted(self.classes.values(), key=lambda c: (c.payload_kg, c.volume_cm3, c.code))

    @cached_property
    def _able(self) -> dict[frozenset[str], list[VehicleClass]]:
        return {
            asked: [c for c in self._by_size if asked <= frozenset(c.skills.split())] or self._by_size
            for asked in {frozenset[str](), *self.skills.values()}
        }

    def able(self, county: str) -> list[VehicleClass]:
        """Classes fit for a county, small ones first; all when none is."""
        return self._able[self.skills.get(county, frozenset())]


def make_shipments(parcels: Iterable[Parcel], trucks: Trucks) -> tuple[Shipment, ...]:
    """Fill shipments up to the largest truck that is still to be had, urgent goods first.

    Raises ``InvalidInput`` when one unit alone is beyond every truck.
    """
    lanes: dict[tuple[str, str], list[Parcel]] = defaultdict(list)
    for parcel in parcels:
        lanes[parcel.warehouse_code, parcel.county].append(parcel)
    for lane in lanes.values():
        lane.sort(key=lambda p: (p.priority, p.due_at, p.item_code, p.lot_code))
    urgent = sorted(lanes, key=lambda key: (lanes[key][0].priority, lanes[key][0].due_at, key))
    yards = {warehouse: _Yard(trucks, warehouse) for warehouse, _ in urgent}
    loads = {key: list(_fill(lanes[key], yards[key[0]])) for key in urgent}
    cut = [(key, load) for key in sorted(loads) for load in loads[key]]
    return tuple(_shipment(number, key, load) for number, (key, load) in enumerate(cut))


class _Yard:
    """The trucks of one warehouse that no load has been cut for yet."""

    def __init__(self, trucks: Trucks, warehouse: str) -> None:
        self.trucks, self.left = trucks, dict(trucks.count.get(warehouse, {}))
        self.is_endless = warehouse not in trucks.count

    def room_for(self, parcel: Parcel) -> VehicleClass:
        """The largest truck left that takes a unit, the largest of all when none is left."""
        able = [c for c in self.trucks.able(parcel.county) if _holds(c, parcel.unit_g, parcel.unit_cm3)]
        if not able:
            raise InvalidInput(
                f"One unit of {parcel.item_code} is larger than any truck.",
                remedy="Correct the item's weight and volume, or add a larger truck class.",
                zh=f"{parcel.item_code} 单件超过所有车型的装载能力。",
                remedy_zh="请更正物资的重量、体积，或增加更大的车型。",
            )
        there = [c for c in able if self.is_endless or self.left.get(c.code, 0) > 0]
        return (there or able)[-1]

    def cut(self, county: str, load_g: int, load_cm3: int) -> None:
        """Count the smallest truck left that takes a load as taken; one that fills no more than
        half of the smallest there is goes beside others."""
        fit = [c for c in self.trucks.able(county) if _holds(c, load_g, load_cm3)]
        if not fit or _holds(fit[0], 2 * load_g, 2 * load_cm3):
            return
        for of in fit:
            if self.left.get(of.code, 0) > 0:
                self.left[of.code] -= 1
                return


def _holds(of: VehicleClass, load_g: int, load_cm3: int) -> bool:
    return load_g <= of.payload_kg * GRAMS and load_cm3 <= of.volume_cm3


def _fill(lane: list[Parcel], yard: _Yard) -> Iterator[list[tuple[Parcel, int]]]:
    """Loads of one lane, each for the largest truck left."""
    load: list[tuple[Parcel, int]] = []
    free_g = free_cm3 = 0
    for parcel in lane:
        left = parcel.quantity
        while left:
            units = min(left, free_g // parcel.unit_g, free_cm3 // parcel.unit_cm3)
            if units:
                load.append((parcel, units))
                free_g, free_cm3 = free_g - units * parcel.unit_g, free_cm3 - units * parcel.unit_cm3
                left -= units
                continue
            if load:
                yield _closed(load, yard)
                load = []
            room = yard.room_for(parcel)
            free_g, free_cm3 = room.payload_kg * GRAMS, room.volume_cm3
    if load:
        yield _closed(load, yard)


def _closed(load: list[tuple[Parcel, int]], yard: _Yard) -> list[tuple[Parcel, int]]:
    grams = sum(p.unit_g * units for p, units in load)
    yard.cut(load[0][0].county, grams, sum(p.unit_cm3 * units for p, units in load))
    return load


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
