"""The independent checker of an allocation: from the problem alone, without the solver."""

from __future__ import annotations

from collections import Counter
from datetime import timedelta
from zoneinfo import ZoneInfo

from dispatch.allocation.model import AllocationResult
from dispatch.allocation.problem import AllocationProblem


def violations(problem: AllocationProblem, result: AllocationResult) -> list[str]:
    """Every broken rule as a sentence; an empty list means the allocation stands."""
    return [
        *_check_conservation(problem, result),
        *_check_offers(problem, result),
        *_check_lines(problem, result),
    ]


def _check_conservation(problem: AllocationProblem, result: AllocationResult) -> list[str]:
    wanted: Counter[tuple[str, str]] = Counter()
    for need in problem.needs:
        wanted[need.county, need.item_code] += need.quantity
    answered: Counter[tuple[str, str]] = Counter()
    for line in result.lines:
        answered[line.county, line.item_code] += line.quantity
    for gap in result.gaps:
        answered[gap.county, gap.item_code] += gap.quantity
    return [
        f"{county} {item}: supplied + gap is {answered[county, item]}, need {wanted[county, item]}"
        for county, item in sorted(wanted.keys() | answered.keys())
        if wanted[county, item] != answered[county, item]
    ]


def _check_offers(problem: AllocationProblem, result: AllocationResult) -> list[str]:
    offered: Counter[tuple[str, str]] = Counter()
    for offer in problem.offers:
        offered[offer.warehouse_code, offer.lot_code] += offer.quantity
    taken: Counter[tuple[str, str]] = Counter()
    for line in result.lines:
        taken[line.warehouse_code, line.lot_code] += line.quantity
    return [
        f"{place} lot {lot}: {units} taken of {offered[place, lot]} offered"
        for (place, lot), units in sorted(taken.items())
        if units > offered[place, lot]
    ]


def _check_lines(problem: AllocationProblem, result: AllocationResult) -> list[str]:
    lots = {(o.warehouse_code, o.lot_code): o for o in problem.offers}
    found = [f"gap of {g.quantity} at {g.county}" for g in result.gaps if g.quantity <= 0]
    for line in result.lines:
        name = f"{line.warehouse_code} to {line.county} lot {line.lot_code}"
        offer = lots.get((line.warehouse_code, line.lot_code))
        seconds = problem.travel_s.get((line.warehouse_code, line.county))
        if line.quantity <= 0:
            found.append(f"{name}: quantity {line.quantity}")
        if offer is None or offer.item_code != line.item_code:
            found.append(f"{name}: not an offer of {line.item_code}")
            continue
        if seconds is None:
            found.append(f"{name}: no open road")
            continue
        at = problem.departs_at + timedelta(seconds=seconds)
        if line.arrives_at != at:
            found.append(f"{name}: arrives {line.arrives_at}, not {at}")
        if offer.expires_on and offer.expires_on <= at.astimezone(ZoneInfo("Asia/Shanghai")).date():
            found.append(f"{name}: expired on arrival ({offer.expires_on})")
        ends = offer.area or line.county
        if line.county[: 2 if ends[2:] == "0000" else 4 if ends[4:] == "00" else 6] != ends.removesuffix("00").removesuffix("00"):
            found.append(f"{name}: bound to the area {offer.area}")
        if offer.restriction and offer.restriction != problem.hazard:
            found.append(f"{name}: bound to {offer.restriction}, not {problem.hazard}")
    return found
