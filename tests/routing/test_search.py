"""The compiled search: rules kept, costs true, reproducible, stopped when asked."""

import threading
from dataclasses import replace
from itertools import permutations
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dispatch.routing.search.compiled import kept_folder, usable_folder
from dispatch.routing.search.engine import solve
from dispatch.routing.search.master import choose
from dispatch.routing.search.problem import (
    SearchParams,
    SearchProblem,
    SearchResult,
    SearchRoute,
    SearchStop,
    VehicleGroup,
)
from dispatch.routing.search.recreate import FEW_ROUTES
from tests.routing.search_questions import (
    COUNTED,
    broken_rules,
    make_search,
    questions,
    two_yards,
)


@given(questions())
@settings(max_examples=60, deadline=None)
def test_whatever_is_asked_the_answer_keeps_the_rules(asked: SearchProblem) -> None:
    found = solve(asked, COUNTED)
    assert broken_rules(asked, found) == []
    greedy = solve(asked, SearchParams(seconds=0, threads=1))
    assert broken_rules(asked, greedy) == []
    assert found.cost <= greedy.cost + 1e-6


def test_stops_stay_with_the_truck_that_costs_nothing_extra() -> None:
    asked = two_yards()
    serve = np.zeros((12, 4))
    serve[:, :2] = 500.0
    moved = solve(replace(asked, serve_cost=serve), COUNTED)
    # the far yard's two trucks carry 18 of 24
    weight = sum(asked.stops[u].load_g for r in moved.routes if r.group >= 2 for u in r.stops)
    assert weight >= 17 and broken_rules(replace(asked, serve_cost=serve), moved) == []


@given(st.lists(st.tuples(st.integers(0, 50), st.integers(0, 50)), min_size=4, max_size=7))
@settings(max_examples=15, deadline=None)
def test_one_truck_drives_the_shortest_tour(points: list[tuple[int, int]]) -> None:
    stops = tuple(SearchStop(1) for _ in points[1:])
    asked = make_search(points[1:] + points[:1], stops, (VehicleGroup(0, 1, 100),))
    way, n = asked.distance_m[0], len(stops)
    shortest = min(
        sum(way[a, b] for a, b in zip((n, *tour), (*tour, n), strict=True))
        for tour in permutations(range(n))
    )
    assert solve(asked, COUNTED).cost == shortest


def test_same_seed_and_counted_steps_give_the_same_plan_in_two_threads() -> None:
    params = SearchParams(seed=3, iterations=1500, threads=2)
    first, second = (solve(two_yards(), params) for _ in range(2))
    assert (first.routes, first.cost, first.pool_bound) == (second.routes, second.cost, second.pool_bound)
    assert first.pool_bound is not None and first.pool_bound <= first.cost + 1e-6


def test_a_fleet_too_small_leaves_the_least_dear_stops() -> None:
    stops = tuple(SearchStop(2, unserved_cost=1000.0 * (i + 1)) for i in range(3))
    found = solve(make_search([(1, 0), (2, 0), (3, 0), (0, 0)], stops, (VehicleGroup(0, 1, 4),)), COUNTED)
    assert found.unserved == (0,)


def test_a_larger_truck_is_taken_only_where_it_pays() -> None:
    # one truck of 10 costs 10 + 6 m; two of 5 cost 2 x 1 + 6 + 4 m: alone cheaper
    groups = (VehicleGroup(0, 2, 5, fixed_cost=1), VehicleGroup(0, 1, 10, fixed_cost=10))
    points = [(2, 0), (3, 0), (0, 0)]
    asked = make_search(points, (SearchStop(5), SearchStop(5)), groups)
    assert sorted(r.group for r in solve(asked, COUNTED).routes) == [0, 0]
    far = make_search([(20, 0), (30, 0), (0, 0)], asked.stops, groups)
    assert [r.group for r in solve(far, COUNTED).routes] == [1]


