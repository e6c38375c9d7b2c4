"""The members' side of a deployment: who holds a key, answering, checking in, reporting."""

from __future__ import annotations

import uuid
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from dispatch.audit.store import Act, record
from dispatch.errors import Conflict, InvalidInput, NotFound, Refused
from dispatch.geo import LonLat
from dispatch.teams.calls import digest_of
from dispatch.teams.deployment import ENDED, STATE_NAMES, Hand, may_answer
from dispatch.teams.deployment_store import get_row
from dispatch.teams.logbook import Entry, check_rate, clean_key, clean_text, write
from dispatch.teams.model import DeploymentState, LogKind, Muster
from dispatch.teams.operations import Who, check_desk, get_team
from dispatch.teams.tables import DeploymentRow, MemberRow, MusterRow

LEADERS = frozenset({"leader", "deputy"})
MUSTER_NAMES = {
    Muster.CALLED: ("已通知", "called"), Muster.COMING: ("参加", "coming"), Muster.DECLINED: ("不能参加", "not coming"),
    Muster.MUSTERED: ("已到集结点", "mustered"), Muster.BACK: ("已归队", "back"),
}


@dataclass(frozen=True, slots=True)
class Caller:
    """A member of a deployment, known by their key or their account; who stays at home leads nobody."""

    deployment: str
    member: str
    team: str
    is_leader: bool

    @property
    def who(self) -> Who:
        """As the one who acts."""
        return Who(self.member, Hand.LEADER if self.is_leader else Hand.MEMBER)


@dataclass(frozen=True, slots=True)
class CheckIn:
    """A sign of life: when it was given (which may be before it comes in), where, and for whom."""

    at: datetime
    submit_key: str
    position: LonLat | None = None
    is_for_all: bool = False
    text: str = ""


@dataclass(frozen=True, slots=True)
class Answer:
    """What a member says, or what is said of them."""

    member: str
    said: Muster


def find_by_key(session: Session, key: str) -> Caller:
    """Whose key it is; ``NotFound`` for a wrong one and one whose deployment has ended."""
    query = select(MusterRow).where(MusterRow.key_sha256 == digest_of(key))
    return _caller(session, session.scalar(query))


def find_by_account(session: Session, account: str) -> Caller:
    """The member behind an account, in the deployment their team is in."""
    query = (
        select(MusterRow).join(MemberRow, MemberRow.code == MusterRow.member)
        .join(DeploymentRow, DeploymentRow.code == MusterRow.deployment)
        .where(MemberRow.account == account, DeploymentRow.state.not_in(ENDED))
        .order_by(MusterRow.called_at.desc()).limit(1)
    )
    return _caller(session, session.scalar(query))


def _caller(session: Session, row: MusterRow | None) -> Caller:
    member = session.get(MemberRow, row.member) if row else None
    if row is None or member is None:
        raise NotFound(
            "This link is not valid, or its deployment has ended.", remedy="Call your leader or the duty desk for a new one.",
            zh="链接无效，或本次任务已经结束。", remedy_zh="请联系队长或调度值班员重新发送。",
        )
    leads = LEADERS & set(member.roles.split()) and row.muster not in (Muster.DECLINED, Muster.BACK)
    return Caller(row.deployment, row.member, member.team_code, bool(leads))


def answer(session: Session, deployment: str, given: Answer, who: Who, at: datetime) -> None:
    """Write what a member answers, by themselves or as the desk or a leader was told; the same again
    changes nothing."""
    member, said = given.member, given.said
    row = get_row(session, deployment, lock=True)
    _check_hand(session, row, who, member)
    muster = session.get(MusterRow, (deployment, member), with_for_update=True, populate_existing=True)
    if muster is None:
        raise NotFound(f"{member} was not called for {deployment}.", remedy="Call them first.",
                       zh=f"{member} 未被召集参加 {deployment}。", remedy_zh="请先召集。")
    if muster.muster == said:
        return
    state, before = DeploymentState(row.state), Muster(muster.muster)
    if not may_answer(state, before, said):
        (zh, en), (then_zh, then_en) = STATE_NAMES[state], MUSTER_NAMES[said]
        raise Conflict(
            f"{member} is {MUSTER_NAMES[before][1]} and {deployment} is {en}; “{then_en}” does not follow.",
            remedy="Reload the page to see what is next.",
            zh=f"{deployment} 当前{zh}，{member} {MUSTER_NAMES[before][0]}，不能改为“{then_zh}”。", remedy_zh="请刷新页面。",
        )
    muster.muster, muster.answered_at = said.value, at
    if who.name == member:
        check_rate(session, member, at)
        muster.last_seen_at = at
    elif said is Muster.MUSTERED:
        # whoever counts them sees them
        muster.last_seen_at = at
    detail = {"member": member, "answer": said.value}
    write(session, Entry(deployment, LogKind.ANSWER, at, who.name, f"answer:{deployment}:{uuid.uuid4().hex}", detail), at)
    record(session, Act(who.name, "deployment.answer", deployment, f"{member} {said}"), at)


