"""What a replay came to in figures: coverage, fairness, cost, hours, against history.  Pure."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from dispatch.drills.history import compared, counties_of
from dispatch.drills.model import CurvePoint, Figures, FirstGoods, Scenario
from dispatch.drills.readings import Left
from dispatch.drills.replay import Log
from dispatch.drills.rule import DrillRule

Key = tuple[str, str]
Needs = dict[Key, int]


@dataclass(frozen=True, slots=True)
class Drop:
    """Units of an item that reached a county at a moment, on a plan (its code)."""

    at: datetime
    county: str
    item: str
    units: int
    plan: str


def needs_of(bodies: Mapping[str, Mapping[str, Any]]) -> Needs:
    """The largest whole need of each (county, item) that any plan to send goods to people named."""
    found: Needs = defaultdict(int)
    for body in bodies.values():
        for need in body["needs"] if body["kind"] == "dispatch" else ():
            key = (need["county"], need["item"])
            found[key] = max(found[key], need["gross"] or need["quantity"])
    return {key: units for key, units in sorted(found.items()) if units}


def drops_of(log: Log, left: Left) -> tuple[Drop, ...]:
    """What came to people, in order of time; goods put into a store in the area came to nobody yet."""
    found = []
    for at, county, waybill in log.reached:
        paper = left.waybills[waybill]
        for line in paper["lines"]:
            if line["to"] == county and not line["to_warehouse"]:
                found.append(Drop(at, county, line["item"], line["quantity"], paper["proposal"]))
    return tuple(sorted(found, key=lambda d: (d.at, d.county, d.item)))


def coverage_at(needs: Needs, drops: Sequence[Drop], at: datetime) -> dict[str, float]:
    """For each county in need the mean over its items of the share that had come by a moment."""
    came: dict[Key, int] = defaultdict(int)
    for drop in drops:
        if drop.at <= at:
            came[drop.county, drop.item] += drop.units
    shares: dict[str, list[float]] = defaultdict(list)
    for key, units in needs.items():
        shares[key[0]].append(min(1.0, came[key] / units))
    return {county: sum(all_) / len(all_) for county, all_ in sorted(shares.items())}


def total_share(needs: Needs, by_county: Mapping[str, float]) -> float | None:
    """The counties' shares weighed by what each needs at most of one item, a stand-in for its people."""
    weight: dict[str, int] = defaultdict(int)
    for (county, _item), units in needs.items():
        weight[county] = max(weight[county], units)
    total = sum(weight.values())
    return round(sum(by_county[c] * w for c, w in weight.items()) / total, 4) if total else None


def gini(shares: Sequence[float]) -> float | None:
    """0 when all have the same share, towards 1 when one has everything; None without shares, 0 when
    nobody has any."""
    ordered, total = sorted(shares), sum(shares)
    if not ordered:
        return None
    if not total:
        return 0.0
    ranked = sum((i + 1) * share for i, share in enumerate(ordered))
    return round(2 * ranked / (len(ordered) * total) - (len(ordered) + 1) / len(ordered), 4)


def reserve_left(left: Left) -> float | None:
    """The share of all minimum stocks still on hand, each line counting as much as any other."""
    lines = [min(left.on_hand.get(key, 0), least) / least for key, least in left.minimum.items() if least]
    return round(sum(lines) / len(lines), 4) if lines else None


def first_goods(log: Log, drops: Sequence[Drop], needs: Needs, asked: tuple[Scenario, DrillRule]) -> tuple[FirstGoods, ...]:
    """The first goods in each county in need or named by the scenario."""
    scenario, rule = asked
    ours: dict[str, Drop] = {}
    for drop in drops:
        ours.setdefault(drop.county, drop)
    places = tuple(dict.fromkeys((*counties_of(scenario), *(county for county, _ in needs))))
    return tuple(compared(county, _ours(ours.get(county), log), scenario, rule) for county in places)


def _ours(drop: Drop | None, log: Log) -> tuple[datetime | None, int]:
    if drop is None:
        return None, 0
    return drop.at, int(log.spread[drop.plan].total_seconds())


def figures(log: Log, left: Left, asked: tuple[Scenario, DrillRule]) -> Figures:
    """The figures of one way of deciding."""
    _scenario, rule = asked
    needs, drops = needs_of(left.bodies), drops_of(log, left)
    began = log.began
    marks = {h: began + timedelta(hours=h) for h in rule.score_hours}
    at_end = coverage_at(needs, drops, marks[max(marks)])
    approved = [left.bodies[code] for _, code in log.approved]
    worst = min(at_end.items(), key=lambda pair: (pair[1], pair[0]), default=None)
    return Figures(
        proposals=tuple(code for _, code in log.drafted),
        first_goods=first_goods(log, drops, needs, asked),
        coverage={h: total_share(needs, coverage_at(needs, drops, at)) for h, at in marks.items()},
        curve=_curve(needs, drops, (began, _end(log, marks)), rule),
        county_coverage={county: round(share, 4) for county, share in at_end.items()},
        worst_county=worst[0] if worst else None,
        gini=gini(list(at_end.values())),
        reserve_left=reserve_left(left),
        cost_fen=sum(route["cost_fen"] for body in approved for route in body["routes"]),
        truck_seconds=sum(route["duration_s"] for body in approved for route in body["routes"]),
        proposal_after_s=_after(began, [at for at, _ in log.drafted]),
        approval_after_s=_after(began, [at for at, _ in log.approved]),
        first_truck_after_s=_after(began, [at for at, _ in log.left]),
        decisions_changed=left.changed,
    )


def _after(began: datetime, moments: Sequence[datetime]) -> int | None:
    return int((min(moments) - began).total_seconds()) if moments else None


def _end(log: Log, marks: Mapping[int, datetime]) -> datetime:
    return max((*marks.values(), *(at for at, _, _ in log.reached)))


def _curve(needs: Needs, drops: Sequence[Drop], span: tuple[datetime, datetime], rule: DrillRule) -> tuple[CurvePoint, ...]:
    began, end = span
    found: list[CurvePoint] = []
    at = began
    while at <= end + rule.curve_step and needs:
        share = total_share(needs, coverage_at(needs, drops, at)) or 0.0
        if not found or share != found[-1].share:
            found.append(CurvePoint(int((at - began).total_seconds()), share))
        at += rule.curve_step
    return tuple(found)