def test_priority_is_served_first_when_arrival_costs() -> None:
    stops = (SearchStop(1, arrival_cost_per_s=0.1), SearchStop(1, arrival_cost_per_s=9.0))
    (route,) = solve(make_search([(5, 0), (10, 0), (0, 0)], stops, (VehicleGroup(0, 1, 9),)), COUNTED).routes
    assert route.stops == (0, 1)
    near = (SearchStop(1, service_s=30, arrival_cost_per_s=0.1), stops[1])
    (route,) = solve(make_search([(5, 0), (10, 0), (0, 0)], near, (VehicleGroup(0, 1, 9),)), COUNTED).routes
    assert route.stops == (1, 0)


def test_the_master_puts_routes_of_the_pool_together() -> None:
    asked = make_search([(1, 0), (2, 0), (0, 0)], (SearchStop(1), SearchStop(1)), (VehicleGroup(0, None, 2),))
    alone, both = (SearchRoute(0, (0,), 2.0), SearchRoute(0, (1,), 4.0)), SearchRoute(0, (0, 1), 4.0)
    choice = choose(asked, (*alone, both), (alone, 6.0), None, threading.Event())
    assert choice.routes == (both,) and choice.pool_bound == pytest.approx(4.0)
    assert choose(asked, (both,), ((both,), 4.0), None, threading.Event()).routes is None


def test_cancel_ends_a_long_search_and_improvements_are_told() -> None:
    cancel, told = threading.Event(), []

    def hear(result: SearchResult) -> None:
        told.append(result.cost)
        cancel.set()

    found = solve(two_yards(), SearchParams(seconds=600), hear, cancel)
    assert found.seconds < 600
    assert broken_rules(two_yards(), found) == [] and told and found.cost <= told[0]


def test_machine_code_is_kept_elsewhere_when_the_folder_cannot_be_written(tmp_path: Path) -> None:
    good = kept_folder(tmp_path)
    assert usable_folder(good) == good and good.is_dir()
    blocked = tmp_path / "file"
    blocked.write_text("")
    spare = usable_folder(blocked / "below")
    assert spare.is_dir() and tmp_path not in spare.parents


def test_many_routes_are_looked_at_only_near_the_stop() -> None:
    rng = np.random.default_rng(5)
    points = [(int(x), int(y)) for x, y in rng.integers(0, 1000, (123, 2))]
    stops = tuple(SearchStop(int(w), late_cost_per_s=0.1, due_s=400) for w in rng.integers(2, 6, 120))
    groups = tuple(
        VehicleGroup(d, count, room, fixed_cost=9 * room, cost_per_m=1 + room / 20)
        for d in range(3) for count, room in ((9, 9), (None, 6), (2, 14))
    )
    asked = make_search(points, stops, groups)
    greedy = solve(asked, SearchParams(seconds=0))
    found = solve(asked, replace(COUNTED, iterations=1500))
    assert len(found.routes) > FEW_ROUTES and found.unserved == ()
    assert broken_rules(asked, greedy) == [] and broken_rules(asked, found) == []
    assert found.cost < greedy.cost


@pytest.mark.parametrize("limit", [{}, {"due_s": 5, "late_cost_per_s": 0.5}])
def test_a_route_moves_to_the_yard_it_passes(limit: dict[str, float]) -> None:
    # ten stops in a row, begun at the far yard; no single stop gains by a change of truck
    points = [(100 + i, 0) for i in range(10)] + [(0, 0), (99, 0)]
    stops = tuple(SearchStop(1, **limit) for _ in range(10))  # type: ignore[arg-type]
    asked = make_search(points, stops, (VehicleGroup(0, 1, 10), VehicleGroup(1, 1, 10)))
    start = (SearchRoute(0, tuple(range(10)), 0.0),)
    found = solve(asked, COUNTED, start=start)
    assert [r.group for r in found.routes] == [1] and broken_rules(asked, found) == []
