"""Brute force for causes of unserved shipments: every truck, every place in its order, every
set of closed roads, with a clock of its own.  Shares no code with the planner or its lifts."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from itertools import combinations, pairwise

from dispatch.routing.causes import Finding, Hindrance, Lifts
from dispatch.routing.conditions import Paces, crossing, paces_of, whole_second
from dispatch.routing.lifts import MOST_PARTS
from dispatch.routing.model import Route, Shipment
from dispatch.routing.problem import RoutingProblem
from dispatch.routing.rates import DrivingRules
from dispatch.routing.surroundings import RoadFacts

GRID = timedelta(minutes=10)
NOTHING: Lifts = frozenset()


@dataclass(frozen=True)
class Case:
    """A plan with a shipment that it leaves; ``roads`` as they are."""

    problem: RoutingProblem
    routes: tuple[Route, ...]
    shipment: Shipment

    @property
    def roads(self) -> RoadFacts:
        roads = self.problem.around.roads
        assert roads is not None
        return roads

    @property
    def shut(self) -> list[int]:
        return sorted(i for i, left in self.roads.conditions.percent.items() if left == 0)


def with_open(roads: RoadFacts, ids: Iterable[int], at: datetime | None = None) -> RoadFacts:
    """The roads with some opened, now or later."""
    now = roads.conditions
    percent = {i: v for i, v in now.percent.items() if at is not None or i not in ids}
    changes = {i: v for i, v in now.changes.items() if i not in ids}
    if at is not None:
        changes |= {i: ((at, 100),) for i in ids}
    return replace(roads, conditions=replace(now, percent=percent, changes=changes))


Out = dict[str, list[tuple[str, int, Paces]]]


def roads_out(roads: RoadFacts) -> Out:
    """By place: where each road leads, how far, and its pace by the hour."""
    out: Out = {}
    for e in roads.edges:
        paces = paces_of(e, roads.speeds, roads.conditions)
        out.setdefault(e.from_adcode, []).append((e.to_adcode, e.distance_m, paces))
        out.setdefault(e.to_adcode, []).append((e.from_adcode, e.distance_m, paces))
    return out


def first_way(
    out: Out, pair: tuple[str, str], at: datetime
) -> tuple[int, list[tuple[int, Paces]]] | None:
    """(seconds, roads) of the way of first arrival, of all ways without a place twice."""
    start = whole_second(at)
    best: tuple[int, int] | None = None
    roads: list[tuple[int, Paces]] = []
    stack: list[tuple[str, int, int, list[tuple[int, Paces]], set[str]]]
    stack = [(pair[0], start, 0, [], {pair[0]})]
    while stack:
        here, now, metres, done, seen = stack.pop()
        if here == pair[1] and (best is None or (now, metres) < best):
            best, roads = (now, metres), done
        for there, length, paces in out.get(here, ()):
            passed = crossing(length, paces, now) if there not in seen else None
            if passed:
                more = [*done, (length, paces)]
                stack.append((there, now + sum(passed), metres + length, more, {*seen, there}))
    return (best[0] - start, roads) if best else None


class Clock:
    """A crew's time: rest and sleep when due, unless relieved; standing counts as rest."""

    def __init__(self, rules: DrivingRules, at: datetime, *, is_relieved: bool = False) -> None:
        self.rules, self.at, self.is_relieved = rules, at, is_relieved
        self.wheel = self.awake = 0

    def stand(self, seconds: int) -> None:
        self.at += timedelta(seconds=seconds)
        self.wheel = 0 if seconds >= self.rules.rest_s else self.wheel
        self.awake = 0 if seconds >= self.rules.sleep_s else self.awake

    def drive(self, seconds: int) -> None:
        day = self.rules.drivers * self.rules.driver_day_s
        while seconds and not self.is_relieved:
            if self.awake == day:
                self.stand(self.rules.sleep_s)
            elif self.wheel == self.rules.rest_after_s:
                self.stand(self.rules.rest_s)
            part = min(seconds, day - self.awake, self.rules.rest_after_s - self.wheel)
            self.at += timedelta(seconds=part)
            self.wheel, self.awake, seconds = self.wheel + part, self.awake + part, seconds - part
        self.at += timedelta(seconds=seconds)

    def follow(self, way: list[tuple[int, Paces]]) -> None:
        for length, paces in way:
            passed = crossing(length, paces, whole_second(self.at))
            assert passed
            self.stand(passed[0])
            self.drive(passed[1])


