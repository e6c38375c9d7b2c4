"""People of the teams: asking to join, being taken in by someone else, pausing, leaving, moving."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import Engine, select
from sqlalchemy.orm import Session

from dispatch.accounts.store import get_account
from dispatch.audit.store import Act, record
from dispatch.audit.tables import AuditRow
from dispatch.clock import Clock
from dispatch.db import run_in_transaction
from dispatch.errors import Conflict, InvalidInput, Refused
from dispatch.geography.store import list_names
from dispatch.teams.access import (
    HERE,
    check_manages,
    code_of,
    get_team,
    lock_member,
    next_number,
    viewer_of,
)
from dispatch.teams.deployment import ENDED, STATE_NAMES
from dispatch.teams.fields import (
    LANGUAGES,
    clean_codes,
    clean_kind,
    clean_name,
    clean_phone,
    clean_text,
)
from dispatch.teams.model import DeploymentState, MemberStatus, Team
from dispatch.teams.rules import load_team_rule
from dispatch.teams.tables import DeploymentRow, MemberRow, MusterRow

MOST_NOTE = 400
PAUSE = "member.pause"


@dataclass(frozen=True, slots=True)
class Person:
    """What an application says of a person; ``roles`` and ``languages`` as codes or names."""

    name: str
    kind: str
    phone: str
    roles: tuple[str, ...] = ()
    languages: tuple[str, ...] = ("zh",)


@dataclass(frozen=True, slots=True)
class Decision:
    """The answer to an application."""

    member: str
    is_accepted: bool
    note: str = ""


def clean_person(given: Person) -> Person:
    """The person with every field in the form it is kept in; raises ``InvalidInput``."""
    rule = load_team_rule()
    languages = clean_codes(given.languages, LANGUAGES, ("语言", "language"))
    return Person(
        clean_name(given.name), clean_kind(given.kind), clean_phone(given.phone),
        clean_codes(given.roles, rule.roles, ("职责", "role")) or ("member",), languages or ("zh",),
    )


def apply(engine: Engine, wish: tuple[str, Person, str | None], actor: str, clock: Clock) -> str:
    """Ask for a person to join: ``wish`` is team code, person, and the account they log in with.

    A viewer asks for themselves (the account is then their own); others for anyone whom the
    teams of their place take in.  Returns the member's code.
    """
    team_code, given, account = wish
    person = clean_person(given)

    def work(session: Session) -> str:
        team = get_team(session, team_code)
        _check_may_ask(session, team, account, actor)
        refuse_taken(session, person.phone)
        _refuse_used(session, account)
        code = code_of(next_number(session))
        session.add(MemberRow(
            code=code, team_code=team.code, name=person.name, kind=person.kind, status=MemberStatus.APPLIED,
            phone=person.phone, roles=" ".join(person.roles), languages=" ".join(person.languages),
            account=account, applied_at=clock.now(), applied_by=actor, review_note="",
        ))
        session.flush()
        record(session, Act(actor, "member.apply", code, team.code), clock.now())
        return code

    return run_in_transaction(engine, work)


def _check_may_ask(session: Session, team: Team, account: str | None, actor: str) -> None:
    viewer = viewer_of(session, actor)
    if account != actor and not viewer.keeps(team):
        raise Refused(
            f"{actor} may not register others for {team.code}.",
            remedy="Apply for yourself with your own account, or ask the team's league or the region.",
            zh=f"{actor} 不能为他人申请加入 {team.name_zh}。",
            remedy_zh="请用本人账号为自己申请，或请该队所在盟市或自治区的工作人员登记。",
        )


def refuse_taken(session: Session, phone: str, but: str = "") -> None:
    """``Conflict`` where somebody here (other than ``but``) has the telephone; the team is named,
    nothing of the person."""
    found = session.execute(select(MemberRow.team_code, MemberRow.code).where(
        MemberRow.phone == phone, MemberRow.status.in_(HERE), MemberRow.code != but)).first()
    if found is None:
        return
    team = get_team(session, found.team_code)
    raise Conflict(
        f"A person with this telephone is already in {team.code} ({team.name_en}).",
        remedy="Nobody is in two teams: ask that team to move the person, or to enter that they left.",
        zh=f"该电话的人员已在 {team.name_zh}（{team.code}）登记。",
        remedy_zh="一人只能在一支队伍：请由该队办理调队或离队后再登记。", facts={"team": team.code},
    )


def _refuse_used(session: Session, account: str | None) -> None:
    if account is None:
        return
    get_account(session, account)
    if session.scalar(select(MemberRow.code).where(MemberRow.account == account)) is not None:
        raise Conflict(f"The account {account} belongs to a member already.", remedy="Each person has one account.",
                       zh=f"账号 {account} 已属于一名队员。", remedy_zh="每人一个账号。")


def review(engine: Engine, decision: Decision, actor: str, clock: Clock) -> None:
    """Take an applicant in or refuse them; never by who asked, nor by the applicant."""
    note = clean_text(decision.note, MOST_NOTE, ("意见", "note"))
    if not decision.is_accepted and not note:
        raise InvalidInput("A refusal needs its reason.", remedy="Write why.",
                           zh="拒绝申请须写明理由。", remedy_zh="请填写理由。")

    def work(session: Session) -> None:
        row = lock_member(session, decision.member)
        check_manages(viewer_of(session, actor), get_team(session, row.team_code))
        if row.status != MemberStatus.APPLIED:
            raise _not_now(row, "审核", "reviewed")
        if actor in (row.applied_by, row.account):
            raise Refused(f"{actor} made the application {row.code} and cannot review it.", remedy="Another person has to.",
                          zh=f"{actor} 是申请 {row.code} 的提交人，不能自己审核。", remedy_zh="请由另一人审核。")
        row.status = MemberStatus.ACTIVE if decision.is_accepted else MemberStatus.REFUSED
        row.reviewed_at, row.reviewed_by, row.review_note = clock.now(), actor, note
        if not decision.is_accepted:
            row.account = None
        record(session, Act(actor, "member.accept" if decision.is_accepted else "member.refuse", row.code, row.team_code), clock.now())

    run_in_transaction(engine, work)


def pause(engine: Engine, member: str, actor: str, clock: Clock) -> None:
    """An active member is not called for a while."""
    _change(engine, member, actor, clock, ((MemberStatus.ACTIVE,), MemberStatus.PAUSED, PAUSE))


def resume(engine: Engine, member: str, actor: str, clock: Clock) -> None:
    """A paused member is called again; whom another person paused does not do so themself."""
    _change(engine, member, actor, clock, ((MemberStatus.PAUSED,), MemberStatus.ACTIVE, "member.resume"))


def leave(engine: Engine, member: str, actor: str, clock: Clock) -> None:
    """A member goes, or an application is taken back; the account is theirs to use again."""
    _change(engine, member, actor, clock, (HERE, MemberStatus.LEFT, "member.leave"))


Step = tuple[tuple[MemberStatus, ...], MemberStatus, str]


def _change(engine: Engine, member: str, actor: str, clock: Clock, step: Step) -> None:
    """Change a status by who manages the team or by the member themself; ``step`` is from, to, act."""
    from_, to, act = step

    def work(session: Session) -> None:
        row = lock_member(session, member)
        if row.account != actor:
            check_manages(viewer_of(session, actor), get_team(session, row.team_code))
        if row.status not in from_:
            raise _not_now(row, "更改状态", "changed so")
        if to == MemberStatus.ACTIVE and row.account == actor and not is_self_paused(session, row.code, actor):
            raise _paused_by_others(row.code)
        row.status = to
        if to == MemberStatus.LEFT:
            row.left_at, row.account = clock.now(), None
        record(session, Act(actor, act, row.code, row.team_code), clock.now())

    run_in_transaction(engine, work)


def is_self_paused(session: Session, member: str, account: str) -> bool:
    """True when the record tells that the member's own account was the last to pause them."""
    by = session.scalar(select(AuditRow.actor).where(AuditRow.subject == member, AuditRow.action == PAUSE)
                        .order_by(AuditRow.id.desc()).limit(1))
    return by == account


