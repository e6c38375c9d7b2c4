"""Shipments that are loaded elsewhere than allotted: lots, lines and reasons follow.  Pure."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import replace
from datetime import datetime, timedelta

from dispatch.allocation.model import AllocationResult, SupplyLine
from dispatch.allocation.problem import AllocationProblem, Offer
from dispatch.clock import to_local
from dispatch.routing.model import Shipment
from dispatch.routing.plan import RoutePlan
from dispatch.routing.problem import RoutingProblem
from dispatch.words import Words

Spare = dict[tuple[str, str], list[Offer]]
# lots that leave during the response must outlive the longest way
SOUND_FOR = timedelta(days=7)


def spare_lots(problem: AllocationProblem, lines: Iterable[SupplyLine]) -> Spare:
    """(warehouse, item) → offers with the units that no line takes, first expiring first.

    Only lots that fit every county: no donor's area, no other hazard, good for a week.
    """
    taken: Counter[tuple[str, str]] = Counter()
    for line in lines:
        taken[line.warehouse_code, line.lot_code] += line.quantity
    spare: Spare = defaultdict(list)
    for offer in problem.offers:
        left = offer.quantity - taken[offer.warehouse_code, offer.lot_code]
        if left > 0 and _fits_all(offer, problem.hazard, problem.departs_at):
            spare[offer.warehouse_code, offer.item_code].append(replace(offer, quantity=left))
    for offers in spare.values():
        offers.sort(key=lambda o: (o.expires_on is None, o.expires_on, o.lot_code))
    return dict(spare)


def _fits_all(offer: Offer, hazard: str, at: datetime) -> bool:
    lasts = offer.expires_on is None or offer.expires_on > to_local(at + SOUND_FOR).date()
    return lasts and offer.area is None and offer.restriction in (None, hazard)


def other_sources(
    shipments: Iterable[Shipment], spare: Spare, travel_s: Mapping[tuple[str, str], int], most: int
) -> dict[int, tuple[str, ...]]:
    """Shipment id → the nearest other warehouses that hold all of it uncommitted."""
    held: dict[str, dict[str, int]] = defaultdict(dict)
    for (yard, item), offers in spare.items():
        held[item][yard] = sum(o.quantity for o in offers)
    found = {}
    for shipment in shipments:
        wanted: Counter[str] = Counter()
        for item, _lot, quantity in shipment.items:
            wanted[item] += quantity
        able = _yards_with(held, wanted) - {shipment.warehouse_code}
        near = sorted((travel_s[yard, shipment.county], yard) for yard in able if (yard, shipment.county) in travel_s)
        if near:
            found[shipment.id] = tuple(yard for _, yard in near[:most])
    return found


def _yards_with(held: Mapping[str, Mapping[str, int]], wanted: Mapping[str, int]) -> set[str]:
    """Warehouses that hold all of it, looked for from the rarest item on."""
    able: set[str] | None = None
    for item in sorted(wanted, key=lambda i: len(held.get(i, ()))):
        here = held.get(item, {})
        among = here if able is None else able
        able = {yard for yard in among if here.get(yard, 0) >= wanted[item]}
        if not able:
            break
    return able or set()


def rehome(
    problem: RoutingProblem, plan: RoutePlan, allocation: tuple[AllocationProblem, AllocationResult]
) -> tuple[RoutingProblem, AllocationResult]:
    """The problem and the allocation with every shipment where the plan loads it."""
    asked, result = allocation
    of = {s.id: s for s in problem.shipments}
    moved = {
        i: tour.warehouse_code for tour in plan.tours for i in tour.shipment_ids
        if of[i].warehouse_code != tour.warehouse_code
    }
    if not moved:
        return problem, result
    spare = spare_lots(asked, result.lines)
    order = sorted(moved, key=lambda i: (of[i].priority, -of[i].load_g, i))
    placed = {i: _taken_from(spare, of[i], moved[i]) for i in order}
    shipments = tuple(placed.get(s.id, s) for s in problem.shipments)
    lines = _lines(asked, result, [(of[i], placed[i]) for i in sorted(placed)])
    return replace(problem, shipments=shipments, sources={}, spare={}), replace(result, lines=lines)


def _taken_from(spare: Spare, shipment: Shipment, yard: str) -> Shipment:
    """The shipment with lots of another warehouse, which are taken out of ``spare``."""
    items: list[tuple[str, str, int]] = []
    for item, _lot, quantity in shipment.items:
        left = quantity
        offers = spare[yard, item]
        while left:
            units = min(left, offers[0].quantity)
            items.append((item, offers[0].lot_code, units))
            left -= units
            if units == offers[0].quantity:
                offers.pop(0)
            else:
                offers[0] = replace(offers[0], quantity=offers[0].quantity - units)
    return replace(shipment, warehouse_code=yard, items=tuple(items))


def _lines(
    asked: AllocationProblem, result: AllocationResult, moves: list[tuple[Shipment, Shipment]]
) -> tuple[SupplyLine, ...]:
    """Lines less what left its warehouse, and new ones from where it is loaded."""
    names = {o.warehouse_code: (o.warehouse_zh, o.warehouse_en) for o in asked.offers}
    gone: Counter[tuple[str, str, str]] = Counter()
    fresh: Counter[tuple[str, str, str, str]] = Counter()
    why: dict[tuple[str, str, str, str], Words] = {}
    for before, after in moves:
        for _item, lot, quantity in before.items:
            gone[before.warehouse_code, before.county, lot] += quantity
        for item, lot, quantity in after.items:
            key = (after.warehouse_code, after.county, item, lot)
            fresh[key] += quantity
            why[key] = _why_moved(asked, names, before, after)
    lines = []
    for line in result.lines:
        key3 = (line.warehouse_code, line.county, line.lot_code)
        less = min(gone[key3], line.quantity)
        gone[key3] -= less
        if line.quantity > less:
            lines.append(replace(line, quantity=line.quantity - less))
    known = {(n.warehouse_code, n.county, n.item_code, n.lot_code): k for k, n in enumerate(lines)}
    for key, quantity in fresh.items():
        yard, county, item, lot = key
        if key in known:
            lines[known[key]] = replace(lines[known[key]], quantity=lines[known[key]].quantity + quantity)
            continue
        at = asked.departs_at + timedelta(seconds=asked.travel_s[yard, county])
        lines.append(SupplyLine(county, item, lot, yard, quantity, at, why[key]))
    return tuple(lines)


def _why_moved(
    asked: AllocationProblem, names: Mapping[str, tuple[str, str]], before: Shipment, after: Shipment
) -> Words:
    (a_zh, a_en), (b_zh, b_en) = names[before.warehouse_code], names[after.warehouse_code]
    a_h = asked.travel_s[before.warehouse_code, before.county] / 3600
    b_h = asked.travel_s[after.warehouse_code, after.county] / 3600
    return Words(
        "source.shared_truck",
        f"改由 {b_zh} 装车（{b_h:.1f} 小时）：与同方向货物合车，全程花费更低；原分配 {a_zh}（{a_h:.1f} 小时）库存不动",
        f"loaded at {b_en} ({b_h:.1f} h): shares a truck with goods going the same way, which costs less in all; "
        f"the stock of {a_en} first allotted ({a_h:.1f} h) stays",
    )
