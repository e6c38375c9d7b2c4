"""The compiled search: rules kept, costs true, reproducible, stopped when asked."""

import threading
from collections import Counter
from collections.abc import Callable
from dataclasses import replace
from itertools import permutations
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dispatch.errors import InvalidInput
from dispatch.routing.search.arrays import BEST
from dispatch.routing.search.compiled import kept_folder, usable_folder
from dispatch.routing.search.engine import solve
from dispatch.routing.search.master import Choice, choose, interruptible
from dispatch.routing.search.prepare import make_problem
from dispatch.routing.search.price import valid_routes
from dispatch.routing.search.problem import (
    SearchParams,
    SearchProblem,
    SearchResult,
    SearchRoute,
    SearchStop,
    VehicleGroup,
)
from dispatch.routing.search.worker import Worker

COUNTED = SearchParams(iterations=600, threads=1)


def on_plane(points: list[tuple[int, int]]) -> np.ndarray:
    """Rounded-up Euclidean metres, one profile."""
    xy = np.array(points, float)
    return np.ceil(np.hypot(*(xy[:, None] - xy[None]).transpose(2, 0, 1))).astype(np.int64)[None]


def make_search(
    points: list[tuple[int, int]], stops: tuple[SearchStop, ...], groups: tuple[VehicleGroup, ...],
    **more: object,
) -> SearchProblem:
    way = on_plane(points)
    return SearchProblem(stops, groups, way, way, **more)  # type: ignore[arg-type]


def broken_rules(asked: SearchProblem, found: SearchResult) -> list[str]:
    """Recomputed from the question: every stop once, room, trucks, times, true cost."""
    seen = sorted([u for r in found.routes for u in r.stops] + list(found.unserved))
    wrong = [] if seen == list(range(len(asked.stops))) else [f"stops {seen}"]
    total = sum(asked.stops[u].unserved_cost for u in found.unserved)
    for number, g in enumerate(asked.groups):
        routes = [r for r in found.routes if r.group == number]
        if g.count is not None and len(routes) > g.count:
            wrong.append(f"group {number} drives {len(routes)}")
        for route in routes:
            price, faults = price_and_faults(asked, g, route)
            wrong += faults
            total += price
            if abs(price - route.cost) > 1e-6:
                wrong.append(f"route priced {route.cost}, costs {price}")
            if asked.allowed is not None and not asked.allowed[list(route.stops), number].all():
                wrong.append("a stop on a truck not allowed")
    return wrong if abs(total - found.cost) < 1e-6 * max(1, total) else [*wrong, f"{found.cost} != {total}"]


def price_and_faults(
    asked: SearchProblem, g: VehicleGroup, route: SearchRoute
) -> tuple[float, list[str]]:
    n, faults = len(asked.stops), []
    here, now, metres, soft = n + g.depot, g.leaves_s, 0, 0.0
    for u in route.stops:
        s = asked.stops[u]
        metres += int(asked.distance_m[g.profile, here, u])
        now = max(now + int(asked.duration_s[g.profile, here, u]), s.open_s)
        if now > s.close_s:
            faults.append(f"stop {u} at {now}")
        soft += s.arrival_cost_per_s * (now - g.leaves_s) + s.late_cost_per_s * max(0, now - s.due_s)
        soft += 0.0 if asked.serve_cost is None else asked.serve_cost[u, route.group]
        now, here = now + s.service_s, u
    metres += int(asked.distance_m[g.profile, here, n + g.depot]) * asked.returns_count_m
    now += int(asked.duration_s[g.profile, here, n + g.depot]) * asked.returns_count_s
    if sum(asked.stops[u].load_g for u in route.stops) > g.room_g:
        faults.append("too heavy")
    if sum(asked.stops[u].load_cm3 for u in route.stops) > g.room_cm3:
        faults.append("too large")
    if now - g.leaves_s > g.max_duration_s or metres > g.max_distance_m or now > g.back_by_s:
        faults.append("too long")
    return g.fixed_cost + g.cost_per_m * metres + g.cost_per_s * (now - g.leaves_s) + soft, faults


