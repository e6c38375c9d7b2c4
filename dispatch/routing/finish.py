"""From a plan in the making to routes with times, roads, costs and reasons.  Pure."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace
from itertools import permutations

from dispatch.routing.costs import lower_bound_fen, objective_fen, route_cost_fen, waiting_fen
from dispatch.routing.model import Route, RoutingResult, Shipment
from dispatch.routing.pins import follows
from dispatch.routing.plan import RoutePlan, Tour, lane_keys
from dispatch.routing.problem import RoutingProblem
from dispatch.routing.reasons import Yards, why_truck
from dispatch.routing.schedule import Timetable, make_timetable
from dispatch.routing.unserved import why_unserved

MOST_ORDERED = 6


def make_result(problem: RoutingProblem, plan: RoutePlan) -> RoutingResult:
    """The plan as routes; a tour whose exact times break a receiving window loses the
    shipments concerned, which are then unserved with their cause."""
    of = problem.by_id
    served: list[tuple[Tour, Timetable]] = []
    left = list(plan.unserved)
    tours = (*plan.tours, *locked_tours(problem))
    for tour in sorted(tours, key=lambda t: (t.warehouse_code, t.is_hired, t.vehicle_code)):
        kept, dropped = _in_time(problem, tour, [of[i] for i in tour.shipment_ids])
        left += [s.id for s in dropped]
        if kept:
            ids = tuple(s.id for s in kept)
            timetable = make_timetable(problem, tour.warehouse_code, kept)
            served.append((replace(tour, shipment_ids=ids), timetable))
    yards = Yards(problem, [tour for tour, _ in served])
    routes = tuple(_route(problem, tour, timetable, yards) for tour, timetable in served)
    unserved = why_unserved(problem, [of[i] for i in sorted(left)], routes)
    carried = [of[i] for tour, _ in served for i in tour.shipment_ids]
    stays = sum(problem.rates.unserved(of[i].priority) for i in left)
    objective = objective_fen(problem, routes, left)
    locked = {tour.vehicle_code for tour in problem.pins.locked}
    fixed = objective_fen(problem, [r for r in routes if r.vehicle_code in locked], ())
    proven = plan.bound + fixed if plan.bound else 0
    return RoutingResult(
        status="feasible",
        routes=routes,
        unserved=unserved,
        objective=objective,
        bound=max(lower_bound_fen(problem, carried) + stays, min(proven, objective)),
        runtime_s=0.0,
    )


def weigh(problem: RoutingProblem, tours: Iterable[Tour], unserved: Iterable[int]) -> int:
    """What tours weigh by their exact times, in fen: money, waiting, lateness, what stays."""
    of = problem.by_id
    total = sum(problem.rates.unserved(of[i].priority) for i in unserved)
    for tour in tours:
        kept, dropped = _in_time(problem, tour, [of[i] for i in tour.shipment_ids])
        total += sum(problem.rates.unserved(s.priority) for s in dropped)
        total += _weight(problem, tour, kept) if kept else 0
    return total


def locked_tours(problem: RoutingProblem) -> tuple[Tour, ...]:
    """Trucks that are loaded or on the road, with the shipments of this problem."""
    number = {key: i for i, key in lane_keys(problem.shipments).items()}
    return tuple(
        Tour(t.vehicle_code, t.class_code, t.is_hired, t.warehouse_code,
             tuple(number[load] for load in t.loads if load in number))
        for t in problem.pins.locked
    )


def _in_time(
    problem: RoutingProblem, tour: Tour, shipments: list[Shipment]
) -> tuple[list[Shipment], list[Shipment]]:
    """(shipments in the order to drive, those that the exact times cannot bring in their window)."""
    kept = _ordered(problem, tour, shipments)
    dropped: list[Shipment] = []
    while True:
        late = _first_too_late(problem, tour, kept)
        if late is None:
            return kept, dropped
        kept = [s for s in kept if s.id != late.id]
        dropped.append(late)


def _first_too_late(problem: RoutingProblem, tour: Tour, kept: Sequence[Shipment]) -> Shipment | None:
    if not any(s.closes_at for s in kept):
        return None
    of = {s.id: s for s in kept}
    for stop in make_timetable(problem, tour.warehouse_code, kept).stops:
        for shipment in (of[i] for i in stop.shipment_ids):
            if shipment.closes_at and stop.arrives_at > shipment.closes_at:
                return shipment
    return None


def _ordered(problem: RoutingProblem, tour: Tour, shipments: list[Shipment]) -> list[Shipment]:
    """The order of the plan, or the cheapest that keeps the order pins of the truck."""
    counties = list(dict.fromkeys(s.county for s in shipments))
    by_county = {c: [s for s in shipments if s.county == c] for c in counties}
    if follows(counties, problem.pins, tour.vehicle_code):
        return [s for c in counties for s in by_county[c]]
    if len(counties) > MOST_ORDERED:
        orders = [_pinned_first(problem, tour.vehicle_code, counties)]
    else:
        orders = [list(o) for o in permutations(counties) if follows(o, problem.pins, tour.vehicle_code)]
    best = min(orders, key=lambda order: (_weight(problem, tour, [s for c in order for s in by_county[c]]), order))
    return [s for c in best for s in by_county[c]]


def _pinned_first(problem: RoutingProblem, vehicle_code: str, counties: list[str]) -> list[str]:
    """A long tour: the pinned counties in their order at the places they hold together."""
    order = list(counties)
    for pin in problem.pins.orders:
        if pin.vehicle_code == vehicle_code:
            met = [c for c in pin.counties if c in order]
            places = sorted(order.index(c) for c in met)
            for place, county in zip(places, met, strict=True):
                order[place] = county
    return order


def _weight(problem: RoutingProblem, tour: Tour, shipments: list[Shipment]) -> int:
    of = {s.id: s for s in shipments}
    timetable = make_timetable(problem, tour.warehouse_code, shipments)
    waiting = sum(
        waiting_fen(problem, of[i], stop.arrives_at) for stop in timetable.stops for i in stop.shipment_ids
    )
    return waiting + _cost_fen(problem, tour, timetable)


def _cost_fen(problem: RoutingProblem, tour: Tour, timetable: Timetable) -> int:
    places = [problem.warehouse_county[tour.warehouse_code], *(s.county for s in timetable.stops)]
    return route_cost_fen(problem, problem.classes[tour.class_code], tour.is_hired, places)


def _route(problem: RoutingProblem, tour: Tour, timetable: Timetable, yards: Yards) -> Route:
    of = problem.by_id
    loads = [of[i] for i in tour.shipment_ids]
    return Route(
        vehicle_code=tour.vehicle_code,
        vehicle_class=tour.class_code,
        warehouse_code=tour.warehouse_code,
        departs_at=timetable.departs_at,
        stops=timetable.stops,
        legs=timetable.legs,
        distance_m=sum(leg.distance_m for leg in timetable.legs),
        duration_s=timetable.duration_s,
        load_g=sum(s.load_g for s in loads),
        load_cm3=sum(s.load_cm3 for s in loads),
        cost_fen=_cost_fen(problem, tour, timetable),
        is_hired=tour.is_hired,
        reason=why_truck(problem, tour, timetable.stops, yards),
    )
