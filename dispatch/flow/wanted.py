"""A coordinator's wishes one at a time: put in, taken out, named.  Pure."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from itertools import product
from typing import Any

from dispatch.allocation.params import load_params
from dispatch.allocation.problem import LinePin
from dispatch.errors import InvalidInput
from dispatch.flow.road_wishes import check_roads, road_free, road_words
from dispatch.flow.team_wishes import check_teams, team_free, team_words
from dispatch.flow.wishes import Wishes
from dispatch.routing.pins import OrderPin, TruckPin
from dispatch.routing.rates import load_routing

Names = Mapping[str, tuple[str, str]]


@dataclass(frozen=True, slots=True)
class Chip:
    """A wish in words, and the key it is taken out by."""

    key: str
    zh: str
    en: str


def with_line(wishes: Wishes, pin: LinePin) -> Wishes:
    """The quantity pinned; an earlier one for the same lane and item is replaced."""
    others = tuple(p for p in wishes.lines if replace(p, quantity=pin.quantity) != pin)
    return replace(wishes, lines=(*others, pin))


def without_warehouse(wishes: Wishes, code: str) -> Wishes:
    """The warehouse sends nothing."""
    return replace(wishes, without_warehouses=wishes.without_warehouses | {code})


def keeping_truck(wishes: Wishes, body: Mapping[str, Any], vehicle: str) -> Wishes:
    """The truck keeps what the plan gave it; ``InvalidInput`` when the plan does not use it."""
    tour = next((t for t in body["plan"] if t["vehicle"] == vehicle), None)
    if tour is None:
        raise _unused(vehicle)
    pins = tuple(TruckPin(vehicle, yard, county, number) for yard, county, number in tour["loads"])
    others = tuple(p for p in wishes.pins.trucks if p.vehicle_code != vehicle)
    return replace(wishes, pins=replace(wishes.pins, trucks=(*others, *pins)))


def without_truck(wishes: Wishes, vehicle: str) -> Wishes:
    """The truck is not used."""
    return replace(wishes, pins=replace(wishes.pins, without=wishes.pins.without | {vehicle}))


def with_truck(wishes: Wishes, pin: TruckPin) -> Wishes:
    """All goods of a lane ride in this truck."""
    lane = (pin.warehouse_code, pin.county)
    others = tuple(p for p in wishes.pins.trucks if (p.warehouse_code, p.county) != lane)
    return replace(wishes, pins=replace(wishes.pins, trucks=(*others, pin)))


def with_order(wishes: Wishes, order: OrderPin) -> Wishes:
    """The truck reaches these counties in this order; an earlier order is replaced."""
    others = tuple(o for o in wishes.pins.orders if o.vehicle_code != order.vehicle_code)
    return replace(wishes, pins=replace(wishes.pins, orders=(*others, order)))


def weighed(wishes: Wishes, mode: str, alpha: float | None) -> Wishes:
    """Weighed another way; ``InvalidInput`` for a mode there is not or a share out of range."""
    modes = load_routing().modes
    if mode not in modes:
        raise InvalidInput(
            f"There is no way of weighing {mode[:20]!r}.", remedy=f"Choose one of {', '.join(modes)}.",
            zh=f"没有名为 {mode[:20]!r} 的权衡方式。", remedy_zh="请从列表中选择。", facts={"fields": ["mode"]},
        )
    if alpha is not None and not 0 <= alpha <= 1:
        raise InvalidInput(
            f"The share of the fair floor is {alpha}, not 0 to 1.", remedy="Give a number from 0 to 1.",
            zh=f"公平下限系数 {alpha} 不在 0 至 1 之间。", remedy_zh="请填写 0 至 1 之间的数。", facts={"fields": ["alpha"]},
        )
    return replace(wishes, mode=mode, alpha=alpha)


def effective_alpha(wishes: Wishes) -> float:
    """The share of the fair floor that is asked for: wished, else the mode's, else the usual."""
    if wishes.alpha is not None:
        return wishes.alpha
    own = load_routing().modes[wishes.mode].alpha
    return load_params().alpha if own is None else own


def dropped(wishes: Wishes, key: str) -> Wishes:
    """The wishes without the one of a chip's key; unchanged when there is none such."""
    kind, _, rest = key.partition(":")
    pins = wishes.pins
    if kind == "mode":
        return replace(wishes, mode="balanced")
    if kind == "alpha":
        return replace(wishes, alpha=None)
    if kind == "line":
        return replace(wishes, lines=tuple(p for p in wishes.lines if _line_key(p) != key))
    if kind == "warehouse":
        return replace(wishes, without_warehouses=wishes.without_warehouses - {rest})
    if kind == "team":
        return team_free(wishes, rest)
    if kind == "road":
        return road_free(wishes, rest)
    if kind == "truck":
        pins = replace(pins, trucks=tuple(p for p in pins.trucks if p.vehicle_code != rest))
    elif kind == "order":
        pins = replace(pins, orders=tuple(o for o in pins.orders if o.vehicle_code != rest))
    elif kind == "without":
        pins = replace(pins, without=pins.without - {rest})
    return replace(wishes, pins=pins)


