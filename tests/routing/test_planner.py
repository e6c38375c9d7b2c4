"""Routes: everything carried once, rules kept, pins held, stock of elsewhere used once."""

import threading
from collections import Counter
from dataclasses import fields, replace
from datetime import timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dispatch.errors import InvalidInput
from dispatch.routing.bundles import Parcel, Trucks, make_shipments
from dispatch.routing.conditions import RoadConditions
from dispatch.routing.finish import make_result
from dispatch.routing.model import RoutingResult, Shipment, Vehicle
from dispatch.routing.pins import LockedTour, OrderPin, Pins, TruckPin
from dispatch.routing.plan import plan_from_json
from dispatch.routing.planner import claimed_twice, first_plan, improve, plan_routes
from dispatch.routing.problem import RoutingParams, RoutingProblem
from dispatch.routing.surroundings import RoadFacts
from dispatch.routing.verify import violations
from tests.builders import (
    AT,
    CLASSES,
    ROUTING,
    SPEEDS,
    make_edge,
    make_matrix,
    make_routing,
    make_shipment,
)

PARAMS = RoutingParams(iterations=200, slices=3)
LINE = [make_edge(1, "a", "b", 60), make_edge(2, "b", "c", 60)]


def answered(problem: RoutingProblem, params: RoutingParams = PARAMS) -> RoutingResult:
    answer = make_result(problem, plan_routes(problem, params))
    assert violations(problem, answer) == []
    return answer


def line_problem(**changes: object) -> RoutingProblem:
    shipments = (make_shipment(0, "b"), make_shipment(1, "c"), make_shipment(2, "c", 1500))
    return make_routing(shipments, make_matrix(LINE), **changes)


@pytest.mark.parametrize("engine", ["search", "ortools"])
def test_all_is_carried_and_the_answer_stands(engine: str) -> None:
    answer = answered(line_problem(), replace(PARAMS, engine=engine))
    assert answer.unserved == ()
    assert 0 < answer.bound <= answer.objective


def test_the_same_question_gets_the_same_answer() -> None:
    first, second = (answered(line_problem()) for _ in range(2))
    assert first.routes == second.routes


def test_the_first_plan_stands_and_slices_never_make_it_worse() -> None:
    problem = line_problem()
    plan = first_plan(problem)
    assert violations(problem, make_result(problem, plan)) == []
    for number in range(1, 4):
        better = improve(problem, plan, PARAMS)
        assert better.cost <= plan.cost and better.slices == number
        plan = better


def test_a_cancelled_plan_is_the_plan_in_hand() -> None:
    cancel = threading.Event()
    cancel.set()
    plan = plan_routes(line_problem(), PARAMS, None, cancel)
    assert plan.slices == 0 and violations(line_problem(), make_result(line_problem(), plan)) == []


def test_a_budget_of_nothing_still_gives_a_plan() -> None:
    assert answered(line_problem(), RoutingParams(time_limit_s=0, slices=1)).unserved == ()


def test_a_plan_can_be_kept_and_read_again() -> None:
    plan = plan_routes(line_problem(), PARAMS)
    assert plan_from_json(plan.to_json()) == plan


def test_no_road_is_told_and_the_rest_still_goes() -> None:
    problem = make_routing(
        (make_shipment(0, "b"), make_shipment(1, "z")), make_matrix([*LINE, make_edge(9, "y", "z")])
    )
    answer = answered(problem)
    assert [u.shipment_id for u in answer.unserved] == [1]
    assert answer.unserved[0].cause.code == "route.no_road"


def test_without_own_trucks_trucks_are_hired_and_marked() -> None:
    answer = answered(line_problem(vehicles=()))
    assert all(r.is_hired and r.reason.code == "route.hired" for r in answer.routes)


def test_a_long_drive_has_its_breaks_and_its_sleep() -> None:
    problem = make_routing((make_shipment(0, "b"),), make_matrix([make_edge(1, "a", "b", 580)]))
    (route,) = answered(problem).routes
    # 10 h of driving: two breaks of 20 min
    assert route.stops[0].arrives_at - route.departs_at == timedelta(hours=10, minutes=40)
    far = make_routing((make_shipment(0, "b"),), make_matrix([make_edge(1, "a", "b", 58 * 18)]))
    (route,) = answered(far).routes
    # 18 h: two drivers drive 16 h with three breaks, sleep 8 h, then go on
    assert route.stops[0].arrives_at - route.departs_at == timedelta(hours=18 + 8, minutes=60)


