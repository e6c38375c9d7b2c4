"""Roads a coordinator closes or slows: on top of the notices, never faster, and checked from the wish alone."""

from datetime import UTC, datetime, timedelta
from itertools import product

import pytest

from dispatch.routing.conditions import RoadConditions, crossing, paces_of
from dispatch.routing.model import Leg, RoadEdge, Route, RoutingResult, Stop
from dispatch.routing.road_wishes import RoadWish, broken_wishes, limited
from dispatch.routing.speeds import load_speeds
from dispatch.words import Words

AT = datetime(2021, 11, 8, 15, 0, tzinfo=UTC)
EDGE = RoadEdge(7, "150525", "150502", 60_000, "county", "G111", "C")
OTHER = RoadEdge(8, "150502", "150521", 30_000, "county", "", "C")


@pytest.mark.parametrize("now,later,wish", list(product((100, 60, 0), (100, 60, 0), (0, 50, 80))))
def test_a_wish_never_makes_a_road_faster_than_the_notices(now: int, later: int, wish: int) -> None:
    before = RoadConditions({}, {7: now}, {7: ((AT + timedelta(hours=2), later),)} if later != now else {})
    after = limited(before, [RoadWish(7, wish)])
    speeds = load_speeds()
    for hour in (0, 1, 2, 3):
        at = int((AT + timedelta(hours=hour)).timestamp())
        slow, free = (crossing(EDGE.distance_m, paces_of(EDGE, speeds, c), at) for c in (after, before))
        if wish == 0 or free is None:
            assert slow is None
        else:
            assert (later == 0 and slow is None) or (slow is not None and sum(slow) >= sum(free))
    assert after.percent[7] == min(now, wish)
    assert limited(before, []) is before
    assert limited(before, [RoadWish(8, 50)]).percent == {7: now, 8: 50}


def result(*legs: Leg) -> RoutingResult:
    words = Words("x", "x", "x")
    stop = Stop("150502", AT, (1,))
    route = Route("V", "V18", "WH", AT, (stop,), legs, 0, 0, 0, 0, 0, False, words)
    return RoutingResult("feasible", (route,), (), 0, 0, 0.0)


def test_a_plan_that_drives_a_closed_road_or_too_fast_is_named() -> None:
    speeds = load_speeds()
    full_s = -(-60_000 * 36 // (10 * speeds.km_per_h["county"]))
    closed = broken_wishes(result(Leg(7, "150525", "150502", 60_000, full_s, "G111")), [RoadWish(7, 0)], [EDGE], speeds)
    assert len(closed) == 1 and "a coordinator closed it" in closed[0] and "road 7" in closed[0]
    fast = broken_wishes(result(Leg(7, "150525", "150502", 60_000, full_s, "G111")), [RoadWish(7, 50)], [EDGE], speeds)
    assert len(fast) == 1 and "faster than the 50 %" in fast[0]
    slow = Leg(7, "150525", "150502", 60_000, 2 * full_s + 1, "G111")
    assert broken_wishes(result(slow), [RoadWish(7, 50), RoadWish(8, 0)], [EDGE, OTHER], speeds) == []
