"""The product's question through the compiled search and back."""

from dataclasses import replace
from datetime import timedelta

from dispatch.routing.costs import route_cost_fen
from dispatch.routing.model import Shipment
from dispatch.routing.problem import RoutingProblem
from dispatch.routing.schedule import arrivals
from dispatch.routing.search.adapt import (
    Prices,
    Tour,
    list_kinds,
    make_search_problem,
    read_tours,
)
from dispatch.routing.search.engine import solve
from dispatch.routing.search.problem import SearchParams, SearchResult
from tests.builders import AT, make_edge, make_matrix, make_routing, make_shipment

PRICES = Prices({1: 800, 2: 400, 3: 200, 4: 100}, 10**9)
LINE = [make_edge(1, "a", "b", 60), make_edge(2, "b", "c", 260), make_edge(9, "y", "z")]


def search(problem: RoutingProblem) -> tuple[tuple[Tour, ...], tuple[int, ...], SearchResult]:
    kinds = list_kinds(problem)
    asked = make_search_problem(problem, kinds, PRICES)
    found = solve(asked, SearchParams(iterations=800, threads=1))
    return (*read_tours(problem, kinds, found), found)


def true_cost_fen(problem: RoutingProblem, tour: Tour) -> float:
    """Route cost and lateness by the product's own rules."""
    of = {s.id: s for s in problem.shipments}
    counties = list(dict.fromkeys(of[i].county for i in tour.shipment_ids))
    start = problem.warehouse_county[tour.kind.warehouse_code]
    cost = route_cost_fen(
        problem, problem.classes[tour.kind.class_code], tour.kind.is_hired, [start, *counties]
    )
    _, times, _ = arrivals(problem, tour.kind.warehouse_code, counties)
    at = dict(zip(counties, times, strict=True))
    late = sum(
        PRICES.late_fen_per_minute[of[i].priority]
        * max(timedelta(), at[of[i].county] - of[i].due_at).total_seconds() / 60
        for i in tour.shipment_ids
    )
    return cost + late


def shipments() -> tuple[Shipment, ...]:
    late = AT + timedelta(hours=2)
    return (
        make_shipment(10, "b"), make_shipment(11, "c", due_at=late), make_shipment(12, "c", 1500),
        make_shipment(13, "b", 7000, due_at=late), make_shipment(14, "z"),
    )


def test_all_with_a_road_is_carried_at_the_cost_the_search_gave() -> None:
    problem = make_routing(shipments(), make_matrix(LINE))
    tours, left, found = search(problem)
    assert sorted(i for t in tours for i in t.shipment_ids) == [10, 11, 12, 13] and left == (14,)
    total = sum(true_cost_fen(problem, t) for t in tours)
    assert abs(total + PRICES.unserved_fen - found.cost) <= 2 * len(tours)  # whole fen per route


def test_own_trucks_are_used_once_each_and_hired_ones_when_there_are_none() -> None:
    problem = make_routing(shipments(), make_matrix(LINE))
    codes = [t.vehicle_code for t in search(problem)[0] if t.vehicle_code]
    assert codes and len(codes) == len(set(codes)) <= len(problem.vehicles)
    assert all(t.vehicle_code is None and t.kind.is_hired for t in search(replace(problem, vehicles=()))[0])


def test_no_truck_is_overloaded() -> None:
    problem = make_routing(tuple(make_shipment(i, "bc"[i % 2], 900 + 100 * i) for i in range(12)), make_matrix(LINE))
    of = {s.id: s for s in problem.shipments}
    for tour in search(problem)[0]:
        room = problem.classes[tour.kind.class_code]
        assert sum(of[i].load_g for i in tour.shipment_ids) <= room.payload_kg * 1000
        assert sum(of[i].load_cm3 for i in tour.shipment_ids) <= room.volume_cm3
