"""Why a load stays and how it could ride: each cause by hand, all of them against brute force."""

from dataclasses import replace
from datetime import timedelta
from random import Random

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from benchmarks.causes import PARAMS, judge_routes
from benchmarks.causes_brute import Case, faults
from benchmarks.causes_instances import random_routing
from dispatch.routing.causes import Finding, Hindrance
from dispatch.routing.closures import fewest_openings, openings_worth, road_map, road_names
from dispatch.routing.conditions import RoadConditions
from dispatch.routing.finish import make_result
from dispatch.routing.model import RoadEdge, Route, Unserved, Vehicle
from dispatch.routing.moves import cost_of_staying
from dispatch.routing.pins import OrderPin, Pins, TruckPin
from dispatch.routing.plan import RoutePlan, Tour
from dispatch.routing.planner import first_plan, plan_routes
from dispatch.routing.problem import RoutingProblem
from dispatch.routing.roads import build_matrix
from dispatch.routing.surroundings import RoadFacts, Surroundings
from dispatch.routing.unserved import find_causes
from tests.builders import AT, CLASSES, ROUTING, SPEEDS, make_edge, make_routing, make_shipment

NO_HIRE = replace(ROUTING.rates, hire_most=0)
NAMES = {c: (f"{c}旗", f"{c.upper()} Banner") for c in "abcd"}
YARDS = {"WH-A": ("甲库", "Store A"), "WH-B": ("乙库", "Store B")}
LINE = [make_edge(1, "a", "b", 58), make_edge(2, "b", "c", 58)]
SMALL = (Vehicle("A-V18-1", "V18", "WH-A"),)


def question(*loads: object, edges: list[RoadEdge] = LINE, shut: tuple[int, ...] = (), **changes: object) -> RoutingProblem:
    """One small truck at WH-A in county a, none to hire, roads and names known."""
    roads = RoadFacts(edges, SPEEDS, RoadConditions({}, dict.fromkeys(shut, 0)))
    places = {end for e in edges for end in (e.from_adcode, e.to_adcode)}
    fields: dict[str, object] = {
        "vehicles": SMALL, "rates": NO_HIRE, "around": Surroundings(NAMES, YARDS, roads), **changes,
    }
    return make_routing(loads, build_matrix(edges, SPEEDS, roads.conditions, places), **fields)  # type: ignore[arg-type]


def the_only(problem: RoutingProblem) -> Unserved:
    (found,) = make_result(problem, plan_routes(problem, PARAMS)).unserved
    return found


def test_full_trucks_ask_for_trucks_from_the_nearest_warehouse_that_has_them() -> None:
    problem = question(
        make_shipment(0, "b", 1500, priority=1), make_shipment(1, "b", 1500, priority=2), make_shipment(2, "b", 1600, priority=2),
        warehouse_county={"WH-A": "a", "WH-B": "c"},
        vehicles=(*SMALL, Vehicle("B-1", "V18", "WH-B"), Vehicle("B-2", "V80", "WH-B")),
    )
    one, two = make_result(problem, plan_routes(problem, PARAMS)).unserved
    assert (one.cause, one.remedy) == (two.cause, two.remedy)
    assert one.cause.code == "route.no_truck" and one.remedy.code == "remedy.borrow_trucks"
    # 116 km at 58 km/h; two loads of 1.5 and 1.6 t want two trucks of 1.8 t
    assert one.remedy.en == ("borrow 1 × 1.8 t (Truck 4.2 m) from Store B (WH-B), 2.0 h away, "
                             "borrow 1 × 8 t (Truck 6.8 m) from Store B (WH-B), 2.0 h away")
    assert "向乙库（WH-B）借 1 辆 × 1.8 t" in one.remedy.zh


def test_a_borrowed_truck_is_not_promised_twice() -> None:
    problem = question(
        make_shipment(0, "b", 1500, priority=1), make_shipment(1, "c", 1500, priority=2), make_shipment(2, "b", 1500, priority=3),
        warehouse_county={"WH-A": "a", "WH-B": "c"}, vehicles=(*SMALL, Vehicle("B-1", "V18", "WH-B")),
    )
    first, second = make_result(problem, plan_routes(problem, PARAMS)).unserved
    assert first.remedy.code == "remedy.borrow_trucks" and second.remedy.en == "find 1 × 1.8 t (Truck 4.2 m) for Store A (WH-A)"


