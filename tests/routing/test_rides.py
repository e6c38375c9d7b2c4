"""Single shipments fixed to a truck: they ride there, the rest of the lane is free, too small is named."""

from dataclasses import replace

import pytest

from dispatch.errors import InvalidInput
from dispatch.routing.finish import make_result
from dispatch.routing.model import Vehicle
from dispatch.routing.pins import LockedTour, Pins, TruckPin
from dispatch.routing.plan import RoutePlan, Tour
from dispatch.routing.planner import first_plan, plan_routes, replan
from dispatch.routing.problem import RoutingParams, RoutingProblem
from dispatch.routing.rides import ride_of
from dispatch.routing.verify import violations
from tests.builders import CLASSES, make_edge, make_matrix, make_routing, make_shipment

PARAMS = RoutingParams(1.0, 200, slices=2)
ROADS = make_matrix([make_edge(1, "a", "b", 60), make_edge(2, "b", "c", 60)])
OWN = {code: Vehicle(code, code.split("-")[1], "WH-A") for code in ("A-V18-1", "A-V18-2", "A-V80-1")}


def asked(*pins: TruckPin, load_g: int = 800_000, **more: object) -> RoutingProblem:
    shipments = (make_shipment(0, "b", load_g=load_g), make_shipment(1, "b", load_g=load_g), make_shipment(2, "c", load_g=load_g))
    found = Pins(trucks=pins, **more)  # type: ignore[arg-type]
    return make_routing(shipments, ROADS, pins=found, rides=ride_of(shipments, found, OWN, CLASSES))


def trucks_of(problem: RoutingProblem, plan: RoutePlan) -> dict[int, str]:
    answer = make_result(problem, plan)
    assert violations(problem, answer) == []
    return {i: r.vehicle_code for r in answer.routes for s in r.stops for i in s.shipment_ids}


def test_one_shipment_of_a_lane_is_fixed_and_the_other_is_not() -> None:
    problem = asked(TruckPin("A-V18-2", "WH-A", "b", 1))
    assert problem.rides == {1: "A-V18-2"}
    assert trucks_of(problem, plan_routes(problem, PARAMS))[1] == "A-V18-2"
    two = asked(TruckPin("A-V18-1", "WH-A", "b", 0), TruckPin("A-V18-2", "WH-A", "b", 1))
    assert {i: t for i, t in trucks_of(two, plan_routes(two, PARAMS)).items() if i < 2} == {0: "A-V18-1", 1: "A-V18-2"}


def test_the_same_shipment_in_two_trucks_is_a_contradiction() -> None:
    pins = (TruckPin("A-V18-1", "WH-A", "b", 0), TruckPin("A-V18-2", "WH-A", "b", 0))
    with pytest.raises(InvalidInput, match="A-V18-1' and"):
        plan_routes(asked(*pins), PARAMS)


def test_a_truck_that_is_out_cannot_be_fixed_to_anything() -> None:
    out = LockedTour("A-V18-1", "V18", False, "WH-A", ())
    problem = replace(asked(TruckPin("A-V18-1", "WH-A", "b"), locked=(out,)), vehicles=(OWN["A-V18-2"], OWN["A-V80-1"]))
    with pytest.raises(InvalidInput, match="loaded or on the road"):
        plan_routes(problem, PARAMS)


def test_a_hired_truck_can_be_fixed_by_its_name() -> None:
    problem = asked(TruckPin("HIRE-A-V80-1", "WH-A", "c"))
    assert trucks_of(problem, plan_routes(problem, PARAMS))[2] == "HIRE-A-V80-1"


@pytest.mark.parametrize("pins", [
    (TruckPin("A-V18-1", "WH-A", "b", 0), TruckPin("A-V18-1", "WH-A", "b", 1)), (TruckPin("A-V18-1", "WH-A", "b"),),
])
def test_a_truck_too_small_is_named_by_how_much(pins: tuple[TruckPin, ...]) -> None:
    with pytest.raises(InvalidInput, match="A-V18-1 is 200 kg too heavy"):
        asked(*pins, load_g=1_000_000)


def test_a_search_from_the_plan_before_changes_no_more_than_pays() -> None:
    problem = asked()
    before = RoutePlan((Tour("A-V80-1", "V80", False, "WH-A", (0, 1, 2)),), (), 0.0)
    kept = replan(problem, RoutingParams(1.0, 200, slices=1), before)
    assert set(trucks_of(problem, kept).values()) == {"A-V80-1"}
    gone = replan(asked(without=frozenset({"A-V80-1"})), RoutingParams(1.0, 200, slices=1), before)
    assert "A-V80-1" not in trucks_of(asked(without=frozenset({"A-V80-1"})), gone).values()


def test_a_stand_by_list_without_goods_is_solved_again_too() -> None:
    empty = make_routing((), ROADS)
    plan = replan(empty, RoutingParams(1.0, 200, slices=1), RoutePlan((), (), 0.0))
    assert make_result(empty, plan).routes == ()


def test_a_truck_left_out_goes_even_where_all_others_are_dearer() -> None:
    loads = (make_shipment(0, "b", 400),)
    used = first_plan(make_routing(loads, ROADS))
    assert {t.class_code for t in used.tours} == {"V18"}
    without = frozenset({"A-V18-1", "A-V18-2"})
    left = make_routing(loads, ROADS, pins=Pins(without=without))
    plan = replan(left, RoutingParams(1.0, 200, slices=1), used)
    assert plan.unserved == () and not without & {t.vehicle_code for t in plan.tours}
    assert violations(left, make_result(left, plan)) == []
