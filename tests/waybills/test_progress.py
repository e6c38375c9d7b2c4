"""Where a truck is by its plan, and what it owes."""

from datetime import UTC, datetime, timedelta

import pytest

from dispatch.geo import LonLat
from dispatch.waybills.positions import Position
from dispatch.waybills.progress import Trip, late_by, passages, place_at, progress
from dispatch.waybills.rules import load_tracking_rule

LEAVES = datetime(2026, 1, 31, 0, 0, tzinfo=UTC)
H = timedelta(hours=1)
SEATS = {"A": LonLat(100.0, 40.0), "B": LonLat(102.0, 40.0), "C": LonLat(102.0, 44.0)}
RULE = load_tracking_rule()
# an hour to B, three to C; the stop at C is an hour later than the legs say (a break)
BODY = {
    "vehicle": "V", "departs_at": LEAVES.isoformat(),
    "legs": [{"from": "A", "to": "B", "duration_s": 3600, "wait_s": 0}, {"from": "B", "to": "C", "duration_s": 10800, "wait_s": 0}],
    "stops": [{"place": "C", "arrives_at": (LEAVES + 5 * H).isoformat()}],
}


def trip(**more: object) -> Trip:
    return Trip("WB", "/waybills/WB", str(more.pop("status", "issued")), BODY, **more)  # type: ignore[arg-type]


def heard(at: datetime) -> Position:
    return Position("WB", "call", LonLat(101.0, 40.0), None, at, at, "duty", "")


def test_points_share_the_hours_to_a_stop_as_the_legs_do() -> None:
    # five hours for four of driving: 1 h becomes 1 h 15 min
    a, b, c = passages(BODY, SEATS, timedelta())
    assert (a.at, b.at, c.at) == (LEAVES, LEAVES + 1.25 * H, LEAVES + 5 * H)
    assert b.where == (102.0, 40.0)


@pytest.mark.parametrize(("after_h", "where", "is_through"), [
    (-1, (100.0, 40.0), False), (0, (100.0, 40.0), False), (0.625, (101.0, 40.0), False), (1.25, (102.0, 40.0), False),
    (3.125, (102.0, 42.0), False), (5, (102.0, 44.0), True), (9, (102.0, 44.0), True),
])
def test_a_truck_is_where_the_plan_has_it(after_h: float, where: tuple[float, float], is_through: bool) -> None:
    found, done = place_at(passages(BODY, SEATS, timedelta()), LEAVES + after_h * H)
    assert found == pytest.approx(where) and done is is_through


def test_who_left_late_is_everywhere_late() -> None:
    late = late_by(trip(departed_at=LEAVES + 2 * H), LEAVES + 9 * H)
    assert late == 2 * H
    assert passages(BODY, SEATS, late)[-1].at == LEAVES + 7 * H
    assert late_by(trip(departed_at=LEAVES - H), LEAVES) == timedelta()
    # one that has not left leaves now at the earliest
    assert late_by(trip(), LEAVES + 3 * H) == 3 * H


@pytest.mark.parametrize(("more", "at", "state", "due"), [
    ({}, LEAVES + RULE.late_after, "to_leave", LEAVES),
    ({}, LEAVES + RULE.late_after + timedelta(seconds=1), "not_left", LEAVES),
    ({"departed_at": LEAVES}, LEAVES + RULE.silent_after, "on_road", None),
    ({"departed_at": LEAVES}, LEAVES + RULE.silent_after + timedelta(seconds=1), "silent", LEAVES + RULE.silent_after),
    ({"departed_at": LEAVES, "position": heard(LEAVES + 5 * H)}, LEAVES + 5 * H + RULE.late_after + timedelta(seconds=1), "late", LEAVES + 5 * H),
    ({"departed_at": LEAVES, "position": heard(LEAVES + 5 * H)}, LEAVES + 5 * H, "on_road", None),
    ({"departed_at": LEAVES, "received_at": LEAVES + 4 * H}, LEAVES + 40 * H, "there", None),
    ({"departed_at": LEAVES, "status": "stranded"}, LEAVES + H, "stranded", LEAVES),
])
def test_what_a_truck_owes_at_the_edge_of_each_rule(more: dict[str, object], at: datetime, state: str, due: datetime | None) -> None:
    found = progress(trip(**dict(more)), LEAVES + 5 * H, at, RULE)
    assert found.state == state
    if state != "to_leave":
        assert found.due == due
