"""Members answer, check in and report; once each, in their own time."""

from __future__ import annotations

from datetime import timedelta

import pytest
from sqlalchemy import text

from dispatch.db import reading, transaction
from dispatch.errors import Conflict, DispatchError, InvalidInput, NotFound, Refused
from dispatch.geo import LonLat
from dispatch.teams.deployment import Hand
from dispatch.teams.deployment_store import list_called
from dispatch.teams.deployment_views import get_own_page, get_page
from dispatch.teams.logbook import MOST_AN_HOUR
from dispatch.teams.members import Caller, find_by_account, find_by_key, report
from dispatch.teams.model import Muster
from dispatch.teams.operations import Who
from tests.teams.conftest import DESK, HOUR, NOW, OTHER, Desk, S

LEADER, MEMBER = Who("M-0001", Hand.LEADER), Who("M-0002", Hand.MEMBER)


def seen(desk: Desk, code: str) -> dict[str, object]:
    with reading(desk.engine) as session:
        return {p.member: p.last_seen_at for p in list_called(session, [code])[code]}


def said(desk: Desk, code: str) -> dict[str, str]:
    with reading(desk.engine) as session:
        return {p.member: p.muster.value for p in list_called(session, [code])[code]}


def test_members_answer_and_may_change_their_mind(desk: Desk) -> None:
    code = desk.open()
    desk.call(code)
    for answer in (Muster.COMING, Muster.COMING, Muster.DECLINED, Muster.COMING, Muster.MUSTERED):
        desk.answer(code, "M-0002", answer)
    assert said(desk, code)["M-0002"] == "mustered"
    assert len(desk.log(code, "answer")) == 4
    desk.answer(code, "M-0001", Muster.MUSTERED)
    desk.move(code, S.EN_ROUTE)
    with pytest.raises(Conflict, match="does not follow") as caught:
        desk.answer(code, "M-0002", Muster.DECLINED)
    assert "已到集结点" in caught.value.message_zh


@pytest.mark.parametrize(("who", "error"), [
    (Who("M-0003", Hand.MEMBER), Refused), (Who("viewer", Hand.DESK), Refused), (LEADER, None), (DESK, None),
])
def test_who_answers_for_another(desk: Desk, who: Who, error: type[DispatchError] | None) -> None:
    code = desk.open()
    desk.call(code)
    if error:
        with pytest.raises(error):
            desk.answer(code, "M-0002", Muster.COMING, who)
    else:
        desk.answer(code, "M-0002", Muster.COMING, who)
    assert said(desk, code)["M-0002"] == ("called" if error else "coming")


def test_who_was_not_called_does_not_answer(desk: Desk) -> None:
    code = desk.open()
    with pytest.raises(NotFound, match="was not called"):
        desk.answer(code, "M-0001", Muster.COMING)


def test_a_check_in_counts_once(desk: Desk) -> None:
    code = desk.on_site()
    desk.clock.at += HOUR
    for _ in range(2):
        desk.check_in(code, MEMBER, submit_key="one", position=LonLat(122.1, 43.6), text="平安")
    (line,) = desk.log(code, "check_in")
    assert (line["lon"], line["lat"], line["detail"]) == (122.1, 43.6, {"text": "平安"})
    assert desk.get(code).last_check_in_at == NOW + HOUR and seen(desk, code)["M-0002"] == NOW + HOUR
    assert seen(desk, code)["M-0001"] == NOW


def test_a_late_one_keeps_its_own_time_and_never_sets_the_clock_back(desk: Desk) -> None:
    code = desk.on_site()
    desk.clock.at += 3 * HOUR
    desk.check_in(code, MEMBER)
    desk.check_in(code, LEADER, at=NOW + HOUR)
    assert desk.get(code).last_check_in_at == NOW + 3 * HOUR
    late = next(line for line in desk.log(code, "check_in") if line["actor"] == "M-0001")
    assert late["is_late"] and late["at"] < late["recorded_at"]
    assert seen(desk, code)["M-0001"] == NOW + HOUR


def test_a_fast_clock_is_not_believed_and_one_far_behind_is_refused(desk: Desk) -> None:
    code = desk.on_site()
    desk.check_in(code, MEMBER, at=NOW + timedelta(days=1))
    assert desk.get(code).last_check_in_at == NOW
    with pytest.raises(InvalidInput, match="older than the deployment"):
        desk.check_in(code, MEMBER, at=NOW - timedelta(days=1))


def test_a_leader_vouches_for_all_and_a_member_does_not(desk: Desk) -> None:
    code = desk.on_site()
    desk.clock.at += HOUR
    with pytest.raises(Refused, match="vouches"):
        desk.check_in(code, MEMBER, is_for_all=True)
    desk.check_in(code, LEADER, is_for_all=True)
    assert seen(desk, code) == {"M-0001": NOW + HOUR, "M-0002": NOW + HOUR, "M-0003": None}


def test_a_leader_who_is_not_there_does_not_vouch_nor_lead_when_staying(desk: Desk) -> None:
    code = desk.on_site("M-0002")
    with pytest.raises(Refused, match="vouches"):
        desk.check_in(code, LEADER, is_for_all=True)
    assert desk.log(code, "check_in") == []
    key = desk.call(code, "M-0001")[0].key
    with reading(desk.engine) as session:
        assert find_by_key(session, key).is_leader
    desk.answer(code, "M-0001", Muster.DECLINED)
    with reading(desk.engine) as session:
        assert not find_by_key(session, key).is_leader


