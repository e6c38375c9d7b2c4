"""Asking to join, being reviewed by someone else, pausing, leaving, moving; one person, one team."""

import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import Engine, select

from dispatch.db import reading, run_in_transaction, transaction
from dispatch.errors import Conflict, DispatchError, InvalidInput, NotFound, Refused
from dispatch.teams.access import lock_member
from dispatch.teams.calls import Call, Summons, call_members
from dispatch.teams.deployment import ENDED, STATE_NAMES
from dispatch.teams.model import DeploymentState, MemberStatus, Muster
from dispatch.teams.people import (
    Decision,
    Person,
    correct,
    leave,
    move,
    pause,
    resume,
    review,
)
from dispatch.teams.tables import DeploymentRow, MemberRow, MusterRow
from tests.teams.desk import HH, REGION_TEAM, TL, Desk


@pytest.fixture
def desk(bare: Engine) -> Desk:
    return Desk(bare)


def test_an_applicant_is_taken_in_by_another_person(desk: Desk) -> None:
    code = desk.ask(name="巴特尔", phone="+86 138-1234-5678", roles=("driver",), languages=("mn", "汉语"))
    waiting = desk.one(code)
    assert (waiting.status, waiting.phone, waiting.languages) == (MemberStatus.APPLIED, "13812345678", ("zh", "mn"))
    with pytest.raises(Refused, match="cannot review"):
        review(desk.engine, Decision(code, True), "tl-plan", desk.clock)
    review(desk.engine, Decision(code, True), "tl-plan2", desk.clock)
    assert desk.one(code).status is MemberStatus.ACTIVE and desk.row(code).reviewed_by == "tl-plan2"
    with pytest.raises(Conflict):
        review(desk.engine, Decision(code, True), "tl-plan2", desk.clock)
    assert desk.acts(code) == ["member.apply", "member.accept"]


def test_a_viewer_asks_for_themself_and_does_not_review_that(desk: Desk) -> None:
    with pytest.raises(Refused, match="register others"):
        desk.ask(actor="tl-view")
    code = desk.ask(actor="duty", account="duty")
    with pytest.raises(Refused):
        review(desk.engine, Decision(code, True), "duty", desk.clock)
    mine = desk.ask(actor="tl-view", account="tl-view")
    assert desk.one(mine).account == "tl-view"
    with pytest.raises(Conflict, match="account"):
        desk.ask(actor="tl-view", account="tl-view")
    with pytest.raises(NotFound):
        desk.ask(actor="tl-plan", account="nobody")


@pytest.mark.parametrize("actor,team,may", [
    ("tl-plan", TL, True), ("horqin", TL, True), ("tl-store", TL, True), ("duty", TL, True),
    ("hh-plan", TL, False), ("tl-plan", REGION_TEAM, False), ("hh-plan", REGION_TEAM, False), ("duty", REGION_TEAM, True),
])
def test_only_people_of_the_teams_place_register_others(desk: Desk, actor: str, team: str, may: bool) -> None:
    if may:
        assert desk.ask(team, actor)
    else:
        with pytest.raises(Refused):
            desk.ask(team, actor)


@pytest.mark.parametrize("actor", ["tl-store", "tl-view", "hh-plan"])
def test_who_may_not_review(desk: Desk, actor: str) -> None:
    code = desk.ask()
    with pytest.raises(Refused):
        review(desk.engine, Decision(code, True), actor, desk.clock)
    assert desk.one(code).status is MemberStatus.APPLIED


def test_a_refusal_needs_its_reason_and_frees_the_telephone(desk: Desk) -> None:
    code = desk.ask(phone="13800138000")
    with pytest.raises(InvalidInput, match="reason"):
        review(desk.engine, Decision(code, False, "  "), "tl-plan2", desk.clock)
    review(desk.engine, Decision(code, False, "未满 18 岁"), "tl-plan2", desk.clock)
    assert desk.row(code).status == MemberStatus.REFUSED
    assert desk.ask(HH, "duty", phone="13800138000") != code


def test_a_person_of_another_team_is_refused_naming_the_team_alone(desk: Desk) -> None:
    desk.member(HH, name="赵秘密", phone="13900000001")
    with pytest.raises(Conflict) as caught:
        desk.ask(TL, phone="0086 139 0000 0001")
    said = str(caught.value.as_dict())
    assert HH in said and "呼和浩特" in said and caught.value.remedy_zh
    assert "赵" not in said and "13900000001" not in said