def test_only_trucks_fit_for_the_weather_drive_there() -> None:
    classes = {**CLASSES, "V80": replace(CLASSES["V80"], skills="snow")}
    answer = answered(line_problem(classes=classes, skills={"c": frozenset({"snow"})}))
    assert {r.vehicle_class for r in answer.routes for s in r.stops if s.county == "c"} == {"V80"}


def test_a_receiving_window_is_waited_for_and_one_too_early_is_told() -> None:
    opens = AT + timedelta(hours=9)
    waits = make_routing((make_shipment(0, "b", opens_at=opens),), make_matrix(LINE))
    (stop,) = answered(waits).routes[0].stops
    assert stop.arrives_at + timedelta(seconds=stop.wait_s) == opens
    gone = make_routing((make_shipment(0, "b", closes_at=AT + timedelta(minutes=70)),), make_matrix(LINE))
    assert [u.shipment_id for u in answered(gone).unserved] == [0]


def two_yards(**changes: object) -> RoutingProblem:
    """WH-A in a far from c and d, WH-B in b near them; B holds enough for one of the two."""
    edges = [make_edge(1, "a", "b", 300), make_edge(2, "b", "c", 30), make_edge(3, "b", "d", 30)]
    shipments = (
        make_shipment(0, "c", items=(("QUILT", "L", 100),)), make_shipment(1, "d", items=(("QUILT", "L", 100),)),
        make_shipment(2, "c", 400, warehouse_code="WH-B", items=(("STOVE", "S", 9),)),
    )
    more = {"warehouse_county": {"WH-A": "a", "WH-B": "b"}, "sources": {0: ("WH-B",), 1: ("WH-B",)},
            "spare": {("WH-B", "QUILT"): 150}, "vehicles": (Vehicle("B-V18-1", "V18", "WH-B"),), **changes}
    return make_routing(shipments, make_matrix(edges), **more)


def test_goods_are_loaded_where_a_truck_passes_as_far_as_the_stock_goes() -> None:
    problem = two_yards()
    plan = plan_routes(problem, PARAMS)
    moved = [i for t in plan.tours if t.warehouse_code == "WH-B" for i in t.shipment_ids if i < 2]
    assert len(moved) == 1 and claimed_twice(problem, plan) == frozenset()
    both = plan_routes(two_yards(spare={("WH-B", "QUILT"): 200}), PARAMS)
    assert {t.warehouse_code for t in both.tours} == {"WH-B"}


def test_pins_hold_truck_and_order() -> None:
    pins = Pins(trucks=(TruckPin("A-V80-1", "WH-A", "b"), TruckPin("A-V80-1", "WH-A", "c")),
                orders=(OrderPin("A-V80-1", ("c", "b")),))
    (route,) = answered(line_problem(pins=pins)).routes
    assert route.vehicle_code == "A-V80-1" and [s.county for s in route.stops] == ["c", "b"]
    assert "指定" in route.reason.zh


def test_a_truck_left_out_stays_and_a_loaded_one_is_not_touched() -> None:
    locked = LockedTour("A-V18-1", "V18", False, "WH-A", (("WH-A", "c", 0),))
    pins = Pins(without=frozenset({"A-V80-1"}), locked=(locked,))
    answer = answered(line_problem(pins=pins))
    by_truck = {r.vehicle_code: r for r in answer.routes}
    assert "A-V80-1" not in by_truck
    assert [i for s in by_truck["A-V18-1"].stops for i in s.shipment_ids] == [1]


