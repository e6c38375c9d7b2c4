"""Situations from messages and reports to levels, clocks and drafts, on both databases."""

from __future__ import annotations

import threading
from collections import Counter
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import Engine, select, text, update

from dispatch.accounts.store import save_demo_accounts
from dispatch.alerts.model import LossCounts
from dispatch.alerts.reports import Report
from dispatch.alerts.situations import codes_of, get_row, list_rows
from dispatch.clock import FixedClock
from dispatch.db import reading, transaction
from dispatch.errors import InvalidInput, Refused
from dispatch.flow.approve import approve, submit
from dispatch.flow.deliver import depart
from dispatch.flow.draft import make_drafts
from dispatch.flow.follow import follow_up, tick
from dispatch.flow.judge import Filing, enter, file_report, start_special, step_down, tick_deadline
from dispatch.flow.model import Way
from dispatch.flow.respond import ingest
from dispatch.flow.views import inbox, situation_view
from dispatch.flow.work import take_up_missed, work_once
from dispatch.inventory.store import snapshot
from dispatch.notices.store import list_inbox
from dispatch.notices.tables import NoticeRow
from dispatch.proposals.jobs import MOST_ATTEMPTS, claim, waiting
from dispatch.proposals.queries import get_proposal, list_proposals
from dispatch.proposals.tables import DraftJobRow
from dispatch.waybills.queries import list_waybills
from tests.builders import cap_xml
from tests.conftest import settings_of
from tests.waybills.desk import receive

NOW = datetime(2021, 11, 8, 8, 0, tzinfo=UTC)
SENDER = "weather@example.invalid"


def code(text: str) -> str:
    return f"<geocode><valueName>adcode</valueName><value>{text}</value></geocode>"


def refer(identifier: str) -> str:
    return f"<references>{SENDER},{identifier},2021-11-08T15:50:00+08:00</references>"


class Desk:
    """A database with people, and a clock that is moved by hand."""

    def __init__(self, engine: Engine) -> None:
        self.engine, self.clock = engine, FixedClock(NOW)
        with transaction(engine) as session:
            save_demo_accounts(session)

    def way(self, actor: str = "duty", **changes: bool) -> Way:
        return Way(actor, self.clock, settings_of(self.engine), **changes)

    def take(self, *documents: bytes, **changes: bool) -> list[dict]:
        return ingest(self.engine, [("x.xml", raw) for raw in documents], self.way(**changes))

    def later(self, **span: int) -> None:
        self.clock.at += timedelta(**span)

    def report(self, place: str = "150522", situation: str | None = None, actor: str = "duty", **changes):  # type: ignore[no-untyped-def]
        counts = {n: changes.pop(n) for n in LossCounts.__slots__ if n in changes}
        key = changes.pop("key", None)
        fields = {"code": "", "kind": "initial", "hazard": "blizzard", "place": place, "as_of": self.clock.at,
                  "received_at": self.clock.at, "reporter": "张三", "counts": LossCounts(**counts), **changes}
        return file_report(self.engine, Filing(Report(**fields), situation, key), self.way(actor))

    def view(self, situation: str) -> dict:
        with reading(self.engine) as session:
            return situation_view(session, situation, self.clock.at)

    def notices(self) -> list[str]:
        with reading(self.engine) as session:
            return list(session.scalars(select(NoticeRow.kind).order_by(NoticeRow.id)))

    def proposals(self) -> dict[str, str]:
        with reading(self.engine) as session:
            return {p["code"]: p["status"] for p in list_proposals(session)}


@pytest.fixture
def desk(bare: Engine) -> Desk:
    return Desk(bare)


@pytest.fixture
def stocked(demo: Engine) -> Desk:
    """Demo stock; its example situation is over a year away and stays out of the way."""
    desk = Desk(demo)
    desk.clock.at = datetime(2022, 12, 8, 8, 0, tzinfo=UTC)
    return desk


def of_2022(**changes: str) -> bytes:
    return cap_xml(**{"identifier": "15292141600000_20221208155000_1", "sent": "2022-12-08T15:50:00+08:00",
                      "expires": "2022-12-09T15:50:00+08:00", "area": code("152921"), **changes})


