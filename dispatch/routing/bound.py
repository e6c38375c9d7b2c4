"""How little a plan could cost at best: proven, warehouse by warehouse.

The terms are those of the exact objective: kilometres from the tables, the timetable with
breaks and sleep over the whole route, hours waited for and late.  Left out, so that the bound
stands: receiving windows that open late, order pins, and where roads change later every road
is taken at its best.
"""

from __future__ import annotations

import time
from collections import defaultdict
from collections.abc import Collection, Iterable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from dispatch.routing.conditions import PACE_SCALE
from dispatch.routing.costs import lower_bound_fen
from dispatch.routing.model import Shipment
from dispatch.routing.network import RoadNetwork
from dispatch.routing.plan import RoutePlan, Tour, trucks_of
from dispatch.routing.problem import RoutingProblem
from dispatch.routing.rates import DrivingRules
from dispatch.routing.roads import TravelMatrix
from dispatch.routing.search.adapt import (
    Part,
    TruckKind,
    list_kinds,
    make_search_problem,
    read_plan,
    start_routes,
)
from dispatch.routing.search.columns import Kind, Proof, Question, prove
from dispatch.routing.search.label import WORD, Crew, Truck
from dispatch.routing.search.problem import SearchProblem, SearchResult

# the objective counts whole fen: one lost for each shipment, two for each route at most
ROUNDED_FEN = 3
THREADS = 2
LEAST_S = 0.5


@dataclass(frozen=True, slots=True)
class PlanBound:
    """What no plan for some shipments undercuts: ``bound_fen``; ``cost_fen`` of the plan in
    hand by the same terms, ``best_fen`` of the cheapest known and, when that is another, its
    tours as ``better``.  ``is_closed``: the best known is the optimum; ``is_radial``: the
    bound is from distances alone."""

    warehouse_codes: tuple[str, ...]
    shipments: int
    bound_fen: int
    cost_fen: int
    best_fen: int
    is_closed: bool
    is_radial: bool
    better: RoutePlan | None = None

    @property
    def is_optimal(self) -> bool:
        """Whether the plan in hand is the optimum."""
        return self.is_closed and self.better is None


def bound_plan(
    problem: RoutingProblem, plan: RoutePlan, limit_s: float | None, before: RoutePlan | None = None,
    first: Collection[str] | None = None,
) -> tuple[PlanBound, ...]:
    """A bound for each warehouse, every shipment loaded where ``problem`` has it.

    The sum bounds every plan with these sources.  ``limit_s`` None = counted effort, the same
    every time.  Small warehouses first; those that time or room did not suffice for get the
    bound from distances.  Shipments of locked trucks are not among them.  With a plan
    ``before`` every change from it is paid too, and the bound is one on that sum.  ``first``:
    these warehouses before the others, and none that there is no time left for.
    """
    began = time.perf_counter()
    groups: dict[str, list[Shipment]] = defaultdict(list)
    for s in open_shipments(problem, plan):
        groups[s.warehouse_code].append(s)
    relaxed = relax(replace(problem, sources={}, spare={}), with_changes=before is not None)
    order = sorted(groups, key=lambda w: (first is not None and w not in first, len(groups[w]), w))
    left = {w: sum(len(groups[x]) for x in order[n:]) for n, w in enumerate(order)}

    def run(place: str) -> PlanBound | None:
        share = None
        if limit_s is not None:
            rest = limit_s - (time.perf_counter() - began)
            if rest <= 0 and first is not None:
                return None
            share = min(rest, max(LEAST_S, rest * THREADS * len(groups[place]) / left[place]))
        return _bound_part(part_of(relaxed, groups[place], before), (place,), plan, share)

    with ThreadPoolExecutor(THREADS) as pool:
        found = dict(zip(order, pool.map(run, order), strict=True))
    return tuple(bound for _place, bound in sorted(found.items()) if bound is not None)


def bound_free(problem: RoutingProblem, plan: RoutePlan, limit_s: float | None) -> PlanBound:
    """One bound for all warehouses together, every shipment loaded at any of its sources.

    Left out besides: that spare stock can be claimed only once.
    """
    group = open_shipments(problem, plan)
    places = tuple(sorted({w for s in group for w in (s.warehouse_code, *problem.sources.get(s.id, ()))}))
    return _bound_part(part_of(relax(problem), group, None), places, plan, limit_s)


