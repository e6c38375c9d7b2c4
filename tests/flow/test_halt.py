"""Trucks that do not get there: what they carried is planned again, what is loaded stays fixed."""

from datetime import timedelta

import pytest
from sqlalchemy import Engine, text

from dispatch.clock import FixedClock
from dispatch.db import reading
from dispatch.errors import Conflict, InvalidInput, NotFound, Refused
from dispatch.flow.decide import decide
from dispatch.flow.deliver import depart
from dispatch.flow.gather import gather
from dispatch.flow.halt import break_down, call_off, go_on, replan, take_back
from dispatch.flow.model import Inputs, Way
from dispatch.flow.receive import sign
from dispatch.inventory.proof import find_differences
from dispatch.proposals.jobs import waiting
from dispatch.routing.problem import RoutingParams
from dispatch.waybills.queries import get_waybill, list_away
from dispatch.waybills.receipts import Signed
from dispatch.waybills.rules import load_tracking_rule
from tests.conftest import NOW, settings_of
from tests.waybills.desk import approved

SITUATION = "S-20211105-150500-blizzard"
PARAMS = RoutingParams(seed=1, iterations=100, slices=1)


def way(engine: Engine, clock: FixedClock, actor: str = "duty") -> Way:
    return Way(actor, clock, settings_of(engine), waits=False)


def inputs_of(engine: Engine, clock: FixedClock) -> Inputs:
    with reading(engine) as session:
        return gather(session, SITUATION, clock.now())


def paper_of(engine: Engine, code: str) -> dict:
    with reading(engine) as session:
        return get_waybill(session, code)


def sums(lines: list[dict]) -> dict[tuple[str, str], int]:
    found: dict[tuple[str, str], int] = {}
    for line in lines:
        found[line["to"], line["item"]] = found.get((line["to"], line["item"]), 0) + line["quantity"]
    return found


def less(before: Inputs, after: Inputs) -> dict[tuple[str, str], int]:
    """What counted as coming before and does not any more."""
    gone = {k: v.dispatched - (after.covered[k].dispatched if k in after.covered else 0) for k, v in before.covered.items()}
    return {k: n for k, n in gone.items() if n}


def test_a_truck_called_off_gives_its_stock_back(demo: Engine, clock: FixedClock) -> None:
    code, other, *_ = approved(demo, clock)
    paper, before = paper_of(demo, code), inputs_of(demo, clock)
    depart(demo, other, "store", clock)
    with pytest.raises(Refused):
        call_off(demo, code, "路断", way(demo, clock, "store"))
    with pytest.raises(InvalidInput, match="Say why"):
        call_off(demo, code, " ", way(demo, clock))
    with pytest.raises(Conflict):
        call_off(demo, other, "路断", way(demo, clock))
    free = {(s.warehouse_code, s.lot.code): s.available for s in before.stock.lines}
    call_off(demo, code, "路断", way(demo, clock))
    after = inputs_of(demo, clock)
    freed = {(s.warehouse_code, s.lot.code): s.available - free[s.warehouse_code, s.lot.code] for s in after.stock.lines}
    wanted: dict[tuple[str, str], int] = {}
    for line in paper["lines"]:
        wanted[paper["from"], line["lot"]] = wanted.get((paper["from"], line["lot"]), 0) + line["quantity"]
    assert {k: n for k, n in freed.items() if n} == wanted
    assert less(before, after) == sums(paper["lines"])
    assert paper["vehicle"] not in {t.vehicle_code for t in after.busy_trucks}
    with pytest.raises(Conflict):
        depart(demo, code, "store", clock)
    assert paper_of(demo, code)["status"] == "cancelled"
    with reading(demo) as session:
        assert find_differences(session)["discrepancies"] == []