def test_who_was_taken_for_back_by_mistake_is_out_again(desk: Desk) -> None:
    code = desk.on_site()
    desk.answer(code, "M-0002", Muster.BACK, DESK)
    desk.answer(code, "M-0002", Muster.MUSTERED, DESK)
    assert said(desk, code)["M-0002"] == "mustered" and len(desk.log(code, "answer")) == 4


def test_a_wrong_tap_at_the_muster_point_is_undone(desk: Desk) -> None:
    code = desk.open()
    desk.call(code)
    for undone in (Muster.COMING, Muster.DECLINED):
        desk.answer(code, "M-0002", Muster.MUSTERED)
        desk.answer(code, "M-0002", undone)
        assert said(desk, code)["M-0002"] == undone
    with pytest.raises(Refused, match="Nobody"):
        desk.move(code, S.EN_ROUTE)


def test_a_team_rests_while_one_lies_in_hospital_and_the_book_says_so(desk: Desk) -> None:
    code = desk.on_site()
    desk.move(code, S.HANDOVER, "任务完成")
    desk.move(code, S.RETURNING)
    desk.answer(code, "M-0001", Muster.BACK)
    desk.move(code, S.RESTING, "M-0002 在通辽市医院，家属已知")
    assert said(desk, code)["M-0002"] == "mustered"
    assert desk.log(code, "state")[0]["detail"]["note"].startswith("M-0002")
    with reading(desk.engine) as session:
        assert get_page(session, code, "duty", NOW)["people"].not_back == ("M-0002",)
    desk.answer(code, "M-0002", Muster.BACK)
    assert said(desk, code)["M-0002"] == "back"


def test_who_is_still_at_home_does_not_speak_for_the_team(desk: Desk) -> None:
    code = desk.on_site("M-0001")
    desk.clock.at += HOUR
    desk.check_in(code, MEMBER)
    assert desk.get(code).last_check_in_at == NOW and seen(desk, code)["M-0002"] == NOW + HOUR
    desk.check_in(code, DESK)
    assert desk.get(code).last_check_in_at == NOW + HOUR


def test_nobody_checks_in_when_it_is_over(desk: Desk) -> None:
    code = desk.open()
    desk.move(code, S.STOOD_DOWN, "误报")
    with pytest.raises(Conflict, match="stood down"):
        desk.check_in(code, DESK)


def test_reports_are_kept_once_short_and_not_endless(desk: Desk) -> None:
    code = desk.on_site()
    caller = Caller(code, "M-0002", "RT-150500", is_leader=False)
    assert [desk.do(report, caller, "三户缺煤", "k", NOW) for _ in range(2)] == [True, False]
    for words, error in (("", InvalidInput), ("长" * 501, InvalidInput)):
        with pytest.raises(error):
            desk.do(report, caller, words, "k2", NOW)
    with pytest.raises(Refused, match="in an hour"):
        for number in range(MOST_AN_HOUR + 1):
            desk.do(report, caller, "重复", f"r{number}", NOW)
    desk.do(report, caller, "一小时后", "later", NOW + HOUR)
    assert desk.log(code, "report")[0]["detail"] == {"text": "一小时后"}


def move_to(desk: Desk, member: str, team: str) -> None:
    with transaction(desk.engine) as session:
        session.execute(text("UPDATE team_member SET team_code = :t WHERE code = :c"), {"t": team, "c": member})


def test_who_has_changed_teams_since_is_still_on_the_page(desk: Desk) -> None:
    code = desk.on_site()
    move_to(desk, "M-0002", OTHER)
    with reading(desk.engine) as session:
        own = get_own_page(session, find_by_account(session, "viewer"), NOW)
        members = get_page(session, code, "duty", NOW)["members"]
    assert (own["me"]["code"], own["me"]["muster"]) == ("M-0002", "mustered")
    assert {m["code"]: m["is_active"] for m in members} == {"M-0001": True, "M-0002": False, "M-0003": True}


@pytest.mark.parametrize(("reader", "is_open"), [
    ("duty", True), ("tongliao_desk", True), ("viewer", True), ("chifeng_desk", False), ("store", False),
])
def test_where_people_are_and_what_they_wrote_is_not_for_everybody(desk: Desk, reader: str, is_open: bool) -> None:
    code = desk.open()
    desk.call(code)
    desk.answer(code, "M-0001", Muster.MUSTERED)
    desk.move(code, S.EN_ROUTE, "M-0003 病假")
    desk.check_in(code, LEADER, position=LonLat(122.1, 43.6), text="住在嘎查书记家")
    with reading(desk.engine) as session:
        page = get_page(session, code, reader, NOW)
    shown = str(page["log"])
    assert page["is_open"] is is_open and len(page["log"]) == len(desk.log(code))
    assert [word in shown for word in ("122.1", "嘎查", "病假")] == [is_open] * 3
    assert "en_route" in shown and "mustered" in shown


def test_an_account_finds_its_own_deployment(desk: Desk) -> None:
    code = desk.open()
    with reading(desk.engine) as session, pytest.raises(NotFound):
        find_by_account(session, "viewer")
    desk.call(code)
    with reading(desk.engine) as session:
        assert find_by_account(session, "viewer").member == "M-0002"
        with pytest.raises(NotFound):
            find_by_account(session, "store")