def test_a_message_that_touches_two_situations_makes_them_one(desk: Desk) -> None:
    (first,) = desk.take(cap_xml(identifier="A", area=code("150522")))
    (second,) = desk.take(cap_xml(identifier="B", area=code("150421"), sent="2021-11-08T15:40:00+08:00"))
    assert first["situation"] != second["situation"]
    (both,) = desk.take(cap_xml(identifier="C", area=code("150522") + code("150421")))
    with reading(desk.engine) as session:
        (row,) = list_rows(session)
        assert get_row(session, first["situation"]).code == row.code == both["situation"]
        assert set(codes_of(session, row.code)) == {first["situation"], second["situation"]}
    states = Counter(desk.proposals().values())
    assert states == {"superseded": 2, "draft": 1}


def test_the_same_messages_in_any_order_give_the_same_situations(bare: Engine, desk: Desk) -> None:
    messages = [cap_xml(identifier=i, area=code(a), sent=f"2021-11-0{day}T12:00:00+08:00", expires="2021-11-09T15:50:00+08:00")
                for i, a, day in (("A", "150522", 4), ("B", "150522", 8), ("C", "150524", 6))]
    # A and B are four days apart; C lies between and joins them, whichever comes last
    answers = desk.take(messages[0], messages[1])
    assert answers[0]["situation"] != answers[1]["situation"]
    desk.take(messages[2])
    with reading(bare) as session:
        assert len(list_rows(session)) == 1


