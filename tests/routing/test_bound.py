"""Bounds against every plan there is, counted by the exact timetable."""

from collections import Counter
from dataclasses import replace
from datetime import timedelta
from itertools import permutations
from math import inf

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dispatch.routing.bound import bound_free, bound_plan, relax
from dispatch.routing.costs import route_cost_fen, waiting_fen
from dispatch.routing.driving import Crew
from dispatch.routing.finish import make_result
from dispatch.routing.model import Shipment
from dispatch.routing.pins import LockedTour, Pins
from dispatch.routing.plan import RoutePlan, plan_from_json
from dispatch.routing.planner import first_plan, plan_routes
from dispatch.routing.polish import polish
from dispatch.routing.problem import RoutingParams, RoutingProblem
from dispatch.routing.rates import DrivingRules
from dispatch.routing.roads import RoadConditions, build_matrix
from dispatch.routing.schedule import make_timetable
from dispatch.routing.verify import violations
from tests.builders import AT, ROUTING, SPEEDS, make_edge, make_matrix, make_routing, make_shipment

AROUND = [make_edge(1, "a", "b", 500), make_edge(2, "b", "c", 500), make_edge(3, "a", "c", 700)]
BOTH = (make_shipment(0, "b", 400), make_shipment(1, "c", 400))
PARAMS = RoutingParams(iterations=50, slices=2)
STAR = [make_edge(1, "a", "b", 300), make_edge(2, "b", "c", 350), make_edge(3, "a", "d", 420), make_edge(4, "c", "d", 510)]


def route_fen(problem: RoutingProblem, kind: str, is_hired: bool, loads: tuple[Shipment, ...]) -> int:
    """The route by the timetable itself, nothing shared with the proof."""
    yard = loads[0].warehouse_code
    timetable = make_timetable(problem, yard, loads)
    of = {s.id: s for s in loads}
    places = [problem.warehouse_county[yard], *(stop.county for stop in timetable.stops)]
    waits = sum(waiting_fen(problem, of[i], stop.arrives_at) for stop in timetable.stops for i in stop.shipment_ids)
    return route_cost_fen(problem, problem.classes[kind], is_hired, places) + waits


def cheapest(problem: RoutingProblem) -> float:
    """The optimum for one warehouse by trying every truck with every set in every order."""
    kinds = [(v.class_code, False) for v in problem.vehicles]
    kinds += [(c, True) for c in problem.classes for _ in range(problem.rates.hire_most)]
    n = len(problem.shipments)
    cost: dict[tuple[str, bool], dict[int, float]] = {}
    for kind in set(kinds):
        room = problem.classes[kind[0]]
        cost[kind] = {}
        for bits in range(1, 1 << n):
            loads = [s for i, s in enumerate(problem.shipments) if bits >> i & 1]
            if sum(s.load_g for s in loads) <= room.payload_kg * 1000 and sum(s.load_cm3 for s in loads) <= room.volume_cm3:
                cost[kind][bits] = min(route_fen(problem, *kind, order) for order in permutations(loads))
    best = {bits: float(sum(problem.rates.unserved(s.priority) for i, s in enumerate(problem.shipments) if bits >> i & 1)) for bits in range(1 << n)}
    for kind in kinds:
        best = {
            bits: min([worth, *(best[bits ^ part] + fen for part, fen in cost[kind].items() if part & bits == part)])
            for bits, worth in best.items()
        }
    return best[(1 << n) - 1]


shipments = st.lists(
    st.tuples(st.sampled_from("bcd"), st.integers(100, 4000), st.integers(1, 4), st.integers(2, 60)), min_size=1, max_size=4,
)


def made(rows: list[tuple[str, int, int, int]], **changes: object) -> RoutingProblem:
    loads = tuple(
        make_shipment(n, county, kg, priority=priority, due_at=AT + timedelta(hours=hours))
        for n, (county, kg, priority, hours) in enumerate(rows)
    )
    return make_routing(loads, make_matrix(STAR), **changes)


@settings(max_examples=25, deadline=None)
@given(shipments, st.sampled_from([0, 1]), st.booleans())
def test_the_bound_is_the_optimum_of_every_plan_there_is(rows: list[tuple[str, int, int, int]], hire_most: int, returns: bool) -> None:
    problem = made(rows, rates=replace(ROUTING.rates, hire_most=hire_most), returns=returns)
    optimum = cheapest(problem)
    plan = polish(problem, first_plan(problem), None)
    assert optimum - 3 * len(rows) - 1 - 2e-6 * optimum <= plan.bound <= optimum
    assert make_result(problem, plan).objective <= optimum + 3 * len(rows) + 1 + 2e-6 * optimum


@settings(max_examples=60, deadline=None)
@given(st.integers(1, 200_000), st.integers(0, 14_400), st.integers(0, 57_600))
def test_a_rested_crew_never_arrives_later(drive_s: int, broke_s: int, awake_s: int) -> None:
    """What the proof drops labels by."""
    rested = Crew(ROUTING.driving).drive(drive_s)
    assert rested <= Crew(ROUTING.driving, broke_s, awake_s).drive(drive_s)


def test_under_odd_rules_breaks_are_free() -> None:
    odd = DrivingRules(rest_after_s=14_400, rest_s=1200, drivers=1, driver_day_s=36_000, sleep_s=28_800)
    problem = made([("b", 500, 1, 9), ("c", 500, 1, 9), ("d", 700, 2, 9)], driving=odd)
    assert relax(problem).driving.rest_s == 0
    plan = polish(problem, first_plan(problem), None)
    assert 0 < plan.bound <= cheapest(problem)


