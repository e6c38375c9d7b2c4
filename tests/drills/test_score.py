"""Figures by hand: coverage, fairness, what is left."""

from datetime import UTC, datetime, timedelta

import pytest

from dispatch.drills.bands import Band, band
from dispatch.drills.readings import Left
from dispatch.drills.score import (
    Drop,
    coverage_at,
    gini,
    needs_of,
    reserve_left,
    total_share,
)
from dispatch.drills.shift import moved

AT = datetime(2021, 11, 8, tzinfo=UTC)
NEEDS = {("a", "QUILT"): 100, ("a", "TENT"): 10, ("b", "QUILT"): 300}
DROPS = (
    Drop(AT, "a", "QUILT", 50, "P1"),
    Drop(AT + timedelta(hours=2), "a", "QUILT", 90, "P1"),
    Drop(AT + timedelta(hours=2), "b", "QUILT", 75, "P1"),
    Drop(AT, "c", "QUILT", 999, "P1"),
)


def test_coverage_counts_items_alike_and_never_more_than_needed() -> None:
    # a: quilts 50 of 100, tents 0 of 10: (0.5 + 0) / 2
    assert coverage_at(NEEDS, DROPS, AT) == {"a": 0.25, "b": 0.0}
    # a: quilts 140 of 100 count as 1: (1 + 0) / 2; b: 75 of 300
    later = coverage_at(NEEDS, DROPS, AT + timedelta(hours=2))
    assert later == {"a": 0.5, "b": 0.25}
    # weighed by the item needed most: (0.5 x 100 + 0.25 x 300) / 400 = 0.3125
    assert total_share(NEEDS, later) == 0.3125
    assert total_share({}, {}) is None


@pytest.mark.parametrize(("shares", "value"), [
    ([], None), ([0.0, 0.0], 0.0), ([0.5, 0.5, 0.5], 0.0),
    ([0.0, 1.0], 0.5),              # one of two has everything
    ([0.0, 0.0, 0.0, 1.0], 0.75),
    ([0.25, 0.5], 0.1667),          # 2(1x0.25 + 2x0.5)/(2x0.75) - 3/2
])
def test_gini_by_hand(shares: list[float], value: float | None) -> None:
    assert gini(shares) == value


def test_the_need_is_the_largest_any_plan_to_people_named() -> None:
    def body(kind: str, gross: int, net: int) -> dict:
        return {"kind": kind, "needs": [{"county": "a", "item": "QUILT", "gross": gross, "quantity": net}]}

    found = needs_of({"P1": body("dispatch", 80, 80), "P2": body("dispatch", 120, 40), "P3": body("preposition", 500, 500)})
    assert found == {("a", "QUILT"): 120}


def test_reserve_left_counts_each_minimum_alike() -> None:
    left = Left({}, {}, (), (), 0, {("w", "QUILT"): 50, ("w", "TENT"): 30}, {("w", "QUILT"): 100, ("w", "TENT"): 10, ("w", "X"): 0})
    # 50 of 100, and no more than all of 10
    assert reserve_left(left) == 0.75


def test_percentiles_by_the_nearest_rank() -> None:
    assert band([3, None, 1, 2]) == Band(1, 2, 3)
    assert band([None]) == Band(None, None, None)
    assert band(range(1, 11)) == Band(1, 5, 9)


def test_moving_by_years_keeps_the_local_day_and_hour() -> None:
    leap = datetime(2000, 2, 28, 20, tzinfo=UTC)  # 29 February 04:00 local
    assert moved(leap, 1) == datetime(2001, 2, 27, 20, tzinfo=UTC)
    # Shanghai kept summer time in 1988: 12:00 then is 03:00 UTC, 12:00 now 04:00 UTC
    assert moved(datetime(1988, 6, 1, 3, tzinfo=UTC), 30) == datetime(2018, 6, 1, 4, tzinfo=UTC)
    assert moved(AT, 0) is AT
