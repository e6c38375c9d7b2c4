"""Brute force for the causes of gaps: each rule lifted alone, the most that could then come by
every cut.  Reads the sentence itself: its rule, units, roads and hour.  Shares no code with the
allocation."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from itertools import combinations

from benchmarks.causes_brute import Clock, first_way, roads_out, with_open
from benchmarks.causes_instances import STORES, WEIGHTS, reached_s
from dispatch.allocation.model import AllocationResult, Gap
from dispatch.allocation.problem import AllocationProblem, Offer, Rule
from dispatch.clock import to_local
from dispatch.inventory.fefo import Use, why_not
from dispatch.routing.rates import load_routing
from dispatch.routing.surroundings import RoadFacts

RULES = {
    "remedy.open_safety_stock": Rule.SAFETY_STOCK, "remedy.borrow": Rule.TIER,
    "remedy.raise_level": Rule.LEVEL, "remedy.take_back_in": Rule.LEFT_OUT,
    "remedy.hire_trucks": Rule.TRUCKS, "remedy.open_road": Rule.ROAD,
    "remedy.ask_donor": Rule.DONOR,
}
FREES = {Rule.LEVEL: {Rule.SAFETY_STOCK, Rule.TIER, Rule.LEVEL}}
Travel = dict[tuple[str, str], int]
Units = dict[str, int]


@dataclass(frozen=True)
class Gapped:
    """An allocation with its problem and the roads it was made on."""

    problem: AllocationProblem
    result: AllocationResult
    roads: RoadFacts


def stated(gap: Gap) -> Rule | None:
    """The rule a gap names; None = stock itself is short."""
    if gap.cause.code in ("gap.scarce", "gap.no_stock"):
        return None
    return RULES.get(gap.remedy.code, Rule.EXPIRY)


def lots_of(case: Gapped, item: str, rule: Rule | None) -> list[Offer]:
    """What may leave without a rule: first the safety stock, cut off what expires last."""
    problem = case.problem
    held = FREES.get(rule, {rule}) if rule else set()
    keep = dict(problem.safety_stock)
    lots = [o for o in (*problem.offers, *problem.withheld) if o.item_code == item]
    for place in {o.warehouse_code for o in lots}:
        back = sum(o.quantity for o in lots if o.warehouse_code == place and o.held_by)
        keep[place, item] = max(0, keep.get((place, item), 0) - back)
    found = []
    for o in lots:
        if o.held_by and o.held_by not in held:
            continue
        found.append(o)
    if Rule.SAFETY_STOCK not in held and any(keep.values()):
        found = _less(found, keep, case.result)
    if rule is Rule.DONOR:
        found = [replace(o, restriction=None, area=None) for o in found]
    if rule is Rule.EXPIRY:
        found = [replace(o, expires_on=None) for o in found]
    return found


def _less(
    lots: list[Offer], keep: dict[tuple[str, str], int], result: AllocationResult
) -> list[Offer]:
    """Without the units kept for safety: of the lots not used the last to go."""
    used = Counter[tuple[str, str]]()
    for line in result.lines:
        used[line.warehouse_code, line.lot_code] += line.quantity
    left = []
    for o in sorted(lots, key=last_to_go, reverse=True):
        room = o.quantity - used[o.warehouse_code, o.lot_code] if not o.held_by else 0
        cut = min(room, keep.get((o.warehouse_code, o.item_code), 0))
        keep[o.warehouse_code, o.item_code] = keep.get((o.warehouse_code, o.item_code), 0) - cut
        left.append(replace(o, quantity=o.quantity - cut))
    return left


def last_to_go(o: Offer) -> tuple[bool, bool, int, str]:
    """Bound gifts leave last, then what does not expire."""
    bound = o.restriction is not None or o.area is not None
    return bound, o.expires_on is None, o.expires_on.toordinal() if o.expires_on else 0, o.lot_code


def most(
    problem: AllocationProblem, offers: list[Offer], travel: Travel, wanted: Units, room: Units
) -> int:
    """The most that can be supplied: the least over all sets of counties of what can reach them
    past the trucks plus what the others want."""
    counties = sorted(wanted)
    reach = [{c for c in counties if _may(problem, o, c, travel)} for o in offers]
    best = sum(wanted.values())
    for number in range(len(counties) + 1):
        for some in combinations(counties, number):
            by = Counter[str]()
            for o, mine in zip(offers, reach, strict=True):
                by[o.warehouse_code] += o.quantity if mine & set(some) else 0
            bound = sum(min(units, room.get(w, units)) for w, units in by.items())
            best = min(best, bound + sum(wanted[c] for c in counties if c not in some))
    return best


def _may(problem: AllocationProblem, o: Offer, county: str, travel: Travel) -> bool:
    seconds = travel.get((o.warehouse_code, county))
    if seconds is None:
        return False
    at = to_local(problem.departs_at) + timedelta(seconds=seconds)
    return why_not(o, Use(problem.hazard, county, at.date())) is None


def truck_room(case: Gapped, item: str) -> dict[str, int]:
    """Units of the item that leave each warehouse now plus those its trucks still take."""
    grams, cm3, mine = Counter[str](), Counter[str](), Counter[str]()
    for line in case.result.lines:
        weight, volume = WEIGHTS[line.item_code]
        grams[line.warehouse_code] += line.quantity * weight
        cm3[line.warehouse_code] += line.quantity * volume
        mine[line.warehouse_code] += line.quantity * (line.item_code == item)
    room = {}
    for place, fleet in case.problem.fleet.items():
        weight, volume = WEIGHTS[item]
        limits = [(fleet.load_g, grams[place], weight), (fleet.load_cm3, cm3[place], volume)]
        free = [(most - used) // one for most, used, one in limits if most is not None]
        if free:
            room[place] = mine[place] + max(0, min(free))
    return room


def travel_with(case: Gapped, ids: tuple[int, ...], at: datetime | None = None) -> Travel:
    """Seconds from the order to arrival with some closed roads opened, now or later."""
    out = roads_out(with_open(case.roads, ids, at))
    leaves = case.problem.departs_at + timedelta(seconds=case.roads.speeds.load_s)
    found: Travel = {}
    for place, start in STORES.items():
        for county in sorted({n.county for n in case.problem.needs}):
            way = first_way(out, (start, county), leaves)
            seconds = case.roads.speeds.local_delivery_s if start == county else way and way[0]
            if seconds is not None:
                found[place, county] = reached_s(seconds, case.roads)
    return found


def fewest(case: Gapped, place: str, county: str) -> tuple[int, ...] | None:
    """The fewest closed roads that join a warehouse to a county, of those the fastest way's."""
    shut = sorted(i for i, left in case.roads.conditions.percent.items() if left == 0)
    for number in range(len(shut) + 1):
        ways = []
        for some in combinations(shut, number):
            seconds = travel_with(case, some).get((place, county))
            if seconds is not None:
                ways.append((seconds, some))
        if ways:
            return min(ways)[1]
    return None


