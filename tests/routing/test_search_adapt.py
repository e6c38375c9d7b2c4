"""The product's question through the compiled search and back: what the search weighs is true."""

from dataclasses import replace
from datetime import timedelta

import pytest

from dispatch.routing.finish import make_result
from dispatch.routing.model import Vehicle
from dispatch.routing.planner import plan_routes
from dispatch.routing.problem import RoutingParams, RoutingProblem
from dispatch.routing.search.adapt import (
    Part,
    hired_code,
    list_kinds,
    make_search_problem,
    read_hired_code,
)
from tests.builders import AT, ROUTING, make_edge, make_matrix, make_routing, make_shipment

LINE = [make_edge(1, "a", "b", 60), make_edge(2, "b", "c", 160), make_edge(9, "y", "z")]
PARAMS = RoutingParams(iterations=300, slices=2)


def mixed_problem(**changes: object) -> RoutingProblem:
    shipments = tuple(
        make_shipment(i, "bca"[i % 3], 400 + 300 * i, priority=1 + i % 4, due_at=AT + timedelta(hours=2 + i))
        for i in range(6)
    )
    return make_routing(shipments, make_matrix(LINE), **changes)


@pytest.mark.parametrize("engine", ["search", "ortools"])
@pytest.mark.parametrize("returns", [True, False])
def test_what_the_search_weighs_is_what_the_plan_weighs(engine: str, returns: bool) -> None:
    problem = mixed_problem(returns=returns)
    plan = plan_routes(problem, replace(PARAMS, engine=engine))
    answer = make_result(problem, plan)
    # whole fen a term, so a few fen apart
    assert abs(plan.cost - answer.objective) <= 2 * len(problem.shipments) + len(answer.routes)


def test_own_trucks_by_class_and_hired_ones_where_goods_lie() -> None:
    problem = mixed_problem(vehicles=(Vehicle("A-V18-1", "V18", "WH-A"), Vehicle("B-V18-1", "V18", "WH-B")),
                            warehouse_county={"WH-A": "a", "WH-B": "b"})
    kinds = list_kinds(Part(problem, problem.shipments))
    assert [(k.warehouse_code, k.class_code, k.is_hired, k.count) for k in kinds] == [
        ("WH-A", "V18", False, 1), ("WH-A", "V18", True, ROUTING.rates.hire_most),
        ("WH-A", "V80", True, ROUTING.rates.hire_most),
    ]


def test_a_truck_of_the_plan_before_is_a_kind_of_its_own() -> None:
    problem = mixed_problem()
    hired = hired_code("WH-A", "V80", 2)
    kinds = list_kinds(Part(problem, problem.shipments, before={0: "A-V18-2", 1: hired}))
    alone = {k.vehicle_codes: k.count for k in kinds if k.vehicle_codes}
    assert alone == {("A-V18-1",): 1, ("A-V18-2",): 1, ("A-V80-1",): 1, (hired,): 1}
    assert sum(k.count for k in kinds if k.is_hired and k.class_code == "V80") == ROUTING.rates.hire_most
    assert read_hired_code(hired) == ("WH-A", "V80")


def test_only_what_is_allowed_is_asked() -> None:
    problem = mixed_problem(
        warehouse_county={"WH-A": "a", "WH-B": "b"}, sources={1: ("WH-B",), 2: ("WH-B",)},
        skills={"c": frozenset({"snow"})},
    )
    part = Part(problem, problem.shipments, movable=True, forbidden=frozenset({(2, "WH-B")}))
    kinds = list_kinds(part)
    asked = make_search_problem(part, kinds)
    assert asked.allowed is not None and asked.serve_cost is not None
    may = {(s.id, kinds[k].warehouse_code) for s, row in zip(problem.shipments, asked.allowed, strict=True)
           for k in row.nonzero()[0]}
    # c asks for trucks fit for snow, which there are none of here
    assert may == {(0, "WH-A"), (2, "WH-A"), (3, "WH-A"), (5, "WH-A")}
    assert (asked.serve_cost[:, [k.warehouse_code == "WH-B" for k in kinds]] == ROUTING.rates.move_fen).all()
