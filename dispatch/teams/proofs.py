"""Certificates of members, and whom to call for them; the latter apart and never read unrecorded."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import Engine, select
from sqlalchemy.orm import Session

from dispatch.audit.store import Act, record
from dispatch.clock import Clock, to_local
from dispatch.db import run_in_transaction
from dispatch.errors import Conflict, InvalidInput, NotFound
from dispatch.teams.access import HERE, check_manages, get_team, lock_member, viewer_of
from dispatch.teams.fields import clean_name, clean_phone, clean_text, make_certificate
from dispatch.teams.model import Certificate
from dispatch.teams.rules import load_team_rule
from dispatch.teams.tables import CertificateRow, MemberRow, NextOfKinRow


@dataclass(frozen=True, slots=True)
class Kin:
    """Whom to call when something happens to a member."""

    name: str
    relation: str
    phone: str


def add_certificate(engine: Engine, member: str, given: Certificate, actor: str, clock: Clock) -> Certificate:
    """Keep a certificate of a member; its end is worked out by the rule where none is given."""
    proof = make_certificate(load_team_rule(), given, to_local(clock.now()).date())

    def work(session: Session) -> Certificate:
        row = _managed(session, member, actor)
        known = select(CertificateRow.id).where(
            CertificateRow.member == member, CertificateRow.skill == proof.skill, CertificateRow.issued_on == proof.issued_on)
        if session.scalar(known) is not None:
            raise Conflict(
                f"{member} has a certificate of {proof.skill} of {proof.issued_on} already.",
                remedy="Remove that one first when it is wrong.",
                zh=f"{member} 已有 {proof.issued_on} 发的同类证书。", remedy_zh="如有误，请先删除原证书。")
        session.add(CertificateRow(member=member, skill=proof.skill, issued_on=proof.issued_on, expires_on=proof.expires_on,
                                   issuer=proof.issuer, number=proof.number))
        record(session, Act(actor, "member.certificate", row.code, proof.skill), clock.now())
        return proof

    return run_in_transaction(engine, work)


def remove_certificate(engine: Engine, number: int, actor: str, clock: Clock) -> str:
    """Take away a certificate that was entered wrongly; returns whose it was."""
    def work(session: Session) -> str:
        row = session.get(CertificateRow, number)
        if row is None:
            raise NotFound(f"There is no certificate {number}.", remedy="Look at the team's page again.",
                           zh=f"没有序号为 {number} 的证书。", remedy_zh="请刷新队伍页面。")
        _managed(session, row.member, actor)
        session.delete(row)
        record(session, Act(actor, "member.certificate_removed", row.member, row.skill), clock.now())
        return row.member

    return run_in_transaction(engine, work)


def _managed(session: Session, member: str, actor: str) -> MemberRow:
    row = lock_member(session, member)
    check_manages(viewer_of(session, actor), get_team(session, row.team_code))
    _check_here(row)
    return row


def _check_here(row: MemberRow) -> None:
    if row.status not in HERE:
        raise Conflict(f"{row.code} is {row.status}.", remedy="Only those who are here can be written to.",
                       zh=f"{row.code} 的状态为 {row.status}。", remedy_zh="只能登记在队或申请中的人员。")


def save_kin(engine: Engine, member: str, given: Kin, actor: str, clock: Clock) -> None:
    """Write whom to call, by who manages the team or by the member themself."""
    relation = clean_text(given.relation, 20, ("关系", "relation"))
    if not relation:
        raise InvalidInput("The relation is missing.", remedy="Write for example spouse or parent.",
                           zh="缺少与队员的关系。", remedy_zh="例如：配偶、父母。")
    kin = Kin(clean_name(given.name), relation, clean_phone(given.phone))

    def work(session: Session) -> None:
        row = lock_member(session, member)
        if row.account != actor:
            check_manages(viewer_of(session, actor), get_team(session, row.team_code))
        _check_here(row)
        session.merge(NextOfKinRow(member=member, name=kin.name, relation=kin.relation, phone=kin.phone))
        record(session, Act(actor, "member.kin_saved", row.code, row.team_code), clock.now())

    run_in_transaction(engine, work)


def read_kin(engine: Engine, member: str, actor: str, clock: Clock) -> Kin | None:
    """Whom to call for a member, for who manages the team alone; the reading goes into the record."""
    def work(session: Session) -> Kin | None:
        row = lock_member(session, member)
        check_manages(viewer_of(session, actor), get_team(session, row.team_code))
        record(session, Act(actor, "member.kin_read", row.code, row.team_code), clock.now())
        kin = session.get(NextOfKinRow, member)
        return Kin(kin.name, kin.relation, kin.phone) if kin else None

    return run_in_transaction(engine, work)
