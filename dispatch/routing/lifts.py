"""Whether a shipment could ride after all, were a rule not there: tried on the plan itself.  Pure.

All else is kept: every other shipment stays on its truck, in its order and its window.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from itertools import pairwise

from dispatch.routing.causes import Carrier, Hindrance, Lifts, Place
from dispatch.routing.closures import fewest_openings, opened, openings_worth, road_map, shut_now
from dispatch.routing.costs import route_cost_fen
from dispatch.routing.model import RoadEdge, Route, Shipment
from dispatch.routing.pins import Pins, follows
from dispatch.routing.problem import RoutingProblem
from dispatch.routing.roads import TravelMatrix, build_matrix
from dispatch.routing.schedule import make_timetable

MOST_PARTS = 20
MOST_OPENED = 4


class Bench:
    """One warehouse with its trucks as the plan uses them."""

    def __init__(
        self, problem: RoutingProblem, warehouse_code: str, routes: Sequence[Route], left: Iterable[Shipment]
    ) -> None:
        self.yard, self.start = warehouse_code, problem.warehouse_county[warehouse_code]
        self.routes = [r for r in routes if r.warehouse_code == warehouse_code]
        self.of = problem.by_id
        self.locked = {t.vehicle_code for t in problem.pins.locked}
        self.places = {self.start, *(s.county for s in left), *(s.county for r in self.routes for s in r.stops)}
        vehicles = tuple(v for v in problem.vehicles if v.warehouse_code == warehouse_code)
        self.problem = replace(
            problem, shipments=(), vehicles=vehicles, sources={}, spare={}, matrix=self._near(problem.matrix)
        )
        self.carriers = [*self._driving(), *self._standing(), *self._hired()]
        self.matrices: dict[tuple[tuple[int, ...], datetime | None], TravelMatrix] = {}

    def _near(self, matrix: TravelMatrix) -> TravelMatrix:
        pairs = [(a, b) for a in self.places for b in self.places if (a, b) in matrix.duration_s]
        return replace(
            matrix, duration_s={p: matrix.duration_s[p] for p in pairs},
            distance_m={p: matrix.distance_m[p] for p in pairs},
        )

    def _driving(self) -> Iterator[Carrier]:
        for route in self.routes:
            if route.vehicle_code not in self.locked:
                loads = tuple(self.of[i] for stop in route.stops for i in stop.shipment_ids)
                yield Carrier(route.vehicle_code, route.vehicle_class, route.is_hired, loads)

    def _standing(self) -> Iterator[Carrier]:
        used = self.locked | {r.vehicle_code for r in self.routes}
        for v in self.problem.vehicles:
            if v.code not in used:
                yield Carrier(v.code, v.class_code, False)

    def _hired(self) -> Iterator[Carrier]:
        used = Counter(r.vehicle_class for r in self.routes if r.is_hired)
        for code in self.problem.classes:
            left = self.problem.rates.hire_most - used[code]
            if left > 0:
                yield Carrier("", code, True, (), left)

    def place(self, shipment: Shipment, lifts: Lifts) -> Place | None:
        """Where the shipment could ride, soonest there, with these rules lifted; None = nowhere."""
        if Hindrance.ROAD not in lifts:
            return self._placed(self._world(lifts), shipment, lifts)
        for edges in self._openings(shipment):
            found = self.place_opened(shipment, lifts, edges)
            if found:
                return self._fewer(shipment, lifts, found)
        return None

    def place_opened(
        self, shipment: Shipment, lifts: Lifts, edges: Sequence[RoadEdge], at: datetime | None = None
    ) -> Place | None:
        """The same with certain roads opened, now or at a moment."""
        world = self._world(lifts, self._matrix(edges, at))
        found = self._placed(world, shipment, lifts)
        return replace(found, opened=tuple(edges)) if found else None

    def _fewer(self, shipment: Shipment, lifts: Lifts, found: Place) -> Place:
        """Without the roads that turn out not to be needed."""
        for edge in found.opened:
            edges = tuple(e for e in found.opened if e != edge)
            less = self.place_opened(shipment, lifts, edges) if edges else None
            found = less or found
        return found

    def _world(self, lifts: Lifts, matrix: TravelMatrix | None = None) -> RoutingProblem:
        problem = self.problem
        if Hindrance.CREW in lifts:
            problem = replace(problem, driving=replace(problem.driving, rest_s=0, sleep_s=0))
        if Hindrance.SKILL in lifts:
            problem = replace(problem, skills={})
        if Hindrance.PIN in lifts:
            problem = replace(problem, pins=Pins(without=problem.pins.without))
        return replace(problem, matrix=matrix) if matrix else problem

    def _matrix(self, edges: Sequence[RoadEdge], at: datetime | None) -> TravelMatrix:
        roads = self.problem.around.roads
        key = tuple(sorted(e.id for e in edges)), at
        if roads is None:
            return self.problem.matrix
        if key not in self.matrices:
            changed = opened(roads, edges, at)
            self.matrices[key] = self._near(
                build_matrix(changed.edges, changed.speeds, changed.conditions, self.places, self.leaves_at)
            )
        return self.matrices[key]

    @property
    def leaves_at(self) -> datetime:
        """When loaded trucks leave."""
        return self.problem.departs_at + timedelta(seconds=self.problem.load_s)

    def _openings(self, shipment: Shipment) -> Iterator[tuple[RoadEdge, ...]]:
        """Closed roads worth trying, few first: those on the ways there, and with windows each alone."""
        roads = self.problem.around.roads
        if roads is None:
            return
        arcs = road_map(roads)
        tried: dict[tuple[int, ...], tuple[RoadEdge, ...]] = {}
        for origin in sorted(self.places - {shipment.county}) or [self.start]:
            ways = openings_worth(arcs, (origin, shipment.county), self.leaves_at, MOST_OPENED)
            if not ways and (only := fewest_openings(arcs, origin, self.leaves_at).get(shipment.county)):
                ways = [only]
            for way in ways:
                if way.shut:
                    tried.setdefault(tuple(sorted(e.id for e in way.shut)), way.shut)
        if shipment.closes_at or any(s.closes_at for c in self.carriers for s in c.carries):
            shut = shut_now(roads)
            for edge in roads.edges:
                if edge.id in shut:
                    tried.setdefault((edge.id,), (edge,))
        yield from (tried[key] for key in sorted(tried, key=lambda ids: (len(ids), ids)))

    def _placed(self, world: RoutingProblem, shipment: Shipment, lifts: Lifts) -> Place | None:
        able = []
        for carrier in self._able(world, shipment, lifts):
            at = self._arrival(world, carrier, shipment, lifts)
            if at is not None:
                able.append((at, self._cost(world, carrier, shipment), carrier.code, carrier))
        able.sort(key=lambda a: a[:3])
        if not able:
            return None
        if Hindrance.SPLIT in lifts:
            is_new = Hindrance.FLEET in lifts
            return self._split(shipment, [(at, c) for at, _, _, c in able if not is_new or c.count is None])
        return Place(able[0][3], able[0][0])

    def _able(self, world: RoutingProblem, shipment: Shipment, lifts: Lifts) -> Iterator[Carrier]:
        """Trucks with room that may carry it, whatever the hour."""
        lane = (self.yard, shipment.county)
        pinned = {p.vehicle_code for p in world.pins.trucks if (p.warehouse_code, p.county) == lane}
        needs = world.skills.get(shipment.county, frozenset())
        more = [Carrier("", code, False, (), None) for code in world.classes] if Hindrance.FLEET in lifts else []
        for carrier in (*self.carriers, *more):
            kind = world.classes[carrier.class_code]
            is_out = carrier.code in world.pins.without and Hindrance.LEFT_OUT not in lifts
            if is_out or (pinned and carrier.code not in pinned) or not needs <= frozenset(kind.skills.split()):
                continue
            if Hindrance.SPLIT in lifts or self._parts(carrier, (shipment.load_g, shipment.load_cm3)):
                yield carrier

    def _parts(self, carrier: Carrier, part: tuple[int, int]) -> int:
        """How many loads of so many grams and cm3 one such truck still takes."""
        kind = self.problem.classes[carrier.class_code]
        free_g = kind.payload_kg * 1000 - sum(s.load_g for s in carrier.carries)
        free_cm3 = kind.volume_cm3 - sum(s.load_cm3 for s in carrier.carries)
        return max(0, min(free_g // part[0], free_cm3 // part[1] if part[1] else free_g))

    def _split(self, shipment: Shipment, able: list[tuple[datetime, Carrier]]) -> Place | None:
        """In the fewest equal parts for which there is room, soonest trucks first."""
        units = sum(quantity for _, _, quantity in shipment.items)
        for parts in range(1, min(units, MOST_PARTS) + 1):
            size = -(-shipment.load_g // parts), -(-shipment.load_cm3 // parts)
            left = parts
            for at, carrier in able:
                left -= self._parts(carrier, size) * (parts if carrier.count is None else carrier.count)
                if left <= 0:
                    return Place(carrier, at, parts)
        return None

    def _cost(self, world: RoutingProblem, carrier: Carrier, shipment: Shipment) -> int:
        kind = world.classes[carrier.class_code]
        return 0 if carrier.carries else route_cost_fen(world, kind, carrier.is_hired, [self.start, shipment.county])

    def _arrival(
        self, world: RoutingProblem, carrier: Carrier, shipment: Shipment, lifts: Lifts
    ) -> datetime | None:
        """The soonest the truck could be there, every other load of it still in its window."""
        loads = [*carrier.carries, shipment]
        best: datetime | None = None
        for order in insertions((s.county for s in carrier.carries), shipment.county):
            is_way = all(pair in world.matrix.duration_s for pair in pairwise((self.start, *order)))
            if not is_way or not follows(order, world.pins, carrier.code):
                continue
            timetable = make_timetable(world, self.yard, [s for c in order for s in loads if s.county == c])
            at = {stop.county: stop.arrives_at for stop in timetable.stops}
            bound = carrier.carries if Hindrance.WINDOW in lifts else loads
            if all(s.closes_at is None or at[s.county] <= s.closes_at for s in bound):
                best = min(best or at[shipment.county], at[shipment.county])
        return best


def insertions(counties: Iterable[str], county: str) -> Iterator[list[str]]:
    """The counties of a truck with one more at each place where it could be visited."""
    kept = list(dict.fromkeys(counties))
    if county in kept:
        yield kept
        return
    for at in range(len(kept), -1, -1):
        yield [*kept[:at], county, *kept[at:]]
