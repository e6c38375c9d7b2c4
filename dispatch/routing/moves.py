"""What it would cost to load a shipment where it was first allotted, all else as planned.  Pure."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import pairwise

from dispatch.routing.costs import route_cost_fen
from dispatch.routing.lifts import insertions
from dispatch.routing.model import Shipment
from dispatch.routing.pins import follows
from dispatch.routing.plan import RoutePlan, Tour
from dispatch.routing.problem import RoutingProblem
from dispatch.routing.reasons import fits
from dispatch.routing.schedule import make_timetable


@dataclass(frozen=True, slots=True)
class Stay:
    """``fen`` of trucks and kilometres more than as planned (below 0: less) and ``later_s``
    until it arrives (below 0: sooner), by the cheapest truck of its own warehouse."""

    fen: int
    later_s: int


def cost_of_staying(problem: RoutingProblem, plan: RoutePlan, shipment: Shipment) -> Stay | None:
    """None where no truck of its own warehouse could take it as things stand."""
    of = problem.by_id
    tour = next(t for t in plan.tours if shipment.id in t.shipment_ids)
    loads = [of[i] for i in tour.shipment_ids]
    freed_fen = _cost(problem, tour, loads) - _cost(problem, tour, [s for s in loads if s.id != shipment.id])
    options = sorted(_options(problem, plan, shipment), key=lambda o: (o[0], o[1].vehicle_code, o[1].class_code))
    for fen, other, order in options:
        at = _arrivals(problem, other, order)
        if all(s.closes_at is None or at[s.county] <= s.closes_at for s in order):
            now = _arrivals(problem, tour, loads)[shipment.county]
            return Stay(fen - freed_fen, int((at[shipment.county] - now).total_seconds()))
    return None


def _options(
    problem: RoutingProblem, plan: RoutePlan, shipment: Shipment
) -> Iterator[tuple[int, Tour, list[Shipment]]]:
    """(fen added, truck, its loads in order) for each place on a truck of the shipment's warehouse."""
    of = problem.by_id
    start, needs = problem.warehouse_county[shipment.warehouse_code], problem.skills.get(shipment.county, frozenset())
    for tour in _trucks(problem, plan, shipment.warehouse_code):
        kind, carried = problem.classes[tour.class_code], [of[i] for i in tour.shipment_ids]
        loads = [*carried, shipment]
        if not fits(kind, loads) or not needs <= frozenset(kind.skills.split()):
            continue
        before = _cost(problem, tour, carried)
        for order in insertions([s.county for s in carried], shipment.county):
            is_way = all(pair in problem.matrix.duration_s for pair in pairwise((start, *order)))
            if is_way and follows(order, problem.pins, tour.vehicle_code):
                ordered = [s for c in order for s in loads if s.county == c]
                yield _cost(problem, tour, ordered) - before, tour, ordered


def _trucks(problem: RoutingProblem, plan: RoutePlan, yard: str) -> Iterator[Tour]:
    """Trucks of a warehouse that are out, then those that stand, then one to hire of each class."""
    locked = {t.vehicle_code for t in problem.pins.locked}
    yield from (t for t in plan.tours if t.warehouse_code == yard)
    gone = {t.vehicle_code for t in plan.tours} | locked | problem.pins.without
    for v in problem.vehicles:
        if v.warehouse_code == yard and v.code not in gone:
            yield Tour(v.code, v.class_code, False, yard, ())
    hired = Counter(t.class_code for t in plan.tours if t.is_hired and t.warehouse_code == yard)
    hired.update(t.class_code for t in problem.pins.locked if t.is_hired and t.warehouse_code == yard)
    for code in problem.classes:
        if hired[code] < problem.rates.hire_most:
            yield Tour("", code, True, yard, ())


def _cost(problem: RoutingProblem, tour: Tour, loads: Sequence[Shipment]) -> int:
    if not loads:
        return 0
    places = [problem.warehouse_county[tour.warehouse_code], *dict.fromkeys(s.county for s in loads)]
    return route_cost_fen(problem, problem.classes[tour.class_code], tour.is_hired, places)


def _arrivals(problem: RoutingProblem, tour: Tour, loads: Sequence[Shipment]) -> dict[str, datetime]:
    return {stop.county: stop.arrives_at for stop in make_timetable(problem, tour.warehouse_code, loads).stops}