def test_a_draft_is_made_once_for_a_state_also_by_two_workers(desk: Desk) -> None:
    desk.take(cap_xml(), waits=False)
    with reading(desk.engine) as session:
        assert waiting(session) == 1
    made: list[list[str]] = []
    threads = [threading.Thread(target=lambda: made.append(make_drafts(desk.engine, desk.way("worker")))) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(map(len, made)) == [0, 1] and len(desk.proposals()) == 1
    # an update that says nothing new asks for no new draft
    desk.take(cap_xml(identifier="15050041600000_20211108155500_1", msg_type="Update",
                      references=refer("15050041600000_20211108155000_1")))
    assert list(desk.proposals().values()) == ["draft"]


def test_a_state_that_moved_on_before_its_draft_is_outdated(desk: Desk) -> None:
    desk.take(cap_xml(headline="暴雪黄色预警", severity="Moderate"), waits=False)
    desk.take(cap_xml(identifier="15050041600000_20211108155500_1", msg_type="Update",
                      references=refer("15050041600000_20211108155000_1")), waits=False)
    make_drafts(desk.engine, desk.way("worker"))
    with reading(desk.engine) as session:
        assert list(session.scalars(select(DraftJobRow.status).order_by(DraftJobRow.id))) == ["outdated", "done"]
    assert len(desk.proposals()) == 1


def test_a_dead_workers_job_is_taken_up_once_more_and_then_given_up(desk: Desk) -> None:
    desk.take(cap_xml(), waits=False)
    real = datetime.now(UTC)
    for attempt in range(MOST_ATTEMPTS):
        with transaction(desk.engine) as session:
            job = claim(session, f"w{attempt}", real)
            assert job is not None
            assert claim(session, "other", real) is None
            session.execute(update(DraftJobRow).values(lease_until=real - timedelta(minutes=1)))
    with transaction(desk.engine) as session:
        assert claim(session, "w9", real) is None
        assert session.scalar(select(DraftJobRow.status)) == "failed"
        assert "died twice" in (session.scalar(select(DraftJobRow.error)) or "")


def test_a_cancel_after_activation_leaves_the_level_and_asks_a_human(desk: Desk) -> None:
    (answer,) = desk.take(cap_xml())
    situation = answer["situation"]
    desk.take(cap_xml(identifier="15050041600000_20211108155900_1", msg_type="Cancel",
                      references=refer("15050041600000_20211108155000"), expires="2021-11-09T15:50:00+08:00"))
    seen = desk.view(situation)
    assert (seen["level"], seen["is_cancelled"], seen["is_active"]) == (2, True, True)
    assert seen["asks"] and "stand_down" in desk.notices()
    with pytest.raises(Refused, match="hold"):
        step_down(desk.engine, situation, None, "雪停", desk.way("approver"))
    desk.later(hours=25)
    with pytest.raises(Refused, match="may not"):
        step_down(desk.engine, situation, None, "雪停", desk.way("store"))
    with pytest.raises(InvalidInput, match="reason"):
        step_down(desk.engine, situation, None, " ", desk.way("approver"))
    assert step_down(desk.engine, situation, None, "雪停路通", desk.way("approver")).level is None
    seen = desk.view(situation)
    assert (seen["status"], seen["is_active"], seen["deadlines"]) == ("ended", False, [])
    # what comes after an end opens a situation of its own
    (new,) = desk.take(cap_xml(identifier="N", sent="2021-11-09T17:00:00+08:00", expires="2021-11-11T15:50:00+08:00"))
    assert new["situation"] != situation


def test_a_warning_that_expires_only_notes_that_it_is_milder(desk: Desk) -> None:
    (answer,) = desk.take(cap_xml())
    desk.later(hours=30)
    tick(desk.engine, desk.way("worker"))
    seen = desk.view(answer["situation"])
    assert seen["level"] == 2 and seen["answer"]["level"] is None and seen["milder_since"]
    with reading(desk.engine) as session:
        assert [line["code"] for line in inbox(session, desk.clock.at)] == [answer["situation"]]
    assert list(desk.proposals().values()).count("draft") == 1


def test_an_escalation_asks_only_for_what_is_new(stocked: Desk) -> None:
    (answer,) = stocked.take(of_2022())
    (first,) = answer["proposals"]
    with reading(stocked.engine) as session:
        body = get_proposal(session, first)
    sent = Counter({(line["to"], line["item"]): 0 for line in body["lines"]})
    for line in body["lines"]:
        sent[line["to"], line["item"]] += line["quantity"]
    submit(stocked.engine, first, "duty", stocked.clock)
    waybills = approve(stocked.engine, first, "approver", body["body_hash"], stocked.clock)
    stocked.later(hours=1)
    stocked.report("152921", answer["situation"], need_aid=5000)
    assert make_drafts(stocked.engine, stocked.way("worker"))
    second = next(c for c, status in stocked.proposals().items() if status == "draft" and c != "P-20211108-001")
    with reading(stocked.engine) as session:
        delta = get_proposal(session, second)
    assert stocked.proposals()[first] == "approved"
    for need in delta["needs"]:
        covered = sent[need["county"], need["item"]]
        assert (need["dispatched"], need["quantity"]) == (covered, need["gross"] - covered)
    assert {t["team"] for t in delta["teams"]}.isdisjoint(t["team"] for t in body["teams"])
    # what is lost on the way is needed again
    depart(stocked.engine, waybills[0], "store", stocked.clock)
    with reading(stocked.engine) as session:
        lost = next(w for w in list_waybills(session) if w["code"] == waybills[0])["lines"][0]
    receive(stocked.engine, waybills[0], "store", {lost["id"]: lost["quantity"] - 1}, stocked.clock)
    stocked.report("152921", answer["situation"], need_aid=6000)
    make_drafts(stocked.engine, stocked.way("worker"))
    third = max(stocked.proposals())
    with reading(stocked.engine) as session:
        again = {(n["county"], n["item"]): n for n in get_proposal(session, third)["needs"]}
    assert again[lost["to"], lost["item"]]["dispatched"] == sent[lost["to"], lost["item"]] - 1
    # clocks: the first truck on the road and the first goods there ticked themselves
    met = {d["name"] for d in stocked.view(answer["situation"])["deadlines"] if d["met_at"]}
    assert {"goods_on_road", "goods_there"} <= met
    stocked.later(days=3)
    tick(stocked.engine, stocked.way("worker"))
    seen = stocked.view(answer["situation"])
    assert seen["level"] is not None


def test_yellow_is_a_list_orange_moves_goods_to_the_sites_in_the_area(stocked: Desk) -> None:
    (yellow,) = stocked.take(of_2022(headline="暴雪黄色预警", severity="Moderate"))
    with reading(stocked.engine) as session:
        listed = get_proposal(session, yellow["proposals"][0])
    assert (yellow["level"], listed["kind"], listed["lines"], listed["needs"]) == (4, "standby", [], [])
    assert listed["sites"] and {s["warehouse"] for s in listed["sites"]} == {"WH-152921"}
    # the certificates of the demo's rosters have lapsed by then
    assert listed["teams"] == [] and listed["team_gaps"][0]["remedy"]["code"] == "remedy.team_lacks"
    with transaction(stocked.engine) as session:
        session.execute(text("UPDATE balance SET on_hand = reserved WHERE place LIKE 'wh:WH-152921%'"))
    (orange,) = stocked.take(of_2022(identifier="15292141600000_20221208155500_1", headline="暴雪橙色预警", severity="Severe",
                                     msg_type="Update", references=refer("15292141600000_20221208155000_1")))
    with reading(stocked.engine) as session:
        moved = get_proposal(session, orange["proposals"][0])
    assert (orange["level"], moved["kind"]) == (3, "preposition") and moved["lines"]
    assert {line["to_warehouse"] for line in moved["lines"]} == {"WH-152921"}
    assert "WH-152921" not in {line["from"] for line in moved["lines"]}
    code_ = orange["proposals"][0]
    submit(stocked.engine, code_, "duty", stocked.clock)
    for waybill in approve(stocked.engine, code_, "approver", moved["body_hash"], stocked.clock):
        depart(stocked.engine, waybill, "store", stocked.clock)
        receive(stocked.engine, waybill, "store", {}, stocked.clock)
    with reading(stocked.engine) as session:
        arrived = sum(line.on_hand for line in snapshot(session, stocked.clock.at).lines if line.warehouse_code == "WH-152921")
    assert arrived == sum(line["quantity"] for line in moved["lines"])


def test_stepping_down_lists_what_may_be_called_back(stocked: Desk) -> None:
    (answer,) = stocked.take(of_2022())
    (first,) = answer["proposals"]
    with reading(stocked.engine) as session:
        body = get_proposal(session, first)
    submit(stocked.engine, first, "duty", stocked.clock)
    waybills = approve(stocked.engine, first, "approver", body["body_hash"], stocked.clock)
    depart(stocked.engine, waybills[0], "store", stocked.clock)
    stocked.later(hours=30)
    tick(stocked.engine, stocked.way("worker"))
    stocked.later(hours=25)
    done = step_down(stocked.engine, answer["situation"], None, "预警解除", stocked.way("approver"))
    assert {r["waybill"]: r["status"] for r in done.recall} == {w: "departed" if w == waybills[0] else "issued" for w in waybills}
    assert stocked.view(answer["situation"])["recall"] == done.recall


def test_a_report_raises_the_level_and_meets_the_clock(desk: Desk) -> None:
    (answer,) = desk.take(cap_xml(headline="暴雪黄色预警", severity="Moderate"))
    number, followed = desk.report(situation=answer["situation"], dead_missing=3, key="once")
    assert (followed.situation, followed.level) == (answer["situation"], 2)
    assert desk.report(situation=answer["situation"], dead_missing=3, key="once")[0] == number
    seen = desk.view(answer["situation"])
    assert seen["stage"] == "response" and len([e for e in seen["timeline"] if e["what"] == "report"]) == 1
    assert {d["name"] for d in seen["deadlines"] if d["met_at"]} == {"first_report"}
    desk.later(hours=1)
    desk.report(situation=answer["situation"], kind="nil")
    names = Counter(d["name"] for d in desk.view(answer["situation"])["deadlines"])
    assert names["follow_up"] == 2  # one met, the next running
    (place,) = [p for p in desk.view(answer["situation"])["places"] if p["place"] == "150522"]
    assert place["figures"]["dead_missing"]["age"]["en"] == "0 min ago"


@pytest.mark.parametrize("changes,words", [
    ({"dead_missing": 5_000_000}, "people living there"),
    ({"dead_missing": 1, "as_of": NOW + timedelta(hours=1)}, "still to come"),
    ({"dead_missing": 1, "place": "159999"}, "no place"),
    ({"dead_missing": 1, "reporter": " "}, "reporter is missing"),
    ({}, "No figure"),
    ({"kind": "nil", "dead_missing": 1}, "carries no figures"),
    ({"dead_missing": 1, "place": "150500", "township": "某镇"}, "township needs the county"),
])
def test_a_report_that_cannot_be_right_is_refused_and_nothing_is_kept(desk: Desk, changes: dict, words: str) -> None:
    (answer,) = desk.take(cap_xml())
    with pytest.raises(InvalidInput, match=words) as caught:
        desk.report(situation=answer["situation"], **changes)
    assert caught.value.message_zh and caught.value.remedy_zh
    assert not [e for e in desk.view(answer["situation"])["timeline"] if e["what"] == "report"]


def test_figures_go_down_only_as_a_correction(desk: Desk) -> None:
    situation = desk.report(relocated=900)[1].situation
    desk.later(hours=1)
    with pytest.raises(InvalidInput, match="goes down from 900 to 90"):
        desk.report(situation=situation, relocated=90)
    with pytest.raises(InvalidInput, match="goes down"):
        desk.report(relocated=90)  # found by place and hazard, the same rule holds
    desk.report(situation=situation, relocated=90, is_correction=True)
    (place,) = [p for p in desk.view(situation)["places"] if p["place"] == "150522"]
    assert place["figures"]["relocated"]["value"] == 90


def test_two_reporters_for_one_county_are_shown_and_told(desk: Desk) -> None:
    situation = desk.report(relocated=900)[1].situation
    desk.later(minutes=30)
    desk.report(situation=situation, relocated=700, reporter="李四")
    seen = desk.view(situation)
    assert [(c["value"], c["rival"]) for c in seen["conflicts"] if c["place_zh"] != "内蒙古自治区"][0] == (900, 700)
    assert desk.notices().count("report_conflict") == 1


def test_a_report_of_something_nobody_announced_opens_a_situation_and_a_warning_joins_it(desk: Desk) -> None:
    _, followed = desk.report(dead_missing=2)
    assert followed.level == 3 and followed.asks_draft
    (answer,) = desk.take(cap_xml())
    assert answer["situation"] == followed.situation


def test_judgements_change_the_level_and_carry_their_basis(desk: Desk) -> None:
    situation = desk.report(relocated=20_000, place="150500", hazard="flood")[1].situation
    assert desk.view(situation)["level"] == 2
    with pytest.raises(InvalidInput, match="basis"):
        enter(desk.engine, situation, "forecast", ({"relocated": 100_000}, ""), desk.way())
    followed = enter(desk.engine, situation, "forecast", ({"relocated": 100_000}, "水利厅会商"), desk.way())
    assert followed.level == 1
    assert len(desk.view(situation)["counties"]) == 8
    met = [c for c in desk.view(situation)["answer"]["criteria"] if c["met"]]
    assert {c["basis"] for c in met} >= {"reported", "forecast"}
    with pytest.raises(Refused):
        enter(desk.engine, situation, "government", ({"place": "150500", "level": 1}, "x"), desk.way("viewer"))
    with pytest.raises(InvalidInput):
        enter(desk.engine, situation, "government", ({"place": "159900", "level": 1}, "x"), desk.way())


def test_the_governments_level_is_mirrored(desk: Desk) -> None:
    (answer,) = desk.take(cap_xml(headline="暴雪黄色预警", severity="Moderate"))
    followed = enter(desk.engine, answer["situation"], "government", ({"place": "150500", "level": 3}, "通政办"), desk.way())
    assert followed.level == 3 and desk.view(answer["situation"])["stage"] == "response"


def test_a_special_response_stands_outside_the_levels(desk: Desk) -> None:
    (answer,) = desk.take(cap_xml(headline="暴雪蓝色预警", severity="Minor"))
    assert answer["level"] is None and answer["proposals"] == []
    start_special(desk.engine, answer["situation"], "列车被困", desk.way("approver"))
    assert follow_up(desk.engine, answer["situation"], desk.way()).asks_draft
    seen = desk.view(answer["situation"])
    assert (seen["is_special"], seen["level"], seen["force"]["kind"]) == (True, None, "dispatch")
    step_down(desk.engine, answer["situation"], None, "列车脱困", desk.way("approver"))
    assert not desk.view(answer["situation"])["is_active"]


def test_a_missed_deadline_goes_up_once(desk: Desk) -> None:
    (answer,) = desk.take(cap_xml())
    desk.later(hours=3)
    way = desk.way("worker")
    assert take_up_missed(desk.engine, way) == 2  # first report and muster, two hours each
    assert take_up_missed(desk.engine, way) == 0
    assert desk.notices().count("escalation") == 2
    with reading(desk.engine) as session:
        told = list_inbox(session, {"name": "duty", "place": "150000", "role": "planner"})
    assert any("逾期" in n["zh"] for n in told)
    assert tick_deadline(desk.engine, answer["situation"], "muster", desk.way()) is True
    assert tick_deadline(desk.engine, answer["situation"], "muster", desk.way()) is False
    states = {d["name"]: d["state"] for d in desk.view(answer["situation"])["deadlines"]}
    assert (states["muster"], states["first_report"]) == ("met_late", "missed")


def test_an_update_to_an_unknown_warning_is_taken_and_told(desk: Desk) -> None:
    (answer,) = desk.take(cap_xml(msg_type="Update", references=refer("15050041600000_20211108120000_1")))
    assert (answer["status"], answer["level"]) == ("accepted", 2)
    assert "alert" in desk.notices()


def test_losses_in_a_message_are_held_to_the_rules_of_reports(desk: Desk) -> None:
    def losses(number: int, extra: str = "") -> str:
        return (f"<parameter><valueName>loss.relocated</valueName><value>{number}</value></parameter>{extra}")
    desk.take(cap_xml(parameters=losses(500)))
    (down,) = desk.take(cap_xml(identifier="L2", sent="2021-11-08T15:55:00+08:00", parameters=losses(50)))
    assert down["status"] == "quarantined" and "goes down" in down["error"]["message"]
    (many,) = desk.take(cap_xml(identifier="L3", parameters=losses(20_000_000)))
    assert many["status"] == "quarantined" and "people living there" in many["error"]["message"]
    correction = "<parameter><valueName>report.correction</valueName><value>true</value></parameter>"
    (right,) = desk.take(cap_xml(identifier="L4", sent="2021-11-08T15:56:00+08:00", parameters=losses(50, correction)))
    assert right["status"] == "accepted"


def test_a_round_of_work_drafts_and_says_so(desk: Desk) -> None:
    (answer,) = desk.take(cap_xml(), waits=False)
    assert answer["proposals"] == []
    done = work_once(desk.engine, desk.way("worker"))
    assert done.looked_at == 1 and len(done.drafted) == 1 and "proposal" in desk.notices()


@pytest.mark.parametrize("table", ["situation_report", "situation_entry", "activation"])
def test_the_database_refuses_to_change_what_was_reported_or_decided(desk: Desk, table: str) -> None:
    situation = desk.report(dead_missing=2)[1].situation
    enter(desk.engine, situation, "lowered", ({"codes": ["border"]}, "边境旗县"), desk.way())
    for sql in (f"UPDATE {table} SET situation = situation", f"DELETE FROM {table}"):
        with pytest.raises(Exception, match="facts"), transaction(desk.engine) as session:
            session.execute(text(sql))


def test_two_messages_at_once_open_one_situation(desk: Desk) -> None:
    documents = [cap_xml(identifier=f"T{n}", area=code("150522")) for n in range(6)]
    threads = [threading.Thread(target=desk.take, args=(raw,), kwargs={"waits": False}) for raw in documents]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    with reading(desk.engine) as session:
        assert len(list_rows(session, None)) == 1
