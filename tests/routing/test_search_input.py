"""The search asked what cannot be, or called off."""

import threading
from dataclasses import replace

import numpy as np
import pytest

from dispatch.errors import InvalidInput
from dispatch.routing.search.engine import solve
from dispatch.routing.search.master import Choice, choose, interruptible
from dispatch.routing.search.problem import (
    SearchParams,
    SearchProblem,
    SearchRoute,
    SearchStop,
    VehicleGroup,
)
from tests.routing.search_questions import (
    COUNTED,
    broken_rules,
    make_search,
    two_yards,
)


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


def test_nothing_asked_is_nothing_done() -> None:
    empty = SearchProblem((), (VehicleGroup(0, 1, 1),), np.zeros((1, 1, 1), np.int64), np.zeros((1, 1, 1), np.int64))
    assert solve(empty, COUNTED).routes == ()