@pytest.mark.parametrize("pins,words", [
    (Pins(trucks=(TruckPin("A-V18-1", "WH-A", "b"), TruckPin("A-V80-1", "WH-A", "b"))), "A-V18-1' and 'WH-A to b by truck A-V80-1"),
    (Pins(trucks=(TruckPin("A-V18-1", "WH-A", "b"),), without=frozenset({"A-V18-1"})), "without truck A-V18-1"),
    (Pins(orders=(OrderPin("A-V18-1", ("b", "c")), OrderPin("A-V18-1", ("c", "b")))), "b before c' and 'c before b"),
    (Pins(trucks=(TruckPin("X-1", "WH-A", "b"),)), "no truck X-1"),
])
def test_pins_that_contradict_each_other_are_named_by_two(pins: Pins, words: str) -> None:
    with pytest.raises(InvalidInput, match=words):
        first_plan(line_problem(pins=pins))


def test_a_new_plan_changes_little_of_the_one_before() -> None:
    problem = line_problem()
    before = plan_routes(problem, PARAMS)
    # the old plan with its trucks changed costs the same; it is kept all the same
    other = {"A-V18-1": "A-V18-2", "A-V18-2": "A-V18-1"}
    turned = replace(before, tours=tuple(replace(t, vehicle_code=other.get(t.vehicle_code, t.vehicle_code)) for t in before.tours))
    again = plan_routes(problem, PARAMS, turned)
    assert {(t.vehicle_code, t.shipment_ids) for t in again.tours} == {(t.vehicle_code, t.shipment_ids) for t in turned.tours}


def test_hired_trucks_run_out_and_the_most_urgent_ride() -> None:
    shipments = tuple(make_shipment(i, "b", 1500, priority=4 if i else 1) for i in range(3))
    rates = replace(ROUTING.rates, hire_most=0)
    problem = make_routing(shipments, make_matrix(LINE), rates=rates, vehicles=(Vehicle("A-V18-1", "V18", "WH-A"),))
    answer = answered(problem)
    assert [s.shipment_ids for r in answer.routes for s in r.stops] == [(0,)]
    assert [u.shipment_id for u in answer.unserved] == [1, 2]


def mutations(problem: RoutingProblem, answer: RoutingResult):  # type: ignore[no-untyped-def]
    route = answer.routes[0]
    stop = route.stops[-1]

    def routes(**change: object) -> RoutingResult:
        return replace(answer, routes=(replace(route, **change), *answer.routes[1:]))

    late = replace(stop, arrives_at=stop.arrives_at + timedelta(minutes=1))
    yield "arrival", routes(stops=(*route.stops[:-1], late))
    yield "load", routes(load_g=route.load_g + 1)
    yield "volume", routes(load_cm3=1)
    yield "truck of another yard", routes(warehouse_code="WH-B", vehicle_code="HIRE-X", is_hired=False)
    yield "departure", routes(departs_at=route.departs_at - timedelta(hours=1))
    yield "distance", routes(distance_m=route.distance_m + 1)
    yield "duration", routes(duration_s=route.duration_s + 1)
    yield "legs out of order", routes(legs=route.legs[::-1] if len(route.legs) > 1 else ())
    yield "a route lost", replace(answer, routes=answer.routes[1:])
    yield "a route twice", replace(answer, routes=(*answer.routes, route))
    yield "a shipment lost", routes(stops=(*route.stops[:-1], replace(stop, shipment_ids=())))
    yield "smaller truck", routes(vehicle_class="V18" if route.vehicle_class == "V80" else "V80")
    yield "wait", routes(stops=(*route.stops[:-1], replace(stop, wait_s=60)))
    yield "cost", routes(cost_fen=route.cost_fen - 1)
    yield "hired as own", routes(is_hired=not route.is_hired)
    yield "objective", replace(answer, objective=answer.objective + 100)
    yield "bound", replace(answer, bound=answer.objective + 1)
    yield "driving on", routes(legs=(*route.legs, route.legs[0]))


def test_the_checker_sees_every_mutation() -> None:
    problem = line_problem(warehouse_county={"WH-A": "a", "WH-B": "b"})
    answer = answered(problem)
    for name, wrong in mutations(problem, answer):
        assert violations(problem, wrong), name