@st.composite
def questions(draw: Callable[..., object]) -> SearchProblem:
    """Small problems of every kind: windows, limits, soft costs, mixed and short fleets."""
    n = draw(st.integers(1, 9))
    depots = draw(st.integers(1, 2))
    where = st.tuples(st.integers(0, 60), st.integers(0, 60))
    points = draw(st.lists(where, min_size=n + depots, max_size=n + depots))
    timed, soft, limited = draw(st.booleans()), draw(st.booleans()), draw(st.booleans())
    stops = []
    for _ in range(n):
        opens = draw(st.integers(0, 60)) if timed else 0
        stops.append(SearchStop(
            draw(st.integers(1, 6)), draw(st.integers(0, 5)), draw(st.integers(0, 5)), opens,
            opens + draw(st.integers(20, 200)) if timed else 2**40, draw(st.integers(0, 100)),
            late_cost_per_s=draw(st.sampled_from([0.0, 3.0])) if soft else 0.0,
            arrival_cost_per_s=draw(st.sampled_from([0.0, 0.5])) if soft else 0.0,
            unserved_cost=5000.0,
        ))
    groups = tuple(
        VehicleGroup(
            draw(st.integers(0, depots - 1)), draw(st.sampled_from([None, 1, 2])),
            draw(st.integers(5, 20)), draw(st.integers(5, 20)), float(draw(st.integers(0, 50))),
            draw(st.sampled_from([1.0, 1.5])), draw(st.sampled_from([0.0, 0.2])) if limited else 0.0,
            draw(st.integers(80, 300)) if limited else 2**40,
        )
        for _ in range(draw(st.integers(1, 4)))
    )
    allowed = None
    if draw(st.booleans()):
        rows = draw(st.lists(st.booleans(), min_size=n * len(groups), max_size=n * len(groups)))
        allowed = np.array(rows).reshape(n, len(groups))
    serve_cost = None
    if draw(st.booleans()):
        costs = draw(st.lists(st.integers(-20, 40), min_size=n * len(groups), max_size=n * len(groups)))
        serve_cost = np.array(costs, float).reshape(n, len(groups))
    return make_search(points, tuple(stops), groups, allowed=allowed, serve_cost=serve_cost,
                       returns_count_m=draw(st.booleans()), returns_count_s=draw(st.booleans()))


@given(questions())
@settings(max_examples=60, deadline=None)
def test_whatever_is_asked_the_answer_keeps_the_rules(asked: SearchProblem) -> None:
    found = solve(asked, COUNTED)
    assert broken_rules(asked, found) == []
    greedy = solve(asked, SearchParams(seconds=0, threads=1))
    assert broken_rules(asked, greedy) == []
    assert found.cost <= greedy.cost + 1e-6


@given(questions(), st.data())
@settings(max_examples=60, deadline=None)
def test_a_start_is_kept_or_bettered(asked: SearchProblem, data: st.DataObject) -> None:
    n, groups = len(asked.stops), len(asked.groups)
    order = data.draw(st.permutations(range(n)))
    cuts = sorted(data.draw(st.sets(st.integers(1, n), max_size=3)) | {0, n})
    start = tuple(
        SearchRoute(data.draw(st.integers(0, groups - 1)), tuple(order[a:b]), 0.0)
        for a, b in zip(cuts, cuts[1:], strict=False)
    )
    kept = valid_routes(asked, start)
    served = {u for r in kept for u in r.stops}
    worth = sum(r.cost for r in kept) + sum(
        s.unserved_cost for u, s in enumerate(asked.stops) if u not in served
    )
    for params in (SearchParams(seconds=0), SearchParams(iterations=20, threads=1, heat=(0.5, 1.0))):
        found = solve(asked, params, start=start)
        assert broken_rules(asked, found) == []
        assert found.cost <= worth + 1e-6


def test_routes_that_break_a_rule_are_dissolved() -> None:
    asked = two_yards()
    good = SearchRoute(1, (0, 1), 0.0)
    bad = (
        SearchRoute(0, (2, 3, 4), 0.0), SearchRoute(9, (2,), 0.0), SearchRoute(0, (99,), 0.0),
        SearchRoute(0, (), 0.0), SearchRoute(0, (5, 5), 0.0), SearchRoute(0, (1,), 0.0),
    )
    assert [(r.group, r.stops) for r in valid_routes(asked, (good, *bad))] == [(1, (0, 1))]
    three = tuple(SearchRoute(0, (u,), 0.0) for u in (4, 5, 6))
    assert len(valid_routes(asked, three)) == 2
    found = solve(asked, SearchParams(seconds=0), start=(good, *bad))
    assert broken_rules(asked, found) == [] and found.unserved == ()


