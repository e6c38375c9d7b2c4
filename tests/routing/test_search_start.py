"""The search begun from given routes, in slices, and exact for a handful of stops."""

from collections import Counter
from dataclasses import replace
from itertools import permutations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dispatch.routing.search.arrays import BEST
from dispatch.routing.search.engine import solve
from dispatch.routing.search.prepare import make_problem
from dispatch.routing.search.price import valid_routes
from dispatch.routing.search.problem import (
    SearchParams,
    SearchProblem,
    SearchRoute,
)
from dispatch.routing.search.worker import Worker
from tests.routing.search_questions import (
    COUNTED,
    broken_rules,
    price_and_faults,
    questions,
    two_yards,
)


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


def test_slices_start_where_the_one_before_ended() -> None:
    asked, found, costs = two_yards(), None, []
    for part in range(4):
        params = SearchParams(iterations=300, threads=1, heat=(part / 4, (part + 1) / 4))
        found = solve(asked, params, start=found.routes if found else ())
        costs.append(found.cost)
    assert costs == sorted(costs, reverse=True)