class Driver:
    """Drives roads by the hour with its crew's rest."""

    def __init__(self, case: Case, roads: RoadFacts, lifts: Lifts) -> None:
        self.case, self.lifts = case, lifts
        self.out = roads_out(roads)

    def arrivals(self, order: list[str], loads: list[Shipment]) -> dict[str, datetime] | None:
        """When a truck reaches each county; None where no road leads."""
        problem = self.case.problem
        leaves = problem.departs_at + timedelta(seconds=problem.load_s)
        clock = Clock(problem.driving, leaves, is_relieved=Hindrance.CREW in self.lifts)
        at: dict[str, datetime] = {}
        here = problem.warehouse_county[self.case.shipment.warehouse_code]
        for county in order:
            if here == county:
                clock.drive(problem.matrix.duration_s[here, here])
            else:
                way = first_way(self.out, (here, county), clock.at)
                if way is None:
                    return None
                clock.follow(way[1])
            at[county] = clock.at
            left = [s.opens_at for s in loads if s.county == county and s.opens_at]
            opens = max(left, default=clock.at)
            clock.stand(max(0, int((opens - clock.at).total_seconds())) + problem.unload_s)
            here = county
        return at


@dataclass(frozen=True)
class Truck:
    """A truck with its loads; ``code`` empty = hired or brought in."""

    code: str
    kind: str
    loads: tuple[Shipment, ...] = ()


def trucks(case: Case, lifts: Lifts) -> Iterator[Truck]:
    """Every truck that might take it."""
    problem, yard = case.problem, case.shipment.warehouse_code
    of = {s.id: s for s in problem.shipments}
    locked = {t.vehicle_code for t in problem.pins.locked}
    used = {r.vehicle_code for r in case.routes} | locked
    out = set() if Hindrance.LEFT_OUT in lifts else problem.pins.without
    for r in case.routes:
        if r.warehouse_code == yard and r.vehicle_code not in locked:
            loads = tuple(of[i] for s in r.stops for i in s.shipment_ids)
            yield Truck(r.vehicle_code, r.vehicle_class, loads)
    for v in problem.vehicles:
        if v.warehouse_code == yard and v.code not in used | out:
            yield Truck(v.code, v.class_code)
    for kind in problem.classes:
        hired = sum(
            r.is_hired and (r.vehicle_class, r.warehouse_code) == (kind, yard) for r in case.routes
        )
        for _ in range(problem.rates.hire_most - hired):
            yield Truck("", kind)
        if Hindrance.FLEET in lifts:
            yield Truck("", kind)


def soonest(case: Case, truck: Truck, driver: Driver, lifts: Lifts) -> datetime | None:
    """When this truck could be there first, its other loads in time; weight aside."""
    problem, s = case.problem, case.shipment
    skills = frozenset(problem.classes[truck.kind].skills.split())
    if Hindrance.SKILL not in lifts and not problem.skills.get(s.county, frozenset()) <= skills:
        return None
    pins = [] if Hindrance.PIN in lifts else [
        p for p in problem.pins.trucks
        if (p.warehouse_code, p.county) == (s.warehouse_code, s.county)]
    if any(p.vehicle_code != truck.code for p in pins):
        return None
    visited = list(dict.fromkeys(x.county for x in truck.loads))
    orders = [visited] if s.county in visited else [
        [*visited[:n], s.county, *visited[n:]] for n in range(len(visited) + 1)]
    found = []
    for order in orders:
        if Hindrance.PIN not in lifts and any(
            order.index(a) > order.index(b)
            for p in problem.pins.orders if p.vehicle_code == truck.code
            for a, b in pairwise([c for c in p.counties if c in order])
        ):
            continue
        loads = [*truck.loads, s]
        at = driver.arrivals(order, loads)
        bound = truck.loads if Hindrance.WINDOW in lifts else loads
        if at and all(x.closes_at is None or at[x.county] <= x.closes_at for x in bound):
            found.append(at[s.county])
    return min(found, default=None)