@pytest.mark.parametrize("fields,word", [
    ({"phone": "12345"}, "电话"), ({"phone": "138****5678"}, "电话"), ({"phone": ""}, "电话"),
    ({"name": "  "}, "姓名"), ({"name": "王*"}, "姓名"), ({"name": "王" * 61}, "姓名"), ({"name": "12"}, "姓名"),
    ({"kind": "boss"}, "类别"), ({"roles": ("队长", "king")}, "职责"), ({"languages": ("zh", "xx")}, "语言"),
])
def test_bad_fields_are_told(desk: Desk, fields: dict[str, Any], word: str) -> None:
    with pytest.raises(InvalidInput) as caught:
        desk.ask(**fields)
    assert word in caught.value.message_zh and caught.value.remedy and caught.value.remedy_zh
    assert desk.roster().members == ()


def test_an_unknown_team_is_told(desk: Desk) -> None:
    with pytest.raises(NotFound):
        desk.ask("RT-999999")


def test_pause_resume_leave(desk: Desk) -> None:
    code = desk.member()
    pause(desk.engine, code, "tl-plan", desk.clock)
    assert desk.one(code).status is MemberStatus.PAUSED
    with pytest.raises(Conflict):
        pause(desk.engine, code, "tl-plan", desk.clock)
    resume(desk.engine, code, "tl-plan", desk.clock)
    leave(desk.engine, code, "tl-plan", desk.clock)
    row = desk.row(code)
    assert (row.status, row.left_at) == (MemberStatus.LEFT, desk.clock.now())
    for act in (pause, resume, leave):
        with pytest.raises(Conflict):
            act(desk.engine, code, "tl-plan", desk.clock)


@pytest.mark.parametrize("account", ["tl-view", "tl-plan"])
def test_whom_another_paused_does_not_resume_themself(desk: Desk, account: str) -> None:
    code = desk.member(account=account)
    pause(desk.engine, code, account, desk.clock)
    resume(desk.engine, code, account, desk.clock)
    pause(desk.engine, code, "tl-plan2", desk.clock)
    with pytest.raises(Refused, match="paused by another") as caught:
        resume(desk.engine, code, account, desk.clock)
    assert "计划员" in caught.value.remedy_zh and desk.one(code).status is MemberStatus.PAUSED
    resume(desk.engine, code, "tl-plan2", desk.clock)
    assert desk.one(code).status is MemberStatus.ACTIVE


def test_who_paused_themself_may_be_called_again_by_a_planner(desk: Desk) -> None:
    code = desk.member(account="tl-view")
    pause(desk.engine, code, "tl-view", desk.clock)
    with pytest.raises(Refused):
        resume(desk.engine, code, "tl-store", desk.clock)
    resume(desk.engine, code, "tl-plan", desk.clock)
    assert desk.one(code).status is MemberStatus.ACTIVE


def test_a_pause_the_record_does_not_know_is_ended_by_a_planner_only(desk: Desk) -> None:
    code = desk.member(account="tl-view")
    with transaction(desk.engine) as session:
        session.get_one(MemberRow, code).status = MemberStatus.PAUSED
    with pytest.raises(Refused):
        resume(desk.engine, code, "tl-view", desk.clock)
    resume(desk.engine, code, "tl-plan", desk.clock)


def test_a_member_goes_by_themself_and_may_come_again(desk: Desk) -> None:
    code = desk.member(account="tl-view", phone="13800138001")
    with pytest.raises(Refused):
        leave(desk.engine, code, "hh-plan", desk.clock)
    leave(desk.engine, code, "tl-view", desk.clock)
    again = desk.ask(actor="tl-view", account="tl-view", phone="13800138001")
    assert again != code and desk.row(code).account is None


def test_moving_needs_both_teams_and_keeps_the_member(desk: Desk) -> None:
    code = desk.member()
    for actor in ("tl-plan", "hh-plan"):
        with pytest.raises(Refused):
            move(desk.engine, code, HH, actor, desk.clock)
    move(desk.engine, code, HH, "duty", desk.clock)
    assert [m.code for m in desk.roster(HH).members] == [code] and desk.roster(TL).members == ()
    with pytest.raises(Conflict):
        move(desk.engine, code, HH, "duty", desk.clock)
    with pytest.raises(Conflict):
        move(desk.engine, desk.ask(), HH, "duty", desk.clock)


