"""Which shipments a person fixed to which truck, one by one; a truck too small is named.  Pure."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence

from dispatch.errors import InvalidInput
from dispatch.routing.model import Shipment, Vehicle, VehicleClass
from dispatch.routing.pins import Pins, TruckPin
from dispatch.routing.plan import lane_keys
from dispatch.routing.search.adapt import read_hired_code

GRAMS = 1000


def ride_of(
    shipments: Sequence[Shipment], pins: Pins, own: Mapping[str, Vehicle], classes: Mapping[str, VehicleClass]
) -> dict[int, str]:
    """Shipment id → truck, for the numbered truck pins that still name a shipment.

    A load that is brought from another warehouse is not fixed: it follows the plan before.
    ``InvalidInput`` tells by how much a truck is too small for what is fixed to it.
    """
    number = {key: i for i, key in lane_keys(shipments).items()}
    of = {s.id: s for s in shipments}
    rides: dict[int, str] = {}
    for pin in pins.trucks:
        i = number.get((pin.warehouse_code, pin.county, pin.number)) if pin.number is not None else None
        if i is not None and _yard(pin, own) == pin.warehouse_code:
            rides[i] = pin.vehicle_code
    load_g, load_cm3 = Counter[str](), Counter[str]()
    for i, truck in rides.items():
        load_g[truck] += of[i].load_g
        load_cm3[truck] += of[i].load_cm3
    for pin in pins.trucks:
        for s in shipments:
            if pin.number is None and (s.warehouse_code, s.county) == (pin.warehouse_code, pin.county):
                load_g[pin.vehicle_code] += s.load_g
                load_cm3[pin.vehicle_code] += s.load_cm3
    for truck, grams in sorted(load_g.items()):
        kind = classes.get(own[truck].class_code if truck in own else read_hired_code(truck)[1])
        if kind:
            _refuse_small(truck, kind, grams, load_cm3[truck])
    return rides


def _yard(pin: TruckPin, own: Mapping[str, Vehicle]) -> str:
    vehicle = own.get(pin.vehicle_code)
    return vehicle.warehouse_code if vehicle else read_hired_code(pin.vehicle_code)[0]


def _refuse_small(truck: str, kind: VehicleClass, grams: int, cm3: int) -> None:
    over_kg = -(-grams // GRAMS) - kind.payload_kg
    over_l = -(-(cm3 - kind.volume_cm3) // GRAMS)
    if over_kg <= 0 and over_l <= 0:
        return
    zh = "、".join([f"超重 {over_kg:,} 千克"] * (over_kg > 0) + [f"超出容积 {over_l:,} 升"] * (over_l > 0))
    en = " and ".join([f"{over_kg:,} kg too heavy"] * (over_kg > 0) + [f"{over_l:,} l too large"] * (over_l > 0))
    raise InvalidInput(
        f"What is fixed to truck {truck} is {en}.",
        remedy="Fix it to a larger truck, or take the pin away.",
        zh=f"固定给车辆 {truck} 的货物{zh}。", remedy_zh="请改用更大的车辆，或取消固定。",
        facts={"truck": truck},
    )
