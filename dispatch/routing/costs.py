"""What a route costs, and a proven lower bound on what any plan costs.  Pure."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence

from dispatch.routing.model import Shipment, VehicleClass
from dispatch.routing.problem import RoutingProblem


def route_cost_fen(
    problem: RoutingProblem, vehicle_class: VehicleClass, is_hired: bool, places: Sequence[str]
) -> int:
    """Fixed cost plus kilometres there and back; hired trucks at their factor."""
    metres = sum(problem.matrix.distance_m[a, b] for a, b in zip(places, places[1:], strict=False))
    metres += problem.matrix.distance_m[places[-1], places[0]]
    cost = vehicle_class.fixed_cost_fen + vehicle_class.cost_per_km_fen * metres // 1000
    return cost * problem.hire_factor_percent // 100 if is_hired else cost


def lower_bound_fen(problem: RoutingProblem, shipments: Sequence[Shipment]) -> int:
    """No plan with these sources costs less.

    A route of class k that carries loads q_i with sum q_i <= Q_k costs at least
    fixed_k + 2 c_k max d_i >= sum q_i / Q_k (fixed_k + 2 c_k d_i).  Summed over all
    shipments with the cheapest class for each this bounds every plan; d is the
    shortest distance over the depot's own stops (so that the triangle holds).
    """
    by_depot: dict[str, list[Shipment]] = defaultdict(list)
    for shipment in shipments:
        by_depot[shipment.warehouse_code].append(shipment)
    return sum(_depot_bound(problem, depot, group) for depot, group in by_depot.items())


def _depot_bound(problem: RoutingProblem, depot: str, group: Sequence[Shipment]) -> int:
    start = problem.warehouse_county[depot]
    places = sorted({start, *(s.county for s in group)})
    near = _closure(problem, places)
    kg = cm3 = 0.0
    for shipment in group:
        round_km = (near[start, shipment.county] + near[shipment.county, start]) / 1000
        trips = [
            (c.fixed_cost_fen + c.cost_per_km_fen * round_km, c) for c in problem.classes.values()
        ]
        kg += min(cost * shipment.load_g / (c.payload_kg * 1000) for cost, c in trips)
        cm3 += min(cost * shipment.load_cm3 / c.volume_cm3 for cost, c in trips)
    return int(max(kg, cm3))


def _closure(problem: RoutingProblem, places: Sequence[str]) -> dict[tuple[str, str], int]:
    far = 10**10
    near = {(a, b): problem.matrix.distance_m.get((a, b), far) for a in places for b in places}
    for k in places:
        for a in places:
            for b in places:
                near[a, b] = min(near[a, b], near[a, k] + near[k, b])
    return near