def alerted(desk: Desk, code: str = "D-1", *called: str, muster: Muster = Muster.CALLED) -> None:
    """A deployment of the team of Tongliao with members called."""
    now = desk.clock.now()
    with transaction(desk.engine) as session:
        session.add(DeploymentRow(code=code, team_code=TL, county="150522", state="alerted", version=1, alerted_at=now,
                                  muster_by=now + timedelta(hours=2), created_by="duty", submit_key=code))
        session.flush()
        session.add_all(MusterRow(deployment=code, member=member, muster=muster, called_at=now) for member in called)


def set_deployment(desk: Desk, state: DeploymentState) -> None:
    with transaction(desk.engine) as session:
        session.get_one(DeploymentRow, "D-1").state = state


@pytest.mark.parametrize("muster", list(Muster))
def test_who_was_called_is_moved_when_the_deployment_has_ended(desk: Desk, muster: Muster) -> None:
    code, other = desk.member(), desk.member()
    alerted(desk, "D-1", code, muster=muster)
    for state in DeploymentState:
        set_deployment(desk, state)
        if state in ENDED:
            continue
        with pytest.raises(Conflict, match="D-1") as caught:
            move(desk.engine, code, HH, "duty", desk.clock)
        assert "科尔沁左翼后旗" in caught.value.message_zh and STATE_NAMES[state][0] in caught.value.message_zh
        assert desk.row(code).team_code == TL
    move(desk.engine, code, HH, "duty", desk.clock)
    assert desk.row(code).team_code == HH
    set_deployment(desk, DeploymentState.ON_SITE)
    move(desk.engine, other, HH, "duty", desk.clock)


def test_who_moves_at_this_moment_is_not_called(desk: Desk) -> None:
    code, stays = desk.member(), desk.member()
    alerted(desk)
    call = Call("D-1", "c1")

    def do() -> tuple[Summons, ...]:
        return run_in_transaction(desk.engine, lambda s: call_members(s, call, "duty", desk.clock.now()))

    with ThreadPoolExecutor(1) as pool:
        with transaction(desk.engine) as session:
            lock_member(session, code).team_code = HH
            session.flush()
            waiting = pool.submit(do)
            time.sleep(0.5)
            assert not waiting.done()
        assert [s.member for s in waiting.result(20)] == [stays]
    with reading(desk.engine) as session:
        assert list(session.scalars(select(MusterRow.member))) == [stays]


def test_correcting_keeps_telephones_apart(desk: Desk) -> None:
    code, other = desk.member(phone="13800138001"), desk.member(HH, phone="13800138002")
    correct(desk.engine, code, Person("王改名", "staff", "13800138001", ("队长",), ("mn",)), "tl-plan", desk.clock)
    assert (desk.one(code).name, desk.one(code).roles, desk.one(code).languages) == ("王改名", ("leader",), ("mn",))
    with pytest.raises(Conflict, match=HH):
        correct(desk.engine, code, Person("王改名", "staff", desk.row(other).phone or ""), "tl-plan", desk.clock)


def test_the_record_has_codes_alone(desk: Desk) -> None:
    code = desk.member(name="钱不见", phone="13766668888")
    correct(desk.engine, code, Person("钱不现", "staff", "13766669999"), "tl-plan", desk.clock)
    pause(desk.engine, code, "tl-plan", desk.clock)
    text = desk.audit_text()
    assert code in text and "钱" not in text and "1376666" not in text


def test_of_many_at_once_one_gets_the_telephone(desk: Desk) -> None:
    def ask(team: str) -> str:
        try:
            return desk.ask(team, "duty", phone="13800138000")
        except Conflict as error:
            return error.code

    with ThreadPoolExecutor(4) as pool:
        answers = list(pool.map(ask, [TL, HH, REGION_TEAM, TL, HH, TL]))
    assert sorted(answers) == ["TM-000001", *["conflict"] * 5]


def test_a_code_is_not_given_twice(desk: Desk) -> None:
    codes = [desk.ask() for _ in range(3)]
    assert codes == ["TM-000001", "TM-000002", "TM-000003"]


@pytest.mark.parametrize("act", [
    lambda d: pause(d.engine, "TM-999999", "duty", d.clock),
    lambda d: review(d.engine, Decision("TM-999999", True), "duty", d.clock),
    lambda d: move(d.engine, "TM-999999", HH, "duty", d.clock),
])
def test_unknown_members_are_told(desk: Desk, act: Callable[[Desk], None]) -> None:
    with pytest.raises(DispatchError) as caught:
        act(desk)
    assert isinstance(caught.value, NotFound) and caught.value.remedy_zh