def room(case: Case, truck: Truck, part: tuple[int, int]) -> int:
    kind = case.problem.classes[truck.kind]
    grams = kind.payload_kg * 1000 - sum(x.load_g for x in truck.loads)
    cm3 = kind.volume_cm3 - sum(x.load_cm3 for x in truck.loads)
    fits = 0
    while (fits + 1) * part[0] <= grams and (fits + 1) * part[1] <= cm3 and fits < 99:
        fits += 1
    return fits


def rides(
    case: Case, lifts: Lifts, roads: RoadFacts | None = None, parts: int | None = None
) -> bool:
    """Whether the shipment could ride with these rules lifted (roads given: as they are told)."""
    if roads is None and Hindrance.ROAD in lifts:
        ids = case.shut
        return any(
            rides(case, lifts - {Hindrance.ROAD}, with_open(case.roads, some), parts)
            for n in range(1, len(ids) + 1) for some in combinations(ids, n)
        )
    driver = Driver(case, roads or case.roads, lifts)
    able = [t for t in trucks(case, lifts) if soonest(case, t, driver, lifts)]
    s = case.shipment
    units = sum(q for _, _, q in s.items)
    most = min(units, MOST_PARTS) if Hindrance.SPLIT in lifts else 1
    numbers = [parts] if parts else range(1, most + 1)
    for number in numbers:
        part = -(-s.load_g // number), -(-s.load_cm3 // number)
        endless = Hindrance.FLEET in lifts and number > 1
        if sum(room(case, t, part) for t in able) >= number:
            return True
        # any number of trucks may be brought in for the parts
        if endless and any(not t.code and not t.loads and room(case, t, part) for t in able):
            return True
    return False


def faults(case: Case, finding: Finding) -> list[str]:
    """What is wrong about a stated cause; empty when it is right."""
    lifts = finding.lifts
    if finding.place is None:
        return ["something helps after all"] if rides(case, frozenset(Hindrance)) or rides(
            case, frozenset(Hindrance) - {Hindrance.ROAD}) else []
    if not rides(case, lifts):
        return [f"lifting {sorted(lifts)} does not help"]
    if not lifts:
        return []
    found = ["nothing was in the way"] if rides(case, NOTHING) else []
    cheaper = [h for h in Hindrance if len(lifts) > 1 or _before(h, lifts)]
    found += [f"{h} alone is cheaper" for h in cheaper if rides(case, frozenset({h}))]
    if len(lifts) > 1:
        found += [f"{h} need not be lifted" for h in lifts if rides(case, lifts - {h})]
    return [*found, *_amounts(case, finding)]


def _before(h: Hindrance, lifts: Lifts) -> bool:
    order = list(Hindrance)
    return order.index(h) < order.index(min(lifts, key=order.index))


def _amounts(case: Case, finding: Finding) -> Iterator[str]:
    lifts, place, s = finding.lifts, finding.place, case.shipment
    assert place is not None
    if lifts in ({Hindrance.WINDOW}, {Hindrance.CREW}) and s.closes_at:
        for late_s, helps in ((finding.late_s, True), (finding.late_s - 1, False)):
            longer = replace(s, closes_at=s.closes_at + timedelta(seconds=late_s))
            if rides(replace(case, shipment=longer), NOTHING) != helps:
                yield f"{late_s} s more are {'not ' if helps else ''}enough"
    if lifts == {Hindrance.SPLIT}:
        if not rides(case, lifts, parts=place.parts):
            yield f"{place.parts} parts do not ride"
        fewer = range(1, place.parts)
        yield from (f"{n} parts would do" for n in fewer if rides(case, lifts, parts=n))
    if Hindrance.ROAD in lifts:
        yield from _roads(case, finding)


def _roads(case: Case, finding: Finding) -> Iterator[str]:
    place, lifts = finding.place, finding.lifts - {Hindrance.ROAD}
    assert place is not None
    ids = [e.id for e in place.opened]
    if not rides(case, lifts, with_open(case.roads, ids)):
        yield f"opening {ids} does not help"
    for number in range(1, len(ids)):
        for some in combinations(case.shut, number):
            if rides(case, lifts, with_open(case.roads, some)):
                yield f"opening {some} is enough"
    if finding.open_by:
        s = case.shipment
        goal = min(s.due_at, s.closes_at or s.due_at) if finding.meets_due else s.closes_at
        bound = replace(case, shipment=replace(s, closes_at=goal))
        free = lifts - {Hindrance.WINDOW}
        if not rides(bound, free, with_open(case.roads, ids, finding.open_by)):
            yield "the hour to open by is too late"
        later = finding.open_by + GRID
        is_first = later < case.problem.departs_at + timedelta(days=7)
        if is_first and rides(bound, free, with_open(case.roads, ids, later)):
            yield "the hour to open by is earlier than need be"
    elif Hindrance.WINDOW not in lifts and (case.shipment.closes_at or rides(
        replace(case, shipment=replace(case.shipment, closes_at=case.shipment.due_at)), lifts,
        with_open(case.roads, ids))):
        yield "no hour to open by is named though there is one"


def truck_faults(
    problem: RoutingProblem, routes: tuple[Route, ...], findings: list[Finding]
) -> dict[int, list[str]]:
    """Trucks asked for: enough for the lane, none fewer would do; loans stand there and fit."""
    found: dict[int, list[str]] = {}
    used = {r.vehicle_code for r in routes} | problem.pins.without
    lent: dict[tuple[str, str], int] = {}
    seen = set()
    for f in findings:
        lane = (f.shipment.warehouse_code, f.shipment.county, f.lifts, f.loans, f.more)
        if f.kind is None or lane in seen:
            continue
        seen.add(lane)
        group = [g for g in findings if lane == (
            g.shipment.warehouse_code, g.shipment.county, g.lifts, g.loans, g.more)]
        faults = []
        if sum(loan.trucks for loan in f.loans) > f.more:
            faults.append("more trucks lent than asked for")
        if Hindrance.SPLIT not in f.lifts:
            loads = [g.shipment for g in group]
            if not packs(loads, f.more, (f.kind.payload_kg * 1000, f.kind.volume_cm3)):
                faults.append(f"{f.more} trucks are too few for the lane")
            if packs(loads, f.more - 1, (f.kind.payload_kg * 1000, f.kind.volume_cm3)):
                faults.append(f"{f.more} trucks are more than the lane needs")
        for loan in f.loans:
            key = loan.warehouse_code, loan.class_code
            lent[key] = lent.get(key, 0) + loan.trucks
            free = [v for v in problem.vehicles if v.code not in used]
            stand = sum((v.warehouse_code, v.class_code) == key for v in free)
            if lent[key] > stand:
                faults.append(f"{lent[key]} trucks lent at {key}, {stand} stand there")
        if faults:
            found[f.shipment.id] = faults
    return found


def packs(loads: list[Shipment], number: int, size: tuple[int, int]) -> bool:
    """Whether so many trucks of a size hold all loads whole, by trying every way."""
    def place(left: list[Shipment], rooms: list[tuple[int, int]]) -> bool:
        if not left:
            return True
        s = left[0]
        return any(
            s.load_g <= g and s.load_cm3 <= v
            and place(left[1:], [*rooms[:n], (g - s.load_g, v - s.load_cm3), *rooms[n + 1 :]])
            for n, (g, v) in enumerate(rooms)
        )
    return place(loads, [size] * number)
