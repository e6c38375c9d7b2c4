"""A new draft takes over what people wished of the one before; what no longer makes sense is told with its reason."""

from dataclasses import replace

import pytest
from sqlalchemy import Engine, text

from dispatch.alerts.model import LossCounts
from dispatch.alerts.reports import Report
from dispatch.allocation.problem import LinePin
from dispatch.clock import FixedClock
from dispatch.db import reading, transaction
from dispatch.errors import Refused
from dispatch.flow import wanted
from dispatch.flow.approve import approve, submit
from dispatch.flow.carry import carry_next, sensible
from dispatch.flow.draft import make_drafts
from dispatch.flow.edit import edit, names_of
from dispatch.flow.gather import gather
from dispatch.flow.judge import Filing, file_report
from dispatch.flow.road_wishes import with_road
from dispatch.flow.team_wishes import with_team
from dispatch.flow.wishes import Wishes, wishes_from_json
from dispatch.flow.work import work_once
from dispatch.inventory.service import Claim, reserve
from dispatch.proposals.queries import list_proposals
from dispatch.routing.pins import TruckPin
from dispatch.waybills.issue import make_bodies
from dispatch.waybills.store import add as add_waybill
from tests.conftest import NOW
from tests.flow.test_edit import CODE, body_of, edited, way


def new_draft(engine: Engine, *, affected: int = 7000) -> str:
    """A report changes the situation; the draft of the machine that follows."""
    report = Report(code="", kind="initial", hazard="blizzard", place="150525", as_of=NOW, received_at=NOW, reporter="张三",
                    counts=LossCounts(relocated=affected))
    file_report(engine, Filing(report, body_of(engine)["situation"]["code"]), replace(way(engine), waits=False))
    (code,) = make_drafts(engine, way(engine, "worker"))
    return code


def test_wishes_that_still_make_sense_are_carried_over_and_their_makers_may_not_approve(demo: Engine) -> None:
    truck = body_of(demo)["routes"][0]["vehicle"]
    wishes = wanted.weighed(wanted.without_truck(with_road(Wishes(), "40", 50), truck), "frugal", None)
    old = edited(demo, wishes)
    new = new_draft(demo)
    assert body_of(demo, old["code"])["status"] == "superseded" and wishes_from_json(body_of(demo, new)["wishes"]) == Wishes()
    code = carry_next(demo, way(demo, "worker"))
    assert code is not None
    body = body_of(demo, code)
    assert wishes_from_json(body["wishes"]) == wishes and body["edited"]["kind"] == "carry"
    assert (body["edited"]["by"], body["edited"]["dropped"], body["edited"]["machine"]["code"]) == ("duty", [], new)
    assert truck not in {r["vehicle"] for r in body["routes"]}
    assert body["edited"]["editors"] == ["duty"] and body_of(demo, new)["status"] == "superseded"
    assert carry_next(demo, way(demo, "worker")) is None, "once"


def test_the_worker_carries_over_by_itself(demo: Engine) -> None:
    edited(demo, wanted.weighed(Wishes(), "frugal", None))
    code = new_draft(demo)
    work_once(demo, way(demo, "worker"))
    with reading(demo) as session:
        newest = list_proposals(session)[0]
    assert newest["code"] != code
    assert body_of(demo, newest["code"])["wishes"]["mode"] == "frugal"


def test_a_draft_that_somebody_submitted_is_left_alone(demo: Engine, clock: FixedClock) -> None:
    edited(demo, wanted.weighed(Wishes(), "frugal", None))
    code = new_draft(demo)
    submit(demo, code, "duty", clock)
    assert carry_next(demo, way(demo, "worker")) is None
    assert body_of(demo, code)["status"] == "submitted"


def test_nothing_is_carried_where_nobody_wished_anything(demo: Engine) -> None:
    edited(demo, Wishes())
    new_draft(demo)
    assert carry_next(demo, way(demo, "worker")) is None


def test_what_no_longer_makes_sense_is_dropped_with_its_reason(demo: Engine, clock: FixedClock) -> None:
    body = body_of(demo)
    truck = next(r for r in body["routes"] if not r["is_hired"])
    load = next(one for t in body["plan"] if t["vehicle"] == truck["vehicle"] for one in t["loads"])
    wishes = replace(Wishes(), lines=(LinePin("WH-150500", "150999", "QUILT", 5),))
    wishes = wanted.with_truck(wishes, TruckPin(truck["vehicle"], load[0], load[1]))
    wishes = wanted.without_truck(wishes, "GONE-1")
    wishes = with_team(with_road(wishes, "99999", 0), "RT-150100", "150999")
    wishes = wanted.without_warehouse(wishes, "WH-150100")
    with transaction(demo) as session:
        add_waybill(session, make_bodies(body)[0] | {"code": "WB-OTHER", "vehicle": truck["vehicle"]}, "approver", clock)
    with reading(demo) as session:
        inputs, names = gather(session, body["situation"]["code"], NOW), names_of(session)
    left, lost = sensible(wishes, (inputs, body), names)
    assert left == wanted.without_warehouse(Wishes(), "WH-150100")
    why = {one["zh"]: one["why_zh"] for one in lost}
    assert len(why) == 5 and all(one["en"] and one["why_en"] for one in lost)
    assert why[f"固定车辆 {truck['vehicle']}：{names[load[1]][0]}"] == "该车已装车或在途"
    assert why["不用车辆 GONE-1"] == "该车已不在车队中"
    assert sorted(why.values()) == sorted(["该旗县已不需要此物资", "该车已装车或在途", "该车已不在车队中", "该旗县已不在受灾范围", "道路表中已没有此路"])


def test_wishes_that_cannot_be_had_together_any_more_are_kept_as_far_as_they_can(demo: Engine) -> None:
    body = body_of(demo)
    (yard, county, item), units = next(
        ((n["from"], n["to"], n["item"]), n["quantity"]) for n in body["lines"] if n["item"] == "QUILT")
    wishes = wanted.with_line(wanted.without_warehouse(Wishes(), "WH-150100"), LinePin(yard, county, item, units))
    edited(demo, wishes)
    new = new_draft(demo)
    with transaction(demo) as session:
        rows = session.execute(text("SELECT lot_code, SUM(on_hand - reserved) FROM balance WHERE place LIKE :p AND lot_code LIKE :i GROUP BY lot_code"),
                               {"p": f"wh:{yard}%", "i": f"%-{item}-%"}).all()
        reserve(session, [Claim(yard, lot, int(left)) for lot, left in rows if left], "other", NOW)
    code = carry_next(demo, way(demo, "worker"))
    assert code is not None
    told = body_of(demo, code)
    assert told["wishes"]["without_warehouses"] == ["WH-150100"] and told["wishes"]["lines"] == []
    assert len(told["edited"]["dropped"]) == 1 and "固定" in told["edited"]["dropped"][0]["zh"] and told["edited"]["dropped"][0]["why_zh"]
    assert told["edited"]["machine"]["code"] == new


def test_who_wished_may_not_approve_after_the_carrying_over(demo: Engine, clock: FixedClock) -> None:
    edit(demo, CODE, wanted.weighed(Wishes(), "frugal", None), way(demo, "approver"))
    new_draft(demo)
    code = carry_next(demo, way(demo, "worker"))
    assert code is not None
    submit(demo, code, "duty", clock)
    with pytest.raises(Refused, match="edited"):
        approve(demo, code, "approver", body_of(demo, code)["body_hash"], clock)