def test_a_closed_road_is_named_with_the_hour_by_which_it_must_open() -> None:
    problem = question(make_shipment(0, "c"), shut=(2,))
    found = the_only(problem)
    assert found.cause.code == "route.no_road" and "G2 (B Banner to C Banner)" in found.cause.en
    # loaded at 17:00, an hour to b, an hour to c, due at 04:00 (local time)
    assert found.remedy.en == "open G2 (B Banner to C Banner) by 11-09 03:00 to meet the deadline (opened now, there at 19:00)"
    assert "11-09 03:00 前打通G2（b旗—c旗）" in found.remedy.zh


def test_the_fewest_roads_are_named_even_if_more_would_be_faster() -> None:
    edges = [make_edge(1, "a", "b", 20), make_edge(2, "b", "c", 20), make_edge(3, "a", "c", 300)]
    assert "G3" in the_only(question(make_shipment(0, "c"), edges=edges, shut=(1, 2, 3))).remedy.en
    roads = RoadFacts(edges, SPEEDS, RoadConditions({}, {1: 0, 2: 0, 3: 0}))
    ways = openings_worth(road_map(roads), ("a", "c"), AT, 4)
    assert [[e.id for e in w.shut] for w in ways] == [[3], [1, 2]] and ways[0].seconds > ways[1].seconds
    assert fewest_openings(road_map(roads), "a", AT)["c"] == ways[0]
    assert road_names(edges * 2, Surroundings())[1].endswith(", 2 more")


def test_a_deadline_that_cannot_be_met_any_more_is_told() -> None:
    late = make_shipment(0, "c", due_at=AT + timedelta(hours=2))
    assert "open G2 (B Banner to C Banner) at once; even so the goods are there at 19:00" in the_only(question(late, shut=(2,))).remedy.en


def test_a_window_too_early_asks_for_the_hours_that_are_missing() -> None:
    problem = question(make_shipment(0, "c", closes_at=AT + timedelta(hours=1, minutes=20)))
    found = the_only(problem)
    # there at 19:00 instead of 17:20: 1 h 40, in half hours 2
    assert found.cause.code == "route.window" and found.remedy.en == "ask C Banner to receive for 2 h longer"
    assert found.cause.zh == "c旗收货截止 17:20，最早 19:00 到达"


def test_rest_that_breaks_a_window_asks_for_a_second_crew_or_the_hours() -> None:
    problem = question(
        make_shipment(0, "b", closes_at=AT + timedelta(hours=10, minutes=10)),
        edges=[make_edge(1, "a", "b", 58 * 9)],
    )
    # 9 h of driving, and two breaks of 20 min without a second crew: 02:40 instead of 02:00
    found = the_only(problem)
    assert found.cause.code == "route.driving_hours"
    assert found.remedy.en == ("send a second crew with truck A-V18-1 to take turns (there at 11-09 02:00), "
                               "or ask B Banner to receive for 0.5 h longer")


def test_a_truck_left_out_is_asked_back_before_anything_else() -> None:
    found = the_only(question(make_shipment(0, "b"), pins=Pins(without=frozenset({"A-V18-1"}))))
    assert (found.cause.code, found.remedy.en) == ("route.left_out", "take truck A-V18-1 back in (there at 18:00)")


def test_a_pin_that_leaves_a_load_behind_is_named() -> None:
    pins = Pins(trucks=(TruckPin("A-V18-1", "WH-A", "b"),))
    problem = question(make_shipment(0, "b", 3000), vehicles=(*SMALL, Vehicle("A-V80-1", "V80", "WH-A")), pins=pins)
    found = the_only(problem)
    assert found.cause.code == "route.pinned" and "truck A-V80-1 takes it" in found.remedy.en
    assert "“甲库（WH-A）至b旗由车辆 A-V18-1 运输”" in found.cause.zh


def test_an_order_of_stops_that_is_too_slow_is_named() -> None:
    loads = make_shipment(0, "c"), make_shipment(1, "b", closes_at=AT + timedelta(hours=3))
    found = the_only(question(*loads, pins=Pins(orders=(OrderPin("A-V18-1", ("c", "b")),))))
    assert found.cause.code == "route.pinned" and "order of stops of truck A-V18-1" in found.remedy.en


def test_a_load_too_large_is_split_over_what_is_there() -> None:
    trucks = (*SMALL, Vehicle("A-V18-2", "V18", "WH-A"))
    found = the_only(question(make_shipment(0, "b", 3000), vehicles=trucks))
    assert found.cause.en == "no truck left takes the whole load of 3 t"
    assert found.remedy.en == "split it into 2 loads of about 1.5 t (all there by 18:00)"
    whole = the_only(question(make_shipment(0, "b", 9000), vehicles=(Vehicle("X", "V80", "WH-A"), Vehicle("Y", "V80", "WH-A"))))
    assert whole.cause.en == "the load of 9 t is more than the largest truck takes"


