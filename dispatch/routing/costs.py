"""What a route costs, what its waiting weighs, and a proven lower bound.  Pure."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime

import numpy as np

from dispatch.routing.driving import stops_on_the_way_s
from dispatch.routing.model import Route, Shipment, VehicleClass
from dispatch.routing.problem import RoutingProblem


def route_cost_fen(
    problem: RoutingProblem, vehicle_class: VehicleClass, is_hired: bool, places: Sequence[str]
) -> int:
    """Fixed cost plus kilometres there (and back); hired trucks at their factor."""
    metres = sum(problem.matrix.distance_m[a, b] for a, b in zip(places, places[1:], strict=False))
    if problem.returns:
        metres += problem.matrix.distance_m[places[-1], places[0]]
    cost = vehicle_class.fixed_cost_fen + vehicle_class.cost_per_km_fen * metres // 1000
    return cost * problem.rates.hire_factor_percent // 100 if is_hired else cost


def waiting_fen(problem: RoutingProblem, shipment: Shipment, arrives_at: datetime) -> int:
    """What the arrival of a shipment at a moment weighs: hours waited for and hours late."""
    leaves = problem.departs_at.timestamp() + problem.load_s
    waited_s = max(0, int(arrives_at.timestamp() - leaves))
    late_s = max(0, int((arrives_at - shipment.due_at).total_seconds()))
    rates, of = problem.rates, (shipment.priority, shipment.load_g)
    return int(rates.arrival_per_s(*of) * waited_s + rates.late_per_s(*of) * late_s)


def objective_fen(problem: RoutingProblem, routes: Iterable[Route], unserved: Iterable[int]) -> int:
    """The whole plan by the terms of the problem: money, waiting, lateness, what stays."""
    of = problem.by_id
    total = sum(problem.rates.unserved(of[i].priority) for i in unserved)
    for route in routes:
        total += route.cost_fen
        for stop in route.stops:
            total += sum(waiting_fen(problem, of[i], stop.arrives_at) for i in stop.shipment_ids)
    return total


def lower_bound_fen(problem: RoutingProblem, shipments: Sequence[Shipment]) -> int:
    """No plan for these shipments weighs less, whichever allowed source each comes from.

    A route of class k that carries loads q_i with sum q_i <= Q_k costs at least
    fixed_k + 2 c_k max d_i >= sum q_i / Q_k (fixed_k + 2 c_k d_i).  Summed over all
    shipments with the cheapest class and source for each this bounds every plan; no
    truck arrives earlier than by the fastest drive from the nearest of its sources.
    """
    kg = cm3 = 0.0
    waiting = 0
    near_m = _closure(problem)
    for shipment in shipments:
        yards = (shipment.warehouse_code, *problem.sources.get(shipment.id, ()))
        starts = [problem.warehouse_county[w] for w in yards]
        ways = [s for s in starts if (s, shipment.county) in problem.matrix.duration_s]
        if not ways:
            continue
        round_km = min(near_m[s, shipment.county] for s in ways) * (1 + problem.returns) / 1000
        trips = [(c.fixed_cost_fen + c.cost_per_km_fen * round_km, c) for c in problem.classes.values()]
        kg += min(cost * shipment.load_g / (c.payload_kg * 1000) for cost, c in trips)
        cm3 += min(cost * shipment.load_cm3 / c.volume_cm3 for cost, c in trips)
        waiting += min(waiting_fen(problem, shipment, earliest_arrival(problem, s, shipment)) for s in ways)
    return int(max(kg, cm3)) + waiting


def _closure(problem: RoutingProblem) -> dict[tuple[str, str], float]:
    """Metres of the shortest chain of fastest ways: for these the triangle holds."""
    places = sorted({a for pair in problem.matrix.distance_m for a in pair})
    row = {place: number for number, place in enumerate(places)}
    near = np.full((len(places), len(places)), np.inf)
    for (a, b), metres in problem.matrix.distance_m.items():
        near[row[a], row[b]] = metres
    near = np.minimum(near, near.T)
    for k in range(len(places)):
        near = np.minimum(near, near[:, k : k + 1] + near[k : k + 1])
    return {(a, b): float(near[row[a], row[b]]) for a in places for b in places}


def earliest_arrival(problem: RoutingProblem, start: str, shipment: Shipment) -> datetime:
    """No truck that drives straight from a county seat arrives before."""
    drive_s = problem.matrix.duration_s[start, shipment.county]
    network = problem.matrix.network
    # where roads open or clear later the time may be waiting, which is rest already
    stops_s = 0 if network and network.varying else stops_on_the_way_s(drive_s, problem.driving)
    seconds = problem.load_s + drive_s + stops_s
    return datetime.fromtimestamp(problem.departs_at.timestamp() + seconds, problem.departs_at.tzinfo)

