"""Stock, trucks and teams through the year: what is out is out until it is back."""

from __future__ import annotations

from datetime import timedelta

import pytest

from dispatch.drills.season_draw import Nature
from dispatch.drills.season_ground import with_extra
from dispatch.drills.season_state import Carried, Sent, Span, most_at_once
from dispatch.errors import InvalidInput
from dispatch.routing.model import Leg, Route, Stop
from dispatch.teams.model import TeamAssignment
from dispatch.words import Words
from tests.conftest import Databases
from tests.drills.season_nature import make_nature

NO_WORDS = Words("test", "", "")
DAY = timedelta(days=1)


@pytest.fixture(scope="module")
def nature(databases: Databases) -> Nature:
    return make_nature(databases)


@pytest.fixture
def carried(nature: Nature) -> Carried:
    return Carried(nature.base, nature.rules)


def test_goods_sent_are_gone_until_the_day_they_are_ordered_for(nature: Nature, carried: Carried) -> None:
    start = nature.base.starts_at
    line = next(x for x in nature.base.stock.lines if x.lot.item_code == "WATER-24")
    key = line.warehouse_code, "WATER-24"
    full = carried.levels()[key]
    carried.send([Sent(line.warehouse_code, line.lot_code, "WATER-24", "150102", line.on_hand, start)])
    assert carried.levels()[key] == full - line.on_hand
    assert all(x.lot_code != line.lot_code for x in carried.stock(start).lines)
    # water is back after 14 days
    carried.advance(start + 14 * DAY - timedelta(seconds=1))
    assert carried.levels()[key] == full - line.on_hand
    carried.advance(start + 14 * DAY)
    assert carried.levels()[key] == full


def test_goods_put_forward_lie_in_the_other_site_and_nothing_is_ordered(nature: Nature, carried: Carried) -> None:
    start = nature.base.starts_at
    line = next(x for x in nature.base.stock.lines if x.warehouse_code == "WH-150000" and x.lot.item_code == "QUILT")
    whole = sum(n for (_, item), n in carried.levels().items() if item == "QUILT")
    sent = Sent("WH-150000", line.lot_code, "QUILT", "150502", 100, start + DAY)
    there = carried.levels()["WH-150500", "QUILT"]
    carried.send([sent], order=False)
    carried.bring([(sent, "WH-150500")])
    carried.advance(start + DAY)
    assert carried.levels()["WH-150500", "QUILT"] == there + 100
    carried.advance(start + 365 * DAY)
    assert sum(n for (_, item), n in carried.levels().items() if item == "QUILT") == whole


def test_a_truck_is_out_for_the_way_there_and_back(nature: Nature, carried: Carried) -> None:
    start, truck = nature.base.starts_at, nature.base.vehicles[0]
    leg = Leg(1, "150102", "150103", 10_000, 3600, "")
    route = Route(
        truck.code, truck.class_code, truck.warehouse_code, start, (Stop("150103", start, (1,)),), (leg,),
        10_000, 5400, 1, 1, 1, False, NO_WORDS,
    )
    carried.drive([route])
    # 5,400 s to the last unloading, 3,600 s of driving back
    carried.advance(start + timedelta(seconds=8999))
    assert truck not in carried.vehicles() and [t.vehicle_code for t in carried.busy_trucks()] == [truck.code]
    carried.advance(start + timedelta(seconds=9000))
    assert truck in carried.vehicles() and carried.busy_trucks() == ()


def test_a_team_is_away_then_rests_then_stands_ready(nature: Nature, carried: Carried) -> None:
    start, rule = nature.base.starts_at, nature.base.teams
    team = nature.base.candidates[3].team
    there = start + timedelta(hours=6)
    carried.deploy([TeamAssignment(team.code, "150102", start, there, NO_WORDS)], disaster=1)
    back = there + rule.tour_days * DAY + timedelta(hours=6)

    def found(at: object) -> list[str | None]:
        return [c.team.status for c in carried.candidates(at) if c.team.code == team.code]  # type: ignore[arg-type]

    assert found(back - timedelta(seconds=1)) == [] and carried.busy_teams(1) == {team.code}
    assert carried.busy_teams(2) == frozenset()
    carried.advance(back)
    assert found(back) == ["resting"]
    rested = back + rule.rest_days * DAY
    carried.advance(rested)
    assert found(rested) == ["available"] and carried.busy_teams(1) == frozenset()
    assert [c.recent for c in carried.candidates(rested) if c.team.code == team.code] == [1]


def test_at_once_counts_overlap_and_not_touch(nature: Nature) -> None:
    t = nature.base.starts_at
    spans = [Span(t, t + 2 * DAY), Span(t + DAY, t + 3 * DAY), Span(t + 2 * DAY, t + 4 * DAY)]
    assert most_at_once(spans) == 2 and most_at_once([]) == 0


def test_more_stock_is_put_where_the_item_is_kept_and_nowhere_else(nature: Nature) -> None:
    key = "WH-150500", "QUILT"
    more = with_extra(nature.base, {key: 250})
    assert Carried(more, nature.rules).levels()[key] == Carried(nature.base, nature.rules).levels()[key] + 250
    assert more.fingerprint != nature.base.fingerprint
    for place, item, units in (("WH-999999", "QUILT", 5), ("WH-150500", "NOTHING", 5), ("WH-150500", "QUILT", 0)):
        with pytest.raises(InvalidInput, match=place):
            with_extra(nature.base, {(place, item): units})