def open_shipments(problem: RoutingProblem, plan: RoutePlan) -> list[Shipment]:
    """The shipments that no locked truck has."""
    if not problem.pins.locked:
        return list(problem.shipments)
    known = {i for tour in plan.tours for i in tour.shipment_ids} | set(plan.unserved)
    return [s for s in problem.shipments if s.id in known]


def part_of(relaxed: RoutingProblem, group: Sequence[Shipment], before: RoutePlan | None) -> Part:
    """Some shipments of the relaxed question, their trucks before remembered."""
    ids = {s.id for s in group}
    shipments = tuple(s for s in relaxed.shipments if s.id in ids)
    return Part(relaxed, shipments, movable=bool(relaxed.sources), before=trucks_of(before, ids))


def relax(problem: RoutingProblem, *, with_changes: bool = False) -> RoutingProblem:
    """The same question without what the bound leaves out."""
    rates = replace(problem.rates, move_fen=0)
    return replace(
        problem,
        shipments=tuple(replace(s, opens_at=None) for s in problem.shipments),
        matrix=_at_best(problem.matrix),
        driving=_regular(problem.driving),
        rates=rates if with_changes else replace(rates, change_fen=0),
        pins=replace(problem.pins, orders=()),
    )


def _regular(rules: DrivingRules) -> DrivingRules:
    """Rules under which a crew that has rested more never arrives later: where a day is no
    whole number of spells at the wheel, or sleep is shorter than a break, breaks are free."""
    is_regular = rules.day_s % rules.rest_after_s == 0 and rules.sleep_s >= rules.rest_s
    return rules if is_regular else replace(rules, rest_s=0)


