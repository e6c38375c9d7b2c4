"""Why a shipment stays, found by lifting one rule after another, and the cheapest way out.  Pure."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import timedelta

from dispatch.routing.causes import Finding, Hindrance, Lifts, Loan, Place
from dispatch.routing.driving import stops_on_the_way_s
from dispatch.routing.lifts import Bench
from dispatch.routing.model import Route, Shipment, Unserved, VehicleClass
from dispatch.routing.problem import RoutingProblem
from dispatch.routing.reasons import fits
from dispatch.routing.schedule import make_timetable
from dispatch.routing.unserved_words import cause_words

GRID = timedelta(minutes=10)
LONGEST = timedelta(days=7)


def find_causes(
    problem: RoutingProblem, shipments: Sequence[Shipment], routes: Sequence[Route]
) -> list[Finding]:
    """What keeps each of these shipments off the trucks of this plan, in their order."""
    left: dict[str, list[Shipment]] = defaultdict(list)
    for s in shipments:
        left[s.warehouse_code].append(s)
    found: dict[int, Finding] = {}
    for yard, mine in left.items():
        bench = Bench(problem, yard, routes, mine)
        known: dict[object, Finding] = {}
        for s in mine:
            alike = (s.county, s.load_g, s.load_cm3, s.due_at, s.opens_at, s.closes_at)
            if alike not in known:
                known[alike] = _find(bench, s)
            found[s.id] = replace(known[alike], shipment=s)
    lent = _Lent(problem, routes)
    for group in _lanes(found.values()):
        found.update({f.shipment.id: f for f in lent.trucks_for(group)})
    return [found[s.id] for s in shipments]


def _find(bench: Bench, shipment: Shipment) -> Finding:
    """The easiest rule that alone lets it ride; else rules none of which can be left out, the
    most costly ones dropped first."""
    nothing: Lifts = frozenset()
    place = bench.place(shipment, nothing)
    if place:
        return Finding(shipment, nothing, place)
    for one in Hindrance:
        place = bench.place(shipment, frozenset({one}))
        if place:
            return _measured(bench, Finding(shipment, frozenset({one}), place))
    lifts = frozenset(Hindrance)
    place = bench.place(shipment, lifts)
    if place is None:
        lifts -= {Hindrance.ROAD}
        place = bench.place(shipment, lifts)
    if place is None:
        return Finding(shipment, nothing, None)
    for one in reversed(Hindrance):
        less = bench.place(shipment, lifts - {one})
        if less:
            lifts, place = lifts - {one}, less
    return _measured(bench, Finding(shipment, lifts, place))


def _measured(bench: Bench, finding: Finding) -> Finding:
    """With hours, moments and the class of truck."""
    shipment, place = finding.shipment, finding.place
    if place is None:
        return finding
    if Hindrance.WINDOW in finding.lifts and shipment.closes_at:
        late_s = int((place.arrives_at - shipment.closes_at).total_seconds())
        finding = replace(finding, late_s=late_s)
    longer = bench.place(shipment, frozenset({Hindrance.WINDOW})) if finding.lifts == {Hindrance.CREW} else None
    if longer and shipment.closes_at:
        finding = replace(finding, late_s=int((longer.arrives_at - shipment.closes_at).total_seconds()))
    if Hindrance.FLEET in finding.lifts:
        kind = bench.problem.classes[place.carrier.class_code]
        finding = replace(finding, kind=kind, more=place.parts)
    return _opening(bench, finding, place) if place.opened else finding


def _opening(bench: Bench, finding: Finding, place: Place) -> Finding:
    """The last moment, in steps of ten minutes, at which the roads may open."""
    goal = finding.shipment
    ends = min(goal.due_at, goal.closes_at) if goal.closes_at else goal.due_at
    strict = replace(goal, closes_at=ends)
    lifts = finding.lifts - {Hindrance.WINDOW}
    meets_due = bench.place_opened(strict, lifts, place.opened) is not None
    if not meets_due:
        if goal.closes_at is None or Hindrance.WINDOW in finding.lifts:
            return finding
        strict = goal
    low, high = 0, LONGEST // GRID
    while low < high:
        middle = (low + high + 1) // 2
        at = bench.problem.departs_at + GRID * middle
        if bench.place_opened(strict, lifts, place.opened, at):
            low = middle
        else:
            high = middle - 1
    return replace(finding, open_by=bench.problem.departs_at + GRID * low, meets_due=meets_due)


def _lanes(findings: Iterable[Finding]) -> list[list[Finding]]:
    """Findings that ask for trucks, by lane, the most urgent first."""
    lanes: dict[tuple[str, str, Lifts], list[Finding]] = defaultdict(list)
    for f in findings:
        if f.kind:
            lanes[f.shipment.warehouse_code, f.shipment.county, f.lifts].append(f)
    return sorted(lanes.values(), key=lambda g: (min(f.shipment.priority for f in g), g[0].shipment.id))


class _Lent:
    """Trucks that stand unused elsewhere, none of them promised twice."""

    def __init__(self, problem: RoutingProblem, routes: Sequence[Route]) -> None:
        self.problem = problem
        used = {r.vehicle_code for r in routes} | problem.pins.without
        used |= {t.vehicle_code for t in problem.pins.locked}
        self.free = Counter((v.warehouse_code, v.class_code) for v in problem.vehicles if v.code not in used)

    def trucks_for(self, group: list[Finding]) -> list[Finding]:
        """How many trucks the whole lane asks for and who could lend them."""
        kinds = sorted({f.kind for f in group if f.kind}, key=lambda k: (k.payload_kg, k.code))
        if Hindrance.SPLIT in group[0].lifts:
            kind, more = kinds[-1], sum(f.more for f in group)
        else:
            whole = [k for k in kinds if all(fits(k, (f.shipment,)) for f in group)]
            if not whole:
                return [found for f in group for found in self.trucks_for([f])]
            kind, more = whole[0], _packed([f.shipment for f in group], whole[0])
        loans = tuple(self._loans(group, more))
        return [replace(f, kind=kind, more=more, loans=loans) for f in group]

    def _loans(self, group: list[Finding], more: int) -> Iterable[Loan]:
        needs = self.problem.skills.get(group[0].shipment.county, frozenset())
        parts = max((f.place.parts for f in group if f.place), default=1)
        home = self.problem.warehouse_county[group[0].shipment.warehouse_code]
        near = []
        for (yard, code), number in self.free.items():
            drive_s = self.problem.matrix.duration_s.get((self.problem.warehouse_county[yard], home))
            kind = self.problem.classes[code]
            able = needs <= frozenset(kind.skills.split()) or Hindrance.SKILL in group[0].lifts
            if drive_s is None or yard == group[0].shipment.warehouse_code or not number or not able:
                continue
            holds = all(fits(kind, (_part(f.shipment, parts),)) for f in group)
            if holds and self._is_in_time(group, drive_s):
                near.append((drive_s, kind.payload_kg, yard, code))
        for drive_s, _, yard, code in sorted(near):
            trucks = min(more, self.free[yard, code])
            if trucks:
                more -= trucks
                self.free[yard, code] -= trucks
                yield Loan(yard, code, trucks, drive_s)

    def _is_in_time(self, group: list[Finding], drive_s: int) -> bool:
        """Whether a truck that comes so far first (the crew changes there) keeps the windows."""
        bound = [f.shipment for f in group if f.shipment.closes_at]
        if not bound or group[0].lifts != {Hindrance.FLEET}:
            return not bound
        comes = self.problem.departs_at + timedelta(seconds=drive_s + stops_on_the_way_s(drive_s, self.problem.driving))
        later = replace(self.problem, departs_at=comes)
        for s in bound:
            (stop,) = make_timetable(later, s.warehouse_code, (s,)).stops
            if s.closes_at and stop.arrives_at > s.closes_at:
                return False
        return True


def _part(shipment: Shipment, parts: int) -> Shipment:
    return replace(shipment, load_g=-(-shipment.load_g // parts), load_cm3=-(-shipment.load_cm3 // parts))


def _packed(shipments: Sequence[Shipment], kind: VehicleClass) -> int:
    """Trucks of a class that hold all of them, the largest loads placed first."""
    trucks: list[list[Shipment]] = []
    for s in sorted(shipments, key=lambda s: (-s.load_g, -s.load_cm3, s.id)):
        room = next((t for t in trucks if fits(kind, (*t, s))), None)
        if room is None:
            trucks.append([s])
        else:
            room.append(s)
    return len(trucks)


def why_unserved(
    problem: RoutingProblem, shipments: Sequence[Shipment], routes: Sequence[Route]
) -> tuple[Unserved, ...]:
    """Cause and cheapest way out of each shipment that no truck of the plan takes.

    A rule is lifted alone and the shipment tried on every truck, all else kept; the order of
    ``Hindrance`` is the order of effort.  Several shipments of a lane that want trucks get one
    sentence with the trucks for all of them.
    """
    findings = find_causes(problem, shipments, routes)
    return tuple(Unserved(f.shipment.id, *cause_words(problem, f)) for f in findings)
