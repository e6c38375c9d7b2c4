"""The parts of the region's benchmark that decide what is compared."""

from dataclasses import replace
from datetime import timedelta

from benchmarks.region import compare
from benchmarks.region_runs import figures
from benchmarks.region_trucks import trucks_worth_having
from dispatch.allocation.solver import allocate
from dispatch.drills.practice import direct_plan, nearest_first, without_end_of_hire
from dispatch.routing.finish import make_result
from dispatch.routing.search.adapt import Part, list_kinds, make_search_problem
from tests.builders import (
    AT,
    make_allocation,
    make_edge,
    make_matrix,
    make_need,
    make_offer,
    make_routing,
    make_shipment,
)

LINE = [make_edge(1, "a", "b", 60), make_edge(2, "b", "c", 60)]


def test_practice_sends_a_truck_for_each_lane_and_hires_when_none_is_left() -> None:
    shipments = tuple(make_shipment(n, "bc"[n % 2], 900) for n in range(5))
    problem = without_end_of_hire(make_routing(shipments, make_matrix(LINE)))
    result = make_result(problem, direct_plan(problem))
    row = figures(problem, result)
    assert (row["trucks"], row["hired"], row["unserved"], row["faults"]) == (5, 2, 0, 0)
    assert all(len(route.stops) == 1 for route in result.routes)


def test_figures_count_hours_by_priority_and_what_is_late() -> None:
    near = make_shipment(0, "b", 1000, due_at=AT + timedelta(hours=9))
    far = make_shipment(1, "c", 1000, due_at=AT)
    problem = without_end_of_hire(make_routing((near, far), make_matrix(LINE)))
    result = make_result(problem, direct_plan(problem))
    hours = [(r.stops[0].arrives_at - r.departs_at).total_seconds() / 3600 for r in result.routes]
    row = figures(problem, result)
    assert row["arrival_h"] == round(sum(hours) / 2, 2) and row["late"] == 1 and row["tonnes"] == 2.0


def test_practice_takes_the_nearest_stock_for_the_most_urgent_first() -> None:
    needs = (make_need("b", quantity=80, priority=2), make_need("c", quantity=80, priority=1))
    offers = (make_offer("WH-A", "L1", 100), make_offer("WH-B", "L2", 100))
    travel = {("WH-A", "b"): 1, ("WH-B", "b"): 9, ("WH-A", "c"): 1, ("WH-B", "c"): 9}
    asked = make_allocation(needs, offers, travel_s=travel)
    lines = nearest_first(asked, allocate(asked)).lines
    sent = {(line.county, line.warehouse_code): line.quantity for line in lines}
    assert sent == {("c", "WH-A"): 80, ("b", "WH-A"): 20, ("b", "WH-B"): 60}


def test_no_more_trucks_are_listed_than_goods_could_need() -> None:
    problem = make_routing(tuple(make_shipment(n, "b", 100) for n in range(40)), make_matrix(LINE))
    problem = replace(problem, rates=replace(problem.rates, hire_most=500))
    part = Part(problem, problem.shipments)
    kinds = list_kinds(part)
    asked = make_search_problem(part, kinds)
    listed = {(k.class_code, k.is_hired): trucks_worth_having(asked, n) for n, k in enumerate(kinds)}
    # 4 t and 20 m3 in all: three trucks of 1.8 t, one of 8 t, and three to spare
    assert listed == {("V18", False): 2, ("V80", False): 1, ("V18", True): 6, ("V80", True): 4}


def test_ratios_are_of_the_same_instance_and_aim() -> None:
    base = {"part": "fixed", "counties": 10, "stock": "scarce", "seed": 1, "tonnes": 5.0, "weighs_yuan": 10, "unserved": 0}
    rows = [
        {**base, "aim": "money", "solver": "ours", "cost_yuan": 80},
        {**base, "aim": "whole", "solver": "ours", "cost_yuan": 90},
        {**base, "aim": "money", "solver": "vroom", "cost_yuan": 100},
        {**base, "aim": "money", "solver": "pyvrp", "failed": "no answer in time"},
    ]
    assert [(r["solver"], r["cost_ratio"], r["per_tonne"]) for r in compare(rows)] == [("vroom", 0.8, 0.8)]