def _check_hand(session: Session, row: DeploymentRow, who: Who, member: str) -> None:
    if who.hand is Hand.DESK:
        check_desk(session, who.name, get_team(session, row.team_code))
    elif who.hand is Hand.MEMBER and who.name != member:
        raise Refused("A member answers for themselves only.", remedy="Ask your leader.",
                      zh="队员只能为自己答复。", remedy_zh="请联系队长。")


def check_in(session: Session, deployment: str, given: CheckIn, who: Who, now: datetime) -> bool:
    """Write a sign of life once; False when it came before.

    It counts for the team when it is given by the desk, or by a member who is with the team; a
    leader's or the desk's may vouch for everybody.  One that comes in late keeps its own time.
    """
    row = get_row(session, deployment, lock=True)
    if DeploymentState(row.state) in ENDED:
        zh, en = STATE_NAMES[DeploymentState(row.state)]
        raise Conflict(f"{deployment} is {en}.", remedy="Nothing needs to be done.",
                       zh=f"{deployment} {zh}。", remedy_zh="无需再报平安。")
    at = _own_time(row, given.at, now)
    if who.hand is Hand.DESK:
        check_desk(session, who.name, get_team(session, row.team_code))
    else:
        check_rate(session, who.name, now)
    detail = {k: v for k, v in (("all", given.is_for_all), ("text", clean_text(given.text))) if v}
    key = f"check-in:{who.name}:{clean_key(given.submit_key)}"
    if not write(session, Entry(deployment, LogKind.CHECK_IN, at, who.name, key, detail, given.position), now):
        return False
    if _mark_seen(session, row, given, who, at):
        row.last_check_in_at = max(at, row.last_check_in_at or at)
    record(session, Act(who.name, "deployment.check_in", deployment), now)
    session.flush()
    return True


def _own_time(row: DeploymentRow, given: datetime, now: datetime) -> datetime:
    """The time it was given; a telephone whose clock is fast is not believed beyond now."""
    if given < row.alerted_at:
        raise InvalidInput(
            "The check-in is older than the deployment.", remedy="Set the clock of the telephone, and send it again.",
            zh="报平安的时间早于本次任务。", remedy_zh="请校准手机时间后重新发送。",
        )
    return min(given, now)


def _mark_seen(session: Session, row: DeploymentRow, given: CheckIn, who: Who, at: datetime) -> bool:
    """Note who was heard of; True when it comes from one who is with the team (or the desk was told)."""
    people = session.scalars(select(MusterRow).where(MusterRow.deployment == row.code).with_for_update()).all()
    with_the_team = {p.member for p in people if p.muster == Muster.MUSTERED}
    is_there = who.hand is Hand.DESK or who.name in with_the_team
    if given.is_for_all and (who.hand is Hand.MEMBER or not is_there):
        raise Refused("Only a leader who is with the team vouches for it.", remedy="Check in for yourself.",
                      zh="只有在队的队长可以为全队报平安。", remedy_zh="请为自己报平安。")
    for person in people:
        if person.member == who.name or (given.is_for_all and person.member in with_the_team):
            person.last_seen_at = max(at, person.last_seen_at or at)
    return is_there


def report(session: Session, caller: Caller, text: str, submit_key: str, at: datetime) -> bool:
    """Write what a member tells from the field, once; False when it came before."""
    row = get_row(session, caller.deployment)
    check_rate(session, caller.member, at)
    detail = {"text": clean_text(text, is_required=True)}
    key = f"report:{caller.member}:{clean_key(submit_key)}"
    if not write(session, Entry(row.code, LogKind.REPORT, at, caller.member, key, detail), at):
        return False
    record(session, Act(caller.member, "deployment.report", row.code), at)
    return True
