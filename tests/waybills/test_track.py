"""Heard of, there, late: worked by hand."""

from datetime import timedelta

import pytest

from dispatch.geo import LonLat
from dispatch.waybills.rules import load_tracking_rule
from dispatch.waybills.track import Sighting, newest_missed, progress, stands_at
from tests.builders import AT

RULE = load_tracking_rule()
H, MIN = timedelta(hours=1), timedelta(minutes=1)
GOAL = LonLat(122.0, 43.0)
# one degree of latitude is 111.2 km
KM = 1 / 111.2


def away(km: float) -> LonLat:
    return LonLat(122.0, 43.0 + km * KM)


BODY = {"departs_at": AT.isoformat(), "stops": [
    {"place": "a", "arrives_at": (AT + 4 * H).isoformat()}, {"place": "b", "arrives_at": (AT + 8 * H).isoformat()},
]}


@pytest.mark.parametrize(
    ("way", "there"),
    [((50, 9, 6), False), ((50, 4.9), True), ((4, 6, 7.9), True), ((4, 8.2), False), ((4, 8.2, 7, 6), False), ((4, 8.2, 4), True), ((), False)],
)
def test_the_edge_of_a_place_does_not_flutter(way: tuple[float, ...], there: bool) -> None:
    sightings = [Sighting(away(km), AT + n * MIN) for n, km in enumerate(way)]
    assert stands_at(sightings, GOAL, RULE) is there


def test_silence_is_told_again_each_time_it_passes() -> None:
    every = RULE.silent_after
    assert newest_missed(AT, AT + every - MIN, every) is None
    assert newest_missed(AT, AT + every, every) == AT + every
    assert newest_missed(AT, AT + 3 * every + MIN, every) == AT + 3 * every


def test_a_truck_under_way() -> None:
    seats = {"a": GOAL, "b": away(300)}
    on_time = progress(BODY, AT + H, ([Sighting(away(60), AT + 2 * H)], {}), seats, AT + 3 * H, RULE)
    assert (on_time.next_stop, on_time.is_there, on_time.late, on_time.silent_since) == ("a", False, None, None)
    # it left an hour late
    assert on_time.expected_at == AT + 5 * H and on_time.last_heard_at == AT + 2 * H
    late = progress(BODY, AT, ([Sighting(away(60), AT + 4 * H)], {}), seats, AT + 5 * H, RULE)
    assert late.late == H
    there = progress(BODY, AT, ([Sighting(away(1), AT + 4 * H)], {}), seats, AT + 5 * H, RULE)
    assert there.is_there and there.late is None
    signed = progress(BODY, AT, ([], {"a": AT + 4 * H}), seats, AT + 9 * H, RULE)
    assert (signed.next_stop, signed.last_heard_at, signed.late) == ("b", AT + 4 * H, H)
    assert signed.silent_since == AT + 4 * H + 2 * RULE.silent_after
    done = progress(BODY, AT, ([], {"a": AT + 4 * H, "b": AT + 8 * H}), seats, AT + 20 * H, RULE)
    assert (done.next_stop, done.silent_since) == (None, None)
