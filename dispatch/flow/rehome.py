"""Shipments that are loaded elsewhere than allotted: lots, lines and reasons follow.  Pure."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import replace
from datetime import datetime, timedelta

from dispatch.allocation.model import AllocationResult, SupplyLine
from dispatch.allocation.problem import AllocationProblem, Offer
from dispatch.clock import to_local
from dispatch.routing.bundles import units_of
from dispatch.routing.model import Shipment
from dispatch.routing.moves import Stay, cost_of_staying
from dispatch.routing.plan import RoutePlan
from dispatch.routing.problem import RoutingProblem
from dispatch.words import Words

FEN = 100
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
        able = _yards_with(held, units_of(shipment)) - {shipment.warehouse_code}
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
    of = problem.by_id
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
    moves = [(of[i], placed[i], cost_of_staying(problem, plan, of[i])) for i in sorted(placed)]
    lines = _lines(asked, result, moves)
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
    asked: AllocationProblem, result: AllocationResult, moves: list[tuple[Shipment, Shipment, Stay | None]]
) -> tuple[SupplyLine, ...]:
    """Lines less what left its warehouse, and new ones from where it is loaded."""
    names = {o.warehouse_code: (o.warehouse_zh, o.warehouse_en) for o in asked.offers}
    gone: Counter[tuple[str, str, str]] = Counter()
    fresh: Counter[tuple[str, str, str, str]] = Counter()
    why: dict[tuple[str, str, str, str], Words] = {}
    for before, after, stay in moves:
        for _item, lot, quantity in before.items:
            gone[before.warehouse_code, before.county, lot] += quantity
        for item, lot, quantity in after.items:
            key = (after.warehouse_code, after.county, item, lot)
            fresh[key] += quantity
            why[key] = _why_moved(asked, names, (before, after), stay)
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
    asked: AllocationProblem, names: Mapping[str, tuple[str, str]], moved: tuple[Shipment, Shipment], stay: Stay | None
) -> Words:
    before, after = moved
    (a_zh, a_en), (b_zh, b_en) = names[before.warehouse_code], names[after.warehouse_code]
    b_h = asked.travel_s[after.warehouse_code, after.county] / 3600
    gain_zh, gain_en = _gain(stay)
    return Words(
        "source.shared_truck",
        f"改由 {b_zh} 装车（{b_h:.1f} 小时）：若仍从原分配的 {a_zh} 装车，其余不变，{gain_zh}",
        f"loaded at {b_en} ({b_h:.1f} h): from {a_en}, where it was first allotted, all else as it is, {gain_en}",
    )


def _gain(stay: Stay | None) -> tuple[str, str]:
    """What staying would have cost beside the plan."""
    if stay is None:
        return "没有车能装", "no truck could take it"
    yuan, hours = abs(stay.fen) / FEN, f"{abs(stay.later_s) / 3600:.1f}"
    money = (f"多 {yuan:,.0f} 元", f"{yuan:,.0f} yuan more") if stay.fen >= 0 else (f"少 {yuan:,.0f} 元", f"{yuan:,.0f} yuan less")
    span = ("晚", "later") if stay.later_s >= 0 else ("早", "sooner")
    return f"{money[0]}，{span[0]} {hours} 小时到", f"{money[1]} and {hours} h {span[1]}"