def _at_best(matrix: TravelMatrix) -> TravelMatrix:
    """Times with every road that changes at the best pace it will have."""
    network = matrix.network
    if network is None or not network.varying:
        return matrix
    steady = [list(arcs) for arcs in network.steady]
    for here, arcs in network.varying.items():
        for there, paces, leg in arcs:
            best = max(pace for _, pace in paces)
            steady[here].append((there, leg.distance_m * PACE_SCALE // best, leg))
    quick = RoadNetwork(network.nodes, network.number, tuple(tuple(arcs) for arcs in steady), {}, {})
    duration = dict(matrix.duration_s)
    for origin in matrix.places:
        if origin in network.number:
            seconds = quick.search(network.number[origin], 0).seconds
            for node, fast in zip(network.nodes, seconds, strict=True):
                if node != origin and (origin, node) in duration:
                    duration[origin, node] = min(duration[origin, node], fast)
    return replace(matrix, duration_s=duration)


def _bound_part(
    part: Part, places: tuple[str, ...], plan: RoutePlan, limit_s: float | None
) -> PlanBound:
    """The better of the proven and the radial bound."""
    kinds = list_kinds(part)
    asked = make_search_problem(part, kinds)
    ids = {s.id for s in part.shipments}
    tours = tuple(_only(tour, ids) for tour in plan.tours if not ids.isdisjoint(tour.shipment_ids))
    known = start_routes(part, kinds, replace(plan, tours=tours))
    proof = prove(make_question(part, kinds, asked), known, limit_s)
    proven = int(proof.bound) - ROUNDED_FEN * len(ids)
    radial = 0 if proof.is_closed else _radial(part, asked)
    return PlanBound(
        places, len(ids), max(proven, radial), round(proof.cost),
        round(min(proof.cost, proof.better)), proof.is_closed, radial > proven, _better(part, kinds, proof),
    )


def _radial(part: Part, asked: SearchProblem) -> int:
    """The bound from distances; what no truck may serve stays."""
    assert asked.allowed is not None
    able = [bool(row.any()) for row in asked.allowed]
    stays = sum(s.unserved_cost for s, ok in zip(asked.stops, able, strict=True) if not ok)
    served = [s for s, ok in zip(part.shipments, able, strict=True) if ok]
    return lower_bound_fen(part.problem, served) + int(stays)


def _only(tour: Tour, ids: set[int]) -> Tour:
    return replace(tour, shipment_ids=tuple(i for i in tour.shipment_ids if i in ids))


def _better(part: Part, kinds: tuple[TruckKind, ...], proof: Proof) -> RoutePlan | None:
    if proof.routes is None:
        return None
    served = {u for r in proof.routes for u in r.stops}
    left = tuple(u for u in range(len(part.shipments)) if u not in served)
    found = SearchResult(proof.routes, left, proof.better, None, 0, 0.0)
    return RoutePlan(*read_plan(part, kinds, found), proof.better)


def make_question(part: Part, kinds: Sequence[TruckKind], asked: SearchProblem) -> Question:
    """The part as the proof asks for it: driving apart from breaks and sleep."""
    problem = part.problem
    rules = problem.driving
    crew = Crew(problem.unload_s, rules.rest_after_s, rules.rest_s, rules.day_s, rules.sleep_s)
    counties = [s.county for s in part.shipments]
    yards = sorted({kind.warehouse_code for kind in kinds})
    names = [*counties, *(problem.warehouse_county[w] for w in yards)]
    drive = _drives(problem, names)
    chains = _chain(drive), _chain(np.where(drive < 0, -1, asked.distance_m[0]))
    asked_kinds = []
    for number, (kind, group) in enumerate(zip(kinds, asked.groups, strict=True)):
        assert asked.allowed is not None
        stops = np.flatnonzero(asked.allowed[:, number])
        rows = np.append(stops, len(counties) + group.depot)
        truck = _truck(part, asked, (number, kind), rows, (drive, *chains))
        assert asked.serve_cost is not None
        serve = asked.serve_cost[stops, number]
        asked_kinds.append(Kind(truck, tuple(stops.tolist()), serve, min(len(stops), kind.count)))
    return Question(tuple(asked_kinds), crew, tuple(s.unserved_cost for s in asked.stops))


def _truck(
    part: Part, asked: SearchProblem, of: tuple[int, TruckKind], rows: NDArray[np.int64],
    ways: tuple[NDArray[np.int64], NDArray[np.int64], NDArray[np.int64]],
) -> Truck:
    group, square = asked.groups[of[0]], np.ix_(rows, rows)
    stops = [asked.stops[u] for u in rows[:-1]]
    place = _first_of([part.shipments[u].county for u in rows[:-1]])
    upto, everywhere = _bits(place)
    drive, soonest, nearest = (np.ascontiguousarray(way[square]) for way in ways)

    def whole(values: Iterable[int]) -> NDArray[np.int64]:
        return np.array(list(values), np.int64)

    return Truck(
        np.ascontiguousarray(asked.distance_m[0][square]), drive, soonest, nearest, place, upto, everywhere,
        whole(s.load_g for s in stops), whole(s.load_cm3 for s in stops),
        whole(s.close_s for s in stops), whole(s.due_s for s in stops),
        np.array([s.late_cost_per_s for s in stops], np.float64),
        np.array([s.arrival_cost_per_s for s in stops], np.float64),
        group.room_g, group.room_cm3, float(group.fixed_cost), float(group.cost_per_m), int(part.problem.returns),
    )


def _drives(problem: RoutingProblem, names: Sequence[str]) -> NDArray[np.int64]:
    """Seconds at the wheel between places; -1 where no road leads."""
    rows = {name: number for number, name in enumerate(sorted(set(names)))}
    small = np.full((len(rows), len(rows)), -1, np.int64)
    for a, i in rows.items():
        for b, j in rows.items():
            small[i, j] = problem.matrix.duration_s.get((a, b), -1)
    at = np.array([rows[name] for name in names])
    spread: NDArray[np.int64] = small[at[:, None], at[None]]
    return spread


def _chain(way: NDArray[np.int64]) -> NDArray[np.int64]:
    """The shortest chains of ways, for which the triangle holds; nowhere more than the way."""
    far = np.where(way < 0, 2**40, way)
    for k in range(len(far)):
        far = np.minimum(far, far[:, k : k + 1] + far[k : k + 1])
    return far


def _first_of(counties: Sequence[str]) -> NDArray[np.int64]:
    first: dict[str, int] = {}
    return np.array([first.setdefault(county, u) for u, county in enumerate(counties)], np.int64)


def _bits(place: NDArray[np.int64]) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """For each stop the stops of its county up to it, and all of them."""
    words = max(1, -(-len(place) // WORD))
    upto = np.zeros((len(place), words), np.int64)
    everywhere = upto.copy()
    for u, own in enumerate(place):
        for v in np.flatnonzero(place == own):
            bit = 1 << int(v % WORD)
            everywhere[u, v // WORD] |= bit
            if v <= u:
                upto[u, v // WORD] |= bit
    return upto, everywhere