def test_a_search_leg_by_leg_forgets_sleep_and_polishing_finds_it() -> None:
    """Straight to c takes less than a day's driving, over b more: who goes both sleeps before c."""
    problem = make_routing(BOTH, make_matrix(AROUND))
    assert problem.matrix.duration_s["a", "c"] < ROUTING.driving.day_s < sum(problem.matrix.duration_s[leg] for leg in (("a", "b"), ("b", "c")))
    optimum = cheapest(problem)
    searched = RoutePlan(*first_parts(problem), 0.0)
    assert make_result(problem, searched).objective > optimum + 1000
    polished = polish(problem, searched, None)
    assert make_result(problem, polished).objective <= optimum + 2
    assert violations(problem, make_result(problem, polished)) == []


def first_parts(problem: RoutingProblem) -> tuple[tuple, tuple]:
    """All in one truck, in the order given."""
    plan = first_plan(problem)
    tour = replace(plan.tours[0], vehicle_code="A-V18-1", class_code="V18", is_hired=False, shipment_ids=(0, 1))
    return (tour,), ()


def test_the_same_proof_every_time_and_it_can_be_kept() -> None:
    problem = made([("b", 900, 1, 9), ("c", 800, 2, 9), ("d", 700, 3, 9), ("b", 1700, 1, 12), ("c", 300, 4, 30)])
    first, second = (plan_routes(problem, PARAMS) for _ in range(2))
    assert first == second and first.bound > 0
    assert plan_from_json(first.to_json()) == first


def test_without_time_there_is_still_a_bound() -> None:
    problem = made([("b", 900, 1, 9), ("c", 800, 2, 9), ("d", 700, 3, 9)])
    plan = first_plan(problem)
    (part,) = bound_plan(problem, plan, 0.0)
    assert part.is_radial and not part.is_optimal
    assert 0 < part.bound_fen <= cheapest(problem)


def test_what_no_truck_may_take_counts_as_left() -> None:
    loads = (make_shipment(0, "b"), make_shipment(1, "z", priority=2))
    problem = make_routing(loads, make_matrix([*STAR, make_edge(9, "y", "z")]))
    for limit_s in (0.0, None):
        (part,) = bound_plan(problem, first_plan(problem), limit_s)
        assert part.bound_fen >= ROUTING.rates.unserved(2) * (1 - 2e-6)


def test_free_sources_bound_less_than_fixed_ones() -> None:
    fields = {"warehouse_county": {"WH-A": "a", "WH-C": "c"}, "sources": {0: ("WH-C",), 1: ("WH-C",)}}
    problem = made([("b", 900, 1, 9), ("c", 800, 2, 9), ("d", 700, 3, 9)], **fields)
    plan = first_plan(problem)
    fixed = sum(part.bound_fen for part in bound_plan(problem, plan, None))
    free = bound_free(problem, plan, None)
    assert free.warehouse_codes == ("WH-A", "WH-C")
    assert 0 < free.bound_fen < fixed
    assert free.best_fen < fixed and free.is_closed


def test_roads_that_open_later_are_taken_at_their_best() -> None:
    opens = RoadConditions({}, {1: 30}, {1: ((AT + timedelta(hours=4), 100),)})
    matrix = build_matrix(STAR, SPEEDS, opens, "abcd", AT + timedelta(hours=1))
    problem = replace(made([("b", 900, 1, 9), ("c", 800, 2, 9), ("d", 700, 3, 9)]), matrix=matrix)
    plan = polish(problem, first_plan(problem), None)
    result = make_result(problem, plan)
    assert 0 < plan.bound <= cheapest(problem) <= result.objective + 9
    assert relax(problem).matrix.duration_s["a", "b"] < matrix.duration_s["a", "b"]


def test_a_loaded_truck_keeps_its_tour_and_counts_with_the_bound() -> None:
    locked = LockedTour("A-V80-1", "V80", False, "WH-A", (("WH-A", "c", 0),))
    problem = made([("c", 900, 1, 9), ("b", 800, 2, 9), ("d", 700, 3, 9)], pins=Pins(locked=(locked,)))
    plan = plan_routes(problem, PARAMS)
    result = make_result(problem, plan)
    assert violations(problem, result) == []
    assert plan.bound < result.bound <= result.objective <= result.bound + 20


@pytest.mark.parametrize("change_fen", [0, 10**9])
def test_changes_from_the_plan_before_are_paid(change_fen: int) -> None:
    problem = make_routing(BOTH, make_matrix(AROUND), rates=replace(ROUTING.rates, change_fen=change_fen))
    before = RoutePlan(first_parts(problem)[0], (), 0.0)
    plan = polish(problem, before, None, before)
    assert ({t.vehicle_code for t in plan.tours} == {"A-V18-1"}) == bool(change_fen)
    assert plan.bound == 0
    assert Counter(i for t in plan.tours for i in t.shipment_ids) == Counter({0: 1, 1: 1})


def test_a_window_missed_by_the_exact_times_is_never_taken() -> None:
    loads = tuple(
        make_shipment(n, county, 400, opens_at=AT + timedelta(hours=30), closes_at=AT + timedelta(hours=31))
        for n, county in enumerate("bc")
    )
    problem = make_routing(loads, make_matrix(STAR))
    plan = plan_routes(problem, PARAMS)
    result = make_result(problem, plan)
    assert violations(problem, result) == []
    assert not result.unserved and result.bound < inf
