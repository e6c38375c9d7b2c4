"""Goods loaded elsewhere than allotted: lots and lines follow, and the sentence says what it saves."""

from dataclasses import replace

from dispatch.allocation.solver import allocate
from dispatch.flow.rehome import rehome
from dispatch.routing.model import Vehicle
from dispatch.routing.plan import RoutePlan, Tour
from tests.builders import (
    ROUTING,
    make_allocation,
    make_edge,
    make_matrix,
    make_need,
    make_offer,
    make_routing,
    make_shipment,
)

EDGES = [make_edge(1, "a", "b", 290), make_edge(2, "b", "c", 29)]


def test_a_moved_line_says_what_staying_would_have_cost() -> None:
    asked = make_allocation(
        (make_need("c", quantity=100),), (make_offer("WH-A", "LA", 100), make_offer("WH-B", "LB", 150)),
        travel_s={("WH-A", "c"): 3600, ("WH-B", "c"): 7200},
    )
    result = allocate(asked)
    assert [(n.warehouse_code, n.quantity) for n in result.lines] == [("WH-A", 100)]
    shipments = (
        make_shipment(0, "c", 300, items=(("QUILT", "LA", 100),)),
        make_shipment(1, "c", 400, warehouse_code="WH-B", items=(("STOVE", "S", 9),)),
    )
    problem = make_routing(
        shipments, make_matrix(EDGES), warehouse_county={"WH-A": "a", "WH-B": "b"}, rates=replace(ROUTING.rates, hire_most=0),
        vehicles=(Vehicle("A-1", "V18", "WH-A"), Vehicle("B-1", "V18", "WH-B")),
    )
    plan = RoutePlan((Tour("B-1", "V18", False, "WH-B", (1, 0)),), (), 0.0)
    routes, moved = rehome(problem, plan, (asked, result))
    (line,) = moved.lines
    assert (line.warehouse_code, line.lot_code, line.quantity) == ("WH-B", "LB", 100)
    assert routes.shipments[0].items == (("QUILT", "LB", 100),)
    # a truck more: 300 yuan and 638 km at 2.2 yuan; 5.5 h of driving with a break of 20 min against half an hour
    assert "1,704 yuan more and 5.3 h later" in line.reason.en and "多 1,704 元，晚 5.3 小时到" in line.reason.zh
    alone = replace(problem, vehicles=problem.vehicles[1:])
    assert "no truck could take it" in rehome(alone, plan, (asked, result))[1].lines[0].reason.en