@given(questions())
@settings(max_examples=60, deadline=None)
def test_a_few_stops_get_the_cheapest_of_all_plans(asked: SearchProblem) -> None:
    n = min(3, len(asked.stops))
    keep = [*range(n), *range(len(asked.stops), asked.distance_m.shape[1])]
    few = replace(
        asked, stops=asked.stops[:n], distance_m=asked.distance_m[:, keep][:, :, keep],
        duration_s=asked.duration_s[:, keep][:, :, keep],
        allowed=None if asked.allowed is None else asked.allowed[:n],
        serve_cost=None if asked.serve_cost is None else asked.serve_cost[:n],
    )
    found = solve(few, SearchParams(seconds=0))
    assert broken_rules(few, found) == [] and found.is_optimal
    assert found.cost == pytest.approx(cheapest(few, frozenset(range(n)), Counter()))


def cheapest(asked: SearchProblem, left: frozenset[int], used: Counter[int]) -> float:
    """By trying everything: leave the first stop out, or any route that holds it."""
    if not left:
        return 0.0
    first = min(left)
    best = asked.stops[first].unserved_cost + cheapest(asked, left - {first}, used)
    for size in range(1, len(left) + 1):
        for order in permutations(left, size):
            for number, g in enumerate(asked.groups):
                if first not in order or (g.count is not None and used[number] >= g.count):
                    continue
                if asked.allowed is not None and not asked.allowed[list(order), number].all():
                    continue
                price, faults = price_and_faults(asked, g, SearchRoute(number, order, 0.0))
                if not faults:
                    rest = cheapest(asked, left - set(order), used + Counter([number]))
                    best = min(best, price + rest)
    return best


@given(questions())
@settings(max_examples=40, deadline=None)
def test_counted_steps_never_beat_the_search_of_all_plans(asked: SearchProblem) -> None:
    found = solve(asked, COUNTED)
    if found.is_optimal:
        problem = make_problem(asked, lambda: None)
        worker = Worker(problem, 1, False, (50.0, 1.0))
        worker.run(np.inf, 300)
        assert worker.state is not None and found.cost <= worker.state.value[BEST] + 1e-6
        assert found.pool_bound == found.cost


def test_stops_stay_with_the_truck_that_costs_nothing_extra() -> None:
    asked = two_yards()
    serve = np.zeros((12, 4))
    serve[:, :2] = 500.0
    moved = solve(replace(asked, serve_cost=serve), COUNTED)
    # the far yard's two trucks carry 18 of 24
    weight = sum(asked.stops[u].load_g for r in moved.routes if r.group >= 2 for u in r.stops)
    assert weight >= 17 and broken_rules(replace(asked, serve_cost=serve), moved) == []


def test_slices_start_where_the_one_before_ended() -> None:
    asked, found, costs = two_yards(), None, []
    for part in range(4):
        params = SearchParams(iterations=300, threads=1, heat=(part / 4, (part + 1) / 4))
        found = solve(asked, params, start=found.routes if found else ())
        costs.append(found.cost)
    assert costs == sorted(costs, reverse=True)


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


