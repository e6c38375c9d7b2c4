"""The independent checker: recomputes every rule from the problem, without the solver."""

from __future__ import annotations

from collections import Counter
from datetime import timedelta

from dispatch.routing.model import Route, RoutingResult
from dispatch.routing.problem import RoutingProblem


def violations(problem: RoutingProblem, result: RoutingResult) -> list[str]:
    """Every broken rule as a sentence; an empty list means the plan stands."""
    found = _each_shipment_once(problem, result)
    found += _each_vehicle_once(problem, result)
    for route in result.routes:
        found += _check_load(problem, route)
        found += _check_times(problem, route)
        found += _check_road(problem, route)
    return found


def _each_shipment_once(problem: RoutingProblem, result: RoutingResult) -> list[str]:
    carried = Counter(i for r in result.routes for stop in r.stops for i in stop.shipment_ids)
    carried.update(u.shipment_id for u in result.unserved)
    wanted = {s.id for s in problem.shipments}
    return [
        f"shipment {i} is carried {carried.get(i, 0)} times"
        for i in sorted(wanted | set(carried))
        if carried.get(i, 0) != 1 or i not in wanted
    ]


def _each_vehicle_once(problem: RoutingProblem, result: RoutingResult) -> list[str]:
    own = {v.code: v for v in problem.vehicles}
    used = Counter(route.vehicle_code for route in result.routes)
    found = [f"truck {code} drives {n} routes" for code, n in used.items() if n > 1]
    for route in result.routes:
        vehicle = own.get(route.vehicle_code)
        if route.is_hired == (vehicle is not None):
            found.append(f"truck {route.vehicle_code} is wrongly marked own or hired")
        elif vehicle and (vehicle.warehouse_code, vehicle.class_code) != (
            route.warehouse_code, route.vehicle_class,
        ):
            found.append(f"truck {route.vehicle_code} does not stand at {route.warehouse_code}")
    return found


def _check_load(problem: RoutingProblem, route: Route) -> list[str]:
    shipments = {s.id: s for s in problem.shipments}
    found = []
    load_g = load_cm3 = 0
    for stop in route.stops:
        for number in stop.shipment_ids:
            shipment = shipments.get(number)
            if shipment is None:
                continue
            load_g, load_cm3 = load_g + shipment.load_g, load_cm3 + shipment.load_cm3
            if shipment.county != stop.county:
                found.append(f"shipment {number} is left at {stop.county}, not {shipment.county}")
            if shipment.warehouse_code != route.warehouse_code:
                found.append(f"shipment {number} does not start at {route.warehouse_code}")
    kind = problem.classes[route.vehicle_class]
    if load_g != route.load_g or load_g > kind.payload_kg * 1000:
        found.append(f"truck {route.vehicle_code} carries {load_g} g of {kind.payload_kg} kg")
    if load_cm3 != route.load_cm3 or load_cm3 > kind.volume_cm3:
        found.append(f"truck {route.vehicle_code} carries {load_cm3} of {kind.volume_cm3} cm3")
    return found


def _check_times(problem: RoutingProblem, route: Route) -> list[str]:
    at = problem.departs_at + timedelta(seconds=problem.load_s)
    found = []
    if route.departs_at != at:
        found.append(f"truck {route.vehicle_code} leaves at {route.departs_at}, not {at}")
    begun, here = at, problem.warehouse_county[route.warehouse_code]
    for stop in route.stops:
        driving = problem.matrix.duration_s.get((here, stop.county))
        if driving is None:
            return [*found, f"truck {route.vehicle_code} has no road to {stop.county}"]
        left = driving
        while left > problem.rest_after_s:
            at += timedelta(seconds=problem.rest_after_s + problem.rest_s)
            left -= problem.rest_after_s
        at += timedelta(seconds=left)
        if at != stop.arrives_at:
            found.append(f"truck {route.vehicle_code} is at {stop.county} {stop.arrives_at}, not {at}")
        at += timedelta(seconds=problem.unload_s)
        here = stop.county
    if (at - begun).total_seconds() != route.duration_s:
        found.append(f"truck {route.vehicle_code} takes {route.duration_s} s, not {at - begun}")
    return found


def _check_road(problem: RoutingProblem, route: Route) -> list[str]:
    here = problem.warehouse_county[route.warehouse_code]
    waiting = [s.county for s in route.stops]
    open_edges = {leg.edge_id for leg in problem.matrix.via.values()}
    found = []
    for leg in route.legs:
        while waiting and waiting[0] == here:
            waiting.pop(0)
        if leg.from_adcode != here:
            found.append(f"truck {route.vehicle_code} jumps from {here} to {leg.from_adcode}")
        if leg.edge_id not in open_edges:
            found.append(f"truck {route.vehicle_code} uses the closed road {leg.edge_id}")
        here = leg.to_adcode
    while waiting and waiting[0] == here:
        waiting.pop(0)
    if waiting:
        found.append(f"truck {route.vehicle_code} never reaches {waiting[0]}")
    if route.distance_m != sum(leg.distance_m for leg in route.legs):
        found.append(f"truck {route.vehicle_code} drives another distance than its legs")
    return found
