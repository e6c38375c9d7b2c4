"""What a person has fixed about the routes; contradictions are named two by two.  Pure."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from itertools import combinations, pairwise

from dispatch.errors import InvalidInput


@dataclass(frozen=True, slots=True)
class TruckPin:
    """The goods from a warehouse for a county ride in this truck; with a ``number`` only that
    shipment of the lane (from 0)."""

    vehicle_code: str
    warehouse_code: str
    county: str
    number: int | None = None


@dataclass(frozen=True, slots=True)
class OrderPin:
    """This truck reaches its counties in this order (those it visits at all)."""

    vehicle_code: str
    counties: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class LockedTour:
    """A truck that is loaded or on the road: its shipments and their order stay.

    ``class_code`` and ``is_hired`` describe the truck; a shipment is named by
    (warehouse, county) and its number on that lane, from 0.
    """

    vehicle_code: str
    class_code: str
    is_hired: bool
    warehouse_code: str
    loads: tuple[tuple[str, str, int], ...]


@dataclass(frozen=True, slots=True)
class Pins:
    """All that is fixed; ``without`` are trucks not to be used."""

    trucks: tuple[TruckPin, ...] = ()
    orders: tuple[OrderPin, ...] = ()
    locked: tuple[LockedTour, ...] = ()
    without: frozenset[str] = frozenset()

    @property
    def named_trucks(self) -> frozenset[str]:
        """Trucks that a pin speaks of and that are to be used."""
        return frozenset(p.vehicle_code for p in self.trucks) | {p.vehicle_code for p in self.orders}


def check_pins(pins: Pins, yards: Mapping[str, str]) -> None:
    """``InvalidInput`` naming every two pins that cannot both stand, and unknown trucks.

    ``yards``: own truck → warehouse where it stands.
    """
    faults = [*_unknown(pins, yards), *_contradictions(pins)]
    if faults:
        raise InvalidInput(
            "The pins cannot all stand: " + "; ".join(en for _, en in faults) + ".",
            remedy="Take one of the two away.",
            zh="固定要求互相矛盾：" + "；".join(zh for zh, _ in faults) + "。",
            remedy_zh="请取消其中一项。",
            facts={"faults": [{"zh": zh, "en": en} for zh, en in faults]},
        )


def _unknown(pins: Pins, yards: Mapping[str, str]) -> Iterable[tuple[str, str]]:
    locked = {tour.vehicle_code for tour in pins.locked}
    for pin in pins.trucks:
        yard = yards.get(pin.vehicle_code)
        if pin.vehicle_code in locked:
            continue
        if yard is None:
            yield f"没有车辆 {pin.vehicle_code}", f"there is no truck {pin.vehicle_code}"
        elif yard != pin.warehouse_code and pin.number is None:
            yield (
                f"{_pin_zh(pin)}，但该车停在 {yard}",
                f"{_pin_en(pin)}, but the truck stands at {yard}",
            )
    for order in pins.orders:
        if order.vehicle_code not in yards and order.vehicle_code not in locked:
            yield f"没有车辆 {order.vehicle_code}", f"there is no truck {order.vehicle_code}"


def _contradictions(pins: Pins) -> Iterable[tuple[str, str]]:
    locked = {tour.vehicle_code for tour in pins.locked}
    for pin in pins.trucks:
        if pin.vehicle_code in pins.without:
            yield (
                f"“{_pin_zh(pin)}”与“不用车辆 {pin.vehicle_code}”",
                f"'{_pin_en(pin)}' and 'without truck {pin.vehicle_code}'",
            )
        if pin.vehicle_code in locked:
            yield (
                f"“{_pin_zh(pin)}”与“车辆 {pin.vehicle_code} 已装车或在途”",
                f"'{_pin_en(pin)}' and 'truck {pin.vehicle_code} is loaded or on the road'",
            )
    for one, two in combinations(pins.trucks, 2):
        same = (one.warehouse_code, one.county) == (two.warehouse_code, two.county)
        same = same and (one.number == two.number or None in (one.number, two.number))
        if same and one.vehicle_code != two.vehicle_code:
            yield f"“{_pin_zh(one)}”与“{_pin_zh(two)}”", f"'{_pin_en(one)}' and '{_pin_en(two)}'"
    yield from _order_clashes(pins)


def _order_clashes(pins: Pins) -> Iterable[tuple[str, str]]:
    before: dict[str, dict[tuple[str, str], OrderPin]] = defaultdict(dict)
    for order in pins.orders:
        for a, b in combinations(order.counties, 2):
            before[order.vehicle_code][a, b] = order
    for truck, pairs in before.items():
        for a, b in pairs:
            if a < b and (b, a) in pairs:
                yield (
                    f"“车辆 {truck} 先到 {a} 后到 {b}”与“先到 {b} 后到 {a}”",
                    f"'truck {truck}: {a} before {b}' and '{b} before {a}'",
                )


def follows(order: Iterable[str], pins: Pins, vehicle_code: str) -> bool:
    """Whether counties in this order keep the order pins of a truck."""
    place = {county: number for number, county in enumerate(order)}
    for pin in pins.orders:
        if pin.vehicle_code == vehicle_code:
            met = [place[c] for c in pin.counties if c in place]
            if any(a > b for a, b in pairwise(met)):
                return False
    return True


def _pin_zh(pin: TruckPin) -> str:
    return f"{pin.warehouse_code} 至 {pin.county} 由车辆 {pin.vehicle_code} 运输"


def _pin_en(pin: TruckPin) -> str:
    return f"{pin.warehouse_code} to {pin.county} by truck {pin.vehicle_code}"