def test_a_truck_not_fit_for_the_weather_is_fitted_out() -> None:
    classes = {**CLASSES, "V80": replace(CLASSES["V80"], skills="snow")}
    found = the_only(question(make_shipment(0, "b"), classes=classes, skills={"b": frozenset({"snow"})}))
    assert found.cause.code == "route.skill" and found.remedy.en == "fit truck A-V18-1 out for snow"


def test_rules_that_only_help_together_are_told_together() -> None:
    problem = question(make_shipment(0, "c"), vehicles=(), shut=(2,))
    found = the_only(problem)
    assert "all trucks of Store A" in found.cause.en and "G2" in found.cause.en
    assert found.remedy.en.startswith("find 1 × 1.8 t (Truck 4.2 m) for Store A (WH-A), and open G2")


def test_a_plan_that_had_no_time_says_that_there_is_room() -> None:
    problem = question(make_shipment(0, "b"))
    (found,) = make_result(problem, RoutePlan((), (0,), 0.0)).unserved
    assert found.cause.code == "route.not_placed" and "truck A-V18-1 could take it, there at 18:00" in found.cause.en


def test_without_any_road_nothing_helps() -> None:
    found = the_only(question(make_shipment(0, "d"), edges=[*LINE, make_edge(5, "d", "e")]))
    assert found.cause.code == "route.no_road" and "air transport" in found.remedy.en


def test_a_warehouse_without_any_truck_gets_a_plan_all_the_same() -> None:
    plan = first_plan(question(make_shipment(0, "b", priority=2), vehicles=()))
    assert plan.unserved == (0,) and plan.cost == NO_HIRE.unserved(2)


@settings(max_examples=60, deadline=None)
@given(st.integers(10**6, 10**7))
@example(1436341)  # two ways to the same closed road, the longer one there sooner to no avail
def test_every_cause_is_what_brute_force_finds(seed: int) -> None:
    assert [one for one in judge_routes(seed) if one.faults] == []


def test_brute_force_sees_wrong_causes() -> None:
    """Every finding changed to the neighbouring rule, or to none, or with other amounts."""
    seen = set()
    for seed in range(120):
        problem = random_routing(Random(seed))
        result = make_result(problem, plan_routes(problem, PARAMS))
        left = {u.shipment_id for u in result.unserved}
        for f in find_causes(problem, [s for s in problem.shipments if s.id in left], result.routes):
            case = Case(problem, result.routes, f.shipment)
            for name, wrong in wrong_ones(f, case):
                assert faults(case, wrong), (seed, name, f)
                seen.add(name)
    assert seen == {"none", "another", "hours", "parts", "hour to open by", "no way"}


def wrong_ones(f: Finding, case: Case):  # type: ignore[no-untyped-def]
    if f.place is None or not f.lifts:
        return
    yield "none", replace(f, lifts=frozenset())
    yield "no way", replace(f, lifts=frozenset(), place=None)
    if len(f.lifts) == 1:
        (mine,) = f.lifts
        for other in Hindrance:
            if other is not mine:
                yield "another", replace(f, lifts=frozenset({mine, other}))
    if f.lifts == {Hindrance.WINDOW}:
        yield "hours", replace(f, late_s=f.late_s - 600)
        yield "hours", replace(f, late_s=f.late_s + 600)
    if f.lifts == {Hindrance.SPLIT}:
        yield "parts", replace(f, place=replace(f.place, parts=f.place.parts + 1))
    if f.open_by and f.open_by < case.problem.departs_at + timedelta(days=6):
        yield "hour to open by", replace(f, open_by=f.open_by + timedelta(minutes=10))
        yield "hour to open by", replace(f, open_by=f.open_by - timedelta(minutes=10))