def two_yards() -> SearchProblem:
    """Twelve stops around two yards with mixed trucks."""
    points = [(10 * (i % 4), 17 * (i // 4) + i) for i in range(12)] + [(0, 0), (30, 40)]
    groups = tuple(
        VehicleGroup(d, 2, room, fixed_cost=room, cost_per_m=1 + room / 50)
        for d in (0, 1) for room in (4, 9)
    )
    return make_search(points, tuple(SearchStop(1 + i % 3) for i in range(12)), groups)


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


def test_nothing_asked_is_nothing_done() -> None:
    empty = SearchProblem((), (VehicleGroup(0, 1, 1),), np.zeros((1, 1, 1), np.int64), np.zeros((1, 1, 1), np.int64))
    assert solve(empty, COUNTED).routes == ()


def test_what_no_truck_can_carry_or_reach_in_time_stays_unserved() -> None:
    stops = (SearchStop(50), SearchStop(1, close_s=3), SearchStop(1, open_s=9, close_s=8), *(SearchStop(1),) * 6)
    points = [(10 + i, 0) for i in range(9)] + [(0, 0)]
    for asked in (make_search(points, stops, (VehicleGroup(0, None, 5),)),
                  make_search(points[:3] + points[-1:], stops[:3], (VehicleGroup(0, None, 5),))):
        for params in (COUNTED, SearchParams(seconds=0)):
            found = solve(asked, params)
            assert found.unserved == (0, 1, 2) and broken_rules(asked, found) == []
    none = make_search(points, stops, (VehicleGroup(0, 0, 5), VehicleGroup(0, None, 0)))
    assert len(solve(none, COUNTED).unserved) == 9
    assert len(solve(replace(none, groups=()), COUNTED).unserved) == 9


def test_a_search_called_off_before_it_began_gives_the_start() -> None:
    cancel = threading.Event()
    cancel.set()
    asked = two_yards()
    assert len(solve(asked, COUNTED, cancel=cancel).unserved) == 12
    found = solve(asked, COUNTED, cancel=cancel, start=(SearchRoute(1, (0, 1), 0.0),))
    assert [r.stops for r in found.routes] == [(0, 1)] and broken_rules(asked, found) == []


def test_a_linear_program_called_off_ends_without_a_choice() -> None:
    asked = two_yards()
    found = solve(asked, COUNTED)
    cancel = threading.Event()
    cancel.set()
    assert choose(asked, found.routes, (found.routes, found.cost), None, cancel) == Choice(None, None)
    calls: list[int] = []
    running = threading.Event()
    assert interruptible(lambda: running.wait(30), lambda: (calls.append(1), running.set()), cancel)
    assert calls


@pytest.mark.parametrize("row", [
    SearchStop(-1), SearchStop(1, -1), SearchStop(1, service_s=-5), SearchStop(2**60),
    SearchStop(1, unserved_cost=float("nan")), SearchStop(1, late_cost_per_s=float("inf")),
    VehicleGroup(0, -1, 5), VehicleGroup(0, None, -5), VehicleGroup(0, None, 5, -1),
    VehicleGroup(0, None, 5, fixed_cost=float("nan")), VehicleGroup(0, None, 5, cost_per_m=-1.0),
])
def test_amounts_that_are_no_amounts_are_refused(row: SearchStop | VehicleGroup) -> None:
    stops = (row,) if isinstance(row, SearchStop) else (SearchStop(1),)
    groups = (row,) if isinstance(row, VehicleGroup) else (VehicleGroup(0, 1, 1),)
    with pytest.raises(InvalidInput):
        make_search([(0, 0), (1, 1)], stops, groups)


@pytest.mark.parametrize("change", [
    {"groups": (VehicleGroup(3, 1, 1),)}, {"distance_m": np.full((1, 3, 3), -1)},
    {"distance_m": np.full((1, 3, 3), 2**31)}, {"duration_s": np.zeros((1, 2, 2), np.int64)},
    {"allowed": np.ones((1, 1), np.bool_)}, {"serve_cost": np.ones((1, 1))},
    {"serve_cost": np.full((2, 1), np.nan)},
])
def test_wrong_questions_are_refused(change: dict[str, object]) -> None:
    way = np.zeros((1, 3, 3), np.int64)
    good = {"stops": (SearchStop(1), SearchStop(1)), "groups": (VehicleGroup(0, 1, 1),),
            "distance_m": way, "duration_s": way}
    with pytest.raises(InvalidInput):
        SearchProblem(**{**good, **change})  # type: ignore[arg-type]


@pytest.mark.parametrize("wrong", [
    {"threads": 0}, {"threads": 10**6}, {"seconds": -1.0}, {"seconds": float("nan")},
    {"iterations": -1}, {"heat": (0.5, 0.2)}, {"heat": (0.0, 1.5)}, {"master_share": 1.0},
])
def test_wrong_parameters_are_refused(wrong: dict[str, object]) -> None:
    with pytest.raises(InvalidInput):
        SearchParams(**wrong)  # type: ignore[arg-type]


def test_machine_code_is_kept_elsewhere_when_the_folder_cannot_be_written(tmp_path: Path) -> None:
    good = kept_folder(tmp_path)
    assert usable_folder(good) == good and good.is_dir()
    blocked = tmp_path / "file"
    blocked.write_text("")
    spare = usable_folder(blocked / "below")
    assert spare.is_dir() and tmp_path not in spare.parents