@pytest.mark.parametrize("name,changes", [
    ("skill", {"skills": {"b": frozenset({"snow"})}}),
    ("left out", {"pins": Pins(without=frozenset({"A-V18-1", "A-V18-2", "A-V80-1"}))}),
    ("pinned truck", {"pins": Pins(trucks=(TruckPin("A-V18-2", "WH-A", "b"),))}),
    ("loaded truck", {"pins": Pins(locked=(LockedTour("A-V18-2", "V18", False, "WH-A", (("WH-A", "b", 0),)),))}),
    ("too many hired", {"rates": replace(ROUTING.rates, hire_most=-1)}),
    ("break", {"driving": replace(ROUTING.driving, rest_after_s=600)}),
    ("sleep", {"driving": replace(ROUTING.driving, driver_day_s=600)}),
])
def test_the_checker_holds_the_plan_to_each_rule_of_the_problem(name: str, changes: dict[str, object]) -> None:
    hired = name == "too many hired"
    problem = line_problem(vehicles=()) if hired else line_problem()
    answer = answered(problem)
    assert violations(replace(problem, **changes), answer), name  # type: ignore[arg-type]


@pytest.mark.parametrize("name,changes,words", [
    ("kilograms", {"classes": {k: replace(v, payload_kg=100) for k, v in CLASSES.items()}}, "g of 100 kg"),
    ("cubic centimetres", {"classes": {k: replace(v, volume_cm3=100) for k, v in CLASSES.items()}}, "of 100 cm3"),
    ("a window that closes", {"closes_at": AT + timedelta(minutes=90)}, "after its window"),
    ("a window that opens", {"opens_at": AT + timedelta(hours=9)}, "for a window, not"),
    ("an order of stops", {"pins": Pins(orders=(OrderPin("A-V80-1", ("c", "b")),))}, "pinned as"),
    ("a pinned truck", {"pins": Pins(trucks=(TruckPin("A-V18-2", "WH-A", "c"),))}, "pinned to A-V18-2"),
    ("another warehouse", {"warehouse_code": "WH-B", "warehouse_county": {"WH-A": "a", "WH-B": "b"}}, "does not start at"),
    ("another county", {"county": "a"}, "is left at"),
    ("time to load", {"load_s": 7200}, "leaves at"),
    ("time to unload", {"unload_s": 60}, "not"),
])
def test_a_plan_is_refused_by_a_rule_it_was_not_made_for(name: str, changes: dict[str, Any], words: str) -> None:
    """A plan with one truck over b to c, held against the same problem with one rule changed."""
    problem = line_problem(vehicles=(Vehicle("A-V80-1", "V80", "WH-A"),), rates=replace(ROUTING.rates, hire_most=0))
    answer = answered(problem)
    mine = {f.name for f in fields(Shipment)} & set(changes)
    shipments = tuple(replace(s, **{k: changes[k] for k in mine}) for s in problem.shipments)
    other = replace(problem, shipments=shipments, **{k: v for k, v in changes.items() if k not in mine})
    assert any(words in found for found in violations(other, answer)), (name, violations(other, answer))


def test_the_checker_sees_a_closed_road_and_one_shipment_twice() -> None:
    problem = line_problem()
    answer = answered(problem)
    roads = RoadFacts(LINE, SPEEDS, RoadConditions())
    assert violations(problem, answer, roads) == []
    closed = replace(roads, conditions=RoadConditions({}, {1: 0}))
    assert any("closed" in found or "road" in found.lower() for found in violations(problem, answer, closed))
    route = answer.routes[0]
    doubled = replace(answer, routes=(*answer.routes, replace(route, vehicle_code="A-V18-2")))
    assert any(f"shipment {route.stops[0].shipment_ids[0]} is carried 2 times" in f for f in violations(problem, doubled))


