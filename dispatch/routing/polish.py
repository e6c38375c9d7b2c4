"""A plan mended where the exact timetable makes it dearer than a search leg by leg can see.

The search lets a crew start every leg rested; in truth hours at the wheel add up, and a truck
with many stops sleeps before the last.  The proof of the bound counts that, and where it met
cheaper tours for a warehouse these are taken, once the timetable says the same.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from math import inf

from dispatch.routing.bound import bound_plan
from dispatch.routing.costs import route_cost_fen, waiting_fen
from dispatch.routing.plan import RoutePlan, Tour, trucks_of
from dispatch.routing.problem import RoutingProblem
from dispatch.routing.schedule import make_timetable


def polish(
    problem: RoutingProblem, plan: RoutePlan, limit_s: float | None, before: RoutePlan | None = None
) -> RoutePlan:
    """The plan with its bound, and cheaper tours where the proof met any.

    Every shipment stays at the warehouse it is loaded at; trucks with a pinned order keep
    their tours, and so do all at their warehouse.  ``limit_s`` None = counted effort.  With a
    plan ``before`` changes from it are paid, there is no bound, and warehouses whose tours
    changed are looked at before the others, which were mended when that plan was made.
    """
    loaded = as_loaded(problem, plan)
    parts = bound_plan(loaded, plan, limit_s, before, changed_places(plan, before) if before else None)
    pinned = {pin.vehicle_code for pin in problem.pins.orders}
    fixed = {v.warehouse_code for v in problem.vehicles if v.code in pinned}
    for part in parts:
        if part.better is not None and not fixed & set(part.warehouse_codes):
            plan = _cheaper(loaded, plan, part.better, before)
    return replace(plan, bound=0 if before else sum(part.bound_fen for part in parts))


def changed_places(plan: RoutePlan, before: RoutePlan) -> frozenset[str]:
    """Warehouses where a truck has other stops than before, came or went."""
    return frozenset(tour.warehouse_code for tour in {*plan.tours} ^ {*before.tours})


def as_loaded(problem: RoutingProblem, plan: RoutePlan) -> RoutingProblem:
    """The problem with every shipment at the warehouse where the plan loads it."""
    at = {i: tour.warehouse_code for tour in plan.tours for i in tour.shipment_ids}
    shipments = tuple(
        s if at.get(s.id, s.warehouse_code) == s.warehouse_code else replace(s, warehouse_code=at[s.id])
        for s in problem.shipments
    )
    return replace(problem, shipments=shipments, sources={}, spare={})


def _cheaper(
    problem: RoutingProblem, plan: RoutePlan, better: RoutePlan, before: RoutePlan | None
) -> RoutePlan:
    """The plan with the tours of ``better`` for the same shipments if they weigh less."""
    ids = {i for tour in better.tours for i in tour.shipment_ids} | set(better.unserved)
    old = tuple(tour for tour in plan.tours if ids & set(tour.shipment_ids))
    stays = tuple(i for i in plan.unserved if i in ids)
    if _worth(problem, better.tours, better.unserved, before) >= _worth(problem, old, stays, before):
        return plan
    kept = tuple(tour for tour in plan.tours if tour not in old)
    left = tuple(sorted({*better.unserved, *(i for i in plan.unserved if i not in ids)}))
    return replace(plan, tours=(*kept, *better.tours), unserved=left)


def _worth(
    problem: RoutingProblem, tours: Sequence[Tour], unserved: Sequence[int], before: RoutePlan | None
) -> float:
    """Fen by the exact timetable; endless when a receiving window is missed."""
    of = problem.by_id
    trucks = trucks_of(before, of)
    total = sum(problem.rates.unserved(of[i].priority) for i in unserved)
    for tour in tours:
        loads = [of[i] for i in tour.shipment_ids]
        timetable = make_timetable(problem, tour.warehouse_code, loads)
        places = [problem.warehouse_county[tour.warehouse_code], *(stop.county for stop in timetable.stops)]
        total += route_cost_fen(problem, problem.classes[tour.class_code], tour.is_hired, places)
        for stop in timetable.stops:
            for shipment in (of[i] for i in stop.shipment_ids):
                if shipment.closes_at and stop.arrives_at > shipment.closes_at:
                    return inf
                total += waiting_fen(problem, shipment, stop.arrives_at)
                changed = trucks.get(shipment.id, tour.vehicle_code) != tour.vehicle_code
                total += problem.rates.change_fen * changed
    return total