def _line_key(pin: LinePin) -> str:
    return f"line:{pin.warehouse_code}:{pin.county}:{pin.item_code}"


def chips(wishes: Wishes, names: Names) -> list[Chip]:
    """Every wish that is not the usual, in words; ``names``: code of a place, warehouse or
    item → (zh, en)."""
    found = []
    if wishes.mode != "balanced":
        mode = load_routing().modes[wishes.mode]
        found.append(Chip("mode", f"权衡：{mode.zh}", f"weighing: {mode.en}"))
    if wishes.alpha is not None:
        found.append(Chip("alpha", f"公平下限 {wishes.alpha:g}", f"fair floor {wishes.alpha:g}"))
    for pin in wishes.lines:
        (a_zh, a_en), (b_zh, b_en), (i_zh, i_en) = (
            names.get(code, (code, code)) for code in (pin.warehouse_code, pin.county, pin.item_code)
        )
        found.append(Chip(_line_key(pin), f"{a_zh}→{b_zh} {i_zh} 固定 {pin.quantity:,}",
                          f"{a_en} to {b_en}: {i_en} fixed at {pin.quantity:,}"))
    for code in sorted(wishes.without_warehouses):
        zh, en = names.get(code, (code, code))
        found.append(Chip(f"warehouse:{code}", f"不用 {zh}", f"without {en}"))
    found += [Chip(*words) for words in (*road_words(wishes, names), *team_words(wishes, names))]
    return [*found, *_truck_chips(wishes, names)]


def _truck_chips(wishes: Wishes, names: Names) -> Iterable[Chip]:
    trucks: dict[str, list[str]] = {}
    for pin in wishes.pins.trucks:
        trucks.setdefault(pin.vehicle_code, []).append(pin.county)
    for vehicle, counties in trucks.items():
        to = [names.get(c, (c, c)) for c in dict.fromkeys(counties)]
        yield Chip(f"truck:{vehicle}", f"固定车辆 {vehicle}：{'、'.join(zh for zh, _ in to)}",
                   f"truck {vehicle} fixed: {', '.join(en for _, en in to)}")
    for order in wishes.pins.orders:
        to = [names.get(c, (c, c)) for c in order.counties]
        yield Chip(f"order:{order.vehicle_code}", f"车辆 {order.vehicle_code} 先后：{' → '.join(zh for zh, _ in to)}",
                   f"truck {order.vehicle_code} in order: {' → '.join(en for _, en in to)}")
    for vehicle in sorted(wishes.pins.without):
        yield Chip(f"without:{vehicle}", f"不用车辆 {vehicle}", f"without truck {vehicle}")


def check_wishes(wishes: Wishes, names: Names) -> None:
    """``InvalidInput`` naming two by two the wishes that leave a warehouse out and use it."""
    check_teams(wishes, names)
    check_roads(wishes, names)
    faults = []
    said = {chip.key: chip for chip in chips(wishes, names)}
    for code in sorted(wishes.without_warehouses):
        left_out = said[f"warehouse:{code}"]
        using = [said[_line_key(p)] for p in wishes.lines if p.warehouse_code == code and p.quantity]
        using += [said[f"truck:{p.vehicle_code}"] for p in wishes.pins.trucks if p.warehouse_code == code]
        faults += [
            (f"“{b.zh}”与“{a.zh}”", f"'{b.en}' and '{a.en}'") for a, b in product([left_out], dict.fromkeys(using))
        ]
    if faults:
        raise InvalidInput(
            "The wishes cannot all stand: " + "; ".join(en for _, en in faults) + ".", remedy="Take one of the two away.",
            zh="要求互相矛盾：" + "；".join(zh for zh, _ in faults) + "。", remedy_zh="请取消其中一项。",
            facts={"faults": [{"zh": zh, "en": en} for zh, en in faults]},
        )


def _unused(vehicle: str) -> InvalidInput:
    return InvalidInput(
        f"The plan does not use a truck {vehicle[:40]!r}.", remedy="Choose a truck of the plan.",
        zh=f"方案中没有车辆 {vehicle[:40]!r}。", remedy_zh="请选择方案中的车辆。", facts={"fields": ["vehicle"]},
    )