def _paused_by_others(member: str) -> Refused:
    return Refused(
        f"{member} was paused by another person and cannot resume themself.",
        remedy="Ask a planner of the team's league or of the region.",
        zh=f"{member} 由他人暂停，不能自行恢复。", remedy_zh="请联系该队所在盟市或自治区的计划员办理恢复。",
    )


def move(engine: Engine, member: str, to: str, actor: str, clock: Clock) -> None:
    """Let a member go over to another team; the actor manages both, and nothing the member was called for is open."""
    def work(session: Session) -> None:
        row = lock_member(session, member)
        viewer, former, target = viewer_of(session, actor), get_team(session, row.team_code), get_team(session, to)
        check_manages(viewer, former)
        check_manages(viewer, target)
        if row.status not in (MemberStatus.ACTIVE, MemberStatus.PAUSED) or former.code == target.code:
            raise _not_now(row, f"调往 {to}", f"moved to {to}")
        _refuse_called(session, row)
        row.team_code = target.code
        record(session, Act(actor, "member.move", row.code, f"{former.code} > {target.code}"), clock.now())

    run_in_transaction(engine, work)


def _refuse_called(session: Session, row: MemberRow) -> None:
    """``Conflict`` while a deployment the member was called for is open, whatever they answered: its
    books and their link belong to the former team."""
    out = session.execute(
        select(DeploymentRow.code, DeploymentRow.county, DeploymentRow.state)
        .join(MusterRow, MusterRow.deployment == DeploymentRow.code)
        .where(MusterRow.member == row.code, DeploymentRow.state.not_in(ENDED))
        .order_by(DeploymentRow.alerted_at.desc()).limit(1)
    ).first()
    if out is None:
        return
    (zh, en), (state_zh, state_en) = list_names(session)[out.county], STATE_NAMES[DeploymentState(out.state)]
    raise Conflict(
        f"{row.code} was called for {out.code} to {en} ({state_en}).", remedy="Move the member when that deployment is closed.",
        zh=f"{row.code} 已列入出队任务 {out.code}（{zh}，{state_zh}）。", remedy_zh="请在该任务结束后调队。",
        facts={"deployment": out.code},
    )


def correct(engine: Engine, member: str, given: Person, actor: str, clock: Clock) -> None:
    """Write a member's name, kind, telephone, roles and languages anew."""
    person = clean_person(given)

    def work(session: Session) -> None:
        row = lock_member(session, member)
        check_manages(viewer_of(session, actor), get_team(session, row.team_code))
        if row.status not in HERE:
            raise _not_now(row, "更正", "corrected")
        refuse_taken(session, person.phone, row.code)
        write_person(row, person)
        record(session, Act(actor, "member.correct", row.code, row.team_code), clock.now())

    run_in_transaction(engine, work)


def write_person(row: MemberRow, person: Person) -> None:
    """Put a clean person's fields into a row."""
    row.name, row.kind, row.phone = person.name, person.kind, person.phone
    row.roles, row.languages = " ".join(person.roles), " ".join(person.languages)


def _not_now(row: MemberRow, act_zh: str, act: str) -> Conflict:
    return Conflict(f"{row.code} is {row.status} in {row.team_code} and cannot be {act}.", remedy="Look at the team's page again.",
                    zh=f"{row.code} 在 {row.team_code} 的状态为 {row.status}，不能{act_zh}。", remedy_zh="请刷新队伍页面。")
