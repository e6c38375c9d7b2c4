"""Certificates, next of kin and forgetting those who are gone."""

from datetime import date, timedelta

import pytest
from sqlalchemy import Engine, func, select

from dispatch.db import reading, transaction
from dispatch.errors import Conflict, InvalidInput, NotFound, Refused
from dispatch.teams.model import Certificate, MemberStatus
from dispatch.teams.people import Decision, leave, review
from dispatch.teams.proofs import Kin, add_certificate, read_kin, remove_certificate, save_kin
from dispatch.teams.queries import certificate_numbers, list_waiting
from dispatch.teams.retention import erase_overdue
from dispatch.teams.rules import load_team_rule
from dispatch.teams.tables import CertificateRow, NextOfKinRow
from tests.teams.desk import HH, TL, Desk

AID = Certificate("first_aid", date(2020, 5, 20), None, "通辽市红十字会", "JH-001")
KIN = Kin("王大", "父亲", "13900000009")
RULE = load_team_rule()


@pytest.fixture
def desk(bare: Engine) -> Desk:
    return Desk(bare)


def test_a_certificate_is_kept_once_and_can_be_taken_away(desk: Desk) -> None:
    code = desk.member()
    made = add_certificate(desk.engine, code, AID, "tl-plan", desk.clock)
    assert made.expires_on == date(2023, 5, 20) and desk.one(code).certificates == (made,)
    with pytest.raises(Conflict):
        add_certificate(desk.engine, code, AID, "tl-plan", desk.clock)
    with reading(desk.engine) as session:
        number = certificate_numbers(session, TL)[code, "first_aid", AID.issued_on]
    with pytest.raises(Refused):
        remove_certificate(desk.engine, number, "hh-plan", desk.clock)
    assert remove_certificate(desk.engine, number, "tl-plan", desk.clock) == code and desk.one(code).certificates == ()
    with pytest.raises(NotFound):
        remove_certificate(desk.engine, number, "tl-plan", desk.clock)
    assert desk.acts(code)[-2:] == ["member.certificate", "member.certificate_removed"]


@pytest.mark.parametrize("actor", ["tl-view", "tl-store", "hh-plan"])
def test_who_may_not_certify(desk: Desk, actor: str) -> None:
    code = desk.member(account="tl-view")
    with pytest.raises(Refused):
        add_certificate(desk.engine, code, AID, actor, desk.clock)
    assert desk.one(code).certificates == ()


def test_those_who_left_are_not_written_to(desk: Desk) -> None:
    code = desk.member()
    leave(desk.engine, code, "tl-plan", desk.clock)
    with pytest.raises(Conflict):
        add_certificate(desk.engine, code, AID, "tl-plan", desk.clock)
    with pytest.raises(Conflict):
        save_kin(desk.engine, code, KIN, "tl-plan", desk.clock)


def test_every_look_at_the_next_of_kin_is_in_the_record(desk: Desk) -> None:
    code = desk.member(account="tl-view")
    save_kin(desk.engine, code, KIN, "tl-view", desk.clock)
    assert read_kin(desk.engine, code, "tl-plan", desk.clock) == KIN == read_kin(desk.engine, code, "approver", desk.clock)
    for actor in ("tl-view", "tl-store", "hh-plan", "store"):
        with pytest.raises(Refused):
            read_kin(desk.engine, code, actor, desk.clock)
    assert desk.acts(code).count("member.kin_read") == 2
    assert KIN.name not in desk.audit_text() and KIN.phone not in desk.audit_text()
    assert read_kin(desk.engine, desk.member(), "tl-plan", desk.clock) is None


@pytest.mark.parametrize("kin", [Kin("", "父亲", "13900000009"), Kin("王大", "", "13900000009"), Kin("王大", "父亲", "1")])
def test_a_next_of_kin_that_cannot_be_called(desk: Desk, kin: Kin) -> None:
    with pytest.raises(InvalidInput):
        save_kin(desk.engine, desk.member(), kin, "tl-plan", desk.clock)


def test_only_those_gone_too_long_are_forgotten_and_the_counts_stay(desk: Desk) -> None:
    gone, stays = desk.member(name="孙走了", phone="13855550001"), desk.member(name="周还在", phone="13855550002")
    refused = desk.ask(HH, "hh-plan", name="吴被拒", phone="13855550003")
    for code in (gone, stays):
        add_certificate(desk.engine, code, AID, "tl-plan", desk.clock)
        save_kin(desk.engine, code, KIN, "tl-plan", desk.clock)
    leave(desk.engine, gone, "tl-plan", desk.clock)
    review(desk.engine, Decision(refused, False, "吴某不符合条件"), "duty", desk.clock)
    due = desk.clock.now() + timedelta(days=RULE.retention_days)
    with transaction(desk.engine) as session:
        assert erase_overdue(session, due - timedelta(seconds=1)) == []
    with transaction(desk.engine) as session:
        assert erase_overdue(session, due) == [gone, refused]
        assert erase_overdue(session, due) == []
    for code in (gone, refused):
        row = desk.row(code)
        assert (row.name, row.phone, row.account, row.review_note, row.erased_at) == ("", None, None, "", due)
    assert desk.row(stays).name == "周还在"
    with reading(desk.engine) as session:
        assert list(session.scalars(select(NextOfKinRow.member))) == [stays]
        assert session.scalar(select(func.count()).select_from(CertificateRow)) == 2
        assert list(session.scalars(select(CertificateRow.number).where(CertificateRow.member == gone))) == [""]
    with pytest.raises(NotFound):
        read_kin(desk.engine, gone, "tl-plan", desk.clock)
    assert desk.acts(gone)[-1] == "member.erase"


def test_an_application_nobody_answered_is_forgotten_too(desk: Desk) -> None:
    asked, due = desk.ask(TL, "tl-view", account="tl-view", name="郑无回音"), desk.clock.now() + timedelta(days=RULE.retention_days)
    taken = desk.member(name="冯在队")
    with transaction(desk.engine) as session:
        assert erase_overdue(session, due - timedelta(seconds=1)) == []
    with transaction(desk.engine) as session:
        assert erase_overdue(session, due) == [asked] and erase_overdue(session, due) == []
    row = desk.row(asked)
    assert (row.name, row.phone, row.account, row.status, row.left_at) == ("", None, None, MemberStatus.LEFT, due)
    assert [m.code for m in desk.roster().members] == [taken]
    with reading(desk.engine) as session:
        assert list_waiting(session) == []
    with pytest.raises(NotFound):
        review(desk.engine, Decision(asked, True), "tl-plan2", desk.clock)
    assert desk.ask(TL, "tl-view", account="tl-view") != asked