def test_a_broken_truck_is_planned_around_with_the_loaded_ones_fixed(demo: Engine, clock: FixedClock) -> None:
    codes = approved(demo, clock)
    papers = [paper_of(demo, code) for code in codes]
    broken = next(p for p in papers if len(p["stops"]) > 1)
    on_road = next(p for p in papers if p["code"] != broken["code"])
    for paper in (broken, on_road):
        depart(demo, paper["code"], "store", clock)
    signed_at = broken["stops"][0]["place"]
    sign(demo, broken["code"], Signed(signed_at, "收货人", NOW, "k"), "store", clock)
    before = inputs_of(demo, clock)
    break_down(demo, broken["code"], "发动机冻坏，停在垭口", way(demo, clock))
    after = inputs_of(demo, clock)
    # only what had not been handed over is wanted again
    undelivered = sums([line for line in broken["lines"] if line["to"] != signed_at])
    assert undelivered and less(before, after) == undelivered
    decision = decide(after, PARAMS)
    replanned: dict[tuple[str, str], int] = {}
    for need in decision.needs:
        replanned[need.county, need.item_code] = need.quantity
    assert {k: replanned[k] for k in undelivered} == undelivered
    used = {route.vehicle_code for route in decision.routing.routes}
    assert used and not used & {broken["vehicle"], on_road["vehicle"]}
    with reading(demo) as session:
        out = {t.vehicle for t in list_away(session, NOW + load_tracking_rule().broken_for * 2)}
    assert broken["vehicle"] in out, "its load is still on it"


def test_one_button_asks_for_a_new_draft_once(demo: Engine, clock: FixedClock) -> None:
    code = approved(demo, clock)[0]
    depart(demo, code, "store", clock)
    with reading(demo) as session:
        assert waiting(session) == 0
    break_down(demo, code, "故障", way(demo, clock))
    for _ in range(2):
        followed = replan(demo, SITUATION, way(demo, clock))
        assert followed.asks_draft
        with reading(demo) as session:
            assert waiting(session) == 1
    clock.at = NOW + timedelta(minutes=30)
    go_on(demo, code, "修好", way(demo, clock))
    replan(demo, SITUATION, way(demo, clock))
    with reading(demo) as session:
        hashes = session.execute(text("SELECT status, COUNT(*) FROM draft_job GROUP BY status")).all()
    assert dict(hashes)["queued"] == 1 and dict(hashes)["outdated"] >= 1


def test_a_load_comes_back_into_a_warehouse_and_may_be_used_again(demo: Engine, clock: FixedClock) -> None:
    code = approved(demo, clock)[0]
    paper = paper_of(demo, code)
    depart(demo, code, "store", clock)
    break_down(demo, code, "故障", way(demo, clock, "store"))
    with pytest.raises(Conflict, match="cannot be called off"):
        call_off(demo, code, "不要了", way(demo, clock))
    with pytest.raises(Conflict, match="broke down"):
        depart(demo, code, "store", clock)
    with pytest.raises(NotFound):
        take_back(demo, code, "WH-000000", "拖回", way(demo, clock))
    take_back(demo, code, "WH-150500", "拖回", way(demo, clock))
    with reading(demo) as session:
        held = dict(session.execute(text(
            "SELECT lot_code, SUM(quantity) FROM movement WHERE document = :c AND to_place = 'wh:WH-150500' GROUP BY lot_code"),
            {"c": code}).all())
        assert find_differences(session)["discrepancies"] == []
        assert not session.scalar(text("SELECT SUM(on_hand) FROM balance WHERE place = :p"), {"p": f"transit:{code}"})
    lots: dict[str, int] = {}
    for line in paper["lines"]:
        lots[line["lot"]] = lots.get(line["lot"], 0) + line["quantity"]
    assert held == lots
    assert paper_of(demo, code)["status"] == "returned"
    rule = load_tracking_rule()
    with reading(demo) as session:
        assert paper["vehicle"] in {t.vehicle for t in list_away(session, NOW + rule.broken_for / 2)}
        assert paper["vehicle"] not in {t.vehicle for t in list_away(session, NOW + rule.broken_for * 3)}


def test_a_truck_broken_before_it_left_gives_its_stock_back_and_is_out_for_a_while(demo: Engine, clock: FixedClock) -> None:
    code = approved(demo, clock)[0]
    vehicle = paper_of(demo, code)["vehicle"]
    break_down(demo, code, "水箱冻裂", way(demo, clock, "store"))
    assert paper_of(demo, code)["status"] == "cancelled"
    with reading(demo) as session:
        assert vehicle in {t.vehicle for t in list_away(session, NOW)}
        assert vehicle not in {t.vehicle for t in list_away(session, NOW + load_tracking_rule().broken_for)}
    with pytest.raises(Refused):
        go_on(demo, code, "修好", way(demo, clock))
