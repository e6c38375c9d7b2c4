"""The independent checker of an allocation: from the problem alone, without the solver.

Written from the statement of the rules, so it shares no code with what it checks.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable
from datetime import timedelta
from zoneinfo import ZoneInfo

from dispatch.allocation.model import AllocationResult, Gap, SupplyLine
from dispatch.allocation.problem import AllocationProblem, Offer

LOCAL = ZoneInfo("Asia/Shanghai")
ONE_UNIT = 1
NOISE = 1e-6


def violations(problem: AllocationProblem, result: AllocationResult) -> list[str]:
    """Every broken rule as a sentence; an empty list means the allocation stands."""
    return [
        *_check_conservation(problem, result),
        *_check_stock(problem, result),
        *_check_safety_stock(problem, result),
        *_check_lines(problem, result),
        *_check_trucks(problem, result),
        *_check_pins(problem, result),
        *_check_promised_floor(problem, result),
        *_check_fairness(problem, result),
    ]


def _check_conservation(problem: AllocationProblem, result: AllocationResult) -> Iterable[str]:
    wanted: Counter[tuple[str, str]] = Counter()
    for need in problem.needs:
        wanted[need.county, need.item_code] += need.quantity
    answered: Counter[tuple[str, str]] = Counter()
    parts: list[SupplyLine | Gap] = [*result.lines, *result.gaps]
    for part in parts:
        answered[part.county, part.item_code] += part.quantity
        if not isinstance(part.quantity, int) or part.quantity <= 0:
            yield f"{part.county} {part.item_code}: quantity {part.quantity!r}"
    for county, item in sorted(wanted.keys() | answered.keys()):
        if wanted[county, item] != answered[county, item]:
            yield (f"{county} {item}: supplied + gap is {answered[county, item]}, "
                   f"need {wanted[county, item]}")


def _check_stock(problem: AllocationProblem, result: AllocationResult) -> Iterable[str]:
    offered: Counter[tuple[str, str]] = Counter()
    for offer in problem.offers:
        offered[offer.warehouse_code, offer.lot_code] += offer.quantity
    taken: Counter[tuple[str, str]] = Counter()
    for line in result.lines:
        taken[line.warehouse_code, line.lot_code] += line.quantity
    for (place, lot), units in sorted(taken.items()):
        if units > offered[place, lot]:
            yield f"{place} lot {lot}: {units} taken of {offered[place, lot]} offered"


def _check_safety_stock(problem: AllocationProblem, result: AllocationResult) -> Iterable[str]:
    if problem.is_safety_stock_open:
        return
    held: Counter[tuple[str, str]] = Counter()
    for offer in (*problem.offers, *problem.withheld):
        held[offer.warehouse_code, offer.item_code] += offer.quantity
    for line in result.lines:
        held[line.warehouse_code, line.item_code] -= line.quantity
    for place, item in sorted({(n.warehouse_code, n.item_code) for n in result.lines}):
        keep = problem.safety_stock.get((place, item), 0)
        if held[place, item] < keep:
            yield f"{place} {item}: {held[place, item]} left, safety stock is {keep}"


def _check_lines(problem: AllocationProblem, result: AllocationResult) -> Iterable[str]:
    lots = {(o.warehouse_code, o.lot_code): o for o in problem.offers}
    for line in result.lines:
        name = f"{line.warehouse_code} to {line.county} lot {line.lot_code}"
        offer = lots.get((line.warehouse_code, line.lot_code))
        if offer is None or offer.item_code != line.item_code:
            yield f"{name}: not an offer of {line.item_code}"
            continue
        seconds = problem.travel_s.get((line.warehouse_code, line.county))
        if seconds is None:
            yield f"{name}: no open road"
            continue
        at = problem.departs_at + timedelta(seconds=seconds)
        if line.arrives_at != at:
            yield f"{name}: arrives {line.arrives_at}, not {at}"
        yield from (f"{name}: {fault}" for fault in _unfit(problem, offer, line.county, seconds))


def _unfit(problem: AllocationProblem, offer: Offer, county: str, seconds: int) -> Iterable[str]:
    """Why a lot may not be used in a county it reaches after so long."""
    day = (problem.departs_at + timedelta(seconds=seconds)).astimezone(LOCAL).date()
    if offer.expires_on and offer.expires_on <= day:
        yield f"expired on arrival ({offer.expires_on})"
    if offer.restriction and offer.restriction != problem.hazard:
        yield f"bound to {offer.restriction}, not {problem.hazard}"
    if offer.area:
        digits = 2 if offer.area.endswith("0000") else 4 if offer.area.endswith("00") else 6
        if county[:digits] != offer.area[:digits]:
            yield f"bound to the area {offer.area}"


def _check_trucks(problem: AllocationProblem, result: AllocationResult) -> Iterable[str]:
    grams: Counter[str] = Counter()
    room: Counter[str] = Counter()
    gram_s: Counter[str] = Counter()
    for line in result.lines:
        fleet = problem.fleet.get(line.warehouse_code)
        seconds = problem.travel_s.get((line.warehouse_code, line.county))
        if fleet is None or seconds is None:
            continue
        load = line.quantity * problem.item_weight_g[line.item_code]
        grams[line.warehouse_code] += load
        room[line.warehouse_code] += line.quantity * problem.item_volume_cm3.get(line.item_code, 0)
        gram_s[line.warehouse_code] += load * 2 * seconds
    for place, fleet in sorted(problem.fleet.items()):
        if fleet.load_g is not None and grams[place] > fleet.load_g:
            yield f"{place}: trucks carry {grams[place]} g of {fleet.load_g}"
        if fleet.load_cm3 is not None and room[place] > fleet.load_cm3:
            yield f"{place}: trucks carry {room[place]} cm3 of {fleet.load_cm3}"
        if fleet.truck_s is not None and gram_s[place] > fleet.truck_s * fleet.payload_g + fleet.payload_g:
            yield f"{place}: trucks drive {gram_s[place] // fleet.payload_g} s of {fleet.truck_s}"


def _check_pins(problem: AllocationProblem, result: AllocationResult) -> Iterable[str]:
    sent: Counter[tuple[str, str, str]] = Counter()
    for line in result.lines:
        sent[line.warehouse_code, line.county, line.item_code] += line.quantity
    for pin in problem.line_pins:
        units = sent[pin.warehouse_code, pin.county, pin.item_code]
        if units != pin.quantity:
            yield (f"{pin.warehouse_code} to {pin.county} {pin.item_code}: {units} sent, "
                   f"{pin.quantity} were pinned")


def _split(
    problem: AllocationProblem, result: AllocationResult
) -> tuple[list[SupplyLine], list[SupplyLine]]:
    """(lines a person pinned, lines that were free to choose)."""
    fixed = {(p.warehouse_code, p.county, p.item_code) for p in problem.line_pins}
    pinned = [n for n in result.lines if (n.warehouse_code, n.county, n.item_code) in fixed]
    free = [n for n in result.lines if (n.warehouse_code, n.county, n.item_code) not in fixed]
    return pinned, free


def _supplied(lines: Iterable[SupplyLine]) -> Counter[tuple[str, str]]:
    supplied: Counter[tuple[str, str]] = Counter()
    for line in lines:
        supplied[line.county, line.item_code] += line.quantity
    return supplied


def _check_promised_floor(problem: AllocationProblem, result: AllocationResult) -> Iterable[str]:
    promised: Counter[tuple[str, str]] = Counter()
    for floor in result.floors:
        promised[floor.county, floor.item_code] += floor.units
    supplied = _supplied(_split(problem, result)[1])
    for (county, item), units in sorted(promised.items()):
        if supplied[county, item] < units - ONE_UNIT:
            yield f"{county} {item}: {supplied[county, item]} supplied, the floor promised {units}"


def _check_fairness(problem: AllocationProblem, result: AllocationResult) -> Iterable[str]:
    """Each reachable county has its share of the best equal coverage of a scarce item.

    No equal coverage can beat what reaches a set of counties over what they need.  So the
    named bottleneck, or else all reachable counties, is a bound that needs no solver.
    What a person pinned is set aside.  Where trucks are limited the bound would be too high
    and only promises are checked.
    """
    if problem.fleet or result.engine != "flow":
        return
    pinned, free = _split(problem, result)
    supplied, had = _supplied(free), _supplied(pinned)
    gone: Counter[tuple[str, str]] = Counter()
    for line in pinned:
        gone[line.warehouse_code, line.lot_code] += line.quantity
    named = {b.item_code: set(b.counties) for b in result.bottlenecks}
    for item in sorted({gap.item_code for gap in result.gaps}):
        wanted: Counter[str] = Counter()
        for need in problem.needs:
            if need.item_code == item:
                wanted[need.county] += need.quantity
        for county in wanted:
            wanted[county] -= had[county, item]
        reach = _reach(problem, item, [c for c in wanted if wanted[c]])
        reached = set().union(*reach.values()) if reach else set()
        short = {g.county for g in result.gaps if g.item_code == item} & reached
        binding = named.get(item, reached) & reached
        if not short or not binding:
            continue
        lots = {
            (o.warehouse_code, o.lot_code): o.quantity - gone[o.warehouse_code, o.lot_code]
            for o in problem.offers if o.item_code == item
        }
        reaching = _leaving(problem, item, {key: u for key, u in lots.items() if reach[key] & binding}, gone)
        share = min(1.0, reaching / sum(wanted[c] for c in binding))
        for county in sorted(reached):
            least = result.alpha * share * wanted[county]
            if supplied[county, item] < least - ONE_UNIT - NOISE:
                yield f"{county} {item}: {supplied[county, item]} supplied, fairness asks {least:.1f}"


def _leaving(
    problem: AllocationProblem, item: str, lots: dict[tuple[str, str], int], gone: Counter[tuple[str, str]]
) -> int:
    """Units of these lots that can leave at all: safety stock stays whole at each warehouse."""
    units: Counter[str] = Counter()
    for (place, _lot), quantity in lots.items():
        units[place] += quantity
    if problem.is_safety_stock_open:
        return sum(units.values())
    held: Counter[str] = Counter()
    for offer in (*problem.offers, *problem.withheld):
        if offer.item_code == item:
            held[offer.warehouse_code] += offer.quantity - (
                gone[offer.warehouse_code, offer.lot_code] if offer.held_by is None else 0
            )
    return sum(
        min(quantity, max(0, held[place] - problem.safety_stock.get((place, item), 0)))
        for place, quantity in units.items()
    )


def _reach(
    problem: AllocationProblem, item: str, counties: list[str]
) -> dict[tuple[str, str], set[str]]:
    """The counties each lot may serve as far as no pin says how much."""
    fixed = {(p.warehouse_code, p.county) for p in problem.line_pins if p.item_code == item}
    reach: dict[tuple[str, str], set[str]] = defaultdict(set)
    for offer in problem.offers:
        if offer.item_code != item:
            continue
        mine = reach[offer.warehouse_code, offer.lot_code]
        for county in counties if offer.quantity else ():
            if (offer.warehouse_code, county) in fixed:
                continue
            seconds = problem.travel_s.get((offer.warehouse_code, county))
            if seconds is not None and not any(_unfit(problem, offer, county, seconds)):
                mine.add(county)
    return reach