def gains(case: Gapped, gap: Gap) -> dict[Rule | None, int]:
    """Units that each rule, lifted alone, would bring, others keeping theirs; None = no rule."""
    item, problem = gap.item_code, case.problem
    got = Counter[str]()
    for line in case.result.lines:
        got[line.county] += line.quantity * (line.item_code == item)
    wanted = {n.county: got[n.county] for n in problem.needs if n.item_code == item}
    wanted[gap.county] += gap.quantity
    before, room = sum(got.values()), truck_room(case, item)
    travel = dict(problem.travel_s)
    found: dict[Rule | None, int] = {}
    for rule in (None, *Rule):
        if rule is not Rule.ROAD:
            trucks = {} if rule is Rule.TRUCKS else room
            found[rule] = most(problem, lots_of(case, item, rule), travel, wanted, trucks) - before
    found[Rule.ROAD] = max((g - before for g in _by_roads(case, gap, wanted, room)), default=0)
    return found


def _by_roads(case: Gapped, gap: Gap, wanted: Units, room: Units) -> Iterator[int]:
    """What comes with the roads to one warehouse opened, for each that holds the item."""
    lots, problem = lots_of(case, gap.item_code, None), case.problem
    held = [o for o in (*problem.offers, *problem.withheld) if o.item_code == gap.item_code]
    places = {o.warehouse_code for o in held}
    pairs = [(w, c) for w in places for c in wanted if (w, c) not in problem.travel_s]
    cut_off = {pair: fewest(case, *pair) for pair in pairs}
    for place in sorted(places):
        ids = cut_off.get((place, gap.county))
        if ids:
            through = travel_with(case, ids)
            more = {p: through[p] for p, some in cut_off.items() if some and set(some) <= set(ids)}
            yield most(problem, lots, {**problem.travel_s, **more}, wanted, room)


def faults(case: Gapped, gap: Gap) -> list[str]:
    """What is wrong about a gap's cause and way out; empty when all of it is right."""
    gain, rule = gains(case, gap), stated(gap)
    if gain[None]:
        return [f"{gain[None]} units could come as things are"]
    if rule is None:
        return [f"{r} would bring {units}" for r, units in gain.items() if units]
    found = [] if gap.freed else [f"{rule} is named and brings nothing"]
    if gain[rule] != gap.freed:
        found.append(f"{rule} brings {gain[rule]}, not {gap.freed}")
    order = list(Rule)
    for other in order:
        if order.index(other) < order.index(rule) and gain[other] >= gap.freed:
            found.append(f"{other} is easier and brings {gain[other]}")
        if gain[other] > gap.freed:
            found.append(f"{other} brings {gain[other]}")
    return found + (_road_faults(case, gap) if rule is Rule.ROAD else [])


def _road_faults(case: Gapped, gap: Gap) -> list[str]:
    """The roads and the hour that the sentence names, tried."""
    names = set(re.findall(r"G\d+", gap.remedy.en))
    ids = tuple(e.id for e in case.roads.edges if e.refs in names)
    hour = re.search(r" by (?:(\d\d-\d\d) )?(\d\d:\d\d)", gap.remedy.en)
    if not ids:
        return ["no road is named"]
    source = re.search(r"\((W\d)\)", gap.remedy.en)
    if not hour or not source:
        return []
    day = to_local(case.problem.departs_at)
    month_day = hour[1] or f"{day:%m-%d}"
    by = datetime.strptime(f"{day.year}-{month_day} {hour[2]}", "%Y-%m-%d %H:%M")
    by = by.replace(tzinfo=day.tzinfo)
    mine = (gap.county, gap.item_code)
    need = next(n for n in case.problem.needs if (n.county, n.item_code) == mine)
    leaves = case.problem.departs_at + timedelta(seconds=case.roads.speeds.load_s)
    pair = STORES[source[1]], gap.county
    way = first_way(roads_out(with_open(case.roads, ids, by)), pair, leaves)
    clock = Clock(load_routing().driving, leaves)
    if way is None:
        return ["the roads named do not lead there"]
    clock.follow(way[1])
    return [] if clock.at <= need.due_at else [f"opened by {by} the goods of {source[1]} are late"]