@pytest.mark.parametrize("changes,words", [
    ({"shipments": (make_shipment(0, "b"), make_shipment(0, "c"))}, "given 2 times"),
    ({"shipments": (make_shipment(0, "b", load_g=0),)}, "load 0 g"),
    ({"shipments": (make_shipment(0, "b", load_g=float("nan")),)}, "load nan g"),
    ({"classes": {"V18": replace(CLASSES["V18"], payload_kg=0), "V80": CLASSES["V80"]}}, "payload and volume"),
    ({"classes": {"V18": replace(CLASSES["V18"], volume_cm3=-5), "V80": CLASSES["V80"]}}, "payload and volume"),
    ({"vehicles": (Vehicle("X", "V99", "WH-A"),)}, "V99 is unknown"),
    ({"shipments": (make_shipment(0, "b", warehouse_code="WH-Z"),)}, "WH-Z is unknown"),
    ({"shipments": (make_shipment(0, "b", opens_at=AT, closes_at=AT - timedelta(hours=1)),)}, "window ends before"),
])
def test_what_cannot_be_is_refused_by_name(changes: dict[str, object], words: str) -> None:
    with pytest.raises(InvalidInput, match=words):
        line_problem(**changes) if "shipments" not in changes else make_routing(matrix=make_matrix(LINE), **changes)  # type: ignore[arg-type]


def test_a_load_larger_than_any_truck_is_unserved_with_its_cause() -> None:
    problem = make_routing((make_shipment(0, "b", 9000),), make_matrix(LINE))
    answer = answered(problem)
    assert [u.shipment_id for u in answer.unserved] == [0]


def parcel(**changes: object) -> Parcel:
    base = Parcel("WH-A", "b", "QUILT", "L1", 1000, 3000, 20_000, AT, 1)
    return replace(base, **changes)  # type: ignore[arg-type]


def test_bundles_lose_no_unit_and_fit_the_largest_truck() -> None:
    shipments = make_shipments([parcel(), parcel(lot_code="L2", quantity=4000)], Trucks(CLASSES))
    assert sum(n for s in shipments for _, _, n in s.items) == 5000
    assert all(s.load_g <= 8_000_000 and s.load_cm3 <= 36_000_000 for s in shipments)


def test_where_large_trucks_run_short_loads_are_cut_for_smaller_ones() -> None:
    lanes = [parcel(quantity=3600), parcel(county="c", quantity=3600, priority=2)]
    few = Trucks(CLASSES, {"WH-A": {"V80": 2, "V18": 9}})
    shipments = make_shipments(lanes, few)
    assert sum(n for s in shipments for _, _, n in s.items) == 7200
    assert [s.load_cm3 for s in shipments if s.county == "b"] == [36_000_000, 36_000_000]
    cut = [s.load_cm3 for s in shipments if s.county == "c"]
    assert cut == [12_000_000] * 6  # 600 quilts of 3 kg fill the payload
    assert [s.id for s in shipments] == list(range(8))
    none_left = make_shipments(lanes, Trucks(CLASSES, {"WH-A": {"V80": 2}}))
    assert [s.load_cm3 for s in none_left] == [36_000_000] * 4


def test_loads_are_cut_for_trucks_fit_for_the_county() -> None:
    able = {**CLASSES, "V18": replace(CLASSES["V18"], skills="snow")}
    shipments = make_shipments([parcel(quantity=800)], Trucks(able, skills={"b": frozenset({"snow"})}))
    assert [s.load_cm3 for s in shipments] == [12_000_000, 4_000_000]


@given(st.lists(st.tuples(st.sampled_from("bcd"), st.integers(1, 4000), st.integers(1, 3)), max_size=6),
       st.integers(0, 3), st.integers(0, 3))
def test_cutting_for_the_trucks_there_are_loses_no_unit(
    lanes: list[tuple[str, int, int]], large: int, small: int
) -> None:
    parcels = [parcel(county=c, quantity=n, priority=p, lot_code=f"L{i}") for i, (c, n, p) in enumerate(lanes)]
    shipments = make_shipments(parcels, Trucks(CLASSES, {"WH-A": {"V80": large, "V18": small}}))
    units = Counter[str]()
    for shipment in shipments:
        for _item, lot, quantity in shipment.items:
            units[lot] += quantity
    assert units == Counter({p.lot_code: p.quantity for p in parcels})
    assert all(s.load_cm3 <= 36_000_000 for s in shipments)


def test_a_unit_larger_than_any_truck_is_refused() -> None:
    with pytest.raises(InvalidInput, match="larger than any truck"):
        make_shipments([parcel(unit_cm3=40_000_000)], Trucks(CLASSES))