def test_what_a_move_saves_is_what_staying_would_cost() -> None:
    """WH-A in a is 300 km from c, WH-B in b 30 km; B's own truck goes to c anyway."""
    edges = [make_edge(1, "a", "b", 270), make_edge(2, "b", "c", 30)]
    problem = question(
        make_shipment(0, "c", 500), make_shipment(1, "c", 400, warehouse_code="WH-B"), edges=edges,
        warehouse_county={"WH-A": "a", "WH-B": "b"}, vehicles=(*SMALL, Vehicle("B-V18-1", "V18", "WH-B")),
    )
    plan = RoutePlan((Tour("B-V18-1", "V18", False, "WH-B", (1, 0)),), (), 0.0)
    stay = cost_of_staying(problem, plan, problem.shipments[0])
    # a truck more: 300 yuan and 600 km there and back at 2.2 yuan; 300 km at 58 km/h with a break of 20 min
    far_s = sum(-(-km * 1000 * 36 // (58 * 10)) for km in (270, 30)) + 1200
    near_s = -(-30 * 1000 * 36 // (58 * 10))
    assert stay is not None and stay.fen == 30_000 + 600 * 220 and abs(stay.later_s - (far_s - near_s)) <= 2
    assert cost_of_staying(replace(problem, vehicles=problem.vehicles[1:]), plan, problem.shipments[0]) is None


@pytest.mark.parametrize("hire_most,words", [
    (1, "next best hired Truck 4.2 m, 278 yuan more"), (0, "no other truck is fit for it"),
])
def test_the_next_best_truck_is_priced_as_far_as_there_is_one(hire_most: int, words: str) -> None:
    problem = question(make_shipment(0, "b"), rates=replace(ROUTING.rates, hire_most=hire_most))
    (route,) = make_result(problem, plan_routes(problem, PARAMS)).routes
    # own: 300 yuan and 116 km there and back at 2.2 yuan = 555.20; hired half as much again
    assert words in route.reason.en


def test_a_hired_truck_is_not_offered_beyond_what_can_be_hired() -> None:
    problem = question(make_shipment(0, "b", 1700), make_shipment(1, "c", 1700), vehicles=(), rates=replace(ROUTING.rates, hire_most=1))
    routes = make_result(problem, plan_routes(problem, PARAMS)).routes
    large = [r for r in routes if r.vehicle_class == "V80"]
    small = [r for r in routes if r.vehicle_class == "V18"]
    assert len(large) == len(small) == 1 or len(large) == 1
    if small:
        assert "the cheaper hired Truck 4.2 m" in large[0].reason.en and "no other truck" in large[0].reason.en


@settings(max_examples=60, deadline=None)
@given(st.integers(10**6, 10**7))
def test_what_is_said_of_other_trucks_is_so(seed: int) -> None:
    """Every kind of truck that could drive the same stops, priced anew, against the sentence."""
    problem = random_routing(Random(seed))
    problem = replace(problem, rates=replace(problem.rates, hire_most=seed % 3))
    routes = make_result(problem, plan_routes(problem, PARAMS)).routes
    for route in routes:
        said = route.reason.en
        if "pinned" in said:
            assert any(p.vehicle_code == route.vehicle_code for p in problem.pins.trucks)
            continue
        free, busy = others(problem, routes, route)
        less = [fen for fen, _ in busy if fen < route.cost_fen]
        assert ("are all out" in said) == bool(less)
        if less:
            assert f"({round((route.cost_fen - min(less)) / 100):,} yuan less)" in said
        if not free:
            assert "no other truck is fit" in said
        elif free[0][0] >= route.cost_fen:
            assert f"next best {free[0][1]}, {round((free[0][0] - route.cost_fen) / 100):,} yuan more" in said
        else:
            assert f"the {free[0][1]} stands free and would be {round((route.cost_fen - free[0][0]) / 100):,} yuan cheaper" in said


def others(problem: RoutingProblem, routes: tuple[Route, ...], route: Route) -> tuple[list[tuple[int, str]], list[tuple[int, str]]]:
    """(fen, name) of the other kinds of truck at the warehouse: some stand free, of some all are out."""
    used = {r.vehicle_code for r in routes}
    places = [problem.warehouse_county[route.warehouse_code], *(s.county for s in route.stops)]
    metres = sum(problem.matrix.distance_m[pair] for pair in zip(places, [*places[1:], places[0]], strict=True))
    needs = frozenset().union(*(problem.skills.get(s.county, frozenset()) for s in route.stops))
    free, busy = [], []
    for code, kind in problem.classes.items():
        mine = [v for v in problem.vehicles if (v.class_code, v.warehouse_code) == (code, route.warehouse_code)]
        own = [v.code not in used for v in mine if v.code not in problem.pins.without]
        out = sum(r.is_hired and (r.vehicle_class, r.warehouse_code) == (code, route.warehouse_code) for r in routes)
        hired = [n >= out for n in range(problem.rates.hire_most)]
        fits = route.load_g <= kind.payload_kg * 1000 and route.load_cm3 <= kind.volume_cm3
        for is_hired, stand in ((False, own), (True, hired)):
            if not stand or not fits or not needs <= set(kind.skills.split()) or (code, is_hired) == (route.vehicle_class, route.is_hired):
                continue
            fen = kind.fixed_cost_fen + kind.cost_per_km_fen * metres // 1000
            option = (fen * problem.rates.hire_factor_percent // 100 if is_hired else fen, ("hired " if is_hired else "own ") + code)
            (free if any(stand) else busy).append(option)
    return sorted(free), sorted(busy)
