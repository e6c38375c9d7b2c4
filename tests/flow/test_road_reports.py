"""A new draft takes what people told of roads as conditions, and cites it."""

from dataclasses import replace
from datetime import timedelta

from sqlalchemy import Engine

from dispatch.clock import FixedClock
from dispatch.db import reading, run_in_transaction
from dispatch.flow.compose import compose
from dispatch.flow.decide import decide
from dispatch.flow.follow import state_hash
from dispatch.flow.gather import gather
from dispatch.flow.problems import conditions_of
from dispatch.flow.wishes import Wishes
from dispatch.routing.problem import RoutingParams
from dispatch.routing.reports import RoadTold, tell_road
from dispatch.routing.road_state import RoadStateKind
from tests.conftest import NOW

SITUATION = "S-20211105-150500-blizzard"
PARAMS = RoutingParams(seed=1, iterations=200, slices=1)


def test_a_closed_road_is_not_driven_and_the_report_is_cited(demo: Engine, clock: FixedClock) -> None:
    with reading(demo) as session:
        before = gather(session, SITUATION, NOW)
    first = decide(before, PARAMS)
    busiest = max(
        {leg.edge_id for route in first.routing.routes for leg in route.legs},
        key=lambda i: (sum(leg.edge_id == i for r in first.routing.routes for leg in r.legs), -i),
    )
    told = RoadTold(busiest, RoadStateKind.CLOSED, NOW - timedelta(hours=2), "call", "交警 李队", "k1",
                    until=NOW + timedelta(days=3), words="事故")
    run_in_transaction(demo, lambda s: tell_road(s, told, "duty", NOW))
    with reading(demo) as session:
        after = gather(session, SITUATION, NOW)
    assert conditions_of(after, Wishes()).percent[busiest] == 0
    assert state_hash(after.situation, after.activation) != state_hash(before.situation, before.activation)
    decision = decide(after, PARAMS)
    for route in decision.routing.routes:
        for leg in route.legs:
            # a truck may stand before it until it opens; it does not drive over it before
            assert leg.edge_id != busiest or leg.wait_s > 0
    body = compose("P-X", after, decision, "duty")
    (report,) = body["road_reports"]
    assert (report["edge"], report["state"], report["said_by"]) == (busiest, "closed", "交警 李队")
    (cited,) = [line for line in body["assumptions"] if line["source"].startswith("road report")]
    assert "交警 李队" in cited["zh"] and "封闭" in cited["zh"] and "2.0 小时前" in cited["zh"]
    assert "told in a call" in cited["en"]


def test_an_open_road_changes_neither_plan_nor_state(demo: Engine, clock: FixedClock) -> None:
    with reading(demo) as session:
        before = gather(session, SITUATION, NOW)
    told = RoadTold(1, RoadStateKind.OPEN, NOW, "phone", "司机", "k1")
    run_in_transaction(demo, lambda s: tell_road(s, told, "duty", NOW))
    with reading(demo) as session:
        after = gather(session, SITUATION, NOW)
    assert [r.state for r in after.situation.road_reports] == ["open"]
    assert state_hash(after.situation, after.activation) == state_hash(before.situation, before.activation)
    assert replace(after.situation, road_reports=()) == before.situation
