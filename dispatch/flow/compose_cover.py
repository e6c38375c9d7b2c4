"""What a plan does for people and what it leaves in the stores.  Pure."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Sequence
from typing import Any

from dispatch.boundaries import load_boundaries
from dispatch.flow.model import Decision, Inputs
from dispatch.needs.estimate import Setting, people_in_need
from dispatch.needs.exposure import first_estimate
from dispatch.needs.model import NeedLine

Line = dict[str, Any]
FIRST = 1


def setting_of(inputs: Inputs) -> Setting:
    """What the estimate of needs rests on."""
    return Setting(
        inputs.counties, inputs.standards, inputs.exposure, load_boundaries(), inputs.covered, inputs.kit_versions,
    )


def people_part(inputs: Inputs, decision: Decision, lines: Sequence[Line]) -> list[dict[str, Any]]:
    """Per county: people in need, and those for whom every good of priority 1 comes (``covered``).

    A good that comes for half of them covers half; what earlier dispatches and local stores gave
    counts.  Nothing unless goods go to people.
    """
    if decision.activation.kind != "dispatch":
        return []
    setting = setting_of(inputs)
    estimates = first_estimate(inputs.situation, setting.counties, setting.shapes, setting.exposure)
    people = people_in_need(inputs.situation, setting, estimates)
    sent: Counter[tuple[str, str]] = Counter()
    for line in lines:
        sent[line["to"], line["item"]] += line["quantity"]
    needs: dict[str, list[NeedLine]] = defaultdict(list)
    for need in decision.needs:
        needs[need.county].append(need)
    found = []
    for county, (heads, how) in sorted(people.items()):
        urgent = [n for n in needs[county] if n.priority == FIRST] or needs[county]
        covered = min(
            (heads * (n.gross - max(0, n.quantity - sent[county, n.item_code])) // n.gross for n in urgent if n.gross),
            default=heads,
        )
        zh, en = inputs.names[county]
        if heads:
            found.append({"county": county, "county_zh": zh, "county_en": en, "people": heads, "covered": covered,
                          "basis": how.as_dict()})
    return found


def stock_part(inputs: Inputs, lines: Sequence[Line]) -> list[dict[str, Any]]:
    """Per warehouse and item that the plan takes from: units there before, taken, left, and the safety
    stock; the deepest below it first."""
    taken: Counter[tuple[str, str]] = Counter()
    for line in lines:
        taken[line["from"], line["item"]] += line["quantity"]
    there = _there(inputs)
    found = []
    for (place, code), units in taken.items():
        warehouse, item = inputs.warehouses[place], inputs.items[code]
        had, least = there[place, code], inputs.stock.minimum.get((place, code), 0)
        found.append({
            "warehouse": place, "warehouse_zh": warehouse.name_zh, "warehouse_en": warehouse.name_en,
            "item": code, "item_zh": item.name_zh, "item_en": item.name_en, "unit_zh": item.unit_zh, "unit_en": item.unit_en,
            "had": had, "sent": units, "left": had - units, "minimum": least,
            "below": max(0, least - (had - units)), "was_below": max(0, least - had),
        })
    return sorted(found, key=lambda row: (-row["below"] / max(1, row["minimum"]), row["warehouse"], row["item"]))


def reserve_part(inputs: Inputs, stock: Sequence[dict[str, Any]]) -> dict[str, int]:
    """How much of all safety stock of the region stands before and after, in percent, and in how
    many places it is newly short."""
    there = _there(inputs)
    least = sum(inputs.stock.minimum.values())
    before = sum(min(units, there[key]) for key, units in inputs.stock.minimum.items())
    gone = sum(min(row["minimum"], row["had"]) - min(row["minimum"], row["left"]) for row in stock)
    return {
        "reserve_percent_before": 100 * before // least if least else 100,
        "reserve_percent": 100 * (before - gone) // least if least else 100,
        "newly_below": sum(row["below"] > row["was_below"] for row in stock),
    }


def _there(inputs: Inputs) -> Counter[tuple[str, str]]:
    there: Counter[tuple[str, str]] = Counter()
    for pile in inputs.stock.lines:
        there[pile.warehouse_code, pile.lot.item_code] += pile.available
    return there
